"""Failures of the library a caller can act on; every message is a sentence."""

from __future__ import annotations


class BoxpromptError(Exception):
    """Base of the library's failures."""


class WeightsNotFoundError(BoxpromptError):
    """No weights of that id or at that path."""


class WeightsMismatchError(BoxpromptError):
    """A weights file does not have the hash or the layout its card states."""


class DeviceUnavailableError(BoxpromptError):
    """The device asked for is not on this machine."""


class CheckpointError(BoxpromptError):
    """A training checkpoint is missing, damaged, or of another run."""


class ConfigurationError(BoxpromptError):
    """A configuration file cannot be used."""


class CalibrationError(BoxpromptError):
    """Images that no calibration can be fitted to, or a calibration that is not of these weights."""


class ImageError(BoxpromptError):
    """An image that a network cannot look at."""


class PromptError(BoxpromptError):
    """Prompts that no mask can be made of."""


class StoppedError(BoxpromptError):
    """The caller asked a long computation to stop."""


class ProcessLostError(BoxpromptError):
    """Another process of the same training run is gone."""
