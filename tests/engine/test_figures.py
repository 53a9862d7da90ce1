"""The figures of 2014: neighbours by brute force, straight lines in z."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from gantui.core.config import Config
from gantui.engine import data, figures
from gantui.engine.checkpoints import Saved
from gantui.engine.model import Model

CPU = torch.device("cpu")
Make = Callable[..., Config]


def test_the_neighbour_is_the_nearest_training_example(config_of: Make, monkeypatch) -> None:
    monkeypatch.setattr(figures, "_AT_ONCE", 100)
    loaded = data.load(config_of(data="digits", holdout=0.2), CPU)
    x = torch.rand(10, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    x[9] = loaded.to_own(loaded.take(torch.tensor([123])))[0]
    figure = figures.beside_neighbours(x, loaded)
    examples = loaded.to_own(loaded.take(torch.arange(loaded.count)))
    distances = np.linalg.norm((x[4] - examples).flatten(1).numpy(), axis=1)
    assert figure.arrays["nearest_index"].tolist() == [distances.argmin(), 123]
    assert np.allclose(figure.arrays["nearest_distance"], [distances.min(), 0])
    assert torch.equal(figure.arrays["nearest"], examples[figure.arrays["nearest_index"]])
    assert figure.columns == 6 and len(figure.sheet) == 12
    assert torch.equal(figure.sheet[:5], x[:5]) and torch.equal(figure.sheet[6:11], x[5:])
    assert torch.equal(figure.sheet[5::6], figure.arrays["nearest"])


def test_an_interpolation_is_what_g_makes_of_those_lines(config_of: Make) -> None:
    config = config_of(data="digits")
    loaded = data.load(config, CPU)
    g = nn.Sequential(nn.Linear(config.z_dim, 64), nn.Tanh(), nn.Unflatten(1, (1, 8, 8)))
    saved = Saved(file="checkpoints/u000000001-b0.pt", sha256="", digest="", branch=0, update=1, step=1)
    model = Model(config, loaded, g, nn.Identity(), None, saved, [])
    figure = figures.interpolation(model, 3, seed=5)
    z = figure.arrays["z"]
    assert z.shape == (30, config.z_dim) and figure.columns == 10
    assert torch.allclose(z.view(3, 10, -1).diff(n=2, dim=1), torch.zeros(()), atol=1e-6)
    assert not torch.equal(z[0], z[10])
    assert torch.allclose(figure.sheet, loaded.to_own(g(z)))
    assert torch.equal(figures.interpolation(model, 3, seed=5).sheet, figure.sheet)
    arc = figures.interpolation(model, 3, seed=5, path="spherical").arrays["z"]
    assert torch.allclose(arc[::10], z[::10], atol=1e-5) and torch.allclose(arc[9::10], z[9::10], atol=1e-5)
    assert (arc[4::10].norm(dim=1) > z[4::10].norm(dim=1)).all()  # on an arc nothing is shorter than on the line


def test_a_sweep_moves_one_number_and_a_truncation_all(config_of: Make, monkeypatch) -> None:
    monkeypatch.setattr(figures, "_ROWS_AT_ONCE", 2)
    config = config_of(data="digits")
    loaded = data.load(config, CPU)
    g = nn.Sequential(nn.Linear(config.z_dim, 64), nn.Tanh(), nn.Unflatten(1, (1, 8, 8)))
    saved = Saved(file="checkpoints/u000000001-b0.pt", sha256="", digest="", branch=0, update=1, step=1)
    model = Model(config, loaded, g, nn.Identity(), None, saved, [])
    figure = figures.sweep(model, 1, 3, seed=5)
    z = figure.arrays["z"].view(3, 10, -1)
    assert torch.allclose(z[:, :, 1], torch.linspace(-2, 2, 10)) and "z[1] goes from -2 to 2" in figure.caption
    assert torch.equal(z[:, :, 2:], z[:, :1, 2:].expand(-1, 10, -1))
    assert torch.allclose(figure.sheet, loaded.to_own(g(z.flatten(0, 1))))
    near = figures.sweep(model, 1, 3, seed=5, truncation=0.5).arrays["z"]
    assert near.abs().max() == 0.5 and torch.equal(near[::10, 2:].sign(), z[:, 0, 2:].sign())
