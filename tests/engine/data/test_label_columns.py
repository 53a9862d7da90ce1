"""Labels out of files: columns of tables, arrays beside arrays, attributes.csv beside images."""

import numpy as np
import pytest
import torch
from PIL import Image

from gantui.engine.data import Batches

IRIS = "a,b,species,ill\n1,2,setosa,0\n3,4,virginica,1\n5,6.5,setosa,0\n"


def write(path, text):
    path.write_text(text)
    return path


def own(data):
    return data.to_own(data.x).round(decimals=4).tolist()


def attributes_of(data):
    return {a.name: a.values for a in data.labels.attributes}


def test_columns_of_a_csv_become_labels_and_are_no_data(load_data, tmp_path):
    data = load_data(write(tmp_path / "t.csv", IRIS), labels="species, ill")
    assert data.columns == ("a", "b")
    assert own(data) == [[1, 2], [3, 4], [5, 6.5]]
    assert attributes_of(data) == {"species": ("setosa", "virginica"), "ill": ("0", "1")}
    assert data.labels.rows.tolist() == [[0, 0], [1, 1], [0, 0]]
    assert data.classes == ()
    assert next((a.name, a.values) for a in data.facts.attributes) == ("species", ["setosa", "virginica"])


@pytest.mark.parametrize("name", ["3", "column 3"])
def test_columns_without_a_header_go_by_number(load_data, tmp_path, name):
    data = load_data(write(tmp_path / "t.csv", "1,2,x\n3,4,y\n5,6,x\n"), labels=name)
    assert own(data) == [[1, 2], [3, 4], [5, 6]]
    assert attributes_of(data) == {"column 3": ("x", "y")}
    assert data.classes == ("x", "y")


@pytest.mark.parametrize(
    ("cells", "values", "rows"),
    [
        (["-1", "1", "1"], ("0", "1"), [0, 1, 1]),
        (["1.0", "0.0", "0"], ("0", "1"), [1, 0, 0]),
        (["10", "9", "-3"], ("-3", "9", "10"), [2, 1, 0]),
        ([" b", "a ", "b"], ("a", "b"), [1, 0, 1]),
        (["1", "a", "1"], ("1", "a"), [0, 1, 0]),
    ],
)
def test_how_values_are_ordered_and_named(load_data, tmp_path, cells, values, rows):
    text = "x,y\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells))
    data = load_data(write(tmp_path / "t.csv", text), labels="y")
    assert attributes_of(data) == {"y": values}
    assert data.labels.rows[:, 0].tolist() == rows


def test_what_is_odd_about_labels_is_said(load_data, tmp_path):
    data = load_data(write(tmp_path / "t.csv", "x,y,z\n1,a,c\n2,b,c\n3,b,c\n"), labels="y,z")
    assert attributes_of(data) == {"y": ("a", "b")}
    assert any("'z' is always c" in text for text in data.warnings)
    assert any("'y': fewer than 2 examples of a" in text for text in data.warnings)


@pytest.mark.parametrize(
    ("text", "labels", "parts"),
    [
        (IRIS, "speces", ["labels = 'speces'", "did you mean 'species'?", "a, b, species, ill"]),
        (IRIS, "5", ["labels = '5'", "no such column"]),
        (IRIS, "species,species", ["named twice"]),
        (IRIS, "species,", ["labels = ''"]),
        ("a,b\n1,2\n3,4\n", "a,b", ["every column is a label"]),
        ("a,b\n1,\n3,4\n", "b", ["line 2", "label 'b'", "empty"]),
        ("a,b\n1,2.5\n3,4\n", "b", ["label 'b'", "2.5", "words or whole numbers"]),
        ("a,b\n1,nan\n3,4\n", "b", ["label 'b'", "nan", "whole numbers"]),
        ("a,b,b\n1,2,3\n3,4,5\n", "2,3", ["label 'b'", "two columns"]),
        ("a,b\n" + "".join(f"1,{i}\n" for i in range(1001)), "b", ["line 1002", "more than 1000"]),
    ],
)
def test_bad_columns(refusal, tmp_path, text, labels, parts):
    message = refusal(write(tmp_path / "t.csv", text), labels=labels)
    assert all(part in message for part in parts), message


def test_columns_of_an_array(load_data, tmp_path):
    np.save(tmp_path / "t.npy", np.array([[0.5, -1, 7], [1.5, 1, 8], [2.5, 1, 9]]))
    data = load_data(tmp_path / "t.npy", labels="2")
    assert own(data) == [[0.5, 7], [1.5, 8], [2.5, 9]]
    assert attributes_of(data) == {"column 2": ("0", "1")}
    assert data.labels.rows.tolist() == [[0], [1], [1]]


@pytest.mark.parametrize("array", [np.zeros((3, 8, 8), np.uint8), np.arange(6.0).reshape(3, 2)])
def test_an_array_of_labels_beside_an_array(load_data, refusal, tmp_path, array):
    np.save(tmp_path / "x.npy", array)
    np.save(tmp_path / "y.npy", np.array([4, 2, 4]))
    data = load_data(tmp_path / "x.npy", labels="y.npy")
    assert data.classes == ("2", "4")
    assert data.labels.rows.tolist() == [[1], [0], [1]]
    np.save(tmp_path / "y.npy", np.array([[True, False], [False, True], [True, True]]))
    data = load_data(tmp_path / "x.npy", labels="y.npy")
    assert attributes_of(data) == {"column 1": ("0", "1"), "column 2": ("0", "1")}
    np.save(tmp_path / "y.npy", np.array([4, 2]))
    message = refusal(tmp_path / "x.npy", labels="y.npy")
    assert "labels = 'y.npy' has shape (2,)" in message
    assert "(3,)" in message
    assert "labels = 'z.npy': no such file beside x.npy" in refusal(tmp_path / "x.npy", labels="z.npy")
    assert "name one .npy" in refusal(tmp_path / "x.npy", labels="y.npy,z.npy")


