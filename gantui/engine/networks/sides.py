"""How often a side can be doubled or halved, and what to do where that doesn't come out even."""

from torch import nn

from gantui.core.errors import ConfigError
from gantui.engine.networks.layers import Crop


def first_side(key: str, widths: list[int], side: int) -> int:
    """Return the side from which as many doublings as there are widths reach `side`, or just beyond it.

    Raises ConfigError, naming `key`, where one doubling less would do from a single pixel.
    """
    _require(key, widths, side, (side - 1).bit_length())
    return -(-side // (1 << len(widths)))


def last_side(key: str, widths: list[int], side: int) -> int:
    """Return what as many halvings as there are widths, each rounded down, leave of `side`.

    Raises ConfigError, naming `key`, where nothing would be left.
    """
    _require(key, widths, side, side.bit_length() - 1)
    return side // (1 << len(widths))


def crop(have: int, want: int) -> list[nn.Module]:
    """Return what cuts images of side `have` to `want`, as a list of no or one module."""
    return [] if have == want else [Crop(want)]


def _require(key: str, widths: list[int], side: int, most: int) -> None:
    if len(widths) > most:
        raise ConfigError(
            f"{key} = {widths}: an image of {side} px has room for {most} halvings, one for each width; "
            "give fewer widths or a larger image_size"
        )
