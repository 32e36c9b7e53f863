"""Blink, swipe and side by side, as a hand and an eye meet them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.views.canvas.colour import colormap_lut
from forensic_gui.views.canvas.scene import CompareMode, LayerSettings, Scene
from forensic_gui.views.canvas.view import EvidenceView
from forensic_gui.widgets.divider import Divider

BARE = LayerSettings(heatmap_visible=False, contour_visible=False)
PURE_HEATMAP = LayerSettings(heatmap_opacity=1.0, contour_visible=False)


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def scene_of(image: np.ndarray, *, orientation: Orientation = Orientation.UPRIGHT, score: float | None = None) -> Scene:
    stored = orientation.inverse.size_in_view(Size.of(image))
    if score is None:
        grid = np.random.default_rng(1).random((9, 12), dtype=np.float32)
    else:
        grid = np.full((2, 2), score, np.float32)
    return Scene("scene", image, Heatmap(grid, stored), orientation)


def test_while_blinking_the_bare_evidence_is_seen(view: EvidenceView, hand: Any) -> None:
    image = np.full((480, 640, 3), 90, np.uint8)
    view.set_scene(scene_of(image, score=1.0))
    view.set_layers(PURE_HEATMAP)
    hot = tuple(colormap_lut("inferno")[255])
    pane = hand.panes()[0]
    assert tuple(hand.sees(pane)[200, 300]) == hot
    view.set_blink(True)
    assert tuple(hand.sees(pane)[200, 300]) == (90, 90, 90)
    view.set_blink(False)
    assert tuple(hand.sees(pane)[200, 300]) == hot


def test_the_swipe_divider_is_dragged_and_parts_evidence_from_overlay(
    qtbot: QtBot, view: EvidenceView, hand: Any
) -> None:
    view.set_scene(scene_of(np.full((480, 640, 3), 90, np.uint8), score=1.0))
    view.set_layers(PURE_HEATMAP)
    view.set_compare_mode(CompareMode.SWIPE)
    divider = view.findChild(Divider)
    assert divider.isVisible()
    grip = divider.rect().center()
    with qtbot.waitSignal(view.swipe_moved) as told:
        hand.drag(divider, grip, grip - QPoint(160, 0))
    assert told.args[0] == pytest.approx(0.25, abs=0.01)
    row = hand.sees(hand.panes()[0])[100]
    hot = tuple(colormap_lut("inferno")[255])
    assert tuple(row[130]) == (90, 90, 90)
    assert tuple(row[190]) == tuple(row[600]) == hot


def test_the_swipe_divider_moves_by_keys(qtbot: QtBot, view: EvidenceView) -> None:
    view.set_scene(scene_of(noise(480, 640)))
    view.set_compare_mode(CompareMode.SWIPE)
    divider = view.findChild(Divider)
    qtbot.keyClick(divider, Qt.Key.Key_Right)
    assert view.swipe_position == pytest.approx(0.51)
    qtbot.keyClick(divider, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert view.swipe_position == pytest.approx(0.41)
    qtbot.keyClick(divider, Qt.Key.Key_End)
    assert view.swipe_position == 1.0


def test_side_by_side_panes_show_the_same_place_whichever_is_moved(qtbot: QtBot, view: EvidenceView, hand: Any) -> None:
    view.set_scene(scene_of(noise(1500, 1500)))
    view.set_compare_mode(CompareMode.SIDE_BY_SIDE)
    qtbot.waitUntil(lambda: len(hand.panes()) == 2 and hand.panes()[1].width() > 100)
    first, second = hand.panes()
    view.one_to_one()
    for moved, notches in ((first, 3), (second, 5)):
        told: list[float] = []
        view.zoom_changed.connect(told.append)
        hand.drag(moved, QPoint(100, 100), QPoint(60, 140))
        hand.wheel(QPoint(50, 60), notches)
        view.zoom_changed.disconnect(told.append)
        assert len(told) == 1
        places = [hand.readout(QPoint(90, 90), pane=index) for index in (0, 1)]
        assert places[0] == places[1]
    view.set_layers(BARE)
    assert np.array_equal(hand.sees(first)[60:], hand.sees(second)[60:])


def test_a_second_scene_is_seen_beside_the_first_at_the_same_place(qtbot: QtBot, view: EvidenceView, hand: Any) -> None:
    image = noise(400, 400)
    view.set_scene(Scene("a", image))
    view.set_second_scene(Scene("b", np.ascontiguousarray(image.repeat(2, axis=0).repeat(2, axis=1))))
    view.set_compare_mode(CompareMode.SIDE_BY_SIDE)
    qtbot.waitUntil(lambda: len(hand.panes()) == 2 and hand.panes()[1].width() > 100)
    hand.wheel(QPoint(100, 100), 10)
    first, second = (hand.readout(QPoint(150, 150), pane=index) for index in (0, 1))
    assert first is not None
    assert second is not None
    assert first.rgb == second.rgb
    assert tuple(value // 2 for value in second.view) == first.view
