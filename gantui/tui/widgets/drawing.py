"""The widget that every picture and every line of the dashboard is: shows lines of cells, resends what changed."""

from functools import lru_cache
from typing import TYPE_CHECKING, cast

from rich.color import Color
from rich.segment import Segment as RichSegment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from gantui.tui.draw.ink import Ink, Line, Lines

if TYPE_CHECKING:
    from gantui.tui.app import Dashboard

BOLD = Style(bold=True)


class Drawing(Widget):
    """Shows what `paint` returns. `redraw` paints anew and refreshes only the rows that differ."""

    DEFAULT_CSS = "Drawing { width: 1fr; height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Lines = []
        self._strips: dict[int, Strip] = {}
        self._base: Style | None = None  # of the widget itself

    def paint(self, width: int, height: int) -> Lines:
        """Return `height` lines of `width` cells."""
        raise NotImplementedError

    @property
    def dashboard(self) -> "Dashboard":
        """The app, as what it is."""
        return cast("Dashboard", self.app)

    def redraw(self) -> None:
        """Paint, and show what has changed; costs nothing where nobody sees it."""
        width, height = self.size
        if not width or not height or not self.is_attached:
            return
        lines = self.paint(width, height)
        before, self._lines = self._lines, lines
        if len(before) != len(lines):
            self._strips.clear()
            self.refresh()
            return
        changed = [row for row, line in enumerate(lines) if line != before[row]]
        if changed:
            for row in changed:
                self._strips.pop(row, None)
            self.refresh(Region(0, changed[0], width, changed[-1] - changed[0] + 1))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the rows in `crop`. A drawing has no border and no padding, so it needs none of what draws them."""
        return [self.render_line(y).crop(crop.x, crop.right) for y in crop.line_range]

    def render_line(self, y: int) -> Strip:
        """Return one row. The first to be asked for has the whole painted: the first frame is complete."""
        if not self._lines and self.size.area:
            self._lines = self.paint(*self.size)
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = self._strip(self._lines[y] if y < len(self._lines) else [])
        return strip

    def on_resize(self, _event: events.Resize) -> None:
        """The painting depends on the size."""
        self._lines = []
        self._strips.clear()
        self.refresh()

    def watch_has_focus(self, has_focus: bool) -> None:
        """The title shows the focus."""
        super().watch_has_focus(has_focus)
        self.redraw()

    def notify_style_update(self) -> None:
        """Another theme: the same lines in other colours."""
        super().notify_style_update()
        self._strips.clear()
        self._base = None

    def _strip(self, line: Line) -> Strip:
        if self._base is None:
            self._base = self.rich_style
        style_of, base = self.dashboard.inks.style, self._base
        segments = [RichSegment(text, style_of(ink, base)) for text, ink in line]
        strip = Strip(segments).adjust_cell_length(self.size.width, base)
        if self.app.no_color:  # other filters have nothing to do: all our colours are of 24 bits
            for line_filter in self.get_line_filters():
                if line_filter.enabled:
                    strip = strip.apply_filter(line_filter, self.background_colors[1])
        return strip


class Inks:
    """Rich styles of inks under a theme, each made once."""

    MOST = 4096  # a day of noisy previews brings a million colours

    def __init__(self, roles: dict[str, str]) -> None:
        self._roles = {role: Color.parse(colour) for role, colour in roles.items()}
        self._styles: dict[tuple[Ink, Style], Style] = {}

    def style(self, ink: Ink, base: Style) -> Style:
        """Return the style of an ink on a widget of style `base`, whose colours show where the ink has none.

        So do they for roles that the theme doesn't know.
        """
        style = self._styles.get((ink, base))
        if style is None:
            if len(self._styles) >= self.MOST:
                self._styles.clear()
            style = Style.from_color(self._colour(ink.fg) or base.color, self._colour(ink.bg) or base.bgcolor)
            style = style + BOLD if ink.bold else style
            self._styles[ink, base] = style
        return style

    def _colour(self, colour: str | int | None) -> Color | None:
        if isinstance(colour, int):
            return _rgb(colour)
        return self._roles.get(colour) if colour else None


@lru_cache(4096)
def _rgb(colour: int) -> Color:
    return Color.from_rgb(colour >> 16, colour >> 8 & 255, colour & 255)
