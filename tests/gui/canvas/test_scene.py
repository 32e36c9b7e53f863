"""Scenes and what lies under the cursor, without a window."""

from __future__ import annotations

import numpy as np
import pytest

from forensic_gui.domain.geometry import Orientation, Point, Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.views.canvas.arrangement import Labels, arrange, placed_over
from forensic_gui.views.canvas.scene import CompareMode, Scene, readout_at

STORED = Size(width=7, height=4)


def numbered_pixels() -> np.ndarray:
    """uint8 (4, 7, 3): every pixel tells its stored column, row and their sum."""
    rows, columns = np.mgrid[0 : STORED.height, 0 : STORED.width]
    return np.stack([columns * 10, rows * 10, rows + columns], axis=2).astype(np.uint8)


def turned_scene(orientation: Orientation) -> Scene:
    grid = np.linspace(0, 1, STORED.pixels, dtype=np.float32).reshape(STORED.shape)
    return Scene("turned", orientation.apply(numbered_pixels()), Heatmap(grid, STORED), orientation)


@pytest.mark.parametrize("orientation", list(Orientation))
def test_the_readout_names_the_stored_pixel_and_its_score_in_every_orientation(orientation: Orientation) -> None:
    scene = turned_scene(orientation)
    seen = set()
    for row in range(scene.view.height):
        for column in range(scene.view.width):
            readout = readout_at(scene, point=Point(column + 0.99, row + 0.01))
            assert readout is not None
            x, y = readout.stored
            assert readout.view == (column, row)
            assert readout.rgb == (x * 10, y * 10, x + y)
            assert readout.score == pytest.approx((y * STORED.width + x) / (STORED.pixels - 1), abs=1e-6)
            seen.add((x, y))
    assert len(seen) == STORED.pixels


@pytest.mark.parametrize("point", [Point(-0.01, 1), Point(7, 1), Point(1, -0.01), Point(1, 4)])
def test_there_is_nothing_to_read_beside_the_image(point: Point) -> None:
    assert readout_at(turned_scene(Orientation.UPRIGHT), point=point) is None


def test_a_scene_without_a_heatmap_has_colours_but_no_score() -> None:
    readout = readout_at(Scene("plain", numbered_pixels()), point=Point(2.5, 1.5))
    assert readout is not None
    assert readout.rgb == (20, 10, 3)
    assert readout.score is None


def test_a_heatmap_of_another_image_is_refused() -> None:
    grid = np.zeros((2, 2), np.float32)
    with pytest.raises(ValueError, match="does not describe"):
        Scene("wrong", numbered_pixels(), Heatmap(grid, Size(4, 7)))


def test_a_grey_image_is_refused() -> None:
    with pytest.raises(ValueError, match="uint8"):
        Scene("grey", np.zeros((4, 7), np.uint8))


def test_alone_the_overlay_is_shown_and_a_held_blink_bares_the_evidence() -> None:
    (shown,), (blinked,) = (
        arrange(mode=CompareMode.SINGLE, blink=blink, has_second=False, inspected="none")[0] for blink in (False, True)
    )
    assert (shown.layered, shown.label) == (True, "")
    assert (blinked.layered, blinked.label) == (False, "Evidence")


def test_with_a_second_scene_a_held_blink_shows_it() -> None:
    ((shown,),) = arrange(mode=CompareMode.SINGLE, blink=False, has_second=True, inspected="none")
    ((blinked,),) = arrange(mode=CompareMode.SINGLE, blink=True, has_second=True, inspected="none")
    assert (shown.second, blinked.second) == (False, True)
    assert shown.layered
    assert blinked.layered


def test_the_swipe_shows_both_states_in_one_pane_and_side_by_side_in_two() -> None:
    ((left, right),) = arrange(mode=CompareMode.SWIPE, blink=False, has_second=False, inspected="none")
    assert [(left.layered, left.label), (right.layered, right.label)] == [(False, "Evidence"), (True, "Overlay")]
    assert arrange(mode=CompareMode.SIDE_BY_SIDE, blink=False, has_second=False, inspected="none") == (
        (left,),
        (right,),
    )


def test_a_held_blink_bares_both_panes_or_exchanges_two_scenes() -> None:
    bare = arrange(mode=CompareMode.SIDE_BY_SIDE, blink=True, has_second=False, inspected="none")
    assert [pane[0].layered for pane in bare] == [False, False]
    exchanged = arrange(mode=CompareMode.SIDE_BY_SIDE, blink=True, has_second=True, inspected="none")
    assert [pane[0].second for pane in exchanged] == [True, False]


def test_an_inspected_map_and_given_names_are_told() -> None:
    ((_, right),) = arrange(mode=CompareMode.SWIPE, blink=False, has_second=False, inspected="gate")
    assert right.label == "Gate map"
    ((left, right),) = arrange(
        mode=CompareMode.SWIPE, blink=False, has_second=True, inspected="none", labels=Labels("a.jpg", "b.jpg")
    )
    assert (left.label, right.label) == ("a.jpg", "b.jpg")


def test_a_resized_copy_lies_exactly_on_its_original_and_another_shape_is_centred_undistorted() -> None:
    assert placed_over(Size(400, 300), Size(100, 75)) == (Point(0, 0), 4.0)
    assert placed_over(Size(400, 300), Size(100, 100)) == (Point(50, 0), 3.0)
