"""The weights a user can choose among, which of them can be removed, and which names are free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from forensic_gui.services.finetune.destination import CHECKPOINT, WORK_SUFFIX, is_identifier
from forensic_gui.services.installed_weights import InstalledWeights, UnusableWeights, installed_weights
from forensic_gui.services.segmenting.places import Places


@dataclass(frozen=True, slots=True)
class Shelf:
    """Weights on this computer.

    Attributes:
        weights: in the order in which they are found.
        shipped: ids that are part of the program.
        unfinished: ids under which a fine-tuning was stopped and can go on.
    """

    weights: tuple[InstalledWeights | UnusableWeights, ...]
    shipped: frozenset[str]
    unfinished: frozenset[str]

    def find(self, weights_id: str) -> InstalledWeights | None:
        """Weights that can be used, by their id."""
        usable = (each for each in self.weights if isinstance(each, InstalledWeights))
        return next((each for each in usable if each.id == weights_id), None)

    def problem_of(self, name: str) -> str:
        """Why new weights cannot be called so, a sentence; "" where they can."""
        if not is_identifier(name):
            return "A name has small letters, digits, dots and hyphens, and begins with a letter or digit."
        if name in self.shipped:
            return f"«{name}» is part of the program; choose another name."
        if any(each.id == name for each in self.weights):
            return f"There are weights called «{name}» already; choose another name."
        return ""


def read_shelf(*, folders: Sequence[Path], places: Places) -> Shelf:
    """Look what is there; no file is hashed.

    Args:
        folders: where weights are looked for.
        places: where the user's own lie, and which folders are the program's.
    """
    shipped = frozenset(path.stem for folder in places.shipped for path in folder.glob("*.safetensors"))
    unfinished = frozenset(
        path.parent.name.removesuffix(WORK_SUFFIX) for path in places.students.glob(f"*{WORK_SUFFIX}/{CHECKPOINT}")
    )
    return Shelf(installed_weights(folders=folders, verify=False), shipped, unfinished)
