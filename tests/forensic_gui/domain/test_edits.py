"""Edits are taken back by their inverse, refuse states they were not made on, and survive as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.annotation import (
    Annotation,
    Conclusion,
    Confidence,
    Kind,
    MaskMaker,
    MaskOrigin,
    Region,
    RegionDetails,
)
from forensic_gui.domain.edits import (
    AddRegion,
    ChangeRegion,
    Edit,
    MaskPart,
    RemoveRegion,
    SetConclusion,
    Several,
    annotation_from_record,
    annotation_to_record,
    apply,
    edit_from_record,
    edit_to_record,
)
from forensic_gui.domain.geometry import Box, Point, Size
from forensic_gui.domain.mask import Mask, MaskPatch
from forensic_gui.domain.prompt import PointPrompt, Prompts, Scribble

SIZE = Size(5, 4)

masks = st.integers(0, 2**20 - 1).map(
    lambda bits: Mask.of(np.array([bits >> place & 1 for place in range(20)], bool).reshape(SIZE.shape))
)
points = st.builds(Point, st.floats(0, 5), st.floats(0, 4))
prompts = st.builds(
    Prompts,
    st.sampled_from([None, Box(0, 0.5, 3, 4)]),
    st.lists(st.builds(PointPrompt, points, st.booleans()), max_size=2).map(tuple),
    st.lists(
        st.builds(Scribble, st.lists(points, min_size=1, max_size=3).map(tuple), st.floats(1, 9), st.booleans()),
        max_size=2,
    ).map(tuple),
)
origins = st.builds(
    MaskOrigin,
    st.sampled_from(MaskMaker),
    st.text(max_size=3),
    st.text(max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers() | st.booleans() | st.text(max_size=3), max_size=2),
    st.booleans(),
)
details = st.builds(
    RegionDetails,
    author=st.text(max_size=3),
    time=st.just("2026-01-01T00:00:00+00:00"),
    kind=st.sampled_from(Kind),
    confidence=st.sampled_from(Confidence),
    note=st.text(max_size=5),
    origin=origins,
    prompts=prompts,
)
sources = st.none() | masks.filter(lambda mask: not mask.is_empty)


@st.composite
def annotations(draw: st.DrawFn) -> Annotation:
    """An annotation with up to three regions."""
    regions = tuple(
        Region(str(number), draw(masks), draw(details), draw(sources)) for number in range(draw(st.integers(0, 3)))
    )
    return Annotation(SIZE, regions, draw(st.sampled_from(Conclusion)))


@st.composite
def fitting(draw: st.DrawFn, annotation: Annotation) -> AddRegion | RemoveRegion | ChangeRegion | SetConclusion:
    """A single edit that fits an annotation."""
    regions = annotation.regions
    kinds = ["add", "mark", *(["remove", "change", "change", "source"] if regions else [])]
    kind = draw(st.sampled_from(kinds))
    if kind == "add":
        number = 1 + max((int(region.id) for region in regions), default=-1)
        return AddRegion(
            Region(str(number), draw(masks), draw(details), draw(sources)), draw(st.integers(0, len(regions)))
        )
    if kind == "mark":
        return SetConclusion(annotation.conclusion, draw(st.sampled_from(Conclusion)))
    index = draw(st.integers(0, len(regions) - 1))
    region = regions[index]
    if kind == "remove":
        return RemoveRegion(region, index)
    part = MaskPart.REGION if kind == "change" else MaskPart.SOURCE
    held = region.mask if kind == "change" else region.source or Mask.empty(SIZE)
    return ChangeRegion(region.id, region.details, draw(details), part, MaskPatch.between(held, draw(masks)))


@st.composite
def edited(draw: st.DrawFn) -> tuple[Annotation, Edit]:
    """An annotation, and an edit that fits it."""
    annotation = draw(annotations())
    if draw(st.booleans()):
        return annotation, draw(fitting(annotation))
    state, edits = annotation, []
    for _ in range(draw(st.integers(0, 3))):
        edits.append(draw(fitting(state)))
        state = apply(edits[-1], state)
    return annotation, Several(tuple(edits))


@given(edited())
def test_the_inverse_takes_an_edit_back(case: tuple[Annotation, Edit]) -> None:
    annotation, edit = case
    after = apply(edit, annotation)
    assert apply(edit.inverse, after) == annotation
    assert edit.inverse.inverse == edit
    assert apply(edit.inverse.inverse, annotation) == after


@given(edited())
def test_edits_and_annotations_survive_as_json(case: tuple[Annotation, Edit]) -> None:
    annotation, edit = case
    assert edit_from_record(json.loads(json.dumps(edit_to_record(edit)))) == edit
    assert annotation_from_record(json.loads(json.dumps(annotation_to_record(annotation)))) == annotation


@given(annotations())
def test_the_mask_of_an_annotation_is_that_of_all_its_regions(annotation: Annotation) -> None:
    united = np.zeros(SIZE.shape, bool)
    for region in annotation.regions:
        united |= region.mask.to_array()
        assert annotation.region(region.id) is region
    assert annotation.mask == Mask.of(united)
    with pytest.raises(KeyError):
        annotation.region("none")


PLAIN = RegionDetails("Ada", "2026-01-01T00:00:00+00:00")
OTHER = replace(PLAIN, note="seen again")
REGION = Region("a", Mask.full(SIZE), PLAIN)
STATE = Annotation(SIZE, (REGION,))
PATCH = MaskPatch.between(Mask.empty(SIZE), Mask.full(SIZE))


@pytest.mark.parametrize(
    "edit",
    [
        AddRegion(REGION, 0),
        AddRegion(Region("b", Mask.full(SIZE), PLAIN), 2),
        AddRegion(Region("b", Mask.full(SIZE), PLAIN), -1),
        AddRegion(Region("b", Mask.full(Size(4, 5)), PLAIN), 0),
        AddRegion(Region("b", Mask.full(SIZE), PLAIN, source=Mask.full(Size(4, 5))), 0),
        AddRegion(Region("b", Mask.full(SIZE), PLAIN, source=Mask.empty(SIZE)), 0),
        RemoveRegion(REGION, 1),
        RemoveRegion(REGION, -1),
        RemoveRegion(replace(REGION, details=OTHER), 0),
        ChangeRegion("b", PLAIN, OTHER),
        ChangeRegion("a", OTHER, PLAIN),
        ChangeRegion("a", PLAIN, OTHER, patch=PATCH),
        SetConclusion(Conclusion.NO_MANIPULATION_FOUND, Conclusion.OPEN),
        Several((SetConclusion(Conclusion.OPEN, Conclusion.NO_MANIPULATION_FOUND), AddRegion(REGION, 0))),
    ],
    ids=lambda edit: type(edit).__name__,
)
def test_an_edit_made_on_another_state_is_refused(edit: Edit) -> None:
    with pytest.raises(ValueError):
        apply(edit, STATE)


def test_a_source_that_is_emptied_is_no_source() -> None:
    given_source = ChangeRegion("a", PLAIN, PLAIN, MaskPart.SOURCE, PATCH)
    after = apply(given_source, STATE)
    assert after.regions[0].source == Mask.full(SIZE)
    assert apply(given_source.inverse, after).regions[0].source is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda record: record.pop("edit"),
        lambda record: record.update(edit="paint"),
        lambda record: record.update(edit="several", edits=[{"edit": "several", "edits": []}]),
        lambda record: record["region"].update(mask="~"),
        lambda record: record["region"]["details"].update(kind="forged"),
        lambda record: record["region"].update(width="wide"),
    ],
)
def test_json_that_is_no_edit_is_refused(damage: Callable[[dict[str, object]], object]) -> None:
    record = edit_to_record(AddRegion(REGION, 0))
    damage(record)
    with pytest.raises((KeyError, TypeError, ValueError)):
        edit_from_record(record)


def test_prompts_say_whether_anything_was_told_and_scribbles_are_no_less_than_a_pixel() -> None:
    assert Prompts().is_empty
    assert not Prompts(points=(PointPrompt(Point(1, 1)),)).is_empty
    for points, width in (((), 3.0), ((Point(1, 1),), 0.5)):
        with pytest.raises(ValueError, match="at least one"):
            Scribble(points, width)


@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
def test_what_an_edit_keeps_is_finite_from_the_start(odd: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Scribble((Point(1, 1),), odd)
    with pytest.raises(ValueError, match="finite"):
        MaskOrigin(parameters={"threshold": odd})


def test_an_image_of_more_pixels_than_are_ever_decoded_cannot_be_annotated() -> None:
    with pytest.raises(ValueError, match="cannot be drawn on"):
        Annotation(Size(100_000, 100_000))
