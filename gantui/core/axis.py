"""Where an axis begins and ends, where its ticks stand and what they say: arithmetic that every drawing shares."""

import math
from collections.abc import Sequence

from gantui.core.series import Column

NICE_ENDS = (1, 1.5, 2, 3, 5, 7.5, 10)
SUFFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
LEAST, MOST = 1e-300, 1e300  # magnitudes beyond are drawn as these, so that no arithmetic overflows
FEW_EXTREMES = 0.02  # the share of columns whose extremes may leave a plot
NARROWEST = 2e-2  # the least range, as a share of its values: what changes less than that is drawn as flat


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most `most` round numbers (steps of 1, 2 or 5 × 10ⁿ) in `low` ≤ x ≤ `high`."""
    if most < 1 or not _is_range(low, high):
        return []
    step = _step((high - low) / most)
    while True:
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            return [index * step if step >= 1 else index / round(1 / step) for index in range(first, last + 1)]
        step = _step(step * 1.5)


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most `most` ticks in 0 < `low` ≤ x ≤ `high`: decades, in a short range also 2 and 5 between."""
    if most < 1 or low <= 0 or not _is_range(low, high):
        return []
    first, last = math.floor(math.log10(max(low, LEAST))), math.ceil(math.log10(min(high, MOST)))
    for within in ((1, 2, 5), (1,)):
        found = [factor * 10.0**n for n in range(first, last + 1) for factor in within]
        found = [round_to(x, 1) for x in found if low * (1 - 1e-9) <= x <= high * (1 + 1e-9)]
        if len(found) <= most:
            return found
    return found[:: math.ceil(len(found) / most)]


def label(value: float) -> str:
    """Return `value` in three digits and few characters: `0.35`, `1234`, `12k`, `1.5M`, `2e-4`."""
    if not math.isfinite(value):
        return str(value)
    size = abs(value)
    if value == 0:
        return "0"
    if size < 9.995e-4 or size >= 1e12:
        mantissa, _, exponent = f"{value:.2e}".partition("e")
        return f"{_trimmed(mantissa)}e{int(exponent)}"
    for unit, suffix in SUFFIXES:
        if size >= unit * (10 if unit == 1e3 else 0.9995):
            return _trimmed(f"{value / unit:.{_decimals(size / unit)}f}") + suffix
    return _trimmed(f"{value:.{_decimals(size)}f}")


def labels(values: list[float]) -> list[str]:
    """Return labels of an axis's equally spaced ticks: one unit and one number of decimals for all of them."""
    largest = max((abs(value) for value in values), default=0)
    if largest < 1e-3 or largest >= 1e12:
        return [label(value) for value in values]
    unit, suffix = next(((u, s) for u, s in SUFFIXES if largest >= u * (10 if u == 1e3 else 1)), (1.0, ""))
    texts = [f"{value / unit:.6f}" for value in values]
    spare = min(len(text) - len(text.rstrip("0")) for text in texts)
    cut = [f"{value / unit:.{6 - min(spare, 6)}f}" for value in values]
    return [text + suffix if value else "0" for text, value in zip(cut, values, strict=True)]


def nice_end(step: float, most: float | None = None) -> float:
    """Return where an axis of steps ends that has come to `step`: 1, 1.5, 2, 3, 5 or 7.5 × 10ⁿ.

    It stands still while a run fills it and then compresses, so that most redraws change few cells. It ends at
    `most` (the run's last step) at the latest, unless `step` is beyond.
    """
    if not math.isfinite(step) or step <= 1:
        return 1.0
    scale = 10.0 ** math.floor(math.log10(step))
    end = next((nice * scale for nice in NICE_ENDS if nice * scale >= step), 10 * scale)
    return min(end, float(most)) if most is not None and step <= most else end


def nice_range(low: float, high: float, log: bool = False, parts: int = 4) -> tuple[float, float]:
    """Return a range with round ends around `low` ≤ y ≤ `high`, which rarely changes when they move a little.

    The ends are multiples of a step of 1, 2 or 5 × 10ⁿ that is at least one of `parts` of the range. With `log` both
    ends are positive; 0 or less counts as a thousandth of `high`. Anything not finite: 0 to 1.
    """
    low, high = (min(max(end, -MOST), MOST) if math.isfinite(end) else end for end in sorted((low, high)))
    if not (math.isfinite(low) and math.isfinite(high)) or (log and high <= 0):
        return (0.1, 1.0) if log else (0.0, 1.0)
    if log:
        high = max(high, 1e6 * LEAST)
        return _nice_log(max(low, LEAST) if low > 0 else high / 1e3, high)
    largest = max(abs(low), abs(high))
    least = NARROWEST * largest if largest > 1e6 * LEAST else 1.0
    if high - low < least:
        middle = (low + high) / 2
        low, high = middle - least / 2, middle + least / 2
    step = _step((high - low) / parts)
    return round_to(math.floor(low / step + 1e-9) * step, 6), round_to(math.ceil(high / step - 1e-9) * step, 6)


def fitting(
    values: Sequence[float], columns: Sequence[Column], *, band: bool, log: bool = False
) -> tuple[float, float]:
    """Return a range with round ends that holds `values`, all means of `columns` and, with `band`, their extremes.

    But for the rarest extremes: one spike must not flatten the rest.
    """
    held = [*values, *(column.mean for column in columns)]
    if band:
        few = int(len(columns) * FEW_EXTREMES)
        held += sorted(column.low for column in columns)[few : few + 1]
        held += sorted((column.high for column in columns), reverse=True)[few : few + 1]
    drawable = [value for value in held if math.isfinite(value) and (value > 0 or not log)]
    return nice_range(min(drawable, default=math.nan), max(drawable, default=math.nan), log)


def place(value: float, low: float, high: float, cells: int) -> int:
    """Return in which of `cells` equal parts of `low` to `high` a value lies; the outermost one if it is outside."""
    share = (value - low) / (high - low) if _is_range(low, high) else 0.0
    return int(min(max(share * cells, 0), cells - 1)) if share == share else 0


def round_to(value: float, digits: int) -> float:
    """Return `value` rounded to so many digits, free of binary dust."""
    return float(f"{value:.{max(digits, 1) - 1}e}")


def _nice_log(low: float, high: float) -> tuple[float, float]:
    exponent = math.floor(math.log10(low) + 1e-9)
    if math.log10(high) - math.log10(low) > 1.5:
        return round_to(10.0**exponent, 1), round_to(10.0 ** math.ceil(math.log10(high) - 1e-9), 1)
    below = [factor * 10.0**n for n in range(exponent - 1, exponent + 1) for factor in (1, 2, 5)]
    above = [factor * 10.0**n for n in range(exponent, exponent + 4) for factor in (1, 2, 5)]
    bottom = max(x for x in below if x <= low * (1 + 1e-9))
    top = min((x for x in above if x >= high * (1 - 1e-9)), default=high)
    return round_to(bottom, 1), round_to(top if top > bottom else 2 * bottom, 1)


def _is_range(low: float, high: float) -> bool:
    return math.isfinite(low) and math.isfinite(high) and low < high and math.isfinite(high - low)


def _step(least: float) -> float:
    """The smallest 1, 2 or 5 × 10ⁿ that is `least` or more."""
    scale = 10.0 ** math.floor(math.log10(max(least, LEAST)))
    return next((round_to(nice * scale, 1) for nice in (1, 2, 5) if nice * scale >= least * (1 - 1e-9)), 10 * scale)


def _decimals(size: float) -> int:
    """Decimals that make three digits of a number of this size."""
    return max(0, 2 - math.floor(math.log10(size)))


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
