"""What the window asks of weights and of fine-tuning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forensic_gui.services.weights_shelf import Shelf


@dataclass(frozen=True, slots=True)
class WeightsDoor:
    """The use cases of weights; tests put others here.

    Attributes:
        shelf: which weights there are.
        remove: removes weights that the user installed, by id.
        command: what starts this program as a child process.
    """

    shelf: Callable[[], Shelf]
    remove: Callable[[str], Path]
    command: Callable[[], tuple[str, ...]]


def open_weights_door() -> WeightsDoor:
    """The real ones."""
    from forensic_gui.services import bootstrap
    from forensic_gui.services.own_command import own_command

    return WeightsDoor(shelf=bootstrap.weights_shelf, remove=bootstrap.remove_weights, command=own_command)
