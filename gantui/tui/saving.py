"""What the samples screen shows, as a PNG on white."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gantui.core.errors import UserError
from gantui.core.text import neutralise
from gantui.runs.pictures import png_grid
from gantui.runs.samples import Samples, density_of
from gantui.tui.draw import axis, scatter
from gantui.tui.draw.pictures import Grid
from gantui.tui.samples import Look, spelled_out

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

SIDE = 640  # pixels of a plot
MARGIN = 48  # around it, for axes
LINE = 26  # pixels for a line of text
ROW = 72  # of a table
BINS = 60
DOT = 2  # radius of a point

Box = tuple[int, int, int, int]
"""Pixels: left, top, right, bottom."""


def save(picture: bytes, folder: Path, stem: str) -> Path:
    """Write `stem`.png, or -2, -3 … where there is one, and return its path. Raises UserError, leaving no file."""
    for number in range(1, 1000):
        path = folder / f"{stem}{'' if number == 1 else f'-{number}'}.png"
        try:
            file = path.open("xb")
        except FileExistsError:
            continue
        except OSError as error:
            raise UserError(f"can't save into {neutralise(folder)}: {error.strerror}") from None
        try:
            with file:
                file.write(picture)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise UserError(f"can't save {neutralise(path)}: {error.strerror}") from None
        return path
    raise UserError(f"can't save {neutralise(folder / stem)}.png: there are a thousand of them already")


class Painter:
    """Draws panels of samples in the colours of `roles` (`real`, `fake`, `d`, `text`, `muted`: `#rrggbb`)."""

    def __init__(self, look: Look, roles: Mapping[str, str]) -> None:
        self._look, self._roles = look, roles

    def png(self, panels: Sequence[tuple[str, "Image"]]) -> bytes:
        """Return pictures beside each other as a PNG, each below its caption if there are several."""
        from PIL import Image

        head = LINE if len(panels) > 1 else 0
        size = sum(picture.width + LINE for _, picture in panels) - LINE, max(p.height for _, p in panels) + head
        sheet = Image.new("RGB", size, "white")
        left = 0
        for caption, picture in panels:
            if head:
                self._text(_pen(sheet), (left, 2), caption, "text")
            sheet.paste(picture, (left, head))
            left += picture.width + LINE
        buffer = io.BytesIO()
        sheet.save(buffer, "PNG")
        return buffer.getvalue()

    def picture(self, samples: Samples, x: "np.ndarray", real: "np.ndarray | None", grid: Grid | None) -> "Image":
        """Return `x` of `samples`: of images as many as `grid` has, else the plot that fits the data."""
        from PIL import Image

        if grid is not None:
            return Image.open(io.BytesIO(png_grid(x[: grid.rows * grid.columns], grid.columns))).convert("RGB")
        if real is None or real.shape[1:] != x.shape[1:]:
            real = x[:0]
        if samples.kind == "table" or (samples.kind == "points" and self._look.values):
            return self._table(real, x)
        if samples.kind == "text":
            return self._strings(spelled_out(x, self._look))
        sheet = Image.new("RGB", (SIDE + 2 * MARGIN, SIDE + 2 * MARGIN), "white")
        if samples.kind == "points":
            self._points(_pen(sheet), real, x)
        else:
            self._density(_pen(sheet), samples, x)
        return sheet

    def _points(self, pen: "ImageDraw", real: "np.ndarray", fake: "np.ndarray") -> None:
        import numpy as np

        x_low, x_high, y_low, y_high = ends = scatter.extent(real if len(real) else fake)
        self._frame(pen, (x_low, x_high), (y_low, y_high))
        for role, points in (("real", real), ("fake", fake)):
            inside = points[np.isfinite(points).all(axis=1)].astype(float)
            for x, y in inside.tolist():
                if ends[0] <= x <= ends[1] and ends[2] <= y <= ends[3]:
                    across = MARGIN + (x - x_low) / (x_high - x_low) * SIDE
                    down = MARGIN + (y_high - y) / (y_high - y_low) * SIDE
                    pen.ellipse((across - DOT, down - DOT, across + DOT, down + DOT), fill=self._roles[role])
        self._legend(pen, [("data", "real")] * bool(len(real)) + [("samples", "fake")] * bool(len(fake)))

    def _density(self, pen: "ImageDraw", samples: Samples, x: "np.ndarray") -> None:
        import numpy as np

        assert samples.grid is not None and samples.d is not None
        curves = {"fake": density_of(x, samples.grid)}
        if samples.p_data is not None:
            curves["real"] = samples.p_data
        high = axis.nice_range(0, max(float(np.nan_to_num(curve).max()) for curve in curves.values()))[1]
        d = np.nan_to_num(samples.d)
        ends = {"d": (0.0, 1.0) if self._look.probability else axis.nice_range(float(d.min()), float(d.max()))}
        self._frame(pen, (float(samples.grid[0]), float(samples.grid[-1])), (0.0, high))
        across = np.linspace(MARGIN, MARGIN + SIDE, len(samples.grid))
        for role, curve in (*curves.items(), ("d", d)):
            bottom, top = ends.get(role, (0.0, high))
            share = (np.nan_to_num(curve) - bottom) / ((top - bottom) or 1.0)
            down = MARGIN + (1 - share.clip(0, 1)) * SIDE
            pen.line([*zip(across.tolist(), down.tolist(), strict=True)], fill=self._roles[role], width=2)
        scale = "D, from {:g} to {:g}".format(*ends["d"])
        self._legend(pen, [("data", "real")] * ("real" in curves) + [("samples", "fake"), (scale, "d")])

    def _table(self, real: "np.ndarray", fake: "np.ndarray") -> "Image":
        """A row for each column: its name, means and spreads, and both histograms over each other."""
        import numpy as np
        from PIL import Image

        count = fake.shape[1]
        sheet = Image.new("RGB", (SIDE + 2 * MARGIN, count * ROW + MARGIN), "white")
        pen = _pen(sheet)
        self._legend(pen, [("data", "real"), ("samples", "fake")])
        for index in range(count):
            top = MARGIN + index * ROW
            name = self._look.columns[index] if index < len(self._look.columns) else f"column {index}"
            self._text(pen, (MARGIN, top), neutralise(name, 24), "text")
            columns = {"real": _finite(real[:, index]), "fake": _finite(fake[:, index])}
            known = columns["real"] if len(columns["real"]) else columns["fake"]
            low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
            high = max(high, low + max(abs(low) * 1e-3, 1e-9))
            for line, (role, values) in enumerate(columns.items()):
                if not len(values):
                    continue
                about = f"{axis.label(float(values.mean()))} ± {axis.label(float(values.std()))}"
                self._text(pen, (MARGIN, top + 18 * (line + 1)), about, role, 14)
                counts, _ = np.histogram(values.clip(low, high), BINS, (low, high))
                self._bars(pen, (MARGIN + SIDE // 3, top, MARGIN + SIDE, top + ROW - 12), counts, role)
        return sheet

    def _strings(self, strings: Sequence[str]) -> "Image":
        from PIL import Image

        sheet = Image.new("RGB", (SIDE + 2 * MARGIN, len(strings) * LINE + 2 * LINE), "white")
        pen = _pen(sheet)
        for index, string in enumerate(strings):
            self._text(pen, (LINE, LINE + index * LINE), neutralise(string), "text")
        return sheet

    def _bars(self, pen: "ImageDraw", box: Box, counts: "np.ndarray", role: str) -> None:
        left, top, right, bottom = box
        step = (right - left) / len(counts)
        outline = []
        for index, count in enumerate((counts / max(counts.max(), 1)).tolist()):
            y = bottom - count * (bottom - top)
            outline += [(left + index * step, y), (left + (index + 1) * step, y)]
        pen.line(outline, fill=self._roles[role], width=2)

    def _frame(self, pen: "ImageDraw", x: tuple[float, float], y: tuple[float, float]) -> None:
        """A box with numbers at its left and lower sides."""
        end = MARGIN + SIDE
        pen.rectangle((MARGIN, MARGIN, end, end), outline=self._roles["muted"])
        values = axis.ticks(*x, 7)
        for value, label in zip(values, axis.labels(values), strict=True):
            across = MARGIN + (value - x[0]) / (x[1] - x[0]) * SIDE
            pen.line((across, end, across, end + 5), fill=self._roles["muted"])
            self._text(pen, (round(across) - 4 * len(label), end + 8), label, "muted", 14)
        values = axis.ticks(*y, 7)
        for value, label in zip(values, axis.labels(values), strict=True):
            down = MARGIN + (y[1] - value) / (y[1] - y[0]) * SIDE
            pen.line((MARGIN - 5, down, MARGIN, down), fill=self._roles["muted"])
            self._text(pen, (max(MARGIN - 8 - 8 * len(label), 0), round(down) - 9), label, "muted", 14)

    def _legend(self, pen: "ImageDraw", entries: Sequence[tuple[str, str]]) -> None:
        left = MARGIN
        for text, role in entries:
            pen.rectangle((left, 20, left + 12, 32), fill=self._roles[role])
            self._text(pen, (left + 18, 16), text, "text")
            left += 50 + 9 * len(text)

    def _text(self, pen: "ImageDraw", place: tuple[int, int], text: str, role: str, size: int = 16) -> None:
        from PIL import ImageFont

        pen.text(place, text, fill=self._roles[role], font=ImageFont.load_default(size))


def _pen(sheet: "Image") -> "ImageDraw":
    from PIL import ImageDraw

    return ImageDraw.Draw(sheet)


def _finite(values: "np.ndarray") -> "np.ndarray":
    import numpy as np

    finite: np.ndarray = values[np.isfinite(values)].astype(float)
    return finite
