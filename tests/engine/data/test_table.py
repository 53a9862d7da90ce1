"""Tables in .csv and .npy, good and bad."""

import io

import numpy as np
import pytest
import torch

from gantui.engine.data import csv_file


def npy(array, **options):
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def npz():
    buffer = io.BytesIO()
    np.savez(buffer, np.ones(3))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "rows", "columns"),
    [
        ("a,b\n1,2\n3,4\n", [[1, 2], [3, 4]], ("a", "b")),
        ("1,2\n3,4", [[1, 2], [3, 4]], ("x", "y")),
        ("1;2;3\r\n3;4;5\r\n", [[1, 2, 3], [3, 4, 5]], ("column 1", "column 2", "column 3")),
        ("1\t2\n3\t4\n", [[1, 2], [3, 4]], ("x", "y")),
        ("height\n1.5\n-2e3\n", [[1.5], [-2000]], ("height",)),
        ('\ufeff"x, left",b\n"1",2\n3, 4 \n', [[1, 2], [3, 4]], ("x, left", "b")),
        ("a,\n1,2\n\n3,4\n\n\n", [[1, 2], [3, 4]], ("a", "column 2")),
        ("a;b\n1;2\n3;4\n", [[1, 2], [3, 4]], ("a", "b")),
    ],
)
def test_good_csv(load_data, tmp_path, content, rows, columns):
    path = tmp_path / "t.csv"
    path.write_text(content, newline="")
    data = load_data(path)
    assert torch.allclose(data.to_own(data.x), torch.tensor(rows, dtype=torch.float32))
    assert data.columns == columns
    assert data.kind == ("table" if len(columns) > 2 else "points")


@pytest.mark.parametrize(
    "array",
    [
        np.arange(5),
        np.arange(6.0).reshape(3, 2),
        np.array([[True, False, True], [False, False, True]]),
        np.asfortranarray(np.arange(12, dtype=">i2").reshape(4, 3)),
        np.arange(4, dtype=np.float16),
        np.arange(20, dtype=np.uint8).reshape(2, 10),
    ],
)
def test_good_npy(load_data, tmp_path, array):
    np.save(tmp_path / "t.npy", array)
    data = load_data(tmp_path / "t.npy")
    expected = torch.from_numpy(array.astype(np.float32).reshape(len(array), -1))
    assert torch.allclose(data.to_own(data.x), expected, atol=1e-5)


