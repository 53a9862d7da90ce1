"""Conditions: what labels move and cost, which of them every network sees, and what becomes of them in a run."""

from collections.abc import Callable
from itertools import product
from math import exp, log
from typing import Any

import msgspec
import pytest
import torch
from engine_cases import CONSTRAINTS, NoLook
from torch import Tensor, nn

from gantui.core import presets
from gantui.core.combinations import TAKEN_BY_D
from gantui.core.config import Config, change
from gantui.core.errors import ConfigError
from gantui.engine import checkpoints, conditions, model, networks, previews, sampling
from gantui.engine.algorithm import next_update, update_discriminator, update_generator
from gantui.engine.conditions import label_accuracy, label_loss
from gantui.engine.data import Attribute, Labels
from gantui.engine.networks.conditional import Auxiliary, Concatenation, Projection
from gantui.engine.objectives import OBJECTIVES
from gantui.engine.training import Training, digest
from gantui.runs.layout import RunDir

Make = Callable[..., Training]
CONDITIONS = ("concat", "projection", "auxiliary", "classifier")
each_condition = pytest.mark.parametrize("condition", CONDITIONS)
each_update = pytest.mark.parametrize("update", ["alternating", "simultaneous"])
CPU = torch.device("cpu")

ONE = Labels((Attribute("class", ("a", "b", "c")),), torch.tensor([[0], [1], [2], [1]]))
SEVERAL = Labels(
    (Attribute("glasses", ("no", "yes")), Attribute("hair", ("fair", "dark", "red")), Attribute("smiling", ("0", "1"))),
    torch.tensor([[0, 2, 1], [1, 0, 1], [1, 1, 0], [0, 0, 0]]),
)


def _by_hand(labels: Labels, logits: Tensor, rows: Tensor) -> float:
    """Minus the mean log-probability of each attribute's value, added up: with exponentials, in Python."""
    total = 0.0
    for scores, row in zip(logits.tolist(), rows.tolist(), strict=True):
        for attribute, value in zip(labels.attributes, row, strict=True):
            if attribute.binary:
                (logit,), scores = scores[:1], scores[1:]
                total -= log((exp(logit) if value else 1.0) / (1.0 + exp(logit)))
            else:
                own, scores = scores[: len(attribute.values)], scores[len(attribute.values) :]
                total -= log(exp(own[value]) / sum(map(exp, own)))
    return total / len(rows)


class TestLabelLoss:
    @pytest.mark.parametrize("labels", [ONE, SEVERAL], ids=["class", "attributes"])
    def test_it_is_the_cross_entropy_of_each_attribute(self, labels: Labels) -> None:
        logits = 3 * torch.randn(4, labels.width, generator=torch.Generator().manual_seed(1))
        assert label_loss(labels, logits, labels.rows).item() == pytest.approx(_by_hand(labels, logits, labels.rows))

    def test_its_gradient_is_probability_minus_truth_so_there_is_one_softmax(self) -> None:
        logits = torch.randn(4, 3).requires_grad_()
        label_loss(ONE, logits, ONE.rows).backward()
        expected = (logits.detach().softmax(1) - ONE.encode(ONE.rows)) / 4
        torch.testing.assert_close(logits.grad, expected)

    def test_sure_and_right_costs_nothing_sure_and_wrong_its_logit(self) -> None:
        signs = 2 * SEVERAL.encode(SEVERAL.rows) - 1
        assert label_loss(SEVERAL, 50 * signs, SEVERAL.rows).item() < 1e-6
        assert label_loss(SEVERAL, -50 * signs, SEVERAL.rows).item() == pytest.approx(50 + 100 + 50 - log(2), rel=0.01)

    def test_no_logit_overflows(self) -> None:
        logits = torch.full((4, SEVERAL.width), 1e30).requires_grad_()
        loss = label_loss(SEVERAL, logits, SEVERAL.rows)
        loss.backward()
        assert loss.isfinite()
        assert logits.grad.isfinite().all()

    def test_accuracy_is_the_share_of_labels_named(self) -> None:
        logits = 2 * SEVERAL.encode(SEVERAL.rows) - 1
        assert label_accuracy(SEVERAL, logits, SEVERAL.rows) == 1
        logits[0, 0], logits[1, -1], logits[2, 1:4] = 1.0, -1.0, torch.tensor([0.0, 0.0, 1.0])
        assert label_accuracy(SEVERAL, logits, SEVERAL.rows).item() == pytest.approx(9 / 12)


