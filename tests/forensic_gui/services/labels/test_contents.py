"""What a case has to say is counted as the formats lose it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forensic_gui.domain.annotation import Confidence, Kind
from forensic_gui.domain.errors import Cancelled
from forensic_gui.domain.geometry import Point
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import Prompts, Scribble
from forensic_gui.services.case import CaseSession
from forensic_gui.services.labels.contents import contents_of, losses
from forensic_gui.services.labels.formats import FORMATS, LabelFormat, Trait
from forensic_gui.services.progress import CancelToken

from .helpers import SIZE, draw, mark, region, with_hole


def block(rows: slice, columns: slice) -> Mask:
    inside = np.zeros(SIZE.shape, dtype=np.bool_)
    inside[rows, columns] = True
    return Mask.of(inside)


@pytest.fixture
def drawn(case: CaseSession, photographs: Path) -> CaseSession:
    """Three images: one with two regions, one marked, one with nothing said."""
    case.add(sorted(photographs.iterdir()))
    plain = region(
        block(slice(0, 3), slice(0, 3)),
        Kind.UNKNOWN,
        confidence=Confidence.UNSTATED,
        prompts=Prompts(scribbles=(Scribble((Point(1.0, 1.0),), 3.0),)),
    )
    source = block(slice(6, 8), slice(0, 3))
    draw(case, 1, region(with_hole(), Kind.COPY_MOVE, source=source, note="Lamp"), plain)
    mark(case, 2)
    return case


def test_what_is_there_is_counted(drawn: CaseSession) -> None:
    contents = contents_of(drawn)
    assert (contents.manipulated, contents.untouched, contents.regions) == (1, 1, 2)
    assert (contents.scribbled, contents.left_out) == (1, 1)
    assert contents.traits == dict.fromkeys(Trait, 1)


def test_what_is_lost_and_there_comes_first_and_is_told_in_words(drawn: CaseSession) -> None:
    contents = contents_of(drawn)
    lost = losses(LabelFormat.YOLO_SEG, contents)
    assert {loss.trait for loss in lost} == set(FORMATS[LabelFormat.YOLO_SEG].losses)
    assert [loss.counted for loss in lost if loss.trait is Trait.HOLES] == ["1 region has a hole"]
    drawn.undo(1)
    drawn.undo(1)
    assert all(loss.counted == "" for loss in losses(LabelFormat.YOLO_SEG, contents_of(drawn)))
    assert losses(LabelFormat.COCO, contents) == ()


def test_a_mask_for_each_region_keeps_regions_and_kinds_apart(drawn: CaseSession) -> None:
    contents = contents_of(drawn)
    apart = {loss.trait for loss in losses(LabelFormat.PNG, contents, per_region=True)}
    together = {loss.trait for loss in losses(LabelFormat.PNG, contents)}
    assert together - apart == {Trait.OVERLAPS, Trait.KIND}
    # Other formats have no such masks.
    assert losses(LabelFormat.MANI, contents, per_region=True) == losses(LabelFormat.MANI, contents)


def test_several_are_told_in_the_plural(case: CaseSession, photographs: Path) -> None:
    case.add(sorted(photographs.iterdir()))
    for item_id in (1, 2, 3):
        draw(case, item_id, region(with_hole()))
    (holes,) = (each for each in losses(LabelFormat.YOLO_SEG, contents_of(case)) if each.trait is Trait.HOLES)
    assert holes.counted == "3 regions have holes"


def test_counting_can_be_stopped(drawn: CaseSession) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        contents_of(drawn, cancel=cancel)
