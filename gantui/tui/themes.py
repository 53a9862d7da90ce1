"""Themes: what the roles of drawings look like. Data only."""

from textual.theme import Theme

from gantui.core.colours import DARK, DARK_DATA, LIGHT, SAFE


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
    return (DARK | DARK_DATA if theme.dark else LIGHT) | {
        name.removeprefix("role-"): colour for name, colour in theme.variables.items() if name.startswith("role-")
    }
