"""Networks for text: what they are made of, what they make, and trainings with them that go on to the bit."""

import pytest
import torch
from engine_cases import CONSTRAINTS, NoLook
from torch import nn

from gantui.core.config import validate
from gantui.core.errors import ConfigError
from gantui.engine import networks, previews
from gantui.engine.algorithm import in_evaluation_mode, next_update
from gantui.engine.networks.layers import GumbelSoftmax, Shares
from gantui.engine.networks.text_conv import Block
from gantui.engine.sampling import evaluate, samples
from gantui.engine.training import digest

SHAPE = (7, 6)  # symbols, length
NETWORKS = ("text_conv", "text_rnn", "mlp")


def pair(**settings):
    torch.manual_seed(0)
    config = validate({"g_widths": [8, 12], "d_widths": [8, 12], "z_dim": 5} | settings)
    return networks.build(config, SHAPE, "softmax")


@pytest.fixture
def text(make_training, tmp_path):
    """A small training on a text of its own."""
    path = tmp_path / "t.txt"
    path.write_text("\n".join(f"{a}-{b}" for a in "abcdefgh" for b in (1, 22, 333)))

    def make(**settings):
        return make_training(**({"data": str(path), "batch_size": 4, "ema_decay": 0.9} | settings))

    return make


@pytest.mark.parametrize("network", NETWORKS)
def test_samples_are_shares_in_training_and_one_hot_in_evaluation(network):
    g, d = pair(network=network)
    z = torch.randn(3, 5)
    soft = g(z)
    assert soft.shape == (3, *SHAPE)
    assert torch.allclose(soft.sum(1), torch.ones(3, 6), atol=1e-5)
    assert ((soft > 0) & (soft < 1)).any()
    hard = in_evaluation_mode(g, z)
    assert torch.equal(hard.amax(1), torch.ones(3, 6))
    assert torch.equal(hard.sum(1), torch.ones(3, 6))
    assert d(soft).shape == (3,)
    if network != "text_rnn":  # nothing is drawn
        assert torch.equal(hard.argmax(1), soft.argmax(1))


def test_layers_of_the_convolutional_pair():
    g, d = pair(network="text_conv", g_widths=[8, 8, 12])
    assert [type(layer).__name__ for layer in g] == ["Linear", "Reshape", "Block", "Block", "Block", "Conv1d", "Shares"]
    assert (g[0].out_features, g[5].kernel_size, g[5].out_channels) == (8 * 6, (1,), 7)
    assert [type(block.shortcut) for block in g[2:5]] == [nn.Identity, nn.Identity, nn.Conv1d]
    branch = [type(layer).__name__ for layer in g[2].branch]
    assert branch == ["ReLU", "Conv1d", "ReLU", "Conv1d"]
    assert {layer.kernel_size for block in g[2:5] for layer in block.branch if isinstance(layer, nn.Conv1d)} == {(5,)}
    layers = [type(layer).__name__ for layer in d]
    assert layers == ["Conv1d", "Block", "Block", "Flatten", "Linear", "Flatten"]
    assert (d[0].kernel_size, d[0].in_channels, d[4].in_features) == ((1,), 7, 12 * 6)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "tanh"])
def test_a_block_adds_three_tenths_of_its_branch_to_what_it_was_given(name):
    block, x = Block(4, 4, name, norm=False), torch.randn(2, 4, 6)
    given = x.clone()
    assert torch.allclose(block(x), given + 0.3 * block.branch(given.clone()))
    assert torch.equal(x, given)


def test_the_recurrent_network_draws_each_symbol_from_those_before():
    g, d = pair(network="text_rnn")
    assert [type(cell).__name__ for cell in g.cells] == ["GRUCell", "GRUCell"]
    assert (g.cells[0].input_size, g.cells[0].hidden_size, g.cells[1].input_size) == (7 + 5, 8, 8)
    assert isinstance(d[1], Block)
    z = torch.randn(1, 5).repeat(4000, 1)
    with torch.no_grad():
        for weights in (g.logits.weight, *(cell.weight_ih for cell in g.cells)):
            weights.mul_(6)  # so that what came before matters
        drawn = in_evaluation_mode(g, z).argmax(1)
        first = torch.softmax(g.logits(_first_state(g, z[:1])), 1)[0]
    shares = torch.bincount(drawn[:, 0], minlength=7) / 4000
    assert torch.allclose(shares, first, atol=0.04)
    common = drawn[:, 0].mode().values
    after = [
        torch.bincount(drawn[which, 1], minlength=7) / which.sum()
        for which in (drawn[:, 0] == common, drawn[:, 0] != common)
    ]
    assert (after[0] - after[1]).abs().max() > 0.05


def _first_state(g, z):
    states = g.begin(z).tanh().split([8, 12], 1)
    signal = torch.cat([torch.zeros(1, 7), z], 1)
    for cell, state in zip(g.cells, states, strict=True):
        signal = cell(signal, state)
    return signal


