"""The x axis of a drawing in cells, and the arithmetic of axes under the name that drawings know it by."""

from gantui.core.axis import LEAST as LEAST
from gantui.core.axis import MOST as MOST
from gantui.core.axis import label as label
from gantui.core.axis import labels as labels
from gantui.core.axis import log_ticks as log_ticks
from gantui.core.axis import nice_end as nice_end
from gantui.core.axis import nice_range as nice_range
from gantui.core.axis import place as place
from gantui.core.axis import round_to as round_to
from gantui.core.axis import ticks as ticks
from gantui.tui.draw.ink import MUTED, Sheet


def draw_bottom(sheet: Sheet, left: int, columns: int, low: float, high: float) -> None:
    """Draw an x axis and its labels in the sheet's last two rows, with ticks where the labels have room."""
    row = sheet.height - 2
    if left:
        sheet.put(left - 1, row, "└", MUTED)
    sheet.put(left, row, "─" * columns, MUTED)
    values = ticks(low, high, min(max(2, columns // 8), 11))
    behind = 0
    for value, text in zip(values, labels(values), strict=True):
        column = left + place(value, low, high, columns)
        start = min(max(column - len(text) // 2, 0), sheet.width - len(text))
        if start >= behind:
            sheet.put(column, row, "┴", MUTED)
            behind = sheet.put(start, row + 1, text, MUTED) + 1