@pytest.mark.parametrize("shape", [(5, 6, 6), (5, 6, 6, 1), (5, 6, 6, 3), (5, 6, 10, 3)])
def test_npy_of_images(load_data, tmp_path, shape):
    array = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    np.save(tmp_path / "t.npy", array)
    data = load_data(tmp_path / "t.npy")
    assert (data.kind, data.shape, data.count) == ("image", (shape[3] if len(shape) > 3 else 1, 6, 6), 5)
    middle = array.reshape(*shape[:3], -1)[:, :, (shape[2] - 6) // 2 :][:, :, :6]
    assert np.array_equal(data.x.permute(0, 2, 3, 1).numpy(), middle)


BAD = {
    "text.csv": (b"a,b\n1,2\n3,blue\n", ["line 3", "'b'", "'blue'", "only finite numbers"]),
    "text-no-header.csv": (b"1,2\n3,blue\n", ["line 2", "column 2", "'blue'"]),
    "hole.csv": (b"a,b\n1,2\n,4\n", ["line 3", "'a'", "empty"]),
    "hole-first.csv": (b"1,,3\n1,2,3\n", ["line 1", "column 2", "empty"]),
    "hole-one-column.csv": (b"1\n\n3\n", ["line 2", "empty"]),
    "ragged.csv": (b"1,2\n3,4,5\n6,7\n", ["line 2", "3 cells", "2"]),
    "short.csv": (b"a,b\n1,2\n3\n", ["line 3", "1 cells"]),
    "nan.csv": (b"a,b\n1,nan\n3,4\n", ["line 2", "'b'", "'nan'"]),
    "inf.csv": (b"1,2\n-inf,4\n", ["line 2", "column 1", "'-inf'"]),
    "underscore.csv": (b"1,2\n1_000,4\n", ["line 2", "'1_000'"]),
    "comma.csv": (b"1,5;2,5\n1,5;2,5\n", ["finite numbers", "decimal point"]),
    "empty.csv": (b"", ["is empty"]),
    "blank.csv": (b"\n\n", ["is empty"]),
    "header-only.csv": (b"a,b\n", ["0 rows"]),
    "one-row.csv": (b"1,2\n", ["1 rows", "at least 2"]),
    "binary.csv": (b"\x89PNG\r\n\x1a\n\0\0\0", ["binary"]),
    "latin.csv": ("größe\n1\n2\n".encode("latin-1"), ["UTF-8"]),
    "quote.csv": (b'a,b\n"1,2\n3,4\n', ["no proper .csv"]),
    "escape.csv": (b"a,b\n1,\x1b[31m\n2,3\n", ["line 2", "\\x1b[31m"]),
    "huge-cell.csv": (b"a\n" + b"1" * 200_000 + b"\n2\n", ["field limit"]),
    "huge.csv": (b"1e300\n2\n", ["too large"]),
    "empty.npy": (b"", ["no usable .npy"]),
    "garbage.npy": (b"garbage, not an array", ["no usable .npy"]),
    "objects.npy": (npy(np.array([{}, []], dtype=object), allow_pickle=True), ["no usable .npy", "objects"]),
    "strings.npy": (npy(np.array(["a", "b"])), ["only numbers"]),
    "complex.npy": (npy(np.ones((3, 2), complex)), ["only numbers"]),
    "records.npy": (npy(np.zeros(3, dtype=[("a", "f4")])), ["only numbers"]),
    "dates.npy": (npy(np.array(["2020-01-01"] * 2, dtype="M8[D]")), ["only numbers"]),
    "nan.npy": (npy(np.array([[1, 2], [3, np.nan]])), ["row 1, column 1", "nan"]),
    "inf.npy": (npy(np.array([1, np.inf, np.nan])), ["row 1, column 0", "inf"]),
    "scalar.npy": (npy(np.array(3.0)), ["single number"]),
    "no-rows.npy": (npy(np.zeros((0, 3))), ["data = "]),
    "no-columns.npy": (npy(np.zeros((3, 0))), ["data = "]),
    "one-row.npy": (npy(np.ones((1, 3))), ["1 rows", "at least 2"]),
    "cube.npy": (npy(np.ones((4, 3, 3))), ["shape (4, 3, 3)", "uint8"]),
    "four-channels.npy": (npy(np.ones((4, 3, 3, 4), np.uint8)), ["shape (4, 3, 3, 4)"]),
    "one-image.npy": (npy(np.ones((1, 3, 3), np.uint8)), ["at least 2"]),
    "no-pixels.npy": (npy(np.ones((4, 0, 3), np.uint8)), ["data = "]),
    "cut.npy": (npy(np.ones((100, 3)))[:500], ["no usable .npy"]),
    "archive.npy": (npz(), [".npz archive"]),
    "notes.doc": (b"1,2\n", [".npy, .csv, .mat or, for text, .txt"]),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files(refusal, tmp_path, name):
    content, words = BAD[name]
    (tmp_path / name).write_bytes(content)
    message = refusal(tmp_path / name)
    assert name in message
    for word in words:
        assert word in message


def test_a_csv_beyond_the_limit(refusal, tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "MAX_BYTES", 10)
    (tmp_path / "t.csv").write_text("1\n2\n3\n4\n5\n6\n7\n")
    assert ".npy" in refusal(tmp_path / "t.csv")


def test_numbers_beyond_the_memory(refusal, tmp_path):
    np.save(tmp_path / "t.npy", np.ones((10, 3)))
    assert "memory" in refusal(tmp_path / "t.npy", memory=10)


def test_names_from_outside_are_made_safe(refusal, load_data, tmp_path):
    path = tmp_path / "t\u202ex.csv"
    path.write_text("a\u202eb\n1\n2\n")
    data = load_data(path)
    assert data.name == "t\\u202ex.csv"
    assert data.columns == ("a\\u202eb",)
    path.write_text("1\n")
    assert "\u202e" not in refusal(path)
