"""Pseudo-masks: what a teacher makes of coarse boxes, to train a student with instead of masks drawn by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from boxprompt.contracts import BoolMask, RgbImage, require_mask
from boxprompt.metrics.boundary import boundary_f
from boxprompt.teacher.contracts import Box, Teacher, TeacherPrompts, never_stop


@dataclass(frozen=True, slots=True)
class MaskScores:
    """How well a mask meets the truth.

    Attributes:
        iou: intersection over union, in [0, 1]; 1 for two empty masks.
        boundary_f: see `boxprompt.metrics.boundary`.
    """

    iou: float
    boundary_f: float


@dataclass(frozen=True, slots=True, eq=False)
class PseudoMask:
    """A mask with a teacher.

    Attributes:
        mask: bool (H, W), the union over all boxes.
        boxes: what was asked, in image pixels.
        teacher: id of the teacher.
        weights_sha256: of its checkpoint; "" for one without weights.
        quality: the least of its own estimates over the boxes; None where it makes none.
        scores: against the known mask; None where none was given.
    """

    mask: BoolMask
    boxes: tuple[Box, ...]
    teacher: str
    weights_sha256: str
    quality: float | None
    scores: MaskScores | None


def make_pseudo_mask(
    image: RgbImage,
    *,
    boxes: Sequence[Box],
    teacher: Teacher,
    truth: BoolMask | None = None,
    should_stop: Callable[[], bool] = never_stop,
) -> PseudoMask:
    """Ask a teacher for the mask of coarse boxes; the image is encoded once.

    Args:
        image: uint8 (H, W, 3) RGB, upright.
        boxes: one a region, at least one.
        teacher: makes the masks.
        truth: the known mask, bool (H, W), only to measure against.
        should_stop: asked between steps.

    Raises:
        ValueError: there is no box, or the known mask has another size.
        PromptError: a box lies outside the image.
        StoppedError: `should_stop` said so.
    """
    if not boxes:
        raise ValueError("a pseudo-mask needs at least one box")
    encoding = teacher.encode(image, should_stop=should_stop)
    answers = [teacher.decode(encoding, TeacherPrompts(box=box), should_stop=should_stop) for box in boxes]
    mask = np.logical_or.reduce([answer.mask for answer in answers])
    qualities = [answer.quality for answer in answers if answer.quality is not None]
    return PseudoMask(
        mask=mask,
        boxes=tuple(boxes),
        teacher=teacher.id,
        weights_sha256=teacher.weights_sha256,
        quality=min(qualities, default=None),
        scores=None if truth is None else score_mask(mask, truth),
    )


def score_mask(mask: BoolMask, truth: BoolMask) -> MaskScores:
    """Measure a mask, bool (H, W), against the known one of its size; a ValueError where the sizes differ."""
    if require_mask(mask).shape != require_mask(truth).shape:
        raise ValueError(f"masks of {mask.shape} and {truth.shape} do not meet")
    union = int(np.count_nonzero(mask | truth))
    iou = int(np.count_nonzero(mask & truth)) / union if union else 1.0
    return MaskScores(iou=iou, boundary_f=boundary_f(mask, truth))
