"""The configuration of a run: flat keys, each with type, range, unit, help, and live or fixed.

One table feeds the command line's help, the validation messages, the preset files and the controls.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from gantui.core import combinations, parts
from gantui.core.errors import ConfigError
from gantui.core.text import nearest, neutralise
from gantui.core.units import DURATION

INITIALISATION = r"^(default|(uniform|normal|orthogonal):[0-9]{0,3}\.?[0-9]{1,9}(e-[0-9]{1,2})?)\Z"
DEVICE = r"^(auto|cpu|cuda(:[0-9]{1,2})?)\Z"
LIMIT = rf"^none\Z|{DURATION}"
NETWORKS = (
    "auto",
    "mlp",
    "conv",
    "residual",
    "text_conv",
    "text_rnn",
    "goodfellow_tfd",
    "goodfellow_tfd_2",
    "goodfellow_cifar10",
    "goodfellow_cifar10_conv",
    "mirza",
)
LOSSES = ("minimax", "non_saturating", "least_squares", "hinge", "wasserstein", "relativistic")
FEATURES = ("pixels", "classifier")


def _or_part(words: tuple[str, ...]) -> str:
    return rf"^({'|'.join(words)})\Z|{parts.PART}"


NETWORK, LOSS, FEATURE = _or_part(NETWORKS), _or_part(LOSSES), _or_part(FEATURES)
# Choices beside which a part of the user's own may stand:
_OR_OWN = {NETWORK: NETWORKS, LOSS: LOSSES, FEATURE: FEATURES}


@dataclass(frozen=True)
class About:
    """What a field is, beside its type: section, help, whether it can change in a running training."""

    section: Literal["data", "networks", "game", "optimiser", "run"]
    help: str
    live: bool = False
    unit: str = ""
    log: bool = False  # a control moves it by factors, not by steps
    place: bool = False  # belongs to the machine, not to the experiment: may differ when a run is resumed


Count = Annotated[int, Meta(ge=0, le=100)]
Width = Annotated[int, Meta(ge=1, le=65536)]
Widths = Annotated[list[Width], Meta(min_length=1, max_length=32)]
Share = Annotated[float, Meta(ge=0, lt=1)]
Rate = Annotated[float, Meta(ge=0, le=100)]
Weight = Annotated[float, Meta(ge=0, le=1e6)]
Steps = Annotated[int, Meta(ge=0, le=10**12)]
Every = Steps | Annotated[str, Meta(pattern=DURATION)]
Text = Annotated[str, Meta(min_length=1, max_length=4096, pattern=r"^[^\x00-\x1f\x7f\ud800-\udfff]+\Z")]
Initialisation = Annotated[str, Meta(pattern=INITIALISATION)]
Activation = Literal["relu", "leaky_relu", "tanh", "sigmoid", "maxout"]
Norm = Literal["none", "batch"]
Optimizer = Literal["adam", "sgd", "rmsprop"]


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that decides a run. Build it with `validate`, alter it with `change`."""

    data: Annotated[
        Text,
        About(
            "data",
            "data set: a name (`gantui presets data`), a folder of images, a file .npy, .csv, .mat, .txt; your own",
        ),
    ] = "digits"
    data_root: Annotated[Text, About("data", "where torchvision's data sets lie or are downloaded to", place=True)] = (
        "~/.cache/gantui"
    )
    download: Annotated[bool, About("data", "fetch a missing torchvision data set into data_root", place=True)] = False
    labels: Annotated[
        Text,
        About(
            "data",
            "auto: those of the data; none; or names after commas: attributes, columns of a table, a .npy beside one",
        ),
    ] = "auto"
    categorical: Annotated[
        Text,
        About("data", "columns of a table whose numbers are names of categories, after commas; words are so anyway"),
    ] = "none"
    missing: Annotated[
        Literal["refuse", "model"],
        About("data", "empty cells of a table: refuse them, or learn where they are, and leave cells of samples empty"),
    ] = "refuse"
    holdout: Annotated[
        Annotated[float, Meta(ge=0, le=1e9)],
        About(
            "data",
            "examples kept from training, to measure on: how many, or below 1 their share; the last of torchvision's "
            "sets, of others a fixed random choice",
        ),
    ] = 0.0
    image_size: Annotated[
        Annotated[int, Meta(ge=4, le=1024)] | Literal["auto"],
        About("data", "side to which images are resized", unit="px"),
    ] = "auto"
    preprocess: Annotated[
        Literal["none", "gcn"],
        About("data", "gcn: images are trained on without their mean, all of norm 55, as CIFAR-10 in 2014"),
    ] = "none"
    split: Annotated[
        Literal["lines", "windows"],
        About("data", "examples of a text file: its lines, or consecutive windows of it"),
    ] = "lines"
    length: Annotated[
        Annotated[int, Meta(ge=2, le=1024)] | Literal["auto"],
        About("data", "longest example of a text file; auto: its longest line up to 64, else 32", unit="characters"),
    ] = "auto"

    network: Annotated[
        Annotated[str, Meta(pattern=NETWORK)],
        About(
            "networks",
            "architecture of G and D: mlp; conv, residual (images); text_conv, text_rnn (text); auto = by the data's "
            "shape; goodfellow_..., mirza = those of 2014; or your own",
        ),
    ] = "auto"
    g_widths: Annotated[
        Widths, About("networks", "hidden layers of G, first to last (images, text_conv: channels)", unit="units")
    ] = msgspec.field(default_factory=lambda: [128, 128])
    d_widths: Annotated[
        Widths, About("networks", "hidden layers of D, first to last (images, text: channels)", unit="units")
    ] = msgspec.field(default_factory=lambda: [128, 128])
    activation_g: Annotated[Activation, About("networks", "activation of G's hidden layers")] = "relu"
    activation_d: Annotated[Activation, About("networks", "activation of D's hidden layers")] = "leaky_relu"
    maxout_pieces: Annotated[Annotated[int, Meta(ge=2, le=64)], About("networks", "linear pieces per maxout unit")] = 5
    dropout_input: Annotated[Share, About("networks", "dropout on D's input")] = 0.0
    dropout_hidden: Annotated[Share, About("networks", "dropout on the input of D's later layers")] = 0.0
    norm_g: Annotated[Norm, About("networks", "normalisation in G's hidden layers")] = "none"
    norm_d: Annotated[Norm, About("networks", "normalisation in D's hidden layers (not in the first)")] = "none"
    spectral_norm: Annotated[
        bool, About("networks", "divide each weight of D by its largest singular value (Miyato et al. 2018)")
    ] = False
    output: Annotated[
        Literal["auto", "linear", "tanh", "sigmoid", "softmax"],
        About("networks", "last activation of G; decides the range the data is scaled to; softmax: text, always"),
    ] = "auto"
    condition: Annotated[
        Literal["none", "concat", "projection", "auxiliary", "classifier"],
        About(
            "networks",
            "how labels enter: G(z, y) with D(x, y) by concat or projection, or with a D(x) beside a check of the "
            "labels, by an auxiliary head of D or a classifier of its own",
        ),
    ] = "none"
    z_dim: Annotated[Width, About("networks", "dimensions of the latent z")] = 64
    z_dist: Annotated[
        Literal["normal", "uniform", "cube"],
        About("networks", "distribution of z: normal or uniform of mean 0 and variance 1, cube = uniform from 0 to 1"),
    ] = "normal"
    encoder: Annotated[
        bool, About("networks", "train an encoder E beside G, which predicts z from x; changes nothing about G and D")
    ] = False
    gumbel_temperature: Annotated[
        Annotated[float, Meta(ge=0.01, le=100)],
        About(
            "networks",
            "categories in training's samples: the lower, the closer to one-hot, and the noisier G's gradients",
            live=True,
            log=True,
        ),
    ] = 0.2
    straight_through: Annotated[
        bool,
        About(
            "networks",
            "categories and symbols of G's samples in training: one-hot for D, with the gradients of their shares",
        ),
    ] = False
    init_g: Annotated[
        Initialisation,
        About("networks", "G's weights: default, uniform:R = U(-R, R), normal:S, orthogonal:GAIN"),
    ] = "default"
    init_d: Annotated[Initialisation, About("networks", "D's weights, as init_g")] = "default"
    output_bias: Annotated[
        Literal["init", "marginals"],
        About("networks", "bias of G's last layer: init = as others, marginals = G begins near the mean image"),
    ] = "init"
    max_column_norm: Annotated[
        Weight,
        About("networks", "bound on the norm of a unit's weights, kept after each update (linear layers); 0 = none"),
    ] = 0.0
    pretrained: Annotated[
        Text, About("networks", "network = goodfellow_tfd_2: the run of goodfellow_tfd whose G it goes on from")
    ] = "none"

    loss: Annotated[
        Annotated[str, Meta(pattern=LOSS)],
        About("game", "objective of the game, or your own from the start", live=True),
    ] = "non_saturating"
    constraint: Annotated[
        Literal["none", "clip", "gradient_penalty", "variance", "r1", "r1_r2"],
        About(
            "game",
            "what holds D back: clip = its weights, gradient_penalty = its slope between data and samples, "
            "variance = its scores, r1 = its slope at data, r1_r2 = at data and at samples",
            live=True,
        ),
    ] = "none"
    constraint_weight: Annotated[
        Weight,
        About(
            "game",
            "clip: bound c on |weight|; gradient_penalty: λ·(‖∇D‖ - 1)²; variance: ρ of the quadratic term and "
            "of the multiplier's step; r1, r1_r2: γ/2·‖∇D‖²",
            live=True,
            log=True,
        ),
    ] = 0.0
    gradient_penalty_form: Annotated[
        Literal["two_sided", "one_sided"],
        About("game", "gradient_penalty: two_sided pulls slopes to 1, one_sided only those above", live=True),
    ] = "two_sided"
    variance_form: Annotated[
        Literal["pooled", "each"],
        About("game", "variance: pooled = second moment of all scores is 1 (Fisher GAN), each = Var ≤ 1", live=True),
    ] = "pooled"
    condition_weight: Annotated[
        Weight,
        About("game", "condition = auxiliary, classifier: weight of the loss of the labels", live=True, log=True),
    ] = 1.0
    update: Annotated[
        Literal["alternating", "simultaneous"],
        About("game", "alternating: Algorithm 1; simultaneous: one shared batch, as the code of 2014"),
    ] = "alternating"
    k: Annotated[Count, About("game", "updates of D per iteration", live=True, unit="updates")] = 1
    k_schedule: Annotated[
        Literal["constant", "bursts"],
        About("game", "bursts: 100 updates of D in the first 25 iterations and each 500th, as WGAN's code", live=True),
    ] = "constant"
    g_steps: Annotated[Count, About("game", "updates of G per iteration", live=True, unit="updates")] = 1
    batch_size: Annotated[
        Annotated[int, Meta(ge=1, le=65536)],
        About("game", "examples per update", live=True, unit="examples", log=True),
    ] = 128
    instance_noise: Annotated[
        Annotated[float, Meta(ge=0, le=10)],
        About("game", "deviation of Gaussian noise on D's inputs, real and fake", live=True),
    ] = 0.0
    label_smoothing: Annotated[
        Annotated[float, Meta(ge=0, le=0.5)],
        About("game", "one-sided: D's target for data is 1 minus this (losses with targets)", live=True),
    ] = 0.0

    optimizer_d: Annotated[Optimizer, About("optimiser", "optimiser of D", live=True)] = "adam"
    optimizer_g: Annotated[Optimizer, About("optimiser", "optimiser of G", live=True)] = "adam"
    lr_d: Annotated[Rate, About("optimiser", "base learning rate of D", live=True, log=True)] = 1e-3
    lr_g: Annotated[Rate, About("optimiser", "base learning rate of G", live=True, log=True)] = 1e-3
    beta1: Annotated[Share, About("optimiser", "Adam: decay of the mean of gradients", live=True)] = 0.0
    beta2: Annotated[Share, About("optimiser", "Adam, RMSProp: decay of the mean of squared gradients", live=True)] = (
        0.99
    )
    momentum: Annotated[Share, About("optimiser", "SGD, RMSProp: momentum", live=True)] = 0.5
    lr_schedule: Annotated[
        Literal["constant", "cosine", "decay"],
        About("optimiser", "factor on both base rates; decay: as in 2014, with a ramp of the momentum"),
    ] = "cosine"
    lr_horizon: Annotated[
        Annotated[int, Meta(ge=1, le=10**12)] | Literal["max_steps"],
        About("optimiser", "step at which cosine reaches 0; fixed at the first start", unit="steps"),
    ] = "max_steps"
    lr_decay: Annotated[
        Annotated[float, Meta(ge=1, le=2)],
        About("optimiser", "schedule decay: the rate is divided by this after every step, down to 1e-6"),
    ] = 1.000004
    momentum_final: Annotated[
        Share, About("optimiser", "schedule decay: momentum reached linearly from epoch 1 to epoch 250")
    ] = 0.7
    ema_decay: Annotated[
        Share, About("optimiser", "averaged copy of G, weight kept per update of G; 0 = off", live=True)
    ] = 0.999

    seed: Annotated[
        Annotated[int, Meta(ge=0, le=2**63 - 1)], About("run", "of weights, noise and the order of the data")
    ] = 0
    device: Annotated[Annotated[str, Meta(pattern=DEVICE)], About("run", "auto, cpu, cuda or cuda:N", place=True)] = (
        "auto"
    )
    threads: Annotated[
        Annotated[int, Meta(ge=1, le=1024)] | Literal["auto"],
        About("run", "threads of torch on the CPU; auto = 1 for tiny networks, else all at hand", place=True),
    ] = "auto"
    max_steps: Annotated[
        Annotated[int, Meta(ge=1, le=10**12)],
        About("run", "iterations to train", live=True, unit="steps", log=True),
    ] = 10_000
    max_time: Annotated[
        Annotated[str, Meta(pattern=LIMIT)],
        About("run", "leave with a checkpoint after this long (exit status 75)", place=True),
    ] = "none"
    preview_every: Annotated[
        Every, About("run", "samples from fixed latents: steps, or a time such as 2s; 0 = never", live=True)
    ] = "2s"
    eval_every: Annotated[
        Every, About("run", "evaluation: steps, or a time such as 60s; 0 = only at the end", live=True)
    ] = 0
    features: Annotated[
        Annotated[str, Meta(pattern=FEATURE)],
        About("run", "what measures compare images by; classifier: what one sees that has learnt the data's labels"),
    ] = "pixels"
    eval_share: Annotated[
        Annotated[float, Meta(ge=0.001, le=1)],
        About("run", "most of the time that regular evaluations may take, in slices between updates", live=True),
    ] = 0.05
    checkpoint_every: Annotated[
        Every, About("run", "checkpoint: steps, or a time; 0 = only at the end and on signals", live=True)
    ] = "300s"
    log_every: Annotated[
        Steps, About("run", "metrics each so many steps; 0 = 20 a second, later fewer", unit="steps")
    ] = 0


