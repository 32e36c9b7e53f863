"""The canvas as a hand and an eye meet it: wheel, drag, keys, and the pixels that come of them."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from forensic_gui.domain.geometry import Orientation, Point, Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.views.canvas.colour import colormap_lut
from forensic_gui.views.canvas.pane import Pane
from forensic_gui.views.canvas.scene import CompareMode, LayerSettings, Scene
from forensic_gui.views.canvas.view import EvidenceView

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


def test_one_to_one_shows_every_evidence_pixel_on_its_own_screen_pixel(view: EvidenceView, hand: Any) -> None:
    image = noise(900, 1200)
    view.set_scene(scene_of(image))
    view.set_layers(BARE)
    view.one_to_one()
    assert view.zoom_percent == 100
    pane = hand.panes()[0]
    top, left = 450 - pane.height() // 2, 600 - pane.width() // 2
    shown = hand.sees(pane)
    assert np.array_equal(shown, image[top : top + pane.height(), left : left + pane.width()])


def test_the_whole_image_is_seen_at_first_centred_and_undistorted(view: EvidenceView, hand: Any) -> None:
    view.set_scene(scene_of(np.full((100, 200, 3), 255, np.uint8)))
    view.set_layers(BARE)
    pane = hand.panes()[0]
    rows, columns = np.nonzero((hand.sees(pane) == 255).all(axis=2))
    assert (columns.min(), columns.max()) == (0, pane.width() - 1)
    assert rows.max() - rows.min() + 1 == pane.width() // 2
    assert abs(rows.min() - (pane.height() - 1 - rows.max())) <= 1


def test_the_wheel_zooms_around_the_cursor(qtbot: QtBot, view: EvidenceView, hand: Any) -> None:
    image = noise(900, 1200)
    view.set_scene(scene_of(image))
    at = QPoint(150, 300)
    before = hand.readout(at)
    with qtbot.waitSignal(view.zoom_changed) as told:
        hand.wheel(at, 8)
    assert told.args[0] == pytest.approx(view.zoom_percent)
    after = hand.readout(at)
    assert before is not None
    assert after is not None
    assert np.abs(np.subtract(before.view, after.view)).max() <= 1


def test_zooming_in_shows_single_pixels_as_sharp_squares(view: EvidenceView, hand: Any) -> None:
    view.set_scene(scene_of(noise(64, 64)))
    view.set_layers(BARE)
    hand.wheel(QPoint(320, 200), 60)
    assert view.zoom_percent == 6400
    shown = hand.sees(hand.panes()[0])
    colours = {tuple(colour) for colour in shown.reshape(-1, 3)}
    assert len(colours) <= (640 // 64 + 2) * (480 // 64 + 2)


def test_a_drag_moves_the_image_with_the_hand(view: EvidenceView, hand: Any) -> None:
    view.set_scene(scene_of(noise(2000, 2000)))
    view.one_to_one()
    before = hand.readout(QPoint(300, 200))
    hand.drag(hand.panes()[0], QPoint(300, 200), QPoint(340, 170))
    after = hand.readout(QPoint(340, 170))
    assert before is not None
    assert after == before


def test_arrows_pan_and_plus_and_minus_zoom(qtbot: QtBot, view: EvidenceView, hand: Any) -> None:
    view.set_scene(scene_of(noise(2000, 2000)))
    view.one_to_one()
    view.setFocus()
    start = hand.readout(QPoint(100, 100))
    qtbot.keyClick(hand.panes()[0], Qt.Key.Key_Right)
    qtbot.keyClick(hand.panes()[0], Qt.Key.Key_Down)
    moved = hand.readout(QPoint(100, 100))
    assert start is not None
    assert moved is not None
    assert moved.view[0] - start.view[0] == moved.view[1] - start.view[1] == 80
    qtbot.keyClick(hand.panes()[0], Qt.Key.Key_Plus)
    assert view.zoom_percent == pytest.approx(141.4, abs=0.1)
    qtbot.keyClick(hand.panes()[0], Qt.Key.Key_Minus)
    assert view.zoom_percent == pytest.approx(100)


def test_other_keys_reach_the_window_around_the_canvas(qtbot: QtBot) -> None:
    class Window(QWidget):
        keys: list[int] = []  # noqa: RUF012 - one window, one list

        def keyPressEvent(self, event: QEvent) -> None:
            self.keys.append(event.key())

    window = Window()
    qtbot.addWidget(window)
    view = EvidenceView(window)
    window.show()
    qtbot.keyClick(view.findChildren(Pane)[0], Qt.Key.Key_B)
    assert window.keys == [Qt.Key.Key_B]


def test_the_cursor_tells_pixel_colour_and_score_of_turned_evidence(view: EvidenceView, hand: Any) -> None:
    stored = noise(300, 400)
    orientation = Orientation.ROTATED_90_CW
    scene = scene_of(orientation.apply(stored), orientation=orientation)
    view.set_scene(scene)
    readout = hand.readout(QPoint(320, 200))
    assert readout is not None
    x, y = readout.stored
    assert readout.rgb == tuple(stored[y, x])
    assert scene.heatmap is not None
    assert readout.score == scene.heatmap.score_at(Point(x, y))


def test_beside_the_image_and_outside_the_canvas_there_is_no_readout(
    qtbot: QtBot, view: EvidenceView, hand: Any
) -> None:
    view.set_scene(scene_of(noise(100, 10)))
    assert hand.readout(QPoint(5, 200)) is None
    assert hand.readout(QPoint(320, 200)) is not None
    with qtbot.waitSignal(view.cursor_moved) as told:
        QApplication.sendEvent(hand.panes()[0], QEvent(QEvent.Type.Leave))
    assert told.args[0] is None


def test_the_painted_heatmap_agrees_with_the_score_under_the_cursor(view: EvidenceView, hand: Any) -> None:
    view.set_scene(scene_of(noise(333, 457)))
    view.set_layers(PURE_HEATMAP)
    lut = colormap_lut("inferno").astype(int)
    for zoom in ("fit", "1:1", "deep"):
        {"fit": view.fit, "1:1": view.one_to_one, "deep": lambda: hand.wheel(QPoint(200, 200), 15)}[zoom]()
        shown = hand.sees(hand.panes()[0]).astype(int)
        for x, y in ((100, 100), (220, 310), (400, 50), (500, 250)):
            readout = hand.readout(QPoint(x, y))
            if readout is None:
                continue
            assert readout.score is not None
            level = round(255 * readout.score)
            near = lut[max(0, level - 2) : level + 3]
            assert np.abs(near - shown[y, x]).max(axis=1).min() <= 2, (zoom, x, y)


@pytest.mark.parametrize("orientation", [Orientation.ROTATED_90_CW, Orientation.MIRRORED, Orientation.TRANSVERSED])
def test_the_heatmap_of_turned_evidence_is_turned_with_it(
    view: EvidenceView, hand: Any, orientation: Orientation
) -> None:
    stored = np.zeros((300, 400, 3), np.uint8)
    grid = np.zeros((30, 40), np.float32)
    grid[:5, :10] = 1  # the stored top left corner
    heatmap = Heatmap(grid, Size.of(stored))
    view.set_scene(Scene("turned", orientation.apply(stored), heatmap, orientation))
    view.set_layers(PURE_HEATMAP)
    pane = hand.panes()[0]
    corner = orientation.to_view(Point(20, 20), stored=Size.of(stored))
    scale = view.zoom_percent / 100
    image = orientation.size_in_view(Size.of(stored))
    x = round(pane.width() / 2 + (corner.x - image.width / 2) * scale)
    y = round(pane.height() / 2 + (corner.y - image.height / 2) * scale)
    shown = hand.sees(pane)
    assert tuple(shown[y, x]) == tuple(colormap_lut("inferno")[255])
    assert tuple(shown[pane.height() - 1 - y, pane.width() - 1 - x]) == tuple(colormap_lut("inferno")[0])


def test_an_image_that_is_no_longer_shown_is_let_go(qtbot: QtBot, view: EvidenceView, hand: Any) -> None:
    image = noise(700, 900)
    watched = weakref.ref(image)
    view.set_scene(scene_of(image))
    hand.sees(view)
    del image
    view.set_scene(scene_of(noise(70, 90)))
    qtbot.waitUntil(lambda: gc.collect() >= 0 and watched() is None)


def test_changing_layers_keeps_the_look_and_changes_the_picture(view: EvidenceView, hand: Any) -> None:
    view.set_scene(scene_of(noise(900, 1200)))
    hand.wheel(QPoint(100, 100), 7)
    zoom, place = view.zoom_percent, hand.readout(QPoint(200, 200))
    before = hand.sees(hand.panes()[0])
    view.set_layers(LayerSettings(threshold=0.7, fill_visible=True))
    assert (view.zoom_percent, hand.readout(QPoint(200, 200))) == (zoom, place)
    assert not np.array_equal(before, hand.sees(hand.panes()[0]))


def test_the_look_is_kept_for_an_image_of_the_same_size_only(view: EvidenceView, hand: Any) -> None:
    view.set_scene(scene_of(noise(900, 1200)))
    hand.wheel(QPoint(100, 100), 7)
    zoom = view.zoom_percent
    view.set_scene(scene_of(noise(900, 1200, seed=5)))
    assert view.zoom_percent == zoom
    view.set_scene(scene_of(noise(600, 1200)))
    assert view.zoom_percent == pytest.approx(100 * 640 / 1200)


def test_a_fitted_image_stays_fitted_when_the_window_grows(qtbot: QtBot, view: EvidenceView) -> None:
    view.set_scene(scene_of(noise(300, 1200)))
    view.resize(960, 480)
    qtbot.waitUntil(lambda: view.zoom_percent == pytest.approx(100 * 960 / 1200))


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (4000, 1), (3, 2), (5000, 40)])
def test_images_of_any_shape_are_shown_and_zoomed(view: EvidenceView, hand: Any, size: tuple[int, int]) -> None:
    image = np.full((*size, 3), 255, np.uint8)
    view.set_scene(Scene("odd", image, Heatmap(np.ones((3, 3), np.float32), Size.of(image))))
    view.set_layers(BARE)
    assert (hand.sees(hand.panes()[0]) == 255).all(axis=2).any()
    for mode in CompareMode:
        view.set_compare_mode(mode)
        for notches in (30, -60):
            hand.wheel(QPoint(320, 200), notches)
            assert hand.sees(view).size


def test_the_full_pyramid_replaces_the_preview_without_a_move(qtbot: QtBot, view: EvidenceView, hand: Any) -> None:
    checkers = np.zeros((3000, 4000, 3), np.uint8)
    checkers[::2, ::2] = checkers[1::2, 1::2] = 255
    view.set_scene(Scene("large", checkers))
    zoom = view.zoom_percent

    def grey() -> bool:
        middle = hand.sees(hand.panes()[0])[150:250, 250:350].astype(int)
        return bool(np.abs(middle - 127.5).max() < 4)

    qtbot.waitUntil(grey)
    assert view.zoom_percent == zoom


def test_a_reading_of_the_second_pane_bears_its_name_until_the_name_goes(
    qtbot: QtBot, view: EvidenceView, hand: Any
) -> None:
    view.set_scene(scene_of(noise(48, 64)))
    view.set_second_scene(scene_of(noise(48, 64)))
    view.set_pane_labels("shipped, in use", "mine")
    view.set_compare_mode(CompareMode.SIDE_BY_SIDE)
    qtbot.waitUntil(lambda: len(hand.panes()) == 2)
    middle = hand.panes()[0].rect().center()
    assert hand.readout(middle).other == ""
    assert hand.readout(middle, pane=1).other == "mine"
    with qtbot.waitSignal(view.cursor_moved) as told:
        view.set_pane_labels("", "")
    assert told.args[0].other == ""


def test_a_text_that_looks_like_markup_is_shown_as_it_is(view: EvidenceView) -> None:
    view.set_scene(scene_of(noise(48, 64)))
    view.set_compare_mode(CompareMode.SWIPE)
    view.set_pane_labels("<b>a</b><img src=x>", "b")
    view.set_busy("<i>working</i>")
    labels = view.findChildren(QLabel)
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
    assert {"<b>a</b><img src=x>", "<i>working</i>"} <= {label.text() for label in labels if label.isVisible()}


def test_the_empty_canvas_says_a_sentence_and_answers_keys_and_wheel_calmly(
    qtbot: QtBot, view: EvidenceView, hand: Any
) -> None:
    view.set_empty_text("Drop a photograph here.")
    sentence = next(label for label in view.findChildren(QLabel) if label.text() == "Drop a photograph here.")
    assert sentence.isVisible()
    hand.wheel(QPoint(10, 10), 3)
    view.fit()
    view.one_to_one()
    view.zoom_in()
    qtbot.keyClick(hand.panes()[0], Qt.Key.Key_Left)
    assert view.zoom_percent == 100
    view.set_scene(scene_of(noise(48, 64)))
    assert not sentence.isVisible()
    view.set_scene(None)
    assert sentence.isVisible()
    assert len({tuple(colour) for colour in hand.sees(hand.panes()[0])[:50].reshape(-1, 3)}) == 1


def test_being_busy_hides_neither_the_image_nor_stops_the_hand(view: EvidenceView, hand: Any) -> None:
    view.set_scene(scene_of(noise(900, 1200)))
    view.set_busy("Analyzing …")
    zoom = view.zoom_percent
    hand.wheel(QPoint(320, 20), 2)
    assert view.zoom_percent > zoom
    view.set_busy(None)
    assert not any(label.text() == "Analyzing …" and label.isVisible() for label in view.findChildren(QLabel))


def test_items_of_the_view_box_lie_on_the_pixels_they_name(view: EvidenceView, hand: Any) -> None:
    """Boxes drawn by later tools stand in view pixels; the view box follows the camera to a part of a pixel."""
    view.set_scene(scene_of(noise(900, 1200)))
    hand.wheel(QPoint(100, 140), 9)
    pane = hand.panes()[0]
    place = pane.view_box.mapSceneToView(QPointF(200.5, 150.5))
    readout = hand.readout(QPoint(200, 150))
    assert readout is not None
    assert (int(place.x()), int(place.y())) == pytest.approx(readout.view, abs=1)


def test_a_closed_canvas_leaves_no_thread_behind(qtbot: QtBot) -> None:
    made = EvidenceView()
    made.set_scene(scene_of(noise(1200, 1600)))
    assert any("canvas" in thread.name for thread in threading.enumerate())
    made.deleteLater()
    del made
    qtbot.waitUntil(lambda: gc.collect() >= 0 and not any("canvas" in t.name for t in threading.enumerate()))


def test_a_canvas_too_large_to_be_painted_at_once_is_coarse_for_a_moment_and_then_exact(
    qtbot: QtBot, view: EvidenceView, hand: Any
) -> None:
    image = noise(2400, 3000)
    view.resize(2400, 1600)
    view.set_scene(scene_of(image))
    view.set_layers(BARE)
    view.one_to_one()
    pane = hand.panes()[0]
    top, left = (2400 - pane.height()) // 2, (3000 - pane.width()) // 2
    expected = image[top : top + pane.height(), left : left + pane.width()]
    coarse = hand.sees(pane)
    assert not np.array_equal(coarse, expected)
    blocks = [part[:600, :600].reshape(75, 8, 75, 8, 3).mean(axis=(1, 3)) for part in (coarse, expected)]
    assert np.corrcoef(blocks[0].ravel(), blocks[1].ravel())[0, 1] > 0.9, "it is the same place"
    qtbot.waitUntil(lambda: np.array_equal(hand.sees(pane), expected))
    view.set_layers(LayerSettings(threshold=0.6))
    assert not np.array_equal(hand.sees(pane), expected)
