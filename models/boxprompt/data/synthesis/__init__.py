"""Manipulations made on the fly from photographs, with exact masks and a recipe for each.

The kinds share every history: the host, its size and what follows the edit are drawn before the kind is looked at, so
that a network finds nothing but the edit to tell a forged image from an untouched one.
"""

from boxprompt.data.synthesis.config import DistractorConfig, EditConfig, HistoryConfig, Kind, SynthesisConfig
from boxprompt.data.synthesis.export import WrittenDataset, write_dataset
from boxprompt.data.synthesis.pool import Photograph, PhotoPool
from boxprompt.data.synthesis.synthesizer import Composite, SynthesisError, Synthesizer

__all__ = [
    "Composite",
    "DistractorConfig",
    "EditConfig",
    "HistoryConfig",
    "Kind",
    "PhotoPool",
    "Photograph",
    "SynthesisConfig",
    "SynthesisError",
    "Synthesizer",
    "WrittenDataset",
    "write_dataset",
]
