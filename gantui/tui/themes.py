"""Themes: what the roles of drawings look like. Data only."""

from textual.theme import Theme

# Okabe and Ito's colours, the common choice that colour-blind people tell apart.
_SAFE = {
    "d": "#56b4e9",
    "g": "#e69f00",
    "d_band": "#2a5872",
    "g_band": "#6b4b08",
    "real": "#009e73",
    "fake": "#cc79a7",
    "both": "#f0e442",
    "mark": "#f0e442",
    "cursor": "#ffffff",
    "reference": "#999999",
}
_DARK = {
    "text": "#d7dce5",
    "muted": "#6f7888",
    "title": "#e8ebf1",
    "rule": "#2b313c",
    "accent": "#7aa2f7",
    "good": "#7fbf6a",
    "warning": "#e0af68",
    "error": "#f7768e",
    "selected": "#24304a",
    "bar": "#1b2029",
}
_DARK_DATA = {
    "d": "#61afef",
    "g": "#f2a65a",
    "d_band": "#28435c",
    "g_band": "#5a4128",
    "real": "#3fb68b",
    "fake": "#d66b9a",
    "both": "#8d92b8",
    "mark": "#e5c76b",
    "cursor": "#ffffff",
    "reference": "#7d8594",
}
_LIGHT = {
    "text": "#22262e",
    "muted": "#767e8c",
    "title": "#000000",
    "rule": "#c9ced8",
    "accent": "#2457c5",
    "good": "#2d7d2a",
    "warning": "#9a5b00",
    "error": "#b3261e",
    "selected": "#d5e1fb",
    "bar": "#e3e7ee",
    "d": "#1f6fc4",
    "g": "#c25e00",
    "d_band": "#b9d3ef",
    "g_band": "#f1d2b3",
    "real": "#1f8a63",
    "fake": "#b83c78",
    "both": "#8a8fae",
    "mark": "#8a6d00",
    "cursor": "#000000",
    "reference": "#8a8f9a",
}


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
    _theme("gantui-dark", _DARK | _DARK_DATA, dark=True, background="#12151b", surface="#171b22"),
    _theme("gantui-light", _LIGHT, dark=False, background="#f6f7f9", surface="#eceef2"),
    _theme("gantui-colour-blind", _DARK | _SAFE, dark=True, background="#12151b", surface="#171b22"),
)


def roles(theme: Theme) -> dict[str, str]:
    """Return the colours of the roles, `#rrggbb`, also of a theme that is not ours."""
    found = (_DARK | _DARK_DATA if theme.dark else _LIGHT) | {
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
