"""Themes: what the roles of drawings look like. Data only."""

from textual.theme import Theme

from gantui.core.colours import DARK, DARK_DATA, LIGHT, SAFE

GROUND = {True: "#12151b", False: "#f6f7f9"}
HEATS, DEPTH = 9, 0.8  # colours of D, from what it takes for G's over the ground to what it takes for data


def _theme(name: str, roles: dict[str, str], *, dark: bool, background: str, surface: str) -> Theme:
    return Theme(
        name=name,
        primary=roles["accent"],
        secondary=roles["d"],
        accent=roles["accent"],
        warning=roles["warning"],
        error=roles["error"],
        success=roles["good"],
        foreground=roles["text"],
        background=background,
        surface=surface,
        panel=roles["bar"],
        dark=dark,
        variables={f"role-{role}": colour for role, colour in roles.items()},
    )


THEMES = (
    _theme("gantui-dark", DARK | DARK_DATA, dark=True, background="#12151b", surface="#171b22"),
    _theme("gantui-light", LIGHT, dark=False, background="#f6f7f9", surface="#eceef2"),
    _theme("gantui-colour-blind", DARK | SAFE, dark=True, background="#12151b", surface="#171b22"),
)


def roles(theme: Theme) -> dict[str, str]:
    """Return the colours of the roles, `#rrggbb`, also of a theme that is not ours."""
    found = (DARK | DARK_DATA if theme.dark else LIGHT) | {
        name.removeprefix("role-"): colour for name, colour in theme.variables.items() if name.startswith("role-")
    }
    ground = theme.background if theme.background and theme.background.startswith("#") else GROUND[theme.dark]
    return found | _heats(found["g_band"], ground, found["d_band"])


def _heats(low: str, middle: str, high: str) -> dict[str, str]:
    """Return the roles heat0 to heat8: even steps from near `low` over `middle` to near `high`."""
    ends = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in (low, middle, high)]
    heats = {}
    for level in range(HEATS):
        place = 2 * level / (HEATS - 1) - 1
        end = ends[0 if place < 0 else 2]
        mixed = (
            round(ground + (colour - ground) * abs(place) * DEPTH) for ground, colour in zip(ends[1], end, strict=True)
        )
        heats[f"heat{level}"] = "#{:02x}{:02x}{:02x}".format(*mixed)
    return heats