def _networks(config_of: Callable[..., Config], shape: tuple[int, ...], width: int, **settings: Any) -> Any:
    torch.manual_seed(0)
    return networks.build(config_of(**settings), shape, "tanh", width)


class TestNetworks:
    @each_condition
    @pytest.mark.parametrize(
        ("network", "shape"), [("mlp", (2,)), ("mlp", (3, 8, 8)), ("conv", (3, 9, 9)), ("residual", (3, 9, 9))]
    )
    @pytest.mark.parametrize("norm", ["none", "batch"])
    def test_shapes(self, config_of: Any, condition: str, network: str, shape: tuple[int, ...], norm: str) -> None:
        g, d = _networks(config_of, shape, 5, condition=condition, network=network, norm_g=norm, norm_d=norm)
        x = g(torch.randn(7, 4), torch.rand(7, 5))
        assert x.shape == (7, *shape)
        scores = d(x, torch.rand(7, 5)) if condition in TAKEN_BY_D else d(x)
        assert scores.shape == (7,)
        if isinstance(d, Auxiliary):
            scores, logits = d.recognise(x)
            assert (scores.shape, logits.shape) == ((7,), (7, 5))

    @pytest.mark.parametrize("network", ["mlp", "conv", "residual"])
    def test_samples_depend_on_every_column_of_the_condition(self, config_of: Any, network: str) -> None:
        g, _ = _networks(config_of, (1, 8, 8), 5, condition="concat", network=network)
        z, y = torch.randn(1, 4), torch.zeros(1, 5)
        for column in range(5):
            assert not torch.allclose(g(z, y), g(z, torch.eye(5)[column : column + 1]), atol=1e-4)

    def test_concatenation_puts_numbers_behind_numbers_and_constant_maps_behind_images(self) -> None:
        class Keep(nn.Module):
            def forward(self, x: Tensor) -> Tensor:
                return x

        x, y = torch.randn(2, 3, 4, 4), torch.tensor([[1.0, 0.5], [0.0, 2.0]])
        flat = Concatenation(Keep(), maps=False)(x, y)
        assert torch.equal(flat, torch.cat([x.reshape(2, 48), y], 1))
        maps = Concatenation(Keep(), maps=True)(x, y)
        assert maps.shape == (2, 5, 4, 4)
        assert torch.equal(maps[:, :3], x)
        assert all(torch.equal(maps[i, 3 + j], y[i, j].expand(4, 4)) for i, j in product(range(2), range(2)))

    def test_projection_is_an_affine_score_and_an_inner_product_with_the_embedding(self) -> None:
        d = Projection([nn.Linear(2, 6), nn.Tanh()], 6, 3)
        x, rows = torch.randn(4, 2), ONE.rows
        features = d.features(x)
        expected = [
            (d.score.weight[0] @ f + d.score.bias[0] + d.embedding.weight[:, int(row)] @ f).item()
            for f, row in zip(features, rows, strict=True)
        ]
        torch.testing.assert_close(d(x, ONE.encode(rows)), torch.tensor(expected))

    def test_the_two_heads_of_an_auxiliary_d_share_their_layers(self) -> None:
        d = Auxiliary([nn.Linear(2, 6), nn.Tanh()], 6, 3)
        x = torch.randn(4, 2)
        scores, logits = d.recognise(x)
        assert torch.equal(scores, d(x))
        torch.testing.assert_close(logits, d.labels(d.features(x)))

    @each_condition
    def test_spectral_norm_and_initialisation_reach_every_layer_of_d(self, config_of: Any, condition: str) -> None:
        settings = {"condition": condition, "spectral_norm": True, "init_d": "normal:3"}
        _, d = _networks(config_of, (2,), 5, **settings)
        for _ in range(50):  # power iterations
            d(torch.randn(8, 2), torch.rand(8, 5)) if condition in TAKEN_BY_D else d(torch.randn(8, 2))
            if isinstance(d, Auxiliary):
                d.recognise(torch.randn(8, 2))
        layers = [layer for layer in d.modules() if isinstance(layer, nn.Linear)]
        assert len(layers) == 3 + (condition in ("projection", "auxiliary"))
        for layer in layers:
            assert torch.linalg.matrix_norm(layer.weight, 2).item() == pytest.approx(1, abs=0.02)

    def test_without_a_condition_networks_are_named_and_drawn_as_ever(self, config_of: Any) -> None:
        plain = _networks(config_of, (2,), 0)
        labelled = _networks(config_of, (2,), 5)
        for a, b in zip(plain, labelled, strict=True):
            assert isinstance(a, nn.Sequential)
            assert all(torch.equal(x, y) for x, y in zip(a.parameters(), b.parameters(), strict=True))


