"""The weights a fine-tuning starts from: a student by itself, or joint weights, of which it tunes the student."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from numpy.typing import NDArray

from boxprompt.errors import WeightsMismatchError
from boxprompt.inference import joint
from boxprompt.network.config import StudentConfig
from boxprompt.network.student import ARCHITECTURE, Student
from boxprompt.weights import WeightCard, WeightsFile


def student_of(parent: WeightsFile) -> WeightsFile:
    """The student that is tuned: the parent itself, or the one within it; verified where it lies within.

    Raises:
        WeightsMismatchError: altered joint weights, or weights without a student.
        WeightsNotFoundError: the file cannot be read.
    """
    if parent.card.architecture == joint.ARCHITECTURE:
        return joint.student_part(parent, parent.tensors())
    if parent.card.architecture != ARCHITECTURE:
        raise WeightsMismatchError(
            f"The weights «{parent.card.id}» are of architecture {parent.card.architecture}: there is no student in "
            "them to fine-tune."
        )
    return parent


def network_of(student: WeightsFile) -> Student:
    """The network of a student's weights.

    Raises:
        WeightsMismatchError: altered weights, or tensors that do not fit the card.
        WeightsNotFoundError: the file cannot be read.
    """
    tensors = {name: torch.from_numpy(value) for name, value in student.tensors().items()}
    try:
        network = Student(StudentConfig.from_dict(student.card.student))
        network.load_state_dict(tensors)  # float16 on disk is cast to the network's float32
    except (TypeError, ValueError, RuntimeError) as error:
        raise WeightsMismatchError(
            f"The tensors of «{student.card.id}» do not fit the student on its card: {error}"
        ) from error
    return network


def tensors_of_child(parent: WeightsFile, student: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
    """What the new weights hold: the tuned student, and of joint weights every other part as it was."""
    if parent.card.architecture == joint.ARCHITECTURE:
        return joint.with_student(parent.tensors(), student)
    return student


def recipe_of_parts(card: WeightCard) -> Mapping[str, Any]:
    """What the recipe of weights tuned from these says of their parts; nothing for a student."""
    if card.architecture != joint.ARCHITECTURE:
        return {}
    return {"tuned_part": joint.STUDENT, "parent_parts": card.recipe.get("parts", {})}


def limits_of_parts(card: WeightCard) -> tuple[str, ...]:
    """What must be said of weights tuned from these because of which parts are fused."""
    if card.architecture != joint.ARCHITECTURE or joint.fuses_student(card):
        return ()
    return ("Their thorough view counts no student: fine-tuning changed the fast view alone.",)