@dataclass(frozen=True)
class Field:
    """One key of the configuration as data: for help texts, messages and controls."""

    name: str
    type: Any
    default: Any
    about: About

    @property
    def choices(self) -> tuple[str, ...]:
        """The words allowed for it, if it is a choice (perhaps beside numbers)."""
        return tuple(word for part in _parts(self.type) for word in _words(part))

    @property
    def range(self) -> tuple[float | None, float | None]:
        """Lowest and highest number allowed; None where there is no bound."""
        for part in _parts(self.type):
            if meta := _meta(part):
                low = meta.ge if meta.ge is not None else meta.gt
                high = meta.le if meta.le is not None else meta.lt
                return low, high
        return None, None

    @property
    def allowed(self) -> str:
        """What may stand there, in words: `a number from 0 to 100`."""
        return " or ".join(_describe(part) for part in _parts(self.type))

    def check(self, value: object) -> Any:
        """Return `value` as the field's type. Raises ConfigError naming field, value and what is allowed."""
        try:
            return msgspec.convert(value, self.type)
        except (msgspec.ValidationError, OverflowError):
            raise ConfigError(f"{self.name} = {_show(value)}: must be {self.allowed}") from None


def _show(value: object) -> str:
    try:
        return neutralise(repr(value), 80)
    except (ValueError, RecursionError):  # a number of thousands of digits, lists in lists in lists
        return f"a {type(value).__name__}"