class Record:
    """Notes the labels that G and D see, and those of the data."""

    def __init__(self, training: Training) -> None:
        self.of_data: list[Tensor] = []
        self.of_g: list[Tensor] = []
        self.of_d: list[Tensor] = []
        self.real: list[Tensor] = []
        self.fake: list[Tensor] = []
        take = training.batches.next_labelled

        def labelled(count: int) -> tuple[Tensor, Tensor]:
            x, rows = take(count)
            self.real.append(x)
            self.of_data.append(training.labels.encode(rows))
            return x, rows

        training.batches.next_labelled = labelled  # type: ignore[method-assign]
        training.g.register_forward_pre_hook(lambda _m, args: self.of_g.append(args[1]))
        training.g.register_forward_hook(lambda _m, _args, out: self.fake.append(out.detach()))
        training.d.register_forward_pre_hook(lambda _m, args: self.of_d.append(args[1]) if len(args) > 1 else None)


@pytest.mark.parametrize("condition", ["concat", "projection"])
@each_update
@pytest.mark.parametrize("constraint", CONSTRAINTS.values(), ids=CONSTRAINTS)
def test_d_sees_data_samples_and_what_lies_between_with_the_labels_of_the_data(
    make_training: Make, condition: str, update: str, constraint: dict[str, Any]
) -> None:
    training = make_training(data="digits_inverted", condition=condition, update=update, **constraint)
    record = Record(training)
    next_update(training)
    (labels,) = record.of_data
    assert torch.equal(record.of_g[0], labels)
    seen = torch.cat(record.of_d)
    assert len(seen) == 8 * (3 if constraint.get("constraint") == "gradient_penalty" else 2)
    assert all(torch.equal(part, labels) for part in seen.split(8))


@each_condition
def test_a_loss_of_pairs_compares_equal_labels(make_training: Make, condition: str) -> None:
    training = make_training(data="digits", condition=condition, loss="relativistic")
    record = Record(training)
    update_generator(training)
    assert torch.equal(record.of_g[0], record.of_data[0])
    assert all(torch.equal(seen, record.of_data[0]) for seen in record.of_d)


@each_condition
def test_labels_of_other_samples_are_drawn_as_the_data_has_them(make_training: Make, condition: str) -> None:
    training = make_training(data="digits_inverted", condition=condition, batch_size=4000)
    record = Record(training)
    update_generator(training)
    update_generator(training)
    assert record.of_data == []
    first, second = record.of_g
    assert not torch.equal(first, second)
    expected = training.labels.encode(training.labels.rows).mean(0)
    assert (first.mean(0) - expected).abs().max() < 0.03
    if condition in TAKEN_BY_D:
        assert torch.equal(record.of_d[0], first)


