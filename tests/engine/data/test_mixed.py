"""Tables as vectors and back: numbers standardised, tails drawn in, categories one-hot, empty cells."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gantui.engine import model
from gantui.engine.data import tails

CPU = torch.device("cpu")
ROWS = 400


@pytest.fixture
def table(tmp_path):
    chance = np.random.default_rng(0)
    lines = ["id,wage,kind,left,children,unit"]
    for row in range(ROWS):
        wage = "" if row % 10 == 0 else f"{np.exp(chance.normal(3, 1.2)):.2f}"
        kind = "" if row % 8 == 0 else chance.choice(["red", "green", "blue"], p=[0.6, 0.3, 0.1])
        lines.append(f"{chance.normal():.3f},{wage},{kind},{chance.choice(['yes', 'no'])},{row % 4},kg")
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_vectors_are_numbers_then_blocks(load_data, table):
    data = load_data(table, missing="model")
    assert (data.kind, data.shape, data.codec.blocks) == ("table", (3 + 2 + 4 + 2,), (2, 4, 2))
    numbers, blocks = data.x[:, :3], data.x[:, 3:].split(data.codec.blocks, 1)
    assert torch.allclose(numbers.mean(0), torch.zeros(3), atol=1e-5)
    assert torch.allclose(numbers.std(0), torch.ones(3), atol=0.01)
    for block in blocks:
        assert ((block == 0) | (block == 1)).all()
        assert (block.sum(1) == 1).all()
    assert data.facts.values == [[], [], ["red", "green", "blue"], data.facts.values[3], [], ["kg"]]
    assert data.columns == ("id", "wage", "kind", "left", "children", "unit")


def test_the_data_come_back_from_their_vectors(load_data, table):
    data = load_data(table, missing="model")
    assert data.as_csv(data.to_own(data.x)) == table.read_text()


def test_it_comes_back_from_the_form_of_a_checkpoint(load_data, table):
    data = load_data(table, missing="model")
    again = model._without_examples(model.form(data), CPU)
    own = data.to_own(data.x)
    assert torch.equal(again.to_own(data.x).nan_to_num(-1), own.nan_to_num(-1))
    assert again.as_csv(own) == data.as_csv(own)
    assert again.values == data.values


def test_samples_stay_within_the_range_and_on_the_grid(load_data, table):
    data = load_data(table, missing="model")
    own = data.to_own(torch.randn(500, 11, generator=torch.Generator().manual_seed(0)) * 5)
    known = data.to_own(data.x)
    for column in (0, 1, 4):
        values = own[:, column][~own[:, column].isnan()]
        real = known[:, column][~known[:, column].isnan()]
        assert real.min() <= values.min() <= values.max() <= real.max()
    assert set(own[:, 4].tolist()) == {0, 1, 2, 3}


def test_what_has_diverged_is_no_empty_cell(load_data, table):
    data = load_data(table, missing="model")
    x = data.x[:2].clone()
    x[0, 0], x[1, 0] = torch.nan, torch.inf
    assert data.to_own(x)[:, 0].isinf().all()


def test_counts_fill_their_grid_and_a_fine_one_is_left_alone(load_data, table):
    data = load_data(table, missing="model")
    assert len(data.x[:, 2].unique()) > ROWS / 2  # children
    plain = (data.x[:, 0] * data.scale[0] + data.shift[0]) * 1000
    assert torch.allclose(plain, plain.round(), atol=0.01)


def test_an_empty_cell_has_the_number_of_some_other_row(load_data, table):
    data = load_data(table, missing="model")
    empty = data.x[:, 4] == 1
    assert int(empty.sum()) == ROWS / 10
    assert data.x[empty, 1].std() > 0.5
    assert set(data.x[empty, 1].tolist()) <= set(data.x[~empty, 1].tolist())


def test_tables_of_ordinary_numbers_are_scaled_and_nothing_else(load_data, tmp_path):
    values = np.random.default_rng(0).normal(size=(50, 4)).round(3)
    np.savetxt(tmp_path / "t.csv", values, "%.3f", ",", header="a,b,c,d", comments="")
    np.save(tmp_path / "t.npy", values)
    data, array = load_data(tmp_path / "t.csv"), load_data(tmp_path / "t.npy")
    assert data.codec is None
    assert torch.equal(data.x, array.x)
    assert data.facts.values == []
    assert data.as_csv(data.to_own(data.x)) == (tmp_path / "t.csv").read_text()
    assert data.as_csv(data.to_own(data.x) * 100).count(f"{values[:, 0].max():.3f}") > 5  # clipped


@pytest.mark.parametrize("output", ["tanh", "sigmoid"])
def test_bounded_outputs_fill_their_range(load_data, table, output):
    numbers = load_data(table, missing="model", output=output).x[:, :3]
    assert torch.allclose(numbers.amax(0), torch.ones(3))
    assert torch.allclose(numbers.amin(0), torch.full((3,), -1.0 if output == "tanh" else 0.0))


def test_labels_beside_a_mixed_table_are_written_where_they_stood(load_data, table):
    data = load_data(table, missing="model", labels="left")
    assert data.columns == ("id", "wage", "kind", "children", "unit")
    own = data.to_own(data.x)
    assert data.as_csv(own, data.labels.rows.numpy()) == table.read_text()
    assert data.as_csv(own).splitlines()[0] == "id,wage,kind,children,unit"


def test_held_out_rows_know_the_same_words(load_data, table):
    data = load_data(table, missing="model", holdout=0.25)
    assert (data.count, data.held_out.count) == (300, 100)
    assert data.held_out.facts.values == data.facts.values


@pytest.mark.parametrize(("name", "rows", "width"), [("wine", 178, 13 + 3), ("breast_cancer", 569, 30 + 2)])
def test_built_in_tables(load_data, name, rows, width):
    data = load_data(name)
    assert (data.count, data.shape, data.columns[-1]) == (rows, (width,), "class")
    assert data.as_csv(data.to_own(data.x)).count("\n") == rows + 1
    labelled = load_data(name, labels="class")
    assert labelled.labels.attributes[0].name == "class"
    assert "class" not in labelled.columns


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["lognormal", "cauchy", "zeros", "laplace"]), st.floats(-1e3, 1e3))
def test_tails_are_drawn_in_and_out_again(seed, kind, shift):
    chance = np.random.default_rng(seed)
    values = {
        "lognormal": np.exp(chance.normal(size=300) * 2),
        "cauchy": chance.standard_cauchy(300),
        "zeros": np.where(chance.random(300) < 0.8, 0, chance.exponential(size=300)),
        "laplace": chance.laplace(size=300) ** 3,
    }[kind] + shift
    if tails.kurtosis(values) < tails.HEAVY:
        assert tails.find(values) is None
        return
    knots = tails.find(values)
    inside = tails.drawn_in(values, knots)
    assert tails.kurtosis(inside) < tails.kurtosis(values)
    assert (np.argsort(inside, kind="stable") == np.argsort(values, kind="stable")).all()
    out = tails.drawn_out(torch.from_numpy(inside), knots).numpy()
    assert np.allclose(out, values, rtol=1e-9, atol=1e-9 * np.abs(values).max())


def test_drawn_in_a_column_is_a_gaussian_and_a_gaussian_drawn_out_has_its_moments():
    chance = np.random.default_rng(0)
    values = np.exp(chance.normal(size=2000) * 1.5)
    knots = tails.find(values)
    inside = tails.drawn_in(values, knots)
    assert abs(inside.mean()) < 0.01
    assert abs(inside.std() - 1) < 0.01
    assert abs(tails.kurtosis(inside)) < 0.1
    drawn = tails.drawn_out(torch.from_numpy(chance.normal(size=100_000)), knots).numpy()
    assert drawn.std() / values.std() == pytest.approx(1, abs=0.1)
    assert knots.shape[1] <= tails.MOST_KNOTS
    assert (float(knots[0, 0]), float(knots[0, -1])) == (values.min(), values.max())


def test_ordinary_columns_keep_their_tails():
    chance = np.random.default_rng(0)
    for values in (chance.normal(size=500), chance.random(500), chance.gamma(4, size=500)):
        assert tails.find(values) is None
    assert tails.find(np.exp(chance.normal(size=500) * 1.5)) is not None
