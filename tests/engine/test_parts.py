"""Parts of the user's own: where they are looked up, and what is said of those that can't be had."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gantui.core.errors import ConfigError, DataError
from gantui.engine.parts import asked, find
from gantui.engine.signals import Interrupted

Write = Callable[..., None]


def _refusal(part: str) -> str:
    with pytest.raises(ConfigError) as caught:
        find("loss", part)
    text = str(caught.value)
    assert text.startswith(f"loss = {part!r}: ") and text.isprintable() and len(text) < 500
    return text


def test_the_present_folder_is_looked_in_last(write_module: Write, tmp_path: Path) -> None:
    write_module("Soft = 1")
    write_module("Soft = 2", "pkg.sub.losses")
    write_module("dumps = 'mine'", "json")
    assert find("loss", "mine:Soft") == 1 and find("loss", "pkg.sub.losses:Soft") == 2
    assert callable(find("loss", "json:dumps"))  # a file in the folder can't stand in for what others import
    assert sys.path.count(str(tmp_path)) == 1 and sys.path[-1] == str(tmp_path)


def test_neighbours_can_be_imported_also_later(write_module: Write) -> None:
    write_module("def late():\n    import helper\n    return helper.VALUE\n")
    write_module("VALUE = 3", "helper")
    assert find("loss", "mine:late")() == 3


def test_what_is_not_there(write_module: Write, tmp_path: Path) -> None:
    text = _refusal("absent:Soft")
    assert "no module absent" in text and str(tmp_path) in text and "sys.path" in text
    write_module("class Soft: ...\n")
    assert "no module mine.losses" in _refusal("mine.losses:Soft")
    text = _refusal("mine:Sotf")
    assert "mine.py" in text and "has no Sotf: did you mean 'Soft'?" in text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("\n1 / 0", "importing mine raised ZeroDivisionError: division by zero (mine.py, line 2)"),
        ("\n\ndef f(:", "importing mine raised SyntaxError: invalid syntax (mine.py, line 3)"),
        ("import no_such_thing", "raised ModuleNotFoundError: No module named 'no_such_thing' (mine.py, line 1)"),
        ("import sys; sys.exit(3)", "raised SystemExit: 3 (mine.py, line 1)"),
        ("raise ValueError('\\x1b[2J' + 'x' * 9999)", "raised ValueError: \\x1b[2Jxxx"),
        ("raise ValueError", "raised ValueError:  (mine.py, line 1)"),
    ],
)
def test_what_can_t_be_imported(write_module: Write, source: str, expected: str) -> None:
    write_module(source)
    assert expected in _refusal("mine:Soft")


def test_the_innermost_line_of_the_users_own_package_is_named(write_module: Write) -> None:
    write_module("def outer(f):\n    f()\n", "pkg.one")
    write_module(
        "from pkg.one import outer\nimport json\n\ndef run():\n    outer(lambda: json.loads('{'))\n", "pkg.two"
    )
    run = find("data", "pkg.two:run")
    with (
        pytest.raises(ConfigError, match=r"raised JSONDecodeError: .* \(two\.py, line 5\)"),
        asked("data", "pkg.two:run", "x"),
    ):
        run()


def test_what_is_said_in_words_already_and_what_must_end_the_program_passes() -> None:
    with pytest.raises(DataError, match=r"^too few$"), asked("data", "a:b", "x"):
        raise DataError("too few")
    for ends in (KeyboardInterrupt(), Interrupted(signal.SIGTERM.name)):
        with pytest.raises(type(ends)), asked("data", "a:b", "x"):
            raise ends
