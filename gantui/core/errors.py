"""Errors a user can act on, each with the exit status it ends the program with."""


class UserError(Exception):
    """Something the user can mend: shown as one or two lines, never as a traceback (exit status 2)."""

    exit_status = 2


class ConfigError(UserError):
    """A config field, preset or override that is not allowed."""


class DataError(UserError):
    """A data set that is missing, unreadable or of the wrong shape."""


class CommandRejected(UserError):
    """The trainer refused a command."""


class NoSuchRun(UserError):
    """No run answers to that name (exit status 3)."""

    exit_status = 3


class NoAnswer(UserError):
    """The run is not running, or did not answer in time (exit status 4)."""

    exit_status = 4


class RunFailed(UserError):
    """A run that ended by an error of its own (exit status 1)."""

    exit_status = 1


class EndedEarly(UserError):
    """A signal ended what was asked for before it was done (exit status 75)."""

    exit_status = 75
