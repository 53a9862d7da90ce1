"""Records there and back, and lines that are none."""

from typing import Any

import msgspec
import pytest

from gantui.core import events
from gantui.core.events import BadLine, Cursor, Metrics, Stage, decode, decode_lines, encode, significant

REQUIRED: dict[str, dict[str, Any]] = {
    "stage": {"stage": "training"},
    "metrics": {"v": {"loss_d": (1.0, 0.5, 2.0)}, "n": 4, "nonfinite": 1},
    "hist": {
        "space": "score",
        "low": -2.0,
        "high": 2.0,
        "real": [1] * 64,
        "fake": [0] * 64,
        "overlap": 0.5,
    },
    "preview": {"file": "previews/a.npz"},
    "eval": {"values": {"modes": 8, "class_shares": {"0": 0.5}}},
    "received": {"id": "a"},
    "applied": {"id": "a", "before": {"k": 1}, "after": {"k": 2}},
    "rejected": {"id": "a", "reason": "no"},
    "checkpoint": {"file": "a.pt"},
    "warning": {"text": "ü\n\x1b"},
    "diagnosis": {"text": "collapse"},
    "exit": {"reason": "finished", "status": 0},
}
KINDS = {member.__struct_config__.tag: member for member in events.AnyRecord.__args__}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_returns_as_it_was(kind: str) -> None:
    record = KINDS[kind](seq=3, t=1.5, branch=2, **REQUIRED.get(kind, {}))
    line = encode(record)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert msgspec.json.decode(line)["kind"] == kind
    assert decode(line) == record


def test_cursor() -> None:
    record = Metrics(v={}, step=1, d_updates=2, g_updates=1, update=3)
    assert record.cursor == Cursor(step=1, d_updates=2, g_updates=1, update=3)


def test_a_system_record_of_an_older_trainer_leaves_open_what_it_did_not_know() -> None:
    old = decode(
        b'{"kind":"system","seq":3,"cpu":99.0,"memory":650.0,"host_cpu":50.0,"host_memory":80.0,"gpu_memory":7}'
    )
    assert old == events.System(seq=3, cpu=99, memory=650, host_cpu=50, host_memory=80, gpu_memory=7)
    assert old.gpu_name is old.gpu_load is old.cores is old.device is old.host_memory_total is None


@pytest.mark.parametrize("field", ['"t":1e20', '"t":-1', f'"step":{10**30}', '"update":-1', f'"branch":{10**30}'])
def test_numbers_that_nobody_can_reckon_with_make_no_record(field: str) -> None:
    with pytest.raises(BadLine):
        decode(b'{"kind":"warning","text":"x",%s}' % field.encode())


def test_unknown_fields_and_kinds_are_skipped() -> None:
    assert decode(b'{"kind":"stage","stage":"x","mood":[1]}') == Stage(stage="x")
    assert decode(b'{"kind":"aura","colour":"blue"}\n') is None


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b'{"kind":"stage","sta',
        encode(Metrics(v={"a": (1.0, 1.0, 1.0)}))[:-10],
        b"\x00" * 100,
        b"\x89PNG\r\n\xff",
        b"[1, 2]",
        b"null",
        b'{"seq":1}',
        b'{"kind":7}',
        b'{"kind":"stage"}',
        b'{"kind":"stage","stage":3}',
        b'{"kind":"stage","stage":"\xff"}',
        b'{"kind":"metrics","v":{"a":[NaN]}}',
        b'{"kind":"eval","values":{"a":' + b"[" * 100_000,
        b'{"kind":"aura","a":' + b"[" * 100_000,
        b'{"kind":"stage","stage":"x"}{"kind":"stage","stage":"y"}',
    ],
)
def test_bad_lines(line: bytes) -> None:
    with pytest.raises(BadLine):
        decode(line)


def test_significant_digits() -> None:
    assert significant(1.23456789) == 1.2346
    assert significant(-123456789) == -123460000
    assert significant(0) == 0


@pytest.mark.parametrize("v", ['{"a":[1,2]}', '{"a":[1,2,3,4]}', '{"a":[1e999,0,1]}', '{"a":[null,0,1]}', '{"a":1}'])
def test_numbers_that_are_no_mean_min_and_max_make_a_bad_line(v: str) -> None:
    line = f'{{"kind":"metrics","v":{v}}}'.encode()
    with pytest.raises(BadLine):
        decode(line)
    with pytest.raises(BadLine):
        decode_lines(b'{"kind":"stage","stage":"x"}\n' + line + b"\n")