@pytest.mark.parametrize("condition", ["concat", "projection"])
def test_a_penalty_is_on_the_slope_along_x_alone(make_training: Make, condition: str) -> None:
    training = make_training(data="digits", condition=condition, constraint="r1", constraint_weight=2)
    real, rows = training.next_data(6)
    fake = torch.randn_like(real)
    judged = training.constraint.judge(training, training.discriminator(6, rows), real.clone(), fake)
    y, squares = training.labels.encode(rows), []
    for i in range(6):
        x = real[i : i + 1].clone().requires_grad_()
        squares.append(torch.autograd.grad(training.d(x, y[i : i + 1]).sum(), x)[0].square().sum())
    torch.testing.assert_close(judged.numbers["penalty"], torch.stack(squares).mean())


@pytest.mark.parametrize("constraint", CONSTRAINTS.values(), ids=CONSTRAINTS)
@pytest.mark.parametrize("norm", ["none", "batch"])
def test_what_a_head_says_of_data_and_of_samples_is_kept_apart(
    make_training: Make, constraint: dict[str, Any], norm: str
) -> None:
    if norm == "batch" and constraint.get("constraint") in ("gradient_penalty", "r1", "r1_r2"):
        return  # refused
    training = make_training(data="digits", condition="auxiliary", norm_d=norm, **constraint)
    real, rows = training.next_data(6)
    fake = torch.randn_like(real)
    d = training.discriminator(6, rows)
    training.constraint.judge(training, d, real.clone(), fake.clone())
    for batch, x in enumerate((real, fake)):
        torch.testing.assert_close(d.logits(batch), training.d.recognise(x)[1])


def _gradients(parameters: list[nn.Parameter]) -> list[Tensor]:
    return [p.grad.clone() for p in parameters]


def test_an_auxiliary_d_descends_its_loss_plus_the_weighted_label_losses(make_training: Make) -> None:
    training, twin = (make_training(data="digits_inverted", condition="auxiliary", condition_weight=0.7) for _ in "12")
    record = Record(training)
    outcome = update_discriminator(training, measure=True)
    (real,), (fake,) = record.real, record.fake
    rows = twin.next_data(8)[1]
    (on_data, of_data), (on_samples, of_samples) = twin.d.recognise(real), twin.d.recognise(fake)
    missed = label_loss(twin.labels, of_data, rows) + label_loss(twin.labels, of_samples, rows)
    loss = twin.objective.d_loss(on_data, on_samples)
    (loss + 0.7 * missed).backward()
    for a, b in zip(_gradients(training.d_parameters), _gradients(twin.d_parameters), strict=True):
        torch.testing.assert_close(a, b)
    torch.testing.assert_close(outcome.loss_d, loss.detach())  # the game's alone: its reference lines still hold
    torch.testing.assert_close(outcome.numbers["loss_class_d"], missed.detach())
    expected = label_accuracy(twin.labels, of_data, rows)
    torch.testing.assert_close(outcome.numbers["class_accuracy_x"], expected)


@pytest.mark.parametrize("condition", ["auxiliary", "classifier"])
def test_g_descends_its_loss_plus_what_its_labels_are_missed_by(make_training: Make, condition: str) -> None:
    settings = {"data": "digits_inverted", "condition": condition, "condition_weight": 0.7, "dropout_hidden": 0.0}
    training, twin = make_training(**settings), make_training(**settings)
    outcome = update_generator(training, measure=True)
    rows = twin.draw_rows(8)
    fake = twin.g(twin.draw_latents(8), twin.labels.encode(rows))
    logits = twin.classifier.network(fake) if twin.classifier else twin.d.recognise(fake)[1]
    missed = label_loss(twin.labels, logits, rows)
    loss = twin.objective.g_loss(twin.d(fake))
    (loss + 0.7 * missed).backward()
    for a, b in zip(_gradients(training.g_parameters), _gradients(twin.g_parameters), strict=True):
        torch.testing.assert_close(a, b)
    torch.testing.assert_close(outcome.loss_g, loss.detach())
    torch.testing.assert_close(outcome.numbers["loss_class_g"], missed.detach())
    assert outcome.numbers["class_accuracy_gz"] == label_accuracy(twin.labels, logits, rows)