def _strip(part: Any) -> Any:
    return get_args(part)[0] if get_origin(part) is Annotated else part


def _parts(annotated: Any) -> list[Any]:
    """The alternatives of a (possibly annotated) union."""
    if get_origin(annotated) is Annotated and not _meta(annotated):
        annotated = _strip(annotated)
    arguments = get_args(annotated)
    is_union = arguments and get_origin(annotated) not in (Annotated, Literal, list)
    return [inner for part in arguments for inner in _parts(part)] if is_union else [annotated]


def _meta(part: Any) -> Meta | None:
    extras = get_args(part)[1:] if get_origin(part) is Annotated else ()
    return next((extra for extra in extras if isinstance(extra, Meta)), None)


def _words(part: Any) -> tuple[str, ...]:
    bare, meta = _strip(part), _meta(part)
    if meta and meta.pattern in _OR_OWN:
        return _OR_OWN[meta.pattern]
    return get_args(bare) if get_origin(bare) is Literal else ()


_PATTERNS = {
    DURATION: "a time such as 2s or 30m",
    INITIALISATION: "default, uniform:R, normal:S or orthogonal:GAIN (such as uniform:0.05)",
    DEVICE: "auto, cpu, cuda or cuda:N",
    LIMIT: "none or a time such as 30m",
}


