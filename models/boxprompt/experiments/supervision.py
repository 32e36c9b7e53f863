"""What a head learns from: masks, a teacher's answers to coarse boxes, or the boxes themselves."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import BoolMask, RgbImage
from boxprompt.data.datasets import read_mask
from boxprompt.errors import StoppedError
from boxprompt.experiments.grid import Supervision
from boxprompt.experiments.material import ImageSet
from boxprompt.teacher.contracts import Box, Teacher, TeacherPrompts, never_stop
from boxprompt.teacher.prompts import loose_box, tight_box
from boxprompt.teacher.pseudo_masks import score_mask
from boxprompt.training.samples import whole_view

_LEAST_SHARE_OF_MASK = 0.05
_RECORDS = "records.jsonl"


@dataclass(frozen=True, slots=True, eq=False)
class LabelFacts:
    """How one image was labelled.

    Attributes:
        image: stem of the image.
        boxes: how many boxes there were.
        taken: how many of them were taken as they are because the answer had collapsed.
        iou: of the label with the mask.
    """

    image: str
    boxes: int
    taken: int
    iou: float


def boxes_around(mask: BoolMask, *, looseness: float, seed: int, name: str) -> tuple[Box, ...]:
    """Boxes as a hurried hand draws them around the regions of a mask.

    The shares by which sides move are the same for every looseness, times that looseness: a looser set of boxes differs
    from a tighter one in nothing else.

    Args:
        mask: bool (H, W); regions touch by an edge or a corner, and those under 5 % of the mask get no box.
        looseness: most that a side lies off, a share of its length.
        seed: of all images.
        name: of this image: seed and name decide, whatever else is in the set.
    """
    generator = np.random.default_rng((seed, zlib.crc32(name.encode())))
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    regions = [labels == label for label in range(1, count)]
    least = _LEAST_SHARE_OF_MASK * np.count_nonzero(mask)
    return tuple(
        loose_box(region, generator=generator, looseness=looseness)
        for region in regions
        if np.count_nonzero(region) >= least
    )


def fill(box: Box, shape: tuple[int, ...]) -> BoolMask:
    """The pixels of a box, bool (H, W)."""
    filled = np.zeros(shape[:2], dtype=np.bool_)
    filled[round(box[1]) : round(box[3]), round(box[0]) : round(box[2])] = True
    return filled


def has_collapsed(answer: BoolMask, box: Box, *, looseness: float) -> bool:
    """Whether an answer spans too little of its box to be what the box was drawn around.

    That spans at least 1 / (1 + 2 looseness) of it; seven tenths of that leave room for answers that miss an arm.
    """
    if not answer.any():
        return True
    x0, y0, x1, y1 = tight_box(answer)
    least = 0.7 / (1 + 2 * looseness)
    return x1 - x0 < least * (box[2] - box[0]) or y1 - y0 < least * (box[3] - box[1])


def teach(image: RgbImage, boxes: Sequence[Box], *, teacher: Teacher, looseness: float) -> tuple[BoolMask, int]:
    """The union of a teacher's answers, each box itself where the answer collapsed.

    Returns:
        Bool (H, W), and how many boxes were taken as they are.
    """
    encoding = teacher.encode(image)
    made, taken = np.zeros(image.shape[:2], dtype=np.bool_), 0
    for box in boxes:
        answer = teacher.decode(encoding, TeacherPrompts(box=box)).mask
        collapsed = has_collapsed(answer, box, looseness=looseness)
        made |= fill(box, image.shape) if collapsed else answer
        taken += collapsed
    return made, taken


class Labels:
    """Labels of one kind for a set of images, kept as PNG files that an interrupted run goes on with."""

    def __init__(
        self, images: ImageSet, folder: Path, *, supervision: Supervision, looseness: float, seed: int, teacher: Teacher
    ) -> None:
        """Labels that are made by `make`.

        Args:
            images: all of them, untouched ones too, whose label is empty.
            folder: of these labels alone.
            supervision: what they are made of.
            looseness: of boxes.
            seed: of boxes.
            teacher: asked where the supervision is a teacher's.
        """
        self._images, self._folder, self._teacher = images, folder, teacher
        self._supervision, self._looseness, self._seed = supervision, looseness, seed

    def make(self, *, should_stop: Callable[[], bool] = never_stop) -> tuple[LabelFacts, ...]:
        """Make what is missing, and return how every manipulated image was labelled.

        Raises:
            StoppedError: `should_stop` said so; what is made stays.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        done = self._read()
        for index, item in enumerate(self._images.items):
            if item.mask is None or item.name in done:
                continue
            if should_stop():
                raise StoppedError("Labelling was stopped.")
            done[item.name] = self._label(index)
        return tuple(done.values())

    def targets(self, side_px: int) -> NDArray[np.uint8]:
        """The share of each pixel of the squeezed view that is labelled manipulated, uint8 (N, S, S) of 255."""
        made = np.zeros((len(self._images), side_px, side_px), dtype=np.uint8)
        for index, item in enumerate(self._images.items):
            if item.mask is not None:
                known = self._images.known(index)
                _, share = whole_view(known.image, read_mask(self._path(item.name)), side_px)
                made[index] = np.round(share * 255)
        return made

    def _label(self, index: int) -> LabelFacts:
        known = self._images.known(index)
        label, taken = known.truth, 0
        boxes: tuple[Box, ...] = ()
        if self._supervision != "mask":
            boxes = boxes_around(known.truth, looseness=self._looseness, seed=self._seed, name=known.item.name)
            label = np.logical_or.reduce([fill(box, known.truth.shape) for box in boxes])
        if self._supervision == "grabcut":
            label, taken = teach(known.image, boxes, teacher=self._teacher, looseness=self._looseness)
        cv2.imwrite(str(self._path(known.item.name)), label.astype(np.uint8) * 255)
        facts = LabelFacts(known.item.name, boxes=len(boxes), taken=taken, iou=score_mask(label, known.truth).iou)
        # After the image: a record stands for a label that is there.
        with (self._folder / _RECORDS).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(facts)) + "\n")
        return facts

    def _read(self) -> dict[str, LabelFacts]:
        path = self._folder / _RECORDS
        if not path.exists():
            return {}
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        whole = [line for line in lines if line.endswith("\n")]
        if len(whole) < len(lines):  # a kill in the middle of a line
            path.write_text("".join(whole), encoding="utf-8")
        found = [LabelFacts(**json.loads(line)) for line in whole]
        return {facts.image: facts for facts in found}

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.png"
