"""The experiments of Goodfellow et al. 2014: every number of their settings, read off what is built.

The numbers are those of the YAML files of the authors' code.
"""

import copy
import hashlib
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from engine_cases import layers_of
from real_data import idx
from scipy.io import savemat
from torch import Tensor, nn
from torch.nn.functional import softplus
from torchvision import datasets

from gantui.core import presets
from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.engine import data, networks
from gantui.engine.algorithm import next_update
from gantui.engine.data import Data
from gantui.engine.data.order import Order
from gantui.engine.networks.goodfellow_conv import UntiedBias
from gantui.engine.training import Training, digest

CPU = torch.device("cpu")
NAMES = ["goodfellow-mnist", "goodfellow-tfd", "goodfellow-tfd-2", "goodfellow-cifar10", "goodfellow-cifar10-conv"]
FACES = 400
SMALL = {
    "goodfellow-mnist": {"g_widths": [30, 20], "d_widths": [12, 12]},
    "goodfellow-tfd": {"g_widths": [30, 20], "d_widths": [12, 12]},
    "goodfellow-tfd-2": {"g_widths": [15, 100, 30, 20], "d_widths": [12, 12]},
    "goodfellow-cifar10": {"g_widths": [30, 20], "d_widths": [12, 12]},
    "goodfellow-cifar10-conv": {"g_widths": [30, 200], "d_widths": [3, 4, 5, 6]},
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """MNIST and CIFAR-10 in their real sizes, the pixels of an image telling its number; faces in TFD's layout."""
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        _write_mnist(folder / "MNIST" / "raw")
        _write_cifar(folder / "cifar-10-batches-py", patch)
        _write_faces(folder / "TFD_48x48.mat")
        yield folder


def _numbered(count: int, *shape: int) -> np.ndarray:
    """Images whose first two bytes are their number."""
    images = np.zeros((count, int(np.prod(shape))), np.uint8)
    images[:, 0], images[:, 1] = np.divmod(np.arange(count), 256)
    images[:, 2:40] = np.random.default_rng(0).integers(0, 256, (count, 38))
    return images.reshape(count, *shape)


def _write_mnist(raw: Path) -> None:
    raw.mkdir(parents=True)
    for split, count in (("train", 60_000), ("t10k", 10_000)):
        (raw / f"{split}-images-idx3-ubyte").write_bytes(idx(_numbered(count, 28, 28)))
        (raw / f"{split}-labels-idx1-ubyte").write_bytes(idx(np.zeros(count)))


def _write_cifar(folder: Path, patch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    images, sums = _numbered(60_000, 3072), {}
    for number, name in enumerate([*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]):
        part = {"labels": [0] * 10_000, "data": images[10_000 * number : 10_000 * (number + 1)]}
        raw = pickle.dumps(part, protocol=2)
        (folder / name).write_bytes(raw)
        sums[name] = hashlib.md5(raw).hexdigest()
    meta = pickle.dumps({"label_names": list("abcdefghij")}, protocol=2)
    (folder / "batches.meta").write_bytes(meta)
    patch.setattr(datasets.CIFAR10, "test_list", [["test_batch", sums.pop("test_batch")]])
    patch.setattr(datasets.CIFAR10, "train_list", [list(item) for item in sums.items()])
    patch.setattr(datasets.CIFAR10, "meta", datasets.CIFAR10.meta | {"md5": hashlib.md5(meta).hexdigest()})


def _write_faces(file: Path) -> None:
    """300 unlabelled faces, then 100 that five folds share out among training (1), validation (2) and test (3)."""
    folds = np.zeros((FACES, 5), np.uint8)
    for fold in range(5):
        folds[300:, fold] = np.roll(np.repeat([1, 2, 3], [60, 20, 20]), 20 * fold)
    content = {"images": _numbered(FACES, 48, 48), "folds": folds, "labs_ex": np.zeros((FACES, 1), np.int16)}
    savemat(file, content | {"labs_id": np.zeros((FACES, 1), np.int16)}, do_compression=True)


def _config(name: str, root: Path, **changes: Any) -> Config:
    preset = presets.load(name)
    place = {"data": str(root / "TFD_48x48.mat")} if "tfd" in name else {"data_root": str(root)}
    return preset.config(place | {"device": "cpu", "threads": 1} | changes)


_loaded: dict[str, Data] = {}


def _data(name: str, root: Path) -> Data:
    key = name.replace("-2", "").replace("-conv", "")
    if key not in _loaded:
        _loaded[key] = data.load(_config(name, root), CPU)
    return _loaded[key]


def _training(name: str, root: Path, **changes: Any) -> Training:
    """A training of the preset with few units, but everything else as it is."""
    training = Training(_config(name, root, **(SMALL[name] | changes)), _data(name, root), CPU)
    training.set_pace()
    return training


DENSE_G: dict[str, list[tuple[Any, ...]]] = {
    "goodfellow-mnist": [
        ("linear", 100, 1200),
        ("ReLU",),
        ("linear", 1200, 1200),
        ("ReLU",),
        ("linear", 1200, 784),
        ("Reshape", (1, 28, 28)),
        ("Sigmoid",),
    ],
    "goodfellow-tfd": [
        ("linear", 100, 8000),
        ("ReLU",),
        ("linear", 8000, 8000),
        ("Sigmoid",),
        ("linear", 8000, 2304),
        ("Sigmoid",),
        ("Reshape", (1, 48, 48)),
    ],
    "goodfellow-cifar10": [
        ("linear", 100, 8000),
        ("ReLU",),
        ("linear", 8000, 8000),
        ("Sigmoid",),
        ("linear", 8000, 3072),
        ("Reshape", (3, 32, 32)),
    ],
    "goodfellow-cifar10-conv": [
        ("linear", 100, 8000),
        ("ReLU",),
        ("linear", 8000, 8000),
        ("Sigmoid",),
        ("Reshape", (80, 10, 10)),
        ("transposed", 80, 3, 5, 3, 0, False),
        ("UntiedBias", (3, 32, 32)),
    ],
}
GENERATORS = DENSE_G | {
    "goodfellow-tfd-2": [
        ("linear", 100, 8000),
        ("ReLU",),
        ("linear", 8000, 100),
        ("Sigmoid",),
        *DENSE_G["goodfellow-tfd"],
    ]
}


def _perceptron(inputs: int, units: int) -> list[tuple[Any, ...]]:
    return [
        ("dropout", pytest.approx(0.2)),
        ("linear", inputs, 5 * units),
        ("maxout", 5),
        ("dropout", 0.5),
        ("linear", units, 5 * units),
        ("maxout", 5),
        ("dropout", 0.5),
        ("linear", units, 1),
    ]


DISCRIMINATORS = {
    "goodfellow-mnist": _perceptron(784, 240),
    "goodfellow-tfd": _perceptron(2304, 1200),
    "goodfellow-tfd-2": _perceptron(2304, 1200),
    "goodfellow-cifar10": _perceptron(3072, 1600),
    "goodfellow-cifar10-conv": [
        ("dropout", pytest.approx(0.2)),
        ("conv", 3, 64, 8, 1, 4, True),
        ("maxout", 2),
        ("pool", 4, 2, True),
        ("dropout", 0.5),
        ("conv", 32, 64, 8, 1, 3, True),
        ("maxout", 2),
        ("pool", 4, 2, True),
        ("dropout", 0.5),
        ("conv", 32, 384, 5, 1, 3, True),
        ("maxout", 2),
        ("pool", 2, 2, True),
        ("dropout", 0.5),
        ("linear", 192 * 5 * 5, 2500),
        ("maxout", 5),
        ("dropout", 0.5),
        ("linear", 500, 1),
    ],
}
# Weights U(−r, r) of G's layers; for faces the output is sparse, which is 0 here. Then their biases.
SPREADS = {
    "goodfellow-mnist": [0.05, 0.05, 0.05],
    "goodfellow-tfd": [0.05, 0.05, 0],
    "goodfellow-tfd-2": [0.05, 0.05, 0.05, 0.05, 0],
    "goodfellow-cifar10": [0.05, 0.05, 0.5],
    "goodfellow-cifar10-conv": [0.05, 0.05, 0.05],
}
BIASES = {
    "goodfellow-mnist": [0, 0, None],  # None: of the data's marginals
    "goodfellow-tfd": [0, -2, None],
    "goodfellow-tfd-2": [0, -2, 0, -2, 0],
    "goodfellow-cifar10": [0, 0, 0],
    "goodfellow-cifar10-conv": [0, 0, None],  # of the convolution: untied, and 0
}


@pytest.mark.parametrize("name", NAMES)
def testlayers_of(name: str, root: Path) -> None:
    loaded = _data(name, root)
    with torch.device("meta"):  # shapes alone: G has up to 89 million weights
        g, d = networks.build(_config(name, root), loaded.shape, loaded.output)
    assert layers_of(g) == GENERATORS[name]
    assert layers_of(d) == DISCRIMINATORS[name]
    if name == "goodfellow-mnist":
        assert [sum(p.numel() for p in network.parameters()) for network in (g, d)] == [2_503_984, 1_231_441]


@pytest.mark.parametrize("name", NAMES)
def test_first_weights(name: str, root: Path) -> None:
    loaded, fewer = _data(name, root), {"g_widths": [400, 100, 400, 400] if name == "goodfellow-tfd-2" else [400, 400]}
    torch.manual_seed(0)
    g, d = networks.build(_config(name, root, **fewer), loaded.shape, loaded.output)
    weights = [layer for layer in g.modules() if isinstance(layer, nn.Linear | nn.ConvTranspose2d)]
    for layer, spread, bias in zip(weights, SPREADS[name], BIASES[name], strict=True):
        if spread:
            low, high = layer.weight.detach().aminmax()
            assert -spread <= low < -0.97 * spread and 0.97 * spread < high <= spread
            assert float(layer.weight.detach().std()) == pytest.approx(spread / 3**0.5, rel=0.1)
        else:
            assert ((layer.weight != 0).sum(1) == 100).all()
            values = layer.weight.detach()[layer.weight != 0]
            assert float(values.mean()) == pytest.approx(0, abs=0.01) and float(values.std()) == pytest.approx(
                1, rel=0.01
            )
        if bias is not None:
            assert (layer.bias == bias).all()
    for layer in (layer for layer in d.modules() if isinstance(layer, nn.Linear | nn.Conv2d)):
        low, high = layer.weight.detach().aminmax()
        assert -0.005 <= low < -0.0045 and 0.0045 < high <= 0.005 and not layer.bias.any()


@pytest.mark.parametrize("name", ["goodfellow-mnist", "goodfellow-tfd"])
def test_the_output_begins_at_the_marginals(name: str, root: Path) -> None:
    training = _training(name, root)
    mean = _data(name, root).x.double().mean(0) / 255
    bias = [layer for layer in training.g.modules() if isinstance(layer, nn.Linear)][-1].bias.detach().double()
    assert torch.allclose(bias.sigmoid(), mean.flatten().clamp(1e-7, 1 - 1e-7), rtol=1e-4, atol=1e-9)
    assert float(bias.min()) == pytest.approx(-16.118, abs=1e-3)  # pixels that are always 0


@pytest.mark.parametrize("name", ["goodfellow-tfd-2", "goodfellow-cifar10"])
def test_other_outputs_begin_at_zero(name: str, root: Path) -> None:
    training = _training(name, root)
    assert not [layer for layer in training.g.modules() if isinstance(layer, nn.Linear)][-1].bias.any()


def test_the_untied_bias_begins_at_zero_and_is_trained(root: Path) -> None:
    training = _training("goodfellow-cifar10-conv", root)
    bias = next(layer for layer in training.g.modules() if isinstance(layer, UntiedBias)).bias
    assert bias.shape == (3, 32, 32) and not bias.any()
    next_update(training)
    assert bias.count_nonzero() > 3000


def test_splits(root: Path) -> None:
    mnist, cifar, faces = (_data(name, root) for name in ("goodfellow-mnist", "goodfellow-cifar10", "goodfellow-tfd"))
    for loaded, kept in ((mnist, 50_000), (cifar, 40_000)):
        numbers = loaded.x.flatten(1).int()[:, :2] @ torch.tensor([256, 1], dtype=torch.int32)
        assert numbers.tolist() == list(range(kept))
        numbers = loaded.held_out.x.flatten(1).int()[:, :2] @ torch.tensor([256, 1], dtype=torch.int32)
        assert numbers.tolist() == list(range(kept, kept + 10_000))
    assert (faces.count, faces.shape) == (300, (1, 48, 48))
    assert torch.equal(faces.x[:, 0], torch.from_numpy(_numbered(FACES, 48, 48)[:300]))
    assert torch.equal(faces.held_out.x[:, 0], torch.from_numpy(_numbered(FACES, 48, 48)[360:380]))


@pytest.mark.parametrize("name", ["goodfellow-mnist", "goodfellow-tfd"])
def test_pixels_are_seen_from_0_to_1(name: str, root: Path) -> None:
    loaded = _data(name, root)
    some = torch.arange(20)
    assert torch.allclose(loaded.take(some), loaded.x[:20].float() / 255)
    assert loaded.output == "sigmoid"


def test_photographs_are_normalised(root: Path) -> None:
    loaded = _data("goodfellow-cifar10", root)
    for part in (loaded, loaded.held_out):
        seen = part.take(torch.arange(50)).flatten(1).double()
        pixels = part.x[:50].flatten(1).double()
        centred = pixels - pixels.mean(1, keepdim=True)
        assert torch.allclose(seen, 55 * centred / centred.norm(dim=1, keepdim=True), atol=1e-4)
    assert loaded.output == "linear"


@pytest.mark.parametrize("name", NAMES)
def test_noise(name: str, root: Path) -> None:
    z = _training(name, root).draw_latents(20_000)
    assert z.shape == (20_000, 100)
    assert float(z.var()) == pytest.approx(1, abs=0.01)
    if name == "goodfellow-mnist":
        assert float(z.abs().max()) == pytest.approx(3**0.5, abs=1e-4)
    else:
        assert float((z.abs() < 1).double().mean()) == pytest.approx(0.6827, abs=0.005)
        assert z.abs().max() > 4


RATES = {
    "goodfellow-mnist": (100, 0.1),
    "goodfellow-tfd": (100, 0.05),
    "goodfellow-tfd-2": (100, 0.05),
    "goodfellow-cifar10": (100, 0.025),
    "goodfellow-cifar10-conv": (128, 0.004),
}


@pytest.mark.parametrize("name", NAMES)
def test_batch_rates_decay_and_momentum(name: str, root: Path) -> None:
    training = _training(name, root)
    batch, rate = RATES[name]
    (of_g,), (of_d,) = training.opt_g.param_groups, training.opt_d.param_groups
    for optimiser in (training.opt_g, training.opt_d):
        assert isinstance(optimiser, torch.optim.SGD)
    for group, base in ((of_g, rate), (of_d, rate / 2)):  # D's loss has a factor ½ in the code
        assert (group["lr"], group["momentum"]) == (pytest.approx(base), 0.5)
        assert not group["weight_decay"] and not group["dampening"] and not group["nesterov"]
    next_update(training)
    assert training.batches.position == batch
    for step, epoch, momentum in ((1000, 1, 0.5), (2000, 125.5, 0.6), (3000, 250, 0.7), (4000, 999, 0.7)):
        training.step, training.began_at = step, round(epoch * training.data.count)
        training.set_pace()
        assert of_g["lr"] == pytest.approx(rate / 1.000004**step, rel=1e-12)
        assert of_d["lr"] == pytest.approx(rate / 2 / 1.000004**step, rel=1e-12)
        assert of_g["momentum"] == of_d["momentum"] == pytest.approx(momentum)
    training.step = 10**8
    training.set_pace()
    assert of_g["lr"] == 1e-6
    assert training.ema is None and training.constraint.multipliers.numel() == 0


@pytest.mark.parametrize("name", NAMES)
def test_column_norms(name: str, root: Path) -> None:
    """Only for faces: after an update of either network no unit has weights of a norm above 1.9365."""
    training = _training(name, root)
    with torch.no_grad():
        for parameter in [*training.g_parameters, *training.d_parameters]:
            parameter.mul_(40 if parameter.dim() > 1 else 1)
    next_update(training)
    layers = [layer for network in (training.g, training.d) for layer in network.modules()]
    norms = [layer.weight.detach().norm(dim=1) for layer in layers if isinstance(layer, nn.Linear)]
    if "tfd" in name:
        assert all(float(norm.max()) <= 1.9365 * (1 + 1e-5) for norm in norms)
        assert sum(int((norm > 1.9364).sum()) for norm in norms) > 20  # bounded, and no more than that
    else:
        assert max(float(norm.max()) for norm in norms) > 3


@pytest.mark.parametrize("name", NAMES)
def test_dropout_is_inverted_by_unit_and_example(name: str, root: Path) -> None:
    training = _training(name, root)
    drops = [layer for layer in training.d.modules() if isinstance(layer, nn.Dropout)]
    assert training.d.training
    for index, layer in enumerate(drops):
        x = layer(torch.ones(200, 500))
        assert x.unique().tolist() == pytest.approx([0, 2.0 if index else 1.25])
        assert float((x == 0).double().mean()) == pytest.approx(0.5 if index else 0.2, abs=0.01)
        assert (x[0] != x[1]).any() and (x[:, 0] != x[:, 1]).any()


class By2014:
    """The update of the code of 2014, written from its description: pylearn2's momentum, D's cost with a factor ½."""

    def __init__(self, training: Training) -> None:
        self.g, self.d = copy.deepcopy(training.g), copy.deepcopy(training.d)
        self.noise = torch.Generator().set_state(training.noise.get_state())
        self.data, self.config = training.data, training.config
        self.order = Order(training.data.count, training.config.seed)
        self.speeds = [torch.zeros_like(p) for p in [*self.g.parameters(), *self.d.parameters()]]

    def step(self, number: int, rate: float, momentum: float) -> None:
        batch = self.config.batch_size
        real = self.data.take(self.order.indices(number * batch, batch))
        z = torch.rand((batch, 100), generator=self.noise) * 2 * 3**0.5 - 3**0.5
        fake = self.g(z)
        y = self.d(torch.cat([real, fake]))
        on_real, on_fake = softplus(-y[:batch]).mean(), softplus(y[batch:]).mean()
        g, d = list(self.g.parameters()), list(self.d.parameters())
        of_d = torch.autograd.grad(0.5 * (on_real + on_fake), d, retain_graph=True)
        of_g = torch.autograd.grad(softplus(-y[batch:]).mean(), g)
        with torch.no_grad():
            for speed, weight, gradient in zip(self.speeds, [*g, *d], [*of_g, *of_d], strict=True):
                speed.mul_(momentum).sub_(rate / 1.000004**number * gradient)
                weight.add_(speed)


def test_updates_are_those_of_the_code(root: Path) -> None:
    """D and G step at once on one batch of samples, with one mask of dropout, and G's loss is −log D(G(z))."""
    training = _training("goodfellow-mnist", root)
    by_hand, dropout = By2014(training), torch.get_rng_state()
    for _ in range(6):
        next_update(training)
    assert (training.step, training.d_updates, training.g_updates) == (6, 6, 6)
    torch.set_rng_state(dropout)
    for number in range(6):
        by_hand.step(number, 0.1, 0.5)
    for ours, theirs in ((training.g, by_hand.g), (training.d, by_hand.d)):
        for name, weight in ours.named_parameters():
            assert torch.allclose(weight, theirs.get_parameter(name), rtol=1e-4, atol=1e-6), name


def test_the_order_of_the_paper_is_there_too(root: Path) -> None:
    """Algorithm 1: D first, then G with fresh noise, and with D's dropout on."""
    training = _training("goodfellow-mnist", root, update="alternating")
    before = [p.clone() for p in training.g_parameters]
    next_update(training)
    assert (training.d_updates, training.g_updates, training.remaining) == (1, 0, "g")
    assert all(torch.equal(a, b) for a, b in zip(before, training.g_parameters, strict=True))
    noise, dropout = training.noise.get_state(), torch.get_rng_state()
    next_update(training)
    assert (training.d_updates, training.g_updates) == (1, 1)
    assert not torch.equal(training.noise.get_state(), noise) and not torch.equal(torch.get_rng_state(), dropout)


@pytest.mark.parametrize("name", NAMES)
def test_a_continued_run_is_the_same_to_the_bit(name: str, root: Path) -> None:
    whole = _training(name, root)  # which seeds torch's default generator, that dropout draws from
    for _ in range(6):
        next_update(whole)
    end = digest(whole.snapshot())
    first = _training(name, root)
    for _ in range(3):
        next_update(first)
    halfway = first.snapshot()
    rest = _training(name, root)
    rest.restore(halfway)
    for _ in range(3):
        next_update(rest)
    assert digest(rest.snapshot()) == end != digest(halfway)


def test_stage_two_begins_with_the_layers_of_stage_one(root: Path) -> None:
    first = _training("goodfellow-tfd", root)
    second = _training("goodfellow-tfd-2", root)
    next_update(first)
    second.begin_from(first.g.state_dict())
    code = torch.rand(3, 100)
    assert torch.equal(second.g.pretrained(code), first.g(code))
    next_update(second)
    assert all(second.opt_g.state[p]["momentum_buffer"].any() for p in second.g_parameters)  # all are trained


def test_what_doesnt_fit_is_refused(root: Path) -> None:
    second = _training("goodfellow-tfd-2", root)
    with pytest.raises(ConfigError, match=r"z_dim = 100 and g_widths = \[30, 20\]"):
        second.begin_from(_training("goodfellow-tfd", root, g_widths=[30, 21]).g.state_dict())
    for name, widths, said in (
        ("goodfellow-tfd", {"g_widths": [8]}, "2 hidden layers"),
        ("goodfellow-tfd-2", {"g_widths": [8, 8]}, "4 hidden layers"),
        ("goodfellow-cifar10-conv", {"g_widths": [8, 250]}, "multiple of 100"),
        ("goodfellow-cifar10-conv", {"d_widths": [8, 8]}, "4 hidden layers in D"),
    ):
        with pytest.raises(ConfigError, match=said):
            _training(name, root, **widths)
    with pytest.raises(ConfigError, match="32 px"):
        networks.build(_config("goodfellow-cifar10-conv", root), (1, 28, 28), "linear")


@pytest.mark.parametrize("name", NAMES)
def test_previews_are_pictures(name: str, root: Path) -> None:
    training = _training(name, root)
    next_update(training)
    training.g.eval()
    x: Tensor = training.data.to_own(training.g(training.draw_latents(4)).detach())
    assert x.shape == (4, *training.data.shape) and x.isfinite().all() and 0 <= x.min() <= x.max() <= 1
