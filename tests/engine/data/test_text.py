"""Text files: lines and windows, what is handled and what is named."""

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gantui.core.errors import DataError
from gantui.core.text import spelled
from gantui.engine.data import text


@pytest.fixture
def of_text(load_data, tmp_path):
    """Load a .txt of this content, by default with a window for its longest line."""

    def loaded(content, **settings):
        path = tmp_path / "t.txt"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return load_data(path, **settings)

    return loaded


def strings(data):
    return [spelled(row, data.alphabet) for row in data.x.tolist()]


def test_lines(of_text):
    data = of_text("be\nab\nbad\n")
    assert strings(data) == ["be", "ab", "bad"]
    assert data.alphabet == ("", "a", "b", "d", "e")
    assert data.x.dtype == torch.uint8
    assert data.x.tolist() == [[2, 4, 0], [1, 2, 0], [2, 1, 3]]
    assert (data.kind, data.shape, data.count, data.output, data.warnings) == ("text", (5, 3), 3, "softmax", ())
    assert data.facts.alphabet == list(data.alphabet)
    assert data.facts.kind == "text"


def test_batches_are_one_hot_and_come_back(of_text):
    data = of_text("be\nab\nbad\n")
    x = data.take(torch.tensor([2, 0]))
    assert (x.shape, x.dtype) == ((2, 5, 3), torch.float32)
    assert torch.equal(x.sum(1), torch.ones(2, 3))
    assert torch.equal(data.to_own(x), data.x[[2, 0]])
    assert torch.equal(data.to_own(x * 0.5 + 0.1), data.x[[2, 0]])  # the likeliest


def test_the_first_padding_ends_a_string(of_text):
    data = of_text("ab\nba\n", length=4)
    x = torch.zeros(1, 3, 4)
    x[0, [1, 0, 2, 1], range(4)] = 1
    assert data.to_own(x).tolist() == [[1, 0, 0, 0]]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a\r\nb\r\n\r\n", ["a", "b"]),
        ("a\rb", ["a", "b"]),
        ("\ufeffa\nb", ["a", "b"]),
        ("\n\n  \na\n \t\nb\n\n", ["a", "b"]),
        ("a\tb  \n  c", ["a b", "  c"]),
        ("page\x0cnext", ["page", "next"]),
        ("e\u0301\n\u00e9", ["é", "é"]),
        ("日本\n\U0001f600\n", ["日本", "\U0001f600"]),
    ],
)
def test_what_is_handled(of_text, content, expected):
    data = of_text(content)
    assert strings(data) == expected
    assert not data.warnings


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "0 lines"),
        (b"\n \n", "0 lines"),
        (b"one line", "1 lines"),
        (b"a\nb\xff\nc", "line 2 holds the byte 0xff"),
        ("a\nb".encode("utf-16"), "UTF-16"),
        (b"a\nb\x1b[31m\n", "line 2 holds the control character \\x1b"),
        (b"\x7fELF\x00\nb", "line 1 holds the control character \\x7f"),
    ],
)
def test_what_is_refused(refusal, tmp_path, content, words):
    (tmp_path / "t.txt").write_bytes(content)
    message = refusal(tmp_path / "t.txt")
    assert words in message


def test_a_line_that_is_longer_than_the_window_is_cut_and_named(of_text):
    data = of_text("ab\n" + "c" * 100 + "\nd\n" + "e" * 70)
    assert data.shape[1] == text.USUAL
    assert strings(data)[1] == "c" * text.USUAL
    [warning] = data.warnings
    assert warning.startswith("2 of 4 lines are cut to 32 characters, the first is line 2 (100 characters)")
    assert "length = 100" in warning
    assert of_text("ab\n" + "c" * 64).shape[1] == 64
    [warning] = of_text("abc\nab\n", length=2).warnings
    assert "line 1 (3 characters)" in warning
    assert not of_text("abc\nab\n", length=100).warnings


def test_windows_follow_each_other(of_text):
    data = of_text("the quick\nbrown   fox\n\njumps", split="windows", length=8)
    assert strings(data) == ["the quic", "k brown ", "fox jump"]
    assert not data.warnings


def test_too_little_for_windows(refusal, tmp_path):
    (tmp_path / "t.txt").write_text("short of it")
    assert "0 windows" in refusal(tmp_path / "t.txt", split="windows")


def test_rare_characters_become_one_symbol(of_text, monkeypatch):
    monkeypatch.setattr(text, "MOST_SYMBOLS", 4)
    data = of_text("aaa\nbbb\nabc\nd")
    assert data.alphabet == ("", "a", "b", "\ufffd")
    assert strings(data) == ["aaa", "bbb", "ab\ufffd", "\ufffd"]
    [warning] = data.warnings
    assert warning.startswith("2 rare characters (2 in all, one of them 'c')")
    assert not of_text("aaa\nbbb\nabc").warnings


def test_many_symbols_take_two_bytes(of_text):
    many = [chr(0x4E00 + index) for index in range(300)]
    data = of_text("\n".join(many))
    assert data.x.dtype == torch.int16
    assert strings(data) == many
    assert torch.equal(data.to_own(data.take(torch.arange(300))), data.x)


def test_more_than_memory_holds(refusal, tmp_path):
    (tmp_path / "t.txt").write_text("some\ntext\n")
    assert "don't fit into memory" in refusal(tmp_path / "t.txt", memory=20)


def test_shares_of_symbols_are_for_text_alone(load_data, tmp_path):
    (tmp_path / "t.txt").write_text("some\ntext\n")
    assert load_data(tmp_path / "t.txt", output="softmax").output == "softmax"
    for data, output in ((tmp_path / "t.txt", "tanh"), ("ring", "softmax"), ("digits", "softmax")):
        with pytest.raises(DataError, match=f"^output = {output}: "):
            load_data(data, output=output)


def test_text_has_no_labels(refusal, tmp_path):
    (tmp_path / "t.txt").write_text("some\ntext\n")
    assert "labels = 'kind': no such attribute" in refusal(tmp_path / "t.txt", labels="kind")


def test_examples_held_out(of_text):
    data = of_text("\n".join(map(str, range(100))), holdout=0.2)
    kept, held = strings(data), strings(data.held_out)
    assert (len(kept), len(held)) == (80, 20)
    assert sorted(kept + held, key=int) == [str(number) for number in range(100)]
    assert data.held_out.alphabet == data.alphabet


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(categories=["L", "N", "P", "S", "M"])), min_size=2, max_size=8))
def test_any_text_comes_back_as_it_is_normalised(of_text, lines):
    lines = [line for line in ("".join(line.split()) for line in lines) if line]
    if len(lines) < 2:
        return
    from unicodedata import normalize

    data = of_text("\n".join(lines), length=64)
    assert strings(data) == [line[:64] for line in normalize("NFC", "\n".join(lines)).split("\n")]
    assert np.array_equal(data.to_own(data.take(torch.arange(data.count))), data.x)
