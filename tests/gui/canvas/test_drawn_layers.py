"""What the analyst has drawn, on the canvas: it comes and goes with its image, and nothing else moves or flickers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from forensic_gui.domain.geometry import Orientation, Point, Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.domain.palette import (
    ADDS_RGB,
    BOTH_RGB,
    MINE_ONLY_RGB,
    MODEL_ONLY_RGB,
    PROPOSED_RGB,
    TAKES_RGB,
)
from forensic_gui.domain.prompt import PointPrompt, Prompts
from forensic_gui.views.canvas.annotated import AnnotationLayer, PreviewLayer
from forensic_gui.views.canvas.scene import CompareMode, LayerSettings, Scene
from forensic_gui.views.canvas.view import EvidenceView
from forensic_gui.views.core.gestures import BoxDrawn, Gesture, Tool
from forensic_gui.widgets.colour_key import ColourKey

BARE = LayerSettings(heatmap_visible=False, contour_visible=False)


def grey(height: int, width: int, orientation: Orientation = Orientation.UPRIGHT) -> Scene:
    return Scene("grey", np.full((height, width, 3), 128, np.uint8), None, orientation)


def region(size: tuple[int, int], area: tuple[slice, slice]) -> AnnotationLayer:
    """One region, selected, by view rows and columns."""
    labels = np.zeros(size, np.uint8)
    labels[area] = 1
    return AnnotationLayer(labels, selected=1)


def test_regions_and_proposals_come_and_go_without_a_move_of_the_camera(
    view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(900, 1200))
    hand.wheel(QPoint(100, 100), 7)
    pane = hand.panes()[0]
    zoom, before = view.zoom_percent, hand.sees(pane)
    view.set_annotation(region((900, 1200), np.s_[100:800, 150:900]))
    with_region = hand.sees(pane)
    assert (with_region == ADDS_RGB).all(axis=2).any()
    view.set_preview(PreviewLayer(region((900, 1200), np.s_[200:500, 200:600]).labels > 0))
    assert (hand.sees(pane) == PROPOSED_RGB).all(axis=2).any()
    view.set_preview(None)
    assert np.array_equal(hand.sees(pane), with_region)
    view.set_annotation(None)
    assert np.array_equal(hand.sees(pane), before)
    assert view.zoom_percent == zoom


def test_regions_are_switched_off_and_the_bare_evidence_stays_bare(
    view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(900, 1200))
    before = hand.sees(hand.panes()[0])
    view.set_annotation(region((900, 1200), np.s_[100:800, 150:900]))
    view.set_layers(replace(BARE, regions_visible=False))
    assert np.array_equal(hand.sees(hand.panes()[0]), before)
    view.set_layers(BARE)
    view.set_compare_mode(CompareMode.SIDE_BY_SIDE)
    bare, overlay = (hand.sees(pane) for pane in hand.panes())
    assert not (bare == ADDS_RGB).all(axis=2).any()
    assert (overlay == ADDS_RGB).all(axis=2).any()
    view.set_compare_mode(CompareMode.SINGLE)
    view.set_blink(True)
    assert not (hand.sees(hand.panes()[0]) == ADDS_RGB).all(axis=2).any()


def test_regions_of_an_image_lie_on_it_for_both_localizers_and_not_on_another_image(
    view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    scene = grey(900, 1200)
    view.set_scene(scene)
    view.set_compare_mode(CompareMode.SIDE_BY_SIDE)
    view.set_annotation(region((900, 1200), np.s_[100:800, 150:900]))
    for second, expected in ((Scene("again", scene.image), True), (grey(900, 1200), False)):
        view.set_second_scene(second)
        seen = [bool((hand.sees(pane) == ADDS_RGB).all(axis=2).any()) for pane in hand.panes()]
        assert seen == [True, expected]


def test_what_was_drawn_goes_with_its_image(view: EvidenceView, hand: Any, told: list[Gesture]) -> None:
    scene = grey(900, 1200)
    view.set_scene(scene)
    view.set_annotation(region((900, 1200), np.s_[100:800, 150:900]))
    view.set_scene(Scene("analyzed", scene.image))
    assert (hand.sees(hand.panes()[0]) == ADDS_RGB).all(axis=2).any(), "news of the same image keep it"
    view.set_scene(grey(900, 1200))
    assert not (hand.sees(hand.panes()[0]) == ADDS_RGB).all(axis=2).any()
    with pytest.raises(ValueError, match="1200x900"):
        view.set_annotation(region((900, 1100), np.s_[1:5, 1:5]))
    view.set_scene(None)
    with pytest.raises(ValueError, match="no image"):
        view.set_preview(PreviewLayer(np.zeros((900, 1200), bool)))
    view.set_preview(None)


@pytest.mark.parametrize("orientation", [Orientation.UPRIGHT, Orientation.ROTATED_90_CW, Orientation.MIRRORED])
def test_a_box_that_was_drawn_is_marked_where_it_was_drawn(
    view: EvidenceView, hand: Any, told: list[Gesture], orientation: Orientation
) -> None:
    view.set_scene(grey(701, 1003, orientation))
    view.one_to_one()
    view.set_tool(Tool.BOX)
    pane = hand.panes()[0]
    before = hand.sees(pane)
    hand.drag(pane, QPoint(100, 90), QPoint(300, 250))
    drawn = told[-1]
    assert isinstance(drawn, BoxDrawn)
    prompts = Prompts(box=drawn.box, points=(PointPrompt(Point(drawn.box.x0 + 40, drawn.box.y0 + 60), positive=False),))
    view.set_preview(PreviewLayer(np.zeros((701, 1003), bool), prompts))
    hand.move(pane.viewport(), QPoint(5, 5))
    rows, columns = np.nonzero((hand.sees(pane) != before).any(axis=2))
    assert (columns.min(), columns.max()) == pytest.approx((100, 300), abs=4)
    assert (rows.min(), rows.max()) == pytest.approx((90, 250), abs=4)
    point = orientation.to_view(prompts.points[0].point, stored=orientation.inverse.size_in_view(Size(1003, 701)))
    corner = hand.readout(QPoint(0, 0))
    assert corner is not None
    at = (round(point.y - corner.view[1]), round(point.x - corner.view[0]))
    assert tuple(hand.sees(pane)[at[0], at[1] - 2]) == (255, 255, 255), "the minus"
    assert tuple(hand.sees(pane)[at[0] + 5, at[1]]) == TAKES_RGB, "and no plus"


def test_a_stroke_stays_until_what_has_come_of_it_is_shown(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(900, 1200))
    view.set_annotation(region((900, 1200), np.s_[1:3, 1:3]))
    view.set_tool(Tool.BRUSH)
    pane = hand.panes()[0]
    hand.drag(pane, QPoint(100, 200), QPoint(300, 200))
    hand.move(pane.viewport(), QPoint(600, 400))
    stroked = hand.sees(pane)
    assert tuple(stroked[200, 200]) != (128, 128, 128)
    layer = region((900, 1200), np.s_[1:3, 1:3])
    view.set_annotation(layer)
    assert tuple(hand.sees(pane)[200, 200]) == (128, 128, 128)
    hand.drag(pane, QPoint(100, 200), QPoint(300, 200))
    view.set_annotation(replace(layer, selected=0))
    assert tuple(hand.sees(pane)[200, 200]) != (128, 128, 128), "another selection is not what comes of a stroke"
    view.cancel_gesture()
    assert tuple(hand.sees(pane)[200, 200]) == (128, 128, 128)
    hand.drag(pane, QPoint(100, 200), QPoint(300, 200))
    qtbot.waitUntil(lambda: tuple(hand.sees(pane)[200, 200]) == (128, 128, 128))


def test_the_colours_of_the_difference_are_explained_on_the_canvas(
    view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    image = np.full((900, 1200, 3), 128, np.uint8)
    view.set_scene(Scene("scored", image, Heatmap(np.ones((3, 4), np.float32), Size(1200, 900))))
    view.set_layers(replace(BARE, difference_visible=True))
    keys = view.findChildren(ColourKey)
    assert not any(key.isVisible() for key in keys), "there is nothing to compare with"
    view.set_annotation(region((900, 1200), np.s_[100:800, 150:900]))
    assert [key.isVisible() for key in keys] == [True, False]
    seen = hand.sees(hand.panes()[0])
    for rgb in (MODEL_ONLY_RGB, MINE_ONLY_RGB, BOTH_RGB):
        assert (seen == rgb).all(axis=2).any(), "the swatch"
    view.set_layers(BARE)
    assert not any(key.isVisible() for key in keys)


def test_on_a_large_canvas_regions_come_without_a_coarse_moment(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.resize(2400, 1600)
    scene = Scene("noise", np.random.default_rng(0).integers(0, 256, (2400, 3000, 3), dtype=np.uint8))
    view.set_scene(scene)
    view.one_to_one()
    pane = hand.panes()[0]
    top, left = (2400 - pane.height()) // 2, (3000 - pane.width()) // 2
    bare = scene.image[top : top + pane.height(), left : left + pane.width()]
    qtbot.waitUntil(lambda: np.array_equal(hand.sees(pane), bare))
    layer = region((2400, 3000), np.s_[700:1700, 800:2000])
    view.set_layers(replace(BARE, regions_filled=True))
    view.set_annotation(layer)
    view.set_preview(PreviewLayer(layer.labels > 0))
    far_away = np.s_[: 700 - top - 20]

    def arrived() -> bool:
        seen = hand.sees(pane)
        assert np.array_equal(seen[far_away], bare[far_away]), "what has not changed never flickers"
        return bool((seen == PROPOSED_RGB).all(axis=2).any())

    qtbot.waitUntil(arrived)
