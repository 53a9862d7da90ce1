"""The second stage of the 2014 experiment on faces: a G that ends in the layers another run has trained."""

from pathlib import Path

import torch

from gantui.core import presets
from gantui.core.combinations import CONTINUES
from gantui.core.errors import ConfigError
from gantui.core.text import neutralise
from gantui.engine import model
from gantui.engine.training import Training
from gantui.runs.layout import RunDir

FIRST_STAGE = "goodfellow_tfd"


def take_over(training: Training) -> None:
    """Give G the layers of `config.pretrained`, if it is to begin with some; all of them are trained on.

    Raises:
        ConfigError: no run is named, or one of other networks.
        NoCheckpoint: that run has none.
    """
    config = training.config
    if config.network != CONTINUES:
        return
    if config.pretrained == "none":
        raise ConfigError(f"pretrained = none: network = {CONTINUES} needs a run of {FIRST_STAGE}: -s pretrained=RUN")
    run = RunDir(Path(config.pretrained))
    network = presets.read(run.config_toml).config().network
    if network != FIRST_STAGE:  # nothing of it is built before: it might be code of somebody's own
        raise ConfigError(
            f"pretrained = {neutralise(config.pretrained)}: is a run of network = {neutralise(network)}, "
            f"must be {FIRST_STAGE}"
        )
    training.begin_from(model.load(run, torch.device("cpu")).g.state_dict())