def test_initial_weights_spectral_norm_dropout_and_normalisation_reach_these_layers():
    g, d = pair(network="text_rnn", init_g="uniform:0.01", init_d="normal:0.02", spectral_norm=True, dropout_hidden=0.5)
    assert all(p.abs().max() <= 0.01 for p in g.parameters())
    assert g.cells[0].bias_hh.abs().max() == 0
    convolutions = [layer for layer in d.modules() if isinstance(layer, nn.Conv1d)]
    assert all(hasattr(layer, "parametrizations") for layer in convolutions)
    assert sum(isinstance(layer, nn.Dropout) for layer in d.modules()) == 3
    g, d = pair(network="text_conv", norm_g="batch", norm_d="batch", dropout_input=0.1)
    assert all(any(isinstance(layer, nn.BatchNorm1d) for layer in network.modules()) for network in (g, d))
    assert isinstance(d[0], nn.Dropout)


@pytest.mark.parametrize(
    ("settings", "shape", "words"),
    [
        ({"network": "conv"}, SHAPE, "network = conv: needs images"),
        ({"network": "text_conv"}, (3,), "network = text_conv: needs text"),
        ({"network": "text_rnn"}, (1, 8, 8), "network = text_rnn: needs text"),
        ({"activation_d": "maxout"}, SHAPE, "activation_d = maxout"),
        ({"activation_g": "maxout"}, SHAPE, "activation_g = maxout"),
    ],
)
def test_what_is_refused(settings, shape, words):
    with pytest.raises(ConfigError, match=words):
        networks.build(validate(settings), shape, "softmax")


def test_text_is_made_by_convolutions_unless_somebody_wants_otherwise():
    assert networks.architecture(validate({}), SHAPE) == "text_conv"
    assert networks.architecture(validate({"network": "mlp"}), SHAPE) == "mlp"


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("constraint", ["none", "two-sided", "r1_r2", "each"])
def test_training_continued_is_training_uninterrupted(text, network, constraint):
    settings = {"network": network, "loss": "wasserstein", **CONSTRAINTS[constraint]}
    whole = text(**settings)  # each anew when its turn comes: they share torch's generator
    for _ in range(8):
        next_update(whole)
    first = text(**settings)
    for _ in range(3):  # into the middle of an iteration
        next_update(first)
    half = first.snapshot()
    second = text(**settings)
    second.restore(half)
    for _ in range(5):
        next_update(second)
    assert digest(second.snapshot()) == digest(whole.snapshot())
    assert whole.is_finite()


@pytest.mark.parametrize("network", NETWORKS)
def test_looking_moves_nothing(text, network):
    digests = []
    for looks in (True, False):
        training = text(network=network)
        for _ in range(4):
            if looks:
                arrays = previews.take(training)
                again = previews.take(training)
                values, count, _ = evaluate(training.config, training.data, training.best_generator)
            next_update(training)
        digests.append(digest(training.snapshot()))
    assert digests[0] == digests[1]
    assert (arrays["x"] == again["x"]).all()
    assert (arrays["x"].shape, arrays["x"].dtype) == ((64, 5), "uint8")
    assert arrays["x_raw"].shape == (64, 5)
    assert count == 1000
    expected = {"distinct", "novel"} | {f"ngram_js_{n}{end}" for n in (1, 2, 3, 4) for end in ("", "_floor")}
    assert set(values) == expected


@pytest.mark.parametrize("network", NETWORKS)
def test_an_update_reads_no_number_off_the_device(text, network):
    training = text(network=network, **CONSTRAINTS["r1_r2"])
    next_update(training)  # the optimisers' first steps
    next_update(training)
    with NoLook():
        next_update(training)
        next_update(training)


def test_live_switches(text):
    training = text(network="text_rnn", loss="relativistic", **CONSTRAINTS["r1_r2"])
    next_update(training)
    note = training.adopt(validate(_values(training.config) | {"loss": "hinge", "gumbel_temperature": 2.0}))
    assert "loss" in note or note == ""
    assert {m.temperature for m in training.g.modules() if isinstance(m, GumbelSoftmax)} == {2.0}
    training.adopt(validate(_values(training.config) | {"constraint": "none", "constraint_weight": 0.0}))
    for _ in range(2):
        next_update(training)
    assert training.is_finite()


def _values(config):
    return {name: getattr(config, name) for name in config.__struct_fields__}


def test_simultaneous_updates_of_a_recurrent_generator_under_a_penalty(text):
    training = text(network="text_rnn", update="simultaneous", **CONSTRAINTS["two-sided"])
    for _ in range(2):
        next_update(training)
    assert training.is_finite()


def test_evaluation_knows_rules_and_what_is_held_out(make_training):
    training = make_training(data="grammar", holdout=0.0, network="mlp")
    values, count, _ = evaluate(training.config, training.data, training.g)
    assert list(values)[:3] == ["valid", "distinct", "novel"]
    assert count == 10_000  # half of the data
    assert values["ngram_js_1_floor"] < 0.001 < values["ngram_js_1"]
    assert values["ngram_js_4_floor"] < values["ngram_js_4"] <= 1


def test_samples_are_decided_by_their_seed(text):
    training = text(network="text_rnn")
    one, same, other = (samples(training.config, training.data, training.g, 600, seed) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert (one.shape, one.dtype) == ((600, 5), torch.uint8)


def test_shares_pass_gradients():
    logits = torch.randn(2, 4, 3, requires_grad=True)
    Shares()(logits)[:, 0].sum().backward()
    assert logits.grad.abs().sum() > 0
