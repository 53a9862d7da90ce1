"""What a command changed, in words."""

from gantui.core.events import Applied
from gantui.core.text import neutralise


def change_text(record: Applied) -> str:
    """Return what a command changed: `lr_d 0.001 → 0.0005`."""
    changes = [f"{key} {shown(old)} → {shown(record.after.get(key))}" for key, old in record.before.items()]
    note = f" ({record.note})" if record.note else ""
    if record.what == "set":
        return ", ".join(changes) + note
    return f"{record.what}{' ' + ', '.join(changes) if record.what == 'step' else ''}{note}"


def shown(value: object) -> str:
    """Return a setting as people write it: 0.0005, 2s, relu."""
    return f"{value:.6g}" if isinstance(value, float) else neutralise(value, 60)
