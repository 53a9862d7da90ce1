"""A doctor for runs: named conditions of the game, with evidence and a remedy, from the numbers of the log."""

from gantui.core.diagnosis.detectors import BY_NAME, CONDITIONS, Condition
from gantui.core.diagnosis.doctor import Doctor
from gantui.core.diagnosis.history import diagnose
from gantui.core.diagnosis.readings import Game, Reading, length

__all__ = ["BY_NAME", "CONDITIONS", "Condition", "Doctor", "Game", "Reading", "diagnose", "length"]