def _describe(part: Any) -> str:
    bare, meta = _strip(part), _meta(part)
    if words := _words(part):
        return ", ".join([*words, *([parts.FORM] if get_origin(bare) is not Literal else [])])
    if bare is bool:
        return "true or false"
    if get_origin(bare) is list:
        return f"a list of numbers such as [128, 128], each {_describe(get_args(bare)[0])}"
    if bare is str:
        return _PATTERNS.get(meta.pattern or "", "text without control characters") if meta else "text"
    kind = "a whole number" if bare is int else "a number"
    if meta is None:
        return kind
    low = f"above {meta.gt:g}" if meta.gt is not None else f"from {meta.ge:g}"
    high = f"below {meta.lt:g}" if meta.lt is not None else f"to {meta.le:g}"
    return f"{kind} {low} {high}"


def _fields() -> dict[str, Field]:
    hints = get_type_hints(Config, include_extras=True)
    table = {}
    for info in msgspec.structs.fields(Config):
        hint = hints[info.name]
        about = next(extra for extra in hint.__metadata__ if isinstance(extra, About))
        table[info.name] = Field(info.name, hint, getattr(_DEFAULTS, info.name), about)
    return table


_DEFAULTS = Config()
FIELDS: dict[str, Field] = _fields()


def field(name: str) -> Field:
    """Return the field called `name`; ConfigError with the nearest one otherwise."""
    try:
        return FIELDS[name]
    except KeyError:
        raise ConfigError(f"no such setting: {neutralise(repr(name), 80)}{nearest(name, FIELDS)}") from None


def validate(values: Mapping[str, object]) -> Config:
    """Return the configuration with `values` over the defaults.

    Raises:
        ConfigError: an unknown key, a value of the wrong type or out of range, or a combination that
            makes no sense.
    """
    config = Config(**{name: field(name).check(value) for name, value in values.items()})
    combinations.check(config)
    return config


def change(config: Config, values: Mapping[str, object]) -> Config:
    """Return `config` with live fields altered, all or nothing. Raises ConfigError as `validate` does."""
    for name in values:
        if not field(name).about.live:
            raise ConfigError(f"{name} is fixed while a run trains; live are {', '.join(live_fields())}")
    return validate(msgspec.structs.asdict(config) | dict(values))


def live_fields() -> list[str]:
    """The names of the fields that can change between two updates."""
    return [name for name, entry in FIELDS.items() if entry.about.live]
