"""Parts of the user's own: how they are named, and that a run which names some must be trusted."""

from pathlib import Path

import pytest

from gantui.core import data_sets, parts
from gantui.core.combinations import warnings
from gantui.core.config import FIELDS, field, validate
from gantui.core.errors import ConfigError
from gantui.core.presets import parse_overrides, read, to_annotated_toml, to_toml

OWN = {"network": "mypkg.nets:Pair", "loss": "losses:Soft", "data": "a.b.c:load_2", "features": "a:b"}


@pytest.mark.parametrize("value", ["a:b", "_a.b1:C", "mypkg.nets:Pair"])
def test_a_part_is_a_module_and_a_name(value: str) -> None:
    assert parts.is_part(value)
    assert all(field(place).check(value) == value for place in parts.PLACES)


@pytest.mark.parametrize(
    "value", ["", ":", "a", "a:", ":b", "a..b:c", ".a:b", "a:b.c", "a:b:c", "1a:b", "a b:c", "./a:b", "a:b\n", "é:b", 1]
)
def test_anything_else_is_none(value: object) -> None:
    assert not parts.is_part(value)
    for place in ("network", "loss", "features"):
        with pytest.raises(ConfigError, match=parts.FORM):
            field(place).check(value)


def test_it_stands_beside_the_choices() -> None:
    assert {"auto", "mlp", "conv"} < set(FIELDS["network"].choices) and "hinge" in FIELDS["loss"].choices
    assert parts.named({"loss": "hinge", "network": "auto", "data": "photos/a.b:c", "k": 2}) == {}
    assert parts.named({**OWN, "k": 2}) == OWN


def test_the_names_go_through_command_line_and_files(tmp_path: Path) -> None:
    config = validate(parse_overrides(f"{place}={part}" for place, part in OWN.items()))
    file = tmp_path / "mine.toml"
    for text in (to_toml(config), "".join(f'{place} = "{part}"\n' for place, part in OWN.items())):
        file.write_text(text)
        assert read(file).config() == config
    file.write_text(to_annotated_toml(read(file)))
    assert read(file).config() == config


def test_a_part_is_no_path_even_beside_a_file_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.b:c").touch()
    assert data_sets.absolute("a.b:c") == "a.b:c"
    assert data_sets.absolute("./a.b:c") == str(tmp_path / "a.b:c")


def test_nothing_is_said_against_a_loss_of_which_nothing_is_known() -> None:
    clipped = {"constraint": "clip", "constraint_weight": 0.01, "k_schedule": "bursts"}
    assert warnings(validate({"loss": "hinge", **clipped})) and not warnings(validate({"loss": "a:B", **clipped}))
    with pytest.raises(ConfigError, match="loss = a:B has no target to lower"):
        validate({"loss": "a:B", "label_smoothing": 0.1})


def test_trust_is_asked_for_by_module_and_command() -> None:
    message = str(parts.not_trusted(OWN, "gantui sample one"))
    assert message.startswith("only with --trust: gantui sample one --trust.") and len(message.splitlines()) == 1
    assert all(part in message for part in ["mypkg.nets (network = mypkg.nets:Pair)", "losses (loss", "a.b.c (data"])