@pytest.mark.parametrize("condition", ["auxiliary", "classifier"])
def test_together_d_and_g_pay_for_their_labels_from_one_graph(make_training: Make, condition: str) -> None:
    settings = {"data": "digits", "condition": condition, "condition_weight": 3.0, "update": "simultaneous"}
    training, twin = make_training(**settings), make_training(**settings)
    outcome = next_update(training)
    real, rows = twin.next_data(8)
    fake = twin.g(twin.draw_latents(8), twin.labels.encode(rows))
    logits = twin.classifier.network(fake) if twin.classifier else twin.d.recognise(fake)[1]
    missed = label_loss(twin.labels, logits, rows)
    loss = twin.objective.g_loss(twin.d(fake), twin.d(real)) + 3 * missed
    for p, gradient in zip(training.g_parameters, torch.autograd.grad(loss, twin.g_parameters), strict=True):
        torch.testing.assert_close(p.grad, gradient)
    torch.testing.assert_close(outcome.numbers["loss_class_g"], missed.detach())
    assert {"loss_class_d", "loss_class_g"} <= outcome.numbers.keys()


def _weights(module: nn.Module) -> list[Tensor]:
    return [t.clone() for t in module.state_dict().values()]


def _equal(a: list[Tensor], b: list[Tensor]) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


class TestClassifier:
    def _training(self, make_training: Make, **settings: Any) -> Training:
        return make_training(data="digits", condition="classifier", **settings)

    def test_it_learns_from_data_in_updates_of_d_and_is_left_alone_by_those_of_g(self, make_training: Make) -> None:
        training = self._training(make_training, norm_d="batch", dropout_hidden=0.5)
        network = training.classifier.network
        before, first = _weights(network), training.classifier.parameters[0].clone()
        update_generator(training, measure=True)
        assert _equal(_weights(network), before)
        assert all(p.grad is None for p in network.parameters())
        update_discriminator(training)
        assert not torch.equal(training.classifier.parameters[0], first)

    def test_d_is_as_it_would_be_without_it(self, make_training: Make) -> None:
        training, twin = self._training(make_training), self._training(make_training, condition_weight=50.0)
        for one in (training, twin):
            one.classifier.parameters[0].data.mul_(1 if one is training else 7)
            update_discriminator(one)
        assert _equal(_weights(training.d), _weights(twin.d))

    def test_it_comes_to_know_the_data(self, make_training: Make) -> None:
        training = self._training(make_training, g_steps=0, batch_size=64, d_widths=[64], lr_schedule="constant")
        losses = [next_update(training, measure=True).numbers for _ in range(120)]
        assert losses[0]["loss_class_d"].item() == pytest.approx(log(10), abs=0.3)
        assert losses[-1]["loss_class_d"] < 0.7
        assert losses[-1]["class_accuracy_x"] > 0.9

    def test_a_new_optimiser_of_d_is_its_too_and_a_new_rate(self, make_training: Make) -> None:
        training = self._training(make_training)
        next_update(training)
        assert training.classifier.optimiser.state
        training.adopt(change(training.config, {"optimizer_d": "sgd", "lr_d": 0.5, "lr_g": 0.1}))
        training.set_pace()
        assert isinstance(training.classifier.optimiser, torch.optim.SGD)
        assert training.classifier.optimiser.param_groups[0]["lr"] == pytest.approx(0.5)
        training.adopt(change(training.config, {"optimizer_d": "adam", "beta1": 0.3}))
        assert training.classifier.optimiser.param_groups[0]["betas"][0] == 0.3

    def test_what_is_not_finite_in_it_is_noticed_and_rolled_back(self, make_training: Make) -> None:
        training = self._training(make_training)
        next_update(training)
        snapshot = training.snapshot()
        for of_optimiser in (False, True):
            assert training.is_finite()
            weights, state = training.classifier.parameters[0], training.classifier.optimiser.state
            with torch.no_grad():
                (state[weights]["exp_avg"] if of_optimiser else weights)[0] = float("nan")
            assert not training.is_finite()
            training.restore(snapshot)
            assert digest(training.snapshot()) == digest(snapshot)

    def test_its_weights_are_part_of_the_digest(self, make_training: Make) -> None:
        training = self._training(make_training)
        before = digest(training.snapshot())
        with torch.no_grad():
            training.classifier.parameters[0][0, 0] += 1
        assert digest(training.snapshot()) != before

    def test_its_last_layer_has_a_column_for_each_of_the_condition(self, config_of: Callable[..., Config]) -> None:
        classifier = networks.build_classifier(config_of(network="conv", spectral_norm=True), (1, 8, 8), 11)
        assert classifier(torch.randn(3, 1, 8, 8)).shape == (3, 11)
        assert not any("parametrizations" in name for name, _ in classifier.named_parameters())