def test_images_in_an_array_have_no_columns(refusal, tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((3, 8, 8), np.uint8))
    assert "name a .npy" in refusal(tmp_path / "x.npy", labels="2")


@pytest.fixture
def faces(tmp_path):
    for i in range(6):
        Image.new("L", (8, 8), 40 * i).save(tmp_path / f"{i}.png")
    return tmp_path


CELEBA = "image_id,Glasses,Smiling\n5.png,1,-1\n0.png,-1,-1\n1.png,1,1\n2.png,-1,1\n3.png,1,1\n4.png,-1,-1\n"


def test_attributes_beside_images(load_data, faces):
    write(faces / "attributes.csv", CELEBA)
    data = load_data(faces)
    assert attributes_of(data) == {"Glasses": ("0", "1"), "Smiling": ("0", "1")}
    assert data.labels.rows.tolist() == [[0, 0], [1, 1], [0, 1], [1, 1], [0, 0], [1, 0]]
    assert data.warnings == ()
    assert attributes_of(load_data(faces, labels="Smiling")) == {"Smiling": ("0", "1")}
    assert load_data(faces, labels="none").labels is None


def test_rows_of_other_images_are_said(load_data, faces):
    write(faces / "attributes.csv", CELEBA + "gone.png,1,1\n")
    assert any("1 of 7 rows" in text and "gone.png" in text for text in load_data(faces).warnings)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (CELEBA.replace("4.png,-1,-1\n", ""), ["no row for 1 of 6 images: 4.png"]),
        (CELEBA.replace("4.png", "5.png"), ["line 7", "5.png is named twice", "line 2"]),
        (CELEBA.replace("4.png,-1,-1", "4.png,-1"), ["line 7 has 2 cells"]),
        (CELEBA.replace("4.png,-1,-1", "4.png,-1,"), ["line 7", "'Smiling'", "empty"]),
        (CELEBA.replace("4.png,-1,-1", "4.png,-1,0.5"), ["'Smiling'", "0.5", "whole numbers"]),
        ("name\n0.png\n", ["header"]),
        ("", ["header"]),
        ("a,b\0\n", ["binary"]),
        (CELEBA.replace("Smiling", "Glasses"), ["'Glasses'", "two columns"]),
    ],
)
def test_bad_tables_beside_images(load_data, refusal, faces, text, parts):
    write(faces / "attributes.csv", text)
    message = refusal(faces)
    assert all(part in message for part in ["attributes.csv", "labels=none", *parts]), message
    assert load_data(faces, labels="none").count == 6


def test_unknown_attributes(refusal, load_data, faces):
    write(faces / "attributes.csv", CELEBA)
    assert "did you mean" not in refusal(faces, labels="Beard")
    assert "there are Glasses, Smiling" in refusal(faces, labels="Beard")
    assert "there are class" in refusal("digits", labels="inverted")
    assert "no such attribute" in refusal("ring", labels="mode")


def test_digits_and_their_negatives(load_data):
    data, digits = load_data("digits_inverted"), load_data("digits")
    assert data.count == 2 * digits.count
    assert attributes_of(data) == {"class": tuple("0123456789"), "inverted": ("no", "yes")}
    assert torch.equal(data.x[:1797], digits.x)
    assert torch.equal(data.x[1797:], 16 - digits.x)
    assert torch.equal(data.labels.rows[:, 0], digits.labels.rows[:, 0].repeat(2))
    assert data.labels.rows[:, 1].tolist() == [0] * 1797 + [1] * 1797
    assert load_data("digits_inverted", labels="class").classes == tuple("0123456789")


def test_batches_come_with_their_labels_from_memory_and_from_files(load_data, faces, monkeypatch):
    monkeypatch.setattr("gantui.engine.data.stream.MAX_CHUNK", 4)
    monkeypatch.setattr("gantui.engine.data.stream.MAX_WORKERS", 1)
    write(faces / "attributes.csv", "f,shade\n" + "".join(f"{i}.png,{40 * i}\n" for i in range(6)))
    held, streamed = load_data(faces, output="sigmoid"), load_data(faces, output="sigmoid", memory=0)
    assert streamed.x is None
    plain, memory, stream = Batches(held, seed=3), Batches(held, seed=3), Batches(streamed, seed=3)
    (faces / "2.png").write_bytes(b"broken")  # while streaming, the next one stands in, with its own label
    try:
        for m in (1, 5, 7, 2):
            x, rows = memory.next_labelled(m)
            assert torch.equal(x, plain.next(m))
            for batch, labels, broken in ((x, rows, []), (*stream.next_labelled(m), [2])):
                shades = (batch[:, 0, 0, 0] * 255 / 40).round().long()
                assert torch.equal(shades, labels[:, 0])
                assert not set(broken) & set(labels[:, 0].tolist())
        assert memory.position == stream.position == 15
    finally:
        stream.close()
