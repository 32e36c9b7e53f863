"""Operations on masks against their definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.errors import Cancelled
from forensic_gui.domain.geometry import Box, Point, Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.domain.mask import Mask
from forensic_gui.services.annotating import morphology, proposals
from forensic_gui.services.progress import CancelToken


@st.composite
def masks(draw) -> Mask:
    size = Size(draw(st.integers(1, 13)), draw(st.integers(1, 11)))
    flat = draw(st.lists(st.booleans(), min_size=size.pixels, max_size=size.pixels))
    return Mask.of(np.array(flat).reshape(size.shape))


def drawn(*rows: str) -> Mask:
    return Mask.of(np.array([[character == "#" for character in row] for row in rows]))


@given(masks(), st.floats(0, 4))
def test_growing_takes_what_is_no_further_than_the_radius(mask, radius_px):
    inside = mask.to_array()
    there = np.argwhere(inside)
    grown = morphology.grow(mask, radius_px=radius_px).to_array()
    for place in np.ndindex(inside.shape):
        near = there.size and np.sqrt(((there - place) ** 2).sum(axis=1).min()) <= np.float32(radius_px)
        assert grown[place] == bool(near)


@given(masks(), st.floats(0, 4))
def test_shrinking_the_mask_is_growing_what_is_not_in_it(mask, radius_px):
    outside = Mask.of(~mask.to_array())
    grown = morphology.grow(outside, radius_px=radius_px).to_array()
    assert morphology.shrink(mask, radius_px=radius_px) == Mask.of(~grown)


def test_shrinking_does_not_eat_in_from_the_border_of_the_image():
    assert morphology.shrink(drawn("####", "####"), radius_px=1) == drawn("####", "####")
    assert morphology.shrink(drawn("###.", "###."), radius_px=1) == drawn("##..", "##..")


def test_a_hole_is_filled_and_a_bay_is_not():
    ring = drawn(".####", ".#..#", ".####", "##...", "#....")
    assert morphology.fill_holes(ring) == drawn(".####", ".####", ".####", "##...", "#....")
    bay = drawn("####", "#..#", "#..#")
    assert morphology.fill_holes(bay) == bay


def test_a_diagonal_line_encloses():
    assert morphology.fill_holes(drawn(".#.", "#.#", ".#.")) == drawn(".#.", "###", ".#.")


@given(masks())
def test_filled_masks_hold_the_mask_and_have_nothing_left_to_fill(mask):
    filled = morphology.fill_holes(mask)
    assert (mask - filled).is_empty
    assert morphology.fill_holes(filled) == filled


def test_specks_go_by_their_number_of_pixels():
    mask = drawn("#....##", ".#...##", "......#", "#......")
    assert morphology.remove_specks(mask, smaller_than_px=2) == drawn("#....##", ".#...##", "......#", ".......")
    assert morphology.remove_specks(mask, smaller_than_px=3) == drawn(".....##", ".....##", "......#", ".......")
    assert morphology.remove_specks(mask, smaller_than_px=6).is_empty


@given(masks())
def test_the_parts_are_the_mask_taken_apart_the_largest_first(mask):
    parts = morphology.parts(mask)
    assert [part.area for part in parts] == sorted((part.area for part in parts), reverse=True)
    assert sum(part.area for part in parts) == mask.area
    united = Mask.empty(mask.size)
    for part in parts:
        united = united | part
        assert len(morphology.parts(part)) == 1
    assert united == mask


@given(masks(), st.floats(-2, 12), st.floats(-2, 12), st.floats(0.1, 9), st.floats(0.1, 9))
def test_within_keeps_the_pixels_whose_centres_lie_in_the_box(mask, x, y, width, height):
    box = Box(x, y, x + width, y + height)
    rows, columns = np.mgrid[: mask.size.height, : mask.size.width] + 0.5
    in_box = (box.x0 <= columns) & (columns < box.x1) & (box.y0 <= rows) & (rows < box.y1)
    assert morphology.within(mask, box) == Mask.of(mask.to_array() & in_box)


@pytest.mark.parametrize("operation", [morphology.grow, morphology.shrink])
def test_a_negative_radius_is_refused(operation):
    with pytest.raises(ValueError, match="not negative"):
        operation(drawn("#"), radius_px=-1)


def blobs() -> Heatmap:
    grid = np.zeros((30, 50), np.float32)
    grid[2:12, 3:9] = 0.9  # 60 cells
    grid[15:28, 20:40] = 0.6  # 260 cells
    grid[5, 45] = 0.95  # a speck
    return Heatmap(grid, Size(500, 300))


def test_the_models_mask_is_where_the_score_is_over_the_threshold():
    heatmap = blobs()
    mask = proposals.model_mask(heatmap, 0.5)
    inside = mask.to_array()
    rng = np.random.default_rng(2)
    for row, column in zip(rng.integers(0, 300, 400), rng.integers(0, 500, 400), strict=True):
        score = heatmap.score_at(Point(column + 0.5, row + 0.5))
        if abs(score - 0.5) > 1e-5:
            assert inside[row, column] == (score > 0.5)


def test_boxes_lie_around_the_parts_the_largest_first():
    large, small = proposals.model_boxes(blobs(), 0.5, smallest_share=0.01, margin_share=0.0)
    assert (large.x0, large.y0) == pytest.approx((200, 150), abs=6)
    assert (large.x1, large.y1) == pytest.approx((400, 280), abs=6)
    assert (small.x0, small.y0, small.x1, small.y1) == pytest.approx((30, 20, 90, 120), abs=6)


def test_boxes_have_a_margin_within_the_image_and_are_at_most_so_many():
    tight = proposals.model_boxes(blobs(), 0.5, smallest_share=0.01, margin_share=0.0)[0]
    (wide,) = proposals.model_boxes(blobs(), 0.5, margin_share=0.25, most=1)
    margin = 0.25 * (tight.x1 - tight.x0)
    assert wide.x0 == pytest.approx(tight.x0 - margin)
    assert wide.y1 == 300


def test_small_parts_make_no_box_and_an_empty_mask_none_at_all():
    assert len(proposals.model_boxes(blobs(), 0.5, smallest_share=0.0)) == 3
    assert len(proposals.model_boxes(blobs(), 0.5)) == 2
    assert proposals.model_boxes(blobs(), 0.99) == ()


def test_a_proposal_can_be_stopped():
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        proposals.model_boxes(blobs(), 0.5, cancel=token)
