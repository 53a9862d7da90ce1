"""The one table of actions: keys, footer, help and palette are made from it."""

from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True)
class Action:
    """Something a person can do; carried out by the method `action_NAME` of the screen (or the app).

    `where` is a screen's name, `run` (every screen of a run) or `everywhere`; `steers` marks what needs a
    trainer that obeys; `group` is the heading in the help.
    """

    name: str
    keys: str  # Textual's names, separated by commas
    label: str  # in the footer and the palette
    help: str
    where: str
    group: str
    footer: bool = False
    steers: bool = False
    paused: bool = False  # of use only while the run is paused
    call: str = ""  # with arguments, such as screen('samples')

    @property
    def action(self) -> str:
        """What Textual is to run."""
        return self.call or self.name


def _screen(name: str, key: str, label: str, help: str) -> Action:
    return Action(f"show_{name}", key, label, help, "run", "Screens", call=f"show('{name}')")


def _chosen(name: str, keys: str, label: str, help: str, where: str) -> Action:
    """With the selected preset or run; the screen does it."""
    return Action(name, keys, label, help, where, "Home", True, call=f"screen.{name}")


def _layer(name: str, key: str, label: str, help: str) -> Action:
    """A layer of the distribution, shown or not."""
    return Action(f"layer_{name}", key, label, help, "distribution", "Distribution", True, call=f"layer('{name}')")


