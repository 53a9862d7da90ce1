"""Preset files, good and bad, and overrides from a command line."""

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gantui.core import presets
from gantui.core.config import Config, validate
from gantui.core.errors import ConfigError
from gantui.core.presets import load, parse_override, parse_overrides, read, to_annotated_toml


def _file(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "mine.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_good_preset(tmp_path: Path) -> None:
    preset = read(_file(tmp_path, 'description = "tiny"\nlr_d = 2e-4\ng_widths = [8, 8]\n'))
    assert (preset.name, preset.description, preset.expect) == ("mine", "tiny", "")
    assert preset.config() == validate({"lr_d": 2e-4, "g_widths": [8, 8]})
    assert preset.config({"lr_d": 1e-3, "k": 2}) == validate({"lr_d": 1e-3, "k": 2, "g_widths": [8, 8]})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("lr_d = 1e-4\nk = = 3\n", "line 2"),
        ("lr_d = 1e-4\nlr_d = 1e-3\n", "line 2|end of document"),
        (b"\x89PNG\xff\xfe\x00", "not text in UTF-8"),
        ("a = " + "[" * 10_000, "mine.toml"),
        ("seed = " + "1" * 5000, "mine.toml"),
        ("# " + "x" * presets.MAX_BYTES, "too big"),
        ("description = 3\n", "description must be text"),
        ("k = 1\n\x1b[2J", "line 2"),
    ],
)
def test_bad_files_name_file_and_place(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        read(_file(tmp_path, content))
    assert "mine.toml" in str(caught.value) and str(caught.value).isprintable()


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a directory"):
        read(tmp_path)
    with pytest.raises(ConfigError, match=r"No such file"):
        load(str(tmp_path / "missing.toml"))
    with pytest.raises(ConfigError, match="null byte"):
        load("a\0.toml")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device")
def test_an_endless_file_is_not_read_to_its_end() -> None:
    with pytest.raises(ConfigError, match="too big"):
        load("/dev/zero")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path: Path) -> None:
    path = _file(tmp_path, "k = 1")
    path.chmod(0)
    with pytest.raises(ConfigError, match="Permission denied"):
        read(path)


@pytest.mark.parametrize("name", ["no-such-preset", "~no-such-user", "x" * 5000, "\x1b]0;title\x07"])
def test_unknown_names(name: str) -> None:
    with pytest.raises(ConfigError, match=r"^no preset") as caught:
        load(name)
    assert str(caught.value).isprintable()


def test_faults_are_laid_at_the_right_door(tmp_path: Path) -> None:
    preset = read(_file(tmp_path, "bogus = 1\n"))
    with pytest.raises(ConfigError, match=r"mine\.toml: no such setting: 'bogus'"):
        preset.config({"k": 2})
    with pytest.raises(ConfigError, match=r"^k = -1"):
        read(_file(tmp_path, "lr_d = 1e-4\n")).config({"k": -1})
    with pytest.raises(ConfigError, match=r"mine\.toml: no such setting: 'game'"):
        read(_file(tmp_path, "[game]\nk = 1\n")).config()


@pytest.mark.parametrize("name", presets.names())
def test_every_shipped_preset_is_valid_and_described(name: str) -> None:
    preset = load(name)
    assert isinstance(preset.config(), Config)
    assert preset.description


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loss=minimax", ("loss", "minimax")),
        ('loss="minimax"', ("loss", "minimax")),
        ("lr_d=1e-4", ("lr_d", 1e-4)),
        ("lr_d=.002", ("lr_d", 0.002)),
        ("lr_d=-2.e-3", ("lr_d", -0.002)),
        ("data=.csv", ("data", ".csv")),
        ("data=1.2.csv", ("data", "1.2.csv")),
        ("k=3", ("k", 3)),
        (" k = 3 ", ("k", 3)),
        ("max_steps=10_000", ("max_steps", 10_000)),
        ("download=true", ("download", True)),
        ("g_widths=[64, 64]", ("g_widths", [64, 64])),
        ("max_time=30m", ("max_time", "30m")),
        ("preview_every=2s", ("preview_every", "2s")),
        ("init_g=uniform:0.05", ("init_g", "uniform:0.05")),
        ("data=a=b=c", ("data", "a=b=c")),
        ("data=/tmp/my file.csv", ("data", "/tmp/my file.csv")),
        ("k=1\nseed=2", ("k", "1\nseed=2")),
        ('data="open', ("data", '"open')),
    ],
)
def test_overrides(text: str, expected: tuple[str, Any]) -> None:
    assert parse_override(text) == expected


@pytest.mark.parametrize("text", ["", "=", "k", "k=", "k= ", "=3"])
def test_overrides_without_key_or_value(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_override(text)


@pytest.mark.parametrize("text", ["g_widths=" + "[" * 5000, "seed=" + "1" * 5000, "seed=0x" + "f" * 5000])
def test_monstrous_overrides_are_refused_politely(text: str) -> None:
    with pytest.raises(ConfigError, match="must be"):
        validate(parse_overrides([text]))


def test_unknown_override_suggests_and_the_last_wins() -> None:
    with pytest.raises(ConfigError, match="did you mean 'lr_g'"):
        parse_override("lrg=1")
    assert parse_overrides(["k=1", "k=2"]) == {"k": 2}


def test_annotated_preset_reads_back_equal(tmp_path: Path) -> None:
    preset = read(_file(tmp_path, 'description = "a \\"b\\""\ng_widths = [8, 9]\ndata = "x # y, ]"\n'))
    text = to_annotated_toml(preset)
    again = read(_file(tmp_path, text))
    assert (again.config(), again.description) == (preset.config(), preset.description)
    assert all(" # " in line for line in text.splitlines() if line.startswith(("lr_d", "k =", "loss")))
    assert tomllib.loads(text)["g_widths"] == [8, 9]
