"""Containers that are nothing but the places of what they hold: they are painted in one stroke."""

from textual.containers import Horizontal, Vertical


class Across(Horizontal):
    """Panels side by side."""

    BLANK = True


class Down(Vertical):
    """Panels one above the other."""

    BLANK = True