@each_condition
@each_update
@pytest.mark.parametrize("loss", OBJECTIVES)
def test_every_loss_trains_under_every_condition_without_waiting_for_the_device(
    make_training: Make, condition: str, update: str, loss: str
) -> None:
    training = make_training(data="digits_inverted", condition=condition, update=update, loss=loss)
    training.labels.encode(training.labels.rows[:1])  # made once
    with NoLook():
        for _ in range(4):
            next_update(training, measure=True)
    assert training.is_finite()


@each_condition
@each_update
def test_a_conv_pair_with_batch_norm_trains_under_every_condition(
    make_training: Make, condition: str, update: str
) -> None:
    norm = {"norm_g": "batch", "norm_d": "batch", "d_widths": [8, 8], "g_widths": [8]}
    training = make_training(data="digits", network="conv", condition=condition, update=update, **norm)
    for _ in range(4):
        next_update(training, measure=True)
    assert training.is_finite()
    assert all(m.training for net in (training.g, training.d) for m in net.modules())


@each_condition
@each_update
def test_measuring_moves_nothing(make_training: Make, condition: str, update: str) -> None:
    settings = {"data": "digits", "condition": condition, "update": update, "dropout_hidden": 0.5, "norm_d": "batch"}
    a = make_training(**settings)
    for _ in range(4):
        next_update(a, measure=True)
    name = digest(a.snapshot())
    b = make_training(**settings)
    for _ in range(4):
        next_update(b)
    assert digest(b.snapshot()) == name


def test_a_condition_without_labels_is_refused(make_training: Make, config_of: Callable[..., Config]) -> None:
    with pytest.raises(ConfigError, match=r"condition = concat: data = ring has no labels; set condition = none"):
        make_training(condition="concat")
    with pytest.raises(ConfigError, match="condition = concat: needs labels; labels is none"):
        config_of(data="digits", condition="concat", labels="none")


