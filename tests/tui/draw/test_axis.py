"""An x axis in cells."""

from hypothesis import given
from hypothesis import strategies as st

from gantui.tui.draw import axis
from gantui.tui.draw.ink import Sheet, plain

anything = st.floats(allow_nan=True, allow_infinity=True)


@given(anything, anything, st.integers(1, 100), st.integers(2, 5))
def test_a_bottom_axis_fits_any_sheet(low: float, high: float, width: int, height: int) -> None:
    sheet = Sheet(width, height)
    axis.draw_bottom(sheet, 0, width, low, high)
    assert all(len(row) == width for row in plain(sheet.lines()))
