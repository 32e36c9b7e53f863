"""Numbers of the regions on the canvas: where they stand, and that they come and go with the regions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from forensic_gui.domain.annotation import Annotation, Region, RegionDetails
from forensic_gui.domain.geometry import Box, Orientation, Point, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.palette import ADDS_RGB
from forensic_gui.views.canvas.annotated import AnnotationLayer, Tag, annotation_layer
from forensic_gui.views.canvas.chips import Chip, placed_chips
from forensic_gui.views.canvas.scene import LayerSettings, Scene
from forensic_gui.views.canvas.view import EvidenceView

PANE = Size(400, 300)
WIDE, HIGH, GAP = 20.0, 16.0, 5.0


def layer_of(*insides: np.ndarray, orientation: Orientation = Orientation.UPRIGHT) -> AnnotationLayer:
    details = RegionDetails(author="A", time="2026-01-01T00:00:00+00:00")
    regions = tuple(Region(str(number), Mask.of(inside), details) for number, inside in enumerate(insides, start=1))
    size = Size.of(insides[0])
    return annotation_layer(Annotation(size, regions), orientation=orientation, selected=None)


def inside_of(size: Size, x: slice, y: slice) -> np.ndarray:
    inside = np.zeros(size.shape, bool)
    inside[y, x] = True
    return inside


def tag_of(number: int, x0: float, y0: float, x1: float, y1: float) -> Tag:
    return Tag(number, Point((x0 + x1) / 2, y0 + 0.5), Box(x0, y0, x1, y1))


def placed(*tags: Tag) -> tuple[Chip, ...]:
    return placed_chips(tags, to_pane=lambda point: point, pane=PANE, size_of=lambda _: (WIDE, HIGH), gap=GAP)


def overlap(one: Box, other: Box) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1


@pytest.mark.parametrize("orientation", list(Orientation))
def test_the_number_belongs_at_the_highest_pixel_in_the_view_of_any_orientation(orientation: Orientation) -> None:
    inside = inside_of(Size(40, 30), slice(10, 22), slice(8, 15))
    inside[5:8, 12:15] = True
    (tag,) = layer_of(inside, orientation=orientation).tags
    view = orientation.apply(inside)
    rows, columns = np.nonzero(view)
    assert tag.bounds == Box(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    row, column = tag.top.pixel
    assert row == rows.min() and view[row, column]


def test_numbers_are_those_of_the_list_also_where_a_region_is_empty() -> None:
    size = Size(40, 30)
    layer = layer_of(np.zeros(size.shape, bool), inside_of(size, slice(5, 9), slice(5, 9)))
    assert [tag.number for tag in layer.tags] == [2]


def test_a_number_stands_above_its_region_and_covers_nothing_of_it() -> None:
    (chip,) = placed(tag_of(7, 100, 100, 106, 104))
    assert chip.number == 7
    assert (chip.box.x0 + chip.box.x1) / 2 == 103
    assert chip.box.y1 < 100


@pytest.mark.parametrize("x0", [0.0, 200.0, 390.0])
def test_at_the_upper_border_a_small_region_has_its_number_beside_it(x0: float) -> None:
    (chip,) = placed(tag_of(1, x0, 2, x0 + 10, 12))
    assert not overlap(chip.box, Box(x0, 2, x0 + 10, 12))
    assert chip.box.x0 >= 0 and chip.box.x1 <= PANE.width and chip.box.y0 >= 0


def test_a_region_whose_top_is_out_of_sight_has_its_number_at_the_border_and_one_out_of_sight_has_none() -> None:
    (chip,) = placed(tag_of(3, -50, -200, 900, 900), tag_of(4, 500, 10, 600, 20))
    assert chip.number == 3
    assert chip.box.x0 >= 0 and chip.box.x1 <= PANE.width and 0 <= chip.box.y0 < chip.box.y1 <= PANE.height


def test_no_number_stands_over_another() -> None:
    chips = placed(*(tag_of(number, 100 - number, 100, 140 + number, 150) for number in range(1, 9)))
    assert len(chips) == 8
    assert not any(overlap(one.box, other.box) for one in chips for other in chips if one is not other)


def test_numbers_come_and_go_with_the_regions_and_move_nothing(view: EvidenceView, hand: Any) -> None:
    size = Size(1200, 900)
    view.set_scene(Scene("grey", np.full((*size.shape, 3), 128, np.uint8)))
    layer = layer_of(inside_of(size, slice(300, 800), slice(300, 700)))
    pane = hand.panes()[0]
    view.set_annotation(replace(layer, tags=()))
    bare = hand.sees(pane)
    view.set_annotation(layer)
    numbered = hand.sees(pane)
    rows, columns = np.nonzero((numbered != bare).any(axis=2))
    assert 12 <= np.ptp(rows) + 1 <= 20 and 12 <= np.ptp(columns) + 1 <= 24
    outline = np.nonzero((bare == ADDS_RGB).all(axis=2))
    assert rows.max() < outline[0].min(), "above the region"
    assert abs(columns.mean() - outline[1].mean()) < 12
    assert (numbered == ADDS_RGB).all(axis=2).sum() > (bare == ADDS_RGB).all(axis=2).sum() + 80
    view.set_layers(LayerSettings(regions_visible=False))
    assert not (hand.sees(pane) == ADDS_RGB).all(axis=2).any()