class TestPreviews:
    @pytest.mark.parametrize(("data", "kinds", "lines"), [("digits", 10, 1), ("digits_inverted", 16, 1)])
    def test_each_class_has_its_line_with_the_same_latents(
        self, make_training: Make, data: str, kinds: int, lines: int
    ) -> None:
        training = make_training(data=data, condition="concat")
        side = kinds * lines
        rows = training.preview_rows.view(side, side, -1)
        z = training.latents.view(side, side, -1)
        assert (rows == rows[:, :1]).all()
        assert len(rows[:, 0].unique(dim=0)) == kinds
        assert (z == z[:1]).all()
        assert len(z[0].unique(dim=0)) == side
        arrays = previews.take(training)
        assert arrays["x"].shape == (side * side, 1, 8, 8)
        assert arrays["y"].tolist() == training.preview_rows.tolist()

    @pytest.mark.parametrize("sizes", [(2,), (3,), (2, 2), (5,), (2, 3), (7,), (16,), (2, 2, 2, 2)])
    def test_all_combinations_up_to_16_are_shown_whether_the_data_has_them_or_not(self, sizes: tuple[int, ...]) -> None:
        attributes = tuple(Attribute(f"a{i}", tuple(map(str, range(size)))) for i, size in enumerate(sizes))
        shown = conditions.shown(Labels(attributes, torch.zeros(5, len(sizes), dtype=torch.int64)))
        assert sorted(map(tuple, shown.tolist())) == sorted(product(*map(range, sizes)))

    def test_of_more_the_most_frequent_are_shown(self) -> None:
        counts = [5 if value % 2 else 3 for value in range(40)]
        rows = torch.arange(40).repeat_interleave(torch.tensor(counts))[:, None]
        shown = conditions.shown(Labels((Attribute("class", tuple(map(str, range(40)))),), rows))
        assert shown[:, 0].tolist() == list(range(1, 32, 2))

    @pytest.mark.parametrize("condition", ["none", *CONDITIONS])
    def test_one_column_of_numbers_has_its_curves(
        self, make_training: Make, config_of: Any, condition: str, tmp_path: Any, monkeypatch: Any
    ) -> None:
        (tmp_path / "t.csv").write_text("a,kind\n" + "".join(f"{i},{'xyz'[i % 3]}\n" for i in range(30)))
        training = make_training(data=str(tmp_path / "t.csv"), labels="kind", condition=condition)
        before = digest(training.snapshot())
        arrays = previews.take(training)
        assert arrays["d"].shape == arrays["grid"].shape == (200,)
        assert digest(training.snapshot()) == before
        assert ("y" in arrays) == (condition != "none")
        if condition != "none":
            assert torch.tensor(arrays["y"]).unique().tolist() == [0, 1, 2]


def _save(run: RunDir, training: Training) -> None:
    run.config_toml.write_text(presets.to_toml(training.config))
    checkpoints.save(run, training.snapshot(), model.form(training.data), 0, 0, 0)


@each_condition
@pytest.mark.parametrize("network", ["mlp", "conv", "residual"])
def test_a_conditional_generator_comes_back_from_its_run(
    run: RunDir, make_training: Make, condition: str, network: str
) -> None:
    training = make_training(data="digits_inverted", network=network, condition=condition, init_g="normal:0.3")
    for _ in range(4):
        next_update(training)
    _save(run, training)
    loaded = model.load(run, CPU)
    config, data = training.config, training.data
    rows = sampling.draw_rows(loaded.config, loaded.data, 30, 1, "7", "inverted=yes")
    assert rows.tolist() == [[7, 1]] * 30
    x = sampling.samples(loaded.config, loaded.data, loaded.g, 30, 3, rows=rows)
    assert torch.equal(x, sampling.samples(config, data, training.best_generator, 30, 3, rows=rows))
    others = sampling.draw_rows(loaded.config, loaded.data, 30, 1, "2")
    assert others[:, 0].unique().tolist() == [2]
    assert others[:, 1].unique().tolist() == [0, 1]
    assert not torch.allclose(x, sampling.samples(config, data, training.best_generator, 30, 3, rows=others), atol=1e-3)


def test_labels_that_nobody_asks_for_are_as_the_data_has_them_and_the_seed_decides(make_training: Make) -> None:
    training = make_training(data="digits", condition="projection")
    config, data = training.config, training.data
    rows = sampling.draw_rows(config, data, 3000, 1)
    shares = rows[:, 0].bincount(minlength=10) / 3000
    assert (shares - data.labels.rows[:, 0].bincount() / data.count).abs().max() < 0.03
    assert torch.equal(rows, sampling.draw_rows(config, data, 3000, 1))
    assert not torch.equal(rows, sampling.draw_rows(config, data, 3000, 2))
    x = sampling.samples(config, data, training.g, 600, 1)
    assert torch.equal(
        x, sampling.samples(config, data, training.g, 600, 1, rows=sampling.draw_rows(config, data, 600, 1))
    )