ACTIONS = (
    Action("pause", "space", "Pause", "pause between two updates, or go on", "run", "Steer", True, True),
    Action("step_d", "d", "+D", "one update of D (times the count)", "run", "Steer", True, True, True, "step('d')"),
    Action("step_g", "g", "+G", "one update of G (times the count)", "run", "Steer", True, True, True, "step('g')"),
    Action(
        "step_both",
        "b",
        "+Both",
        "one whole iteration, or the rest of one (times the count)",
        "run",
        "Steer",
        True,
        True,
        True,
        "step('both')",
    ),
    Action("count", "n", "Count", "how many updates d, g and b do: 1, 10, 100, 1000", "run", "Steer", True, True, True),
    Action("remedy", "x", "Remedy", "set what may mend what is diagnosed (asks first)", "run", "Steer", steers=True),
    Action("dismiss_diagnosis", "X", "Dismiss", "show this diagnosis no more", "run", "Steer"),
    Action("settings", "c", "Settings", "all live settings, searchable", "run", "Steer", True),
    Action("preview", "p", "Preview", "take samples now", "run", "Steer", steers=True),
    Action("snapshot", "f5", "Checkpoint", "write a checkpoint now", "run", "Steer", steers=True),
    Action("evaluate", "f6", "Evaluate", "measure G now; training waits meanwhile", "run", "Steer", steers=True),
    Action("stop", "f8", "Stop", "end the run: checkpoint, evaluation (asks first)", "run", "Steer", steers=True),
    Action("resume_run", "r", "Resume", "continue a run that has ended, from its checkpoint", "run", "Steer", True),
    _screen("overview", "1", "Overview", "losses, histograms, samples, controls"),
    _screen("samples", "2", "Samples", "all previews, scrubbed through time; real data beside fakes"),
    _screen("metrics", "3", "Metrics", "every number of the log as a curve"),
    _screen("events", "4", "Events", "who changed what, when, and what else happened"),
    _screen("system", "5", "System", "the trainer's host: CPU, memory, GPU, disk"),
    _screen("distribution", "6", "Distribution", "1-D, 2-D data: densities and D; D's map, G's grid, slopes, modes"),
    _screen("game", "7", "Game", "V(D,G), how far from equilibrium, what G descends and how steep it is, gradients"),
    Action("home", "h", "Home", "presets and runs; this run goes on", "run", "Screens", True),
    Action("value_up", "right", "Raise", "raise the control: 1, 2, 5, 10 …", "controls", "Controls", steers=True),
    Action("value_down", "left", "Lower", "lower the selected control", "controls", "Controls", steers=True),
    Action(
        "finer_up", "shift+right,full_stop", "Raise finely", "raise by a little", "controls", "Controls", steers=True
    ),
    Action("finer_down", "shift+left,comma", "Lower finely", "lower by a little", "controls", "Controls", steers=True),
    Action("select_up", "up", "Previous", "select the control above", "controls", "Controls"),
    Action("select_down", "down", "Next", "select the control below", "controls", "Controls"),
    Action("type_value", "enter", "Type", "type a value for the selected control", "controls", "Controls", True, True),
    Action("enlarge", "enter", "Enlarge", "the selected curve alone, to look into", "metrics", "Metrics", True),
    Action("all_panels", "escape", "All curves", "back to all curves", "metrics", "Metrics", True),
    Action("panel_left", "left", "Left", "the curve at the left", "grid", "Metrics"),
    Action("panel_right", "right", "Right", "the curve at the right", "grid", "Metrics"),
    Action("panel_up", "up", "Up", "the curve above", "grid", "Metrics"),
    Action("panel_down", "down", "Down", "the curve below", "grid", "Metrics"),
    Action("over_logit", "v", "D/logit", "what G descends over D, or over D's logit", "game", "Game", True),
    Action("log_scale", "l", "Log", "logarithmic or linear y axis", "plot", "Plots", True),
    Action("smooth", "s", "Smooth", "smoothing: none, 0.6, 0.9, 0.97", "plot", "Plots", True),
    Action("zoom_in", "plus,equals_sign", "Zoom", "zoom in at the cursor, else at the newest", "plot", "Plots", True),
    Action("zoom_out", "minus", "Zoom out", "zoom out", "plot", "Plots"),
    Action("zoom_reset", "0", "All", "show the whole history", "plot", "Plots"),
    Action("cursor_left", "left", "Cursor left", "move the cursor, which shows exact values", "plot", "Plots"),
    Action("cursor_right", "right", "Cursor right", "move the cursor", "plot", "Plots"),
    Action("pan_left", "shift+left,comma", "Pan left", "move the window to earlier steps", "plot", "Plots"),
    Action("pan_right", "shift+right,full_stop", "Pan right", "move the window to later steps", "plot", "Plots"),
    Action("cursor_off", "escape", "No cursor", "take the cursor away", "plot", "Plots"),
    Action("picture_mode", "m", "Mode", "draw samples as half-blocks, 256 colours, ASCII or braille", "run", "Samples"),
    Action("kind", "k", "Kind", "show only commands, warnings, checkpoints …", "events", "Events", True),
    Action("search_events", "slash", "Search", "show only what has the words you type", "events", "Events", True),
    Action("all_events", "escape", "Show all", "forget kind and words", "events", "Events"),
    Action("earlier", "left", "Earlier", "the preview before", "timeline", "Samples", True),
    Action("later", "right", "Later", "the next preview", "timeline", "Samples"),
    Action("much_earlier", "shift+left,comma", "10 earlier", "ten previews back", "timeline", "Samples"),
    Action("much_later", "shift+right,full_stop", "10 later", "ten previews on", "timeline", "Samples"),
    Action("oldest", "home", "First", "the first preview", "timeline", "Samples"),
    Action("newest", "end", "Newest", "the newest preview, and follow what comes", "timeline", "Samples"),
    Action("pin", "i", "Pin", "keep this one beside what follows; again: take it away", "samples", "Samples", True),
    Action("networks", "e", "EMA/raw", "samples of the averaged G, of G itself, of both", "samples", "Samples", True),
    Action("data_too", "f", "Data", "real data beside the samples", "samples", "Samples", True),
    Action(
        "reconstructions",
        "z",
        "G(E(x))",
        "data, and what G makes of the z that the encoder predicts from them",
        "samples",
        "Samples",
        True,
    ),
    Action("larger", "plus,equals_sign", "Larger", "fewer and larger images", "samples", "Samples"),
    Action("smaller", "minus", "Smaller", "more and smaller images", "samples", "Samples"),
    Action("save_picture", "w", "Save", "save what is shown as a PNG in this directory", "samples", "Samples", True),
    _layer("d", "v", "D", "D: its curve and the optimal D* beside it; in the plane its map, as colours"),
    _layer("data", "f", "Data", "the data: p_data, or points"),
    _layer("samples", "s", "G(z)", "the samples: p_g, or points"),
    _layer("mapping", "l", "z→x", "where G sends z: lines from z's axis to x's, or a grid of z as G bends it"),
    _layer("pushes", "a", "Slope", "the way samples are pushed: down the slope of G's loss through D"),
    _layer("modes", "o", "Modes", "how many samples of high quality each mode has"),
    Action("averaged", "e", "EMA/raw", "of G itself, or of its average", "distribution", "Distribution", True),
    Action("search_settings", "slash", "Search", "search; so does any letter", "settings", "Settings list", True),
    Action("close_settings", "escape", "Close", "back to the run", "settings", "Settings list", True, call="dismiss"),
    _chosen("open_preset", "enter", "Start", "look at the preset's settings, then start a run", "presets"),
    _chosen("open_run", "enter", "Open", "watch and steer the run, or see how it went", "runs"),
    _chosen("continue_run", "r", "Resume", "continue it from its last checkpoint", "runs"),
    _chosen("delete_run", "x,delete", "Delete", "remove a run that has ended (asks twice)", "runs"),
    Action("other_list", "tab", "Presets/Runs", "go to the other list", "home", "Home", True),
    Action("filter", "slash", "Filter", "show only what has the words you type; Esc shows all", "home", "Home", True),
    Action("show_all", "escape", "Show all", "forget the words of the filter", "home", "Home"),
    Action("list_up", "up", "Row up", "the row above", "list", "Home"),
    Action("list_down", "down", "Row down", "the row below", "list", "Home"),
    Action("list_back", "pageup", "Page up", "a page of rows up", "list", "Home"),
    Action("list_on", "pagedown", "Page down", "a page of rows down", "list", "Home"),
    Action("list_top", "home", "First", "the first row", "list", "Home"),
    Action("list_bottom", "end", "Last", "the last row", "list", "Home"),
    Action("start_run", "enter", "Start", "start the run with these settings", "start", "Start form", True),
    Action("next_field", "down,tab", "Next", "the next setting", "start", "Start form", True),
    Action("previous_field", "up,shift+tab", "Previous", "the setting before", "start", "Start form"),
    Action("fields_on", "pagedown", "Page on", "a page of settings on", "start", "Start form"),
    Action("fields_back", "pageup", "Page back", "a page of settings back", "start", "Start form"),
    Action("raise", "shift+up,f8", "Raise", "the next value up, or the next choice", "start", "Start form", True),
    Action("lower", "shift+down,f7", "Lower", "the next value down, or the choice before", "start", "Start form"),
    Action("find_field", "f3", "Search", "search all settings by name and help", "start", "Start form", True),
    Action("preset_value", "f4", "Reset", "back to what the preset says", "start", "Start form", True),
    Action("form_help", "f1", "Help", "all keys", "start", "Start form", True, call="app.help"),
    Action("close_form", "escape", "Back", "back to the presets; what you typed is kept", "start", "Start form", True),
    Action("line_up", "up", "Line up", "a line back", "text", "Long texts"),
    Action("line_down", "down", "Line down", "a line on", "text", "Long texts"),
    Action("page_back", "pageup", "Page up", "a page back", "text", "Long texts"),
    Action("page_on", "pagedown,enter", "Page down", "a page on", "text", "Long texts", True),
    Action("to_top", "home", "Top", "to the first line", "text", "Long texts"),
    Action("to_bottom", "end", "End", "to the last line", "text", "Long texts"),
    Action("close_help", "escape,q,f1,question_mark", "Close", "back", "help", "Help", True, call="dismiss"),
    Action("help", "f1,question_mark", "Help", "all keys", "everywhere", "General", True),
    Action("command_palette", "ctrl+p", "Palette", "search everything that can be done", "everywhere", "General"),
    Action("theme", "f2", "Theme", "dark, light, colour-blind safe", "everywhere", "General"),
    Action("suspend_process", "ctrl+z", "Suspend", "back to the shell for now; fg comes back", "everywhere", "General"),
    Action("leave", "q", "Leave", "leave the dashboard; the run goes on", "everywhere", "General", True),
)  # fmt: skip


def of(*places: str) -> list[Action]:
    """Return the actions of these places, in the table's order."""
    return [action for action in ACTIONS if action.where in places]


def bindings(*places: str) -> list[BindingType]:
    """Return Textual's bindings for the actions of these places."""
    return [Binding(action.keys, action.action, action.label, show=False) for action in of(*places)]


KEY_NAMES = {
    "space": "Space",
    "enter": "Enter",
    "tab": "Tab",
    "delete": "Del",
    "escape": "Esc",
    "question_mark": "?",
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "full_stop": ".",
    "comma": ",",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "slash": "/",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}


def key_name(keys: str) -> str:
    """Return keys as a person reads them: `shift+left,comma` is `Shift+← ,`."""
    return " ".join(_one(key) for key in keys.split(","))


def _one(key: str) -> str:
    *modifiers, last = key.split("+")
    shown = KEY_NAMES.get(last, last.upper() if last.startswith("f") and last[1:].isdigit() else last)
    return "+".join([modifier.capitalize().replace("Ctrl", "^") for modifier in modifiers] + [shown]).replace("^+", "^")
