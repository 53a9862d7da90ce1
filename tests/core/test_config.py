"""The configuration: metadata, single fields, combinations, live changes, the way through TOML."""

import math
import tomllib
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gantui.core.combinations import WITH_TARGETS
from gantui.core.config import FIELDS, Config, Field, change, field, live_fields, validate
from gantui.core.errors import ConfigError
from gantui.core.presets import to_toml

every_field = pytest.mark.parametrize("entry", FIELDS.values(), ids=FIELDS)
NUMERIC = [entry for entry in FIELDS.values() if entry.range[0] is not None]


@every_field
def test_metadata_is_complete(entry: Field) -> None:
    assert entry.about.help and entry.about.section in ("data", "networks", "game", "optimiser", "run")
    assert entry.allowed and "Annotated" not in entry.allowed and "None" not in entry.allowed
    assert not (entry.about.live and entry.about.place)


@every_field
def test_default_is_valid(entry: Field) -> None:
    assert entry.check(entry.default) == entry.default
    assert getattr(validate({entry.name: entry.default}), entry.name) == entry.default


@every_field
@pytest.mark.parametrize("value", [None, {}, {"a": 1}, [], [[1]], math.nan, math.inf, -1, 10**30, "", "\x1b[2J"])
def test_what_fits_no_field_is_refused_by_name(entry: Field, value: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        validate({entry.name: value})
    message = str(caught.value)
    assert message.startswith(f"{entry.name} = ") and entry.allowed in message
    assert message.isprintable() and len(message) < 400


@every_field
def test_wrong_type_is_refused(entry: Field) -> None:
    wrong = {bool: "yes", str: 1.5, int: 1.5, float: "1.5", list: "128"}[type(entry.default)]
    with pytest.raises(ConfigError, match="must be"):
        entry.check(wrong)


@pytest.mark.parametrize("entry", NUMERIC, ids=lambda entry: entry.name)
def test_bounds(entry: Field) -> None:
    low, high = entry.range
    assert low is not None and high is not None
    whole = isinstance(entry.default, int) or bool(entry.choices)
    number = int if whole or "whole" in entry.allowed else float
    assert entry.check(number(low)) == low
    with pytest.raises(ConfigError):
        entry.check(number(low - 1))
    with pytest.raises(ConfigError):
        entry.check(number(high) + 1)


@pytest.mark.parametrize("entry", [e for e in FIELDS.values() if e.choices], ids=lambda entry: entry.name)
def test_every_choice_is_allowed_and_named(entry: Field) -> None:
    for word in entry.choices:
        assert entry.check(word) == word
        assert word in entry.allowed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("k", True),
        ("lr_d", False),
        ("beta1", 1.0),
        ("g_widths", [128, 0]),
        ("g_widths", [128, "64"]),
        ("g_widths", [1] * 33),
        ("seed", 2**63),
        ("lr_d", 10**400),
        ("device", "cuda:123"),
        ("device", "cpu\n"),
        ("data", "digits\n"),
        ("data", "\ud800"),
        ("data", "x" * 4097),
        ("init_g", "uniform:"),
        ("init_g", "uniform:1e999"),
        ("preview_every", "2"),
        ("preview_every", "2s\n"),
        ("preview_every", "-2s"),
        ("max_time", "soon"),
        ("loss", "Minimax"),
    ],
)
def test_refused_values(name: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=f"^{name} = "):
        validate({name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lr_d", 1),
        ("seed", 2**63 - 1),
        ("image_size", 32),
        ("threads", "auto"),
        ("lr_horizon", 5),
        ("init_g", "uniform:.05"),
        ("init_d", "normal:2e-2"),
        ("device", "cuda:1"),
        ("eval_every", "1.5h"),
        ("eval_every", 100),
        ("max_time", "30m"),
        ("data", "/päth with spaces/x.npy"),
    ],
)
def test_accepted_values(name: str, value: Any) -> None:
    assert getattr(validate({name: value}), name) == value


def test_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'lr_d'"):
        validate({"lrd": 1})
    with pytest.raises(ConfigError, match=r"^no such setting: '\\x1b'$"):
        field("\x1b")


def test_change_alters_live_fields_all_or_nothing() -> None:
    before = Config()
    after = change(before, {"lr_d": 2e-4, "k": 3})
    assert (after.lr_d, after.k, after.lr_g) == (2e-4, 3, before.lr_g)
    with pytest.raises(ConfigError, match="k = -1"):
        change(before, {"lr_d": 2e-4, "k": -1})
    with pytest.raises(ConfigError, match="both must be 1"):
        change(validate({"update": "simultaneous"}), {"k": 2})
    assert before == Config()


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in live_fields()])
def test_change_refuses_fixed_fields(name: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name} is fixed"):
        change(Config(), {name: FIELDS[name].default})


def test_defaults_survive_toml() -> None:
    assert validate(tomllib.loads(to_toml(Config()))) == Config()


def _values(entry: Field) -> st.SearchStrategy[Any]:
    """Valid values of a field, near its bounds too."""
    low, high = entry.range
    if isinstance(entry.default, bool):
        return st.booleans()
    if isinstance(entry.default, list):
        return st.lists(st.integers(1, 65536), min_size=1, max_size=5)
    if entry.name in ("data", "data_root"):
        letters = st.characters(exclude_categories=("Cs",), min_codepoint=32)
        return st.text(letters.filter(lambda letter: letter != "\x7f"), min_size=1, max_size=20)
    strategies = [st.just(entry.default)]
    if entry.choices:
        strategies.append(st.sampled_from(entry.choices))
    if low is not None and high is not None:
        whole = "whole" in entry.allowed
        strategies.append(
            st.integers(int(low), int(high) if high < 2**62 else 2**63 - 1)
            if whole
            else st.floats(low, high, exclude_max="below" in entry.allowed)
        )
    if (entry.name.endswith("_every") and entry.name != "log_every") or entry.name == "max_time":
        strategies.append(st.from_regex(r"\A[0-9]{1,9}(\.[0-9]{1,3})?[smhd]\Z").filter(str.isascii))
    return st.one_of(strategies)


def _sensible(values: dict[str, Any]) -> dict[str, Any]:
    """The same values with the combinations mended that validation refuses."""
    if values["update"] == "simultaneous" or values["k"] + values["g_steps"] == 0:
        values |= {"k": 1, "g_steps": 1, "k_schedule": "constant"}
    if values["loss"] not in WITH_TARGETS:
        values |= {"label_smoothing": 0.0}
    if values["constraint"] == "clip":
        values |= {"spectral_norm": False}
    if values["preprocess"] == "gcn":
        values |= {"output": "linear"}
    if values["network"] == "mirza":
        values |= {"condition": "concat"}
    if values["batch_size"] == 1:
        values |= {"norm_g": "none", "norm_d": "none", "variance_form": "pooled"}
    if values["constraint"] == "none":
        return values | {"constraint_weight": 0.0}
    return values | {"constraint_weight": values["constraint_weight"] or 1.0, "norm_d": "none"}


configs = st.fixed_dictionaries({name: _values(entry) for name, entry in FIELDS.items()}).map(_sensible)


@settings(max_examples=60, deadline=None)
@given(configs)
def test_any_valid_config_survives_toml(values: dict[str, Any]) -> None:
    config = validate(values)
    assert validate(tomllib.loads(to_toml(config).encode().decode())) == config
    assert validate(msgspec.json.decode(msgspec.json.encode(config))) == config