def test_a_run_without_a_condition_can_not_be_asked_for_a_class(make_training: Make) -> None:
    training = make_training(data="digits")
    config, data = training.config, training.data
    assert sampling.draw_rows(config, data, 5, 0) is None
    with pytest.raises(ConfigError, match=r"--class: this run was trained without labels \(condition = none\)"):
        sampling.draw_rows(config, data, 5, 0, class_="7")
    with pytest.raises(ConfigError, match="--attributes: this run was trained without labels"):
        sampling.draw_rows(config, data, 5, 0, attributes="a=1")


def test_weights_of_another_condition_are_refused(run: RunDir, make_training: Make) -> None:
    training = make_training(data="digits", condition="concat")
    _save(run, training)
    run.config_toml.write_text(presets.to_toml(msgspec.structs.replace(training.config, condition="none")))
    with pytest.raises(ConfigError, match="its networks don't fit the weights"):
        model.load(run, CPU)


PAIR = """
    import torch
    from torch import nn

    class G(nn.Module):
        def __init__(self, config, width):
            super().__init__()
            self.layer = nn.Linear(config.z_dim + width, 64)

        def forward(self, z, y):
            return self.layer(torch.cat([z, y], 1)).view(-1, 1, 8, 8).tanh()

    class D(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.layer, self.shift = nn.Linear(64, 1), nn.Linear(width, 1)

        def forward(self, x, y):
            return (self.layer(x.flatten(1)) * self.shift(y)).squeeze(1)

    def joined(config, shape, width):
        return G(config, width), D(width)

    def checked(config, shape, width):
        return G(config, width), nn.Sequential(nn.Flatten(), nn.Linear(64, 1), nn.Flatten(0))

    def plain(config, shape):
        raise AssertionError
"""


class TestAPairOfTheUsersOwn:
    @each_update
    @pytest.mark.parametrize(("condition", "pair"), [("concat", "joined"), ("classifier", "checked")])
    def test_trains_under_a_condition_and_comes_back(
        self, make_training: Make, write_module: Any, run: RunDir, condition: str, pair: str, update: str
    ) -> None:
        write_module(PAIR)
        settings = {"constraint": "gradient_penalty", "constraint_weight": 1.0, "update": update}
        training = make_training(data="digits", network=f"mine:{pair}", condition=condition, **settings)
        for _ in range(3):
            next_update(training)
        assert training.is_finite()
        _save(run, training)
        loaded = model.load(run, CPU)
        x = sampling.samples(loaded.config, loaded.data, loaded.g, 5, 0)
        assert torch.equal(x, sampling.samples(training.config, training.data, training.best_generator, 5, 0))

    @pytest.mark.parametrize(("condition", "needs"), [("concat", r"D\(x, y\)"), ("classifier", r"D\(x\)")])
    def test_that_is_for_none_is_told_what_a_condition_needs(
        self, make_training: Make, write_module: Any, condition: str, needs: str
    ) -> None:
        write_module(PAIR)
        with pytest.raises(ConfigError, match=rf"'mine:plain': is for condition = none: under {condition} .*{needs}$"):
            make_training(data="digits", network="mine:plain", condition=condition)

    def test_whose_d_takes_no_labels_is_named(self, make_training: Make, write_module: Any) -> None:
        write_module(PAIR)
        with pytest.raises(
            ConfigError, match=r"D for an input of shape \(2, 1, 8, 8\) and an input of shape \(2, 10\)"
        ):
            make_training(data="digits", network="mine:checked", condition="concat")
