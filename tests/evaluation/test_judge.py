"""The classifier that judges samples: what it learns, what it says of itself, and what it leaves alone."""

from collections.abc import Iterator

import pytest
import torch

from gantui.evaluation import judge


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


SEED = torch.Generator().manual_seed


def blobs(count: int, classes: int = 3, d: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    """Points around `classes` corners far apart, and which."""
    values = torch.arange(count) % classes
    x = torch.randn(count, d, generator=SEED(0)) * torch.tensor([1.0, 5.0, 100.0, 0.0])[:d]
    x[:, 0] += 12 * values
    return x, values[:, None]


def pictures(count: int, side: int, channels: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Noise, bright in one half (attribute 0: left or right; attribute 1: which channel side is darker)."""
    rows = torch.stack([torch.arange(count) % 2, torch.arange(count) // 2 % 3], 1)
    x = 0.3 * torch.rand(count, channels, side, side, generator=SEED(1))
    for i, (half, band) in enumerate(rows.tolist()):
        x[i, :, :, half * side // 2 : (half + 1) * side // 2] += 0.3
        x[i, :, band * side // 3 : (band + 1) * side // 3] += 0.3
    return x, rows


def test_numbers_in_any_units_with_a_constant_column() -> None:
    x, rows = blobs(300)
    trained = judge.train(x, rows, [3])
    assert trained.accuracy[0] > 0.98
    assert (trained.predict(x) == rows).double().mean() > 0.98


@pytest.mark.parametrize("shape", [(4, 1), (8, 3), (28, 1), (65, 3)])
def test_images_of_any_size_and_two_attributes_at_once(shape: tuple[int, int]) -> None:
    x, rows = pictures(240, *shape)
    trained = judge.train(x, rows, [2, 3])
    assert min(trained.accuracy) > 0.9
    seen = trained.predict(x)
    assert seen.dtype == torch.int64
    assert (seen == rows).double().mean() > 0.95


def test_its_accuracy_is_on_data_that_it_has_not_seen() -> None:
    x = torch.rand(200, 6, generator=SEED(0))
    noise = torch.randint(0, 2, (200, 1), generator=SEED(1))
    trained = judge.train(x, noise, [2])
    assert (trained.predict(x) == noise).double().mean() > 0.8  # learnt by heart
    assert trained.accuracy[0] < 0.75  # 40 examples held out: 0.5 ± 0.08


def test_it_is_the_same_each_time_and_draws_from_no_other_generator() -> None:
    x, rows = blobs(60)
    before = torch.get_rng_state()
    with torch.no_grad():  # as where it is used
        first, second = judge.train(x, rows, [3]), judge.train(x, rows, [3])
    assert torch.equal(torch.get_rng_state(), before)
    assert first.accuracy == second.accuracy
    probe = torch.randn(50, 4, generator=SEED(5)) * 20
    assert torch.equal(first.predict(probe), second.predict(probe))
    assert not any(parameter.requires_grad for parameter in first._net.parameters())


def test_what_is_not_finite_is_seen_as_nothing() -> None:
    x, rows = blobs(60)
    trained = judge.train(x, rows, [3])
    broken = x.clone()
    broken[7, 2], broken[8, 0] = float("nan"), float("inf")
    seen = trained.predict(broken)
    assert (seen[:, 0] == -1).nonzero().flatten().tolist() == [7, 8]
    assert torch.equal(seen[:7], trained.predict(x)[:7])
    assert trained.predict(x[:0]).shape == (0, 1)


def test_it_can_be_interrupted() -> None:
    class Stop(Exception):
        pass

    def stop() -> None:
        raise Stop

    with pytest.raises(Stop):
        judge.train(*blobs(60), [3], stop)


@pytest.mark.parametrize(("count", "labels"), [(4, 4), (20, 19)])
def test_too_little_or_unequal_is_refused(count: int, labels: int) -> None:
    x, rows = blobs(count)
    with pytest.raises(ValueError, match=str(count)):
        judge.train(x, rows[:labels], [3])


def test_digits_are_told_apart() -> None:
    from sklearn.datasets import load_digits

    digits = load_digits()
    x = torch.from_numpy(digits.images).float()[:, None] / 16
    assert judge.train(x, torch.from_numpy(digits.target)[:, None], [10]).accuracy[0] > 0.97
