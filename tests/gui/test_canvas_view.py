"""The canvas as a hand and an eye meet it: wheel, drag, keys, and the pixels that come of them."""

from __future__ import annotations

import gc
import threading

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from forensic_gui.domain.geometry import Orientation, Point, Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.views.canvas.colour import colormap_lut
from forensic_gui.views.canvas.pane import Pane
from forensic_gui.views.canvas.scene import CompareMode, CursorReadout, LayerSettings, Scene
from forensic_gui.views.canvas.view import EvidenceView, configure_pyqtgraph
from forensic_gui.widgets.divider import Divider

BARE = LayerSettings(heatmap_visible=False, contour_visible=False)
PURE_HEATMAP = LayerSettings(heatmap_opacity=1.0, contour_visible=False)


@pytest.fixture
def view(qtbot: QtBot) -> EvidenceView:
    configure_pyqtgraph()
    made = EvidenceView()
    made.resize(640, 480)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def scene_of(image: np.ndarray, *, orientation: Orientation = Orientation.UPRIGHT, score: float | None = None) -> Scene:
    stored = orientation.inverse.size_in_view(Size.of(image))
    if score is None:
        grid = np.random.default_rng(1).random((9, 12), dtype=np.float32)
    else:
        grid = np.full((2, 2), score, np.float32)
    return Scene("scene", image, Heatmap(grid, stored), orientation)


def seen(widget: QWidget) -> np.ndarray:
    """Pixels of a widget: uint8 (H, W, 3) RGB."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def panes(view: EvidenceView) -> list[Pane]:
    return [pane for pane in view.findChildren(Pane) if pane.isVisible()]


def wheel(view: EvidenceView, at: QPoint, notches: int) -> None:
    pane = panes(view)[0]
    event = QWheelEvent(
        QPointF(at),
        QPointF(pane.viewport().mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(pane.viewport(), event)


def hover(pane: Pane, at: QPoint, buttons: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(at),
        QPointF(pane.viewport().mapToGlobal(at)),
        Qt.MouseButton.NoButton,
        buttons,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(pane.viewport(), event)


def drag(qtbot: QtBot, pane: Pane, start: QPoint, end: QPoint) -> None:
    qtbot.mousePress(pane.viewport(), Qt.MouseButton.LeftButton, pos=start)
    hover(pane, end, Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(pane.viewport(), Qt.MouseButton.LeftButton, pos=end)


def readout_at(qtbot: QtBot, view: EvidenceView, at: QPoint, pane: int = 0) -> CursorReadout | None:
    with qtbot.waitSignal(view.cursor_moved) as told:
        hover(panes(view)[pane], at)
    return told.args[0]


def test_one_to_one_shows_every_evidence_pixel_on_its_own_screen_pixel(qtbot: QtBot, view: EvidenceView) -> None:
    image = noise(900, 1200)
    view.set_scene(scene_of(image))
    view.set_layers(BARE)
    view.one_to_one()
    assert view.zoom_percent == 100
    pane = panes(view)[0]
    top, left = 450 - pane.height() // 2, 600 - pane.width() // 2
    shown = seen(pane)
    assert np.array_equal(shown, image[top : top + pane.height(), left : left + pane.width()])


def test_the_whole_image_is_seen_at_first_centred_and_undistorted(qtbot: QtBot, view: EvidenceView) -> None:
    view.set_scene(scene_of(np.full((100, 200, 3), 255, np.uint8)))
    view.set_layers(BARE)
    pane = panes(view)[0]
    rows, columns = np.nonzero((seen(pane) == 255).all(axis=2))
    assert (columns.min(), columns.max()) == (0, pane.width() - 1)
    assert rows.max() - rows.min() + 1 == pane.width() // 2
    assert abs(rows.min() - (pane.height() - 1 - rows.max())) <= 1


def test_the_wheel_zooms_around_the_cursor(qtbot: QtBot, view: EvidenceView) -> None:
    image = noise(900, 1200)
    view.set_scene(scene_of(image))
    at = QPoint(150, 300)
    before = readout_at(qtbot, view, at)
    with qtbot.waitSignal(view.zoom_changed) as told:
        wheel(view, at, 8)
    assert told.args[0] == pytest.approx(view.zoom_percent)
    after = readout_at(qtbot, view, at)
    assert before is not None
    assert after is not None
    assert np.abs(np.subtract(before.view, after.view)).max() <= 1


def test_zooming_in_shows_single_pixels_as_sharp_squares(qtbot: QtBot, view: EvidenceView) -> None:
    view.set_scene(scene_of(noise(64, 64)))
    view.set_layers(BARE)
    wheel(view, QPoint(320, 200), 60)
    assert view.zoom_percent == 6400
    shown = seen(panes(view)[0])
    colours = {tuple(colour) for colour in shown.reshape(-1, 3)}
    assert len(colours) <= (640 // 64 + 2) * (480 // 64 + 2)


def test_a_drag_moves_the_image_with_the_hand(qtbot: QtBot, view: EvidenceView) -> None:
    view.set_scene(scene_of(noise(2000, 2000)))
    view.one_to_one()
    before = readout_at(qtbot, view, QPoint(300, 200))
    drag(qtbot, panes(view)[0], QPoint(300, 200), QPoint(340, 170))
    after = readout_at(qtbot, view, QPoint(340, 170))
    assert before is not None
    assert after == before


def test_arrows_pan_and_plus_and_minus_zoom(qtbot: QtBot, view: EvidenceView) -> None:
    view.set_scene(scene_of(noise(2000, 2000)))
    view.one_to_one()
    view.setFocus()
    start = readout_at(qtbot, view, QPoint(100, 100))
    qtbot.keyClick(panes(view)[0], Qt.Key.Key_Right)
    qtbot.keyClick(panes(view)[0], Qt.Key.Key_Down)
    moved = readout_at(qtbot, view, QPoint(100, 100))
    assert start is not None
    assert moved is not None
    assert moved.view[0] - start.view[0] == moved.view[1] - start.view[1] == 80
    qtbot.keyClick(panes(view)[0], Qt.Key.Key_Plus)
    assert view.zoom_percent == pytest.approx(141.4, abs=0.1)
    qtbot.keyClick(panes(view)[0], Qt.Key.Key_Minus)
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
    qtbot.keyClick(panes(view)[0], Qt.Key.Key_B)
    assert window.keys == [Qt.Key.Key_B]


def test_the_cursor_tells_pixel_colour_and_score_of_turned_evidence(qtbot: QtBot, view: EvidenceView) -> None:
    stored = noise(300, 400)
    orientation = Orientation.ROTATED_90_CW
    scene = scene_of(orientation.apply(stored), orientation=orientation)
    view.set_scene(scene)
    readout = readout_at(qtbot, view, QPoint(320, 200))
    assert readout is not None
    x, y = readout.stored
    assert readout.rgb == tuple(stored[y, x])
    assert scene.heatmap is not None
    assert readout.score == scene.heatmap.score_at(Point(x, y))


def test_beside_the_image_and_outside_the_canvas_there_is_no_readout(qtbot: QtBot, view: EvidenceView) -> None:
    view.set_scene(scene_of(noise(100, 10)))
    assert readout_at(qtbot, view, QPoint(5, 200)) is None
    assert readout_at(qtbot, view, QPoint(320, 200)) is not None
    with qtbot.waitSignal(view.cursor_moved) as told:
        QApplication.sendEvent(panes(view)[0], QEvent(QEvent.Type.Leave))
    assert told.args[0] is None


def test_the_painted_heatmap_agrees_with_the_score_under_the_cursor(qtbot: QtBot, view: EvidenceView) -> None:
    view.set_scene(scene_of(noise(333, 457)))
    view.set_layers(PURE_HEATMAP)
    lut = colormap_lut("inferno").astype(int)
    for zoom in ("fit", "1:1", "deep"):
        {"fit": view.fit, "1:1": view.one_to_one, "deep": lambda: wheel(view, QPoint(200, 200), 15)}[zoom]()
        shown = seen(panes(view)[0]).astype(int)
        for x, y in ((100, 100), (220, 310), (400, 50), (500, 250)):
            readout = readout_at(qtbot, view, QPoint(x, y))
            if readout is None:
                continue
            assert readout.score is not None
            level = round(255 * readout.score)
            near = lut[max(0, level - 2) : level + 3]
            assert np.abs(near - shown[y, x]).max(axis=1).min() <= 2, (zoom, x, y)


def test_changing_layers_keeps_the_look_and_changes_the_picture(qtbot: QtBot, view: EvidenceView) -> None:
    view.set_scene(scene_of(noise(900, 1200)))
    wheel(view, QPoint(100, 100), 7)
    zoom, place = view.zoom_percent, readout_at(qtbot, view, QPoint(200, 200))
    before = seen(panes(view)[0])
    view.set_layers(LayerSettings(threshold=0.7, fill_visible=True))
    assert (view.zoom_percent, readout_at(qtbot, view, QPoint(200, 200))) == (zoom, place)
    assert not np.array_equal(before, seen(panes(view)[0]))


def test_the_look_is_kept_for_an_image_of_the_same_size_only(qtbot: QtBot, view: EvidenceView) -> None:
    view.set_scene(scene_of(noise(900, 1200)))
    wheel(view, QPoint(100, 100), 7)
    zoom = view.zoom_percent
    view.set_scene(scene_of(noise(900, 1200, seed=5)))
    assert view.zoom_percent == zoom
    view.set_scene(scene_of(noise(600, 1200)))
    assert view.zoom_percent == pytest.approx(100 * 640 / 1200)


def test_a_fitted_image_stays_fitted_when_the_window_grows(qtbot: QtBot, view: EvidenceView) -> None:
    view.set_scene(scene_of(noise(300, 1200)))
    view.resize(960, 480)
    qtbot.waitUntil(lambda: view.zoom_percent == pytest.approx(100 * 960 / 1200))


def test_while_blinking_the_bare_evidence_is_seen(qtbot: QtBot, view: EvidenceView) -> None:
    image = np.full((480, 640, 3), 90, np.uint8)
    view.set_scene(scene_of(image, score=1.0))
    view.set_layers(PURE_HEATMAP)
    hot = tuple(colormap_lut("inferno")[255])
    pane = panes(view)[0]
    assert tuple(seen(pane)[200, 300]) == hot
    view.set_blink(True)
    assert tuple(seen(pane)[200, 300]) == (90, 90, 90)
    view.set_blink(False)
    assert tuple(seen(pane)[200, 300]) == hot


def test_the_swipe_divider_is_dragged_and_parts_evidence_from_overlay(qtbot: QtBot, view: EvidenceView) -> None:
    view.set_scene(scene_of(np.full((480, 640, 3), 90, np.uint8), score=1.0))
    view.set_layers(PURE_HEATMAP)
    view.set_compare_mode(CompareMode.SWIPE)
    divider = view.findChild(Divider)
    assert divider.isVisible()
    qtbot.mousePress(divider, Qt.MouseButton.LeftButton, pos=divider.rect().center())
    with qtbot.waitSignal(view.swipe_moved) as told:
        move = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(divider.rect().center() + QPoint(-160, 0)),
            QPointF(),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(divider, move)
    assert told.args[0] == pytest.approx(0.25, abs=0.01)
    row = seen(panes(view)[0])[100]
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


def test_side_by_side_panes_show_the_same_place_whichever_is_moved(qtbot: QtBot, view: EvidenceView) -> None:
    view.set_scene(scene_of(noise(1500, 1500)))
    view.set_compare_mode(CompareMode.SIDE_BY_SIDE)
    qtbot.waitUntil(lambda: len(panes(view)) == 2 and panes(view)[1].width() > 100)
    first, second = panes(view)
    view.one_to_one()
    for moved, notches in ((first, 3), (second, 5)):
        told: list[float] = []
        view.zoom_changed.connect(told.append)
        drag(qtbot, moved, QPoint(100, 100), QPoint(60, 140))
        wheel(view, QPoint(50, 60), notches)
        view.zoom_changed.disconnect(told.append)
        assert len(told) == 1
        places = [readout_at(qtbot, view, QPoint(90, 90), pane=index) for index in (0, 1)]
        assert places[0] == places[1]
    view.set_layers(BARE)
    assert np.array_equal(seen(first)[60:], seen(second)[60:])


def test_a_second_scene_is_seen_beside_the_first_at_the_same_place(qtbot: QtBot, view: EvidenceView) -> None:
    image = noise(400, 400)
    view.set_scene(Scene("a", image))
    view.set_second_scene(Scene("b", np.ascontiguousarray(image.repeat(2, axis=0).repeat(2, axis=1))))
    view.set_compare_mode(CompareMode.SIDE_BY_SIDE)
    qtbot.waitUntil(lambda: len(panes(view)) == 2 and panes(view)[1].width() > 100)
    wheel(view, QPoint(100, 100), 10)
    first, second = (readout_at(qtbot, view, QPoint(150, 150), pane=index) for index in (0, 1))
    assert first is not None
    assert second is not None
    assert first.rgb == second.rgb
    assert tuple(value // 2 for value in second.view) == first.view


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (4000, 1), (3, 2), (5000, 40)])
def test_images_of_any_shape_are_shown_and_zoomed(qtbot: QtBot, view: EvidenceView, size: tuple[int, int]) -> None:
    image = np.full((*size, 3), 255, np.uint8)
    view.set_scene(Scene("odd", image, Heatmap(np.ones((3, 3), np.float32), Size.of(image))))
    view.set_layers(BARE)
    assert (seen(panes(view)[0]) == 255).all(axis=2).any()
    for mode in CompareMode:
        view.set_compare_mode(mode)
        for notches in (30, -60):
            wheel(view, QPoint(320, 200), notches)
            assert seen(view).size


def test_the_full_pyramid_replaces_the_preview_without_a_move(qtbot: QtBot, view: EvidenceView) -> None:
    checkers = np.zeros((3000, 4000, 3), np.uint8)
    checkers[::2, ::2] = checkers[1::2, 1::2] = 255
    view.set_scene(Scene("large", checkers))
    zoom = view.zoom_percent

    def grey() -> bool:
        middle = seen(panes(view)[0])[150:250, 250:350].astype(int)
        return bool(np.abs(middle - 127.5).max() < 4)

    qtbot.waitUntil(grey)
    assert view.zoom_percent == zoom


def test_a_text_that_looks_like_markup_is_shown_as_it_is(qtbot: QtBot, view: EvidenceView) -> None:
    view.set_scene(scene_of(noise(48, 64)))
    view.set_compare_mode(CompareMode.SWIPE)
    view.set_pane_labels("<b>a</b><img src=x>", "b")
    view.set_busy("<i>working</i>")
    labels = view.findChildren(QLabel)
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
    assert {"<b>a</b><img src=x>", "<i>working</i>"} <= {label.text() for label in labels if label.isVisible()}


def test_the_empty_canvas_says_a_sentence_and_answers_keys_and_wheel_calmly(qtbot: QtBot, view: EvidenceView) -> None:
    view.set_empty_text("Drop a photograph here.")
    sentence = next(label for label in view.findChildren(QLabel) if label.text() == "Drop a photograph here.")
    assert sentence.isVisible()
    wheel(view, QPoint(10, 10), 3)
    view.fit()
    view.one_to_one()
    view.zoom_in()
    qtbot.keyClick(panes(view)[0], Qt.Key.Key_Left)
    assert view.zoom_percent == 100
    view.set_scene(scene_of(noise(48, 64)))
    assert not sentence.isVisible()
    view.set_scene(None)
    assert sentence.isVisible()
    assert len({tuple(colour) for colour in seen(panes(view)[0])[:50].reshape(-1, 3)}) == 1


def test_being_busy_hides_neither_the_image_nor_stops_the_hand(qtbot: QtBot, view: EvidenceView) -> None:
    view.set_scene(scene_of(noise(900, 1200)))
    view.set_busy("Analyzing …")
    zoom = view.zoom_percent
    wheel(view, QPoint(320, 20), 2)
    assert view.zoom_percent > zoom
    view.set_busy(None)
    assert not any(label.text() == "Analyzing …" and label.isVisible() for label in view.findChildren(QLabel))


def test_items_of_the_view_box_lie_on_the_pixels_they_name(qtbot: QtBot, view: EvidenceView) -> None:
    """Boxes drawn by later tools stand in view pixels; the view box follows the camera to a part of a pixel."""
    view.set_scene(scene_of(noise(900, 1200)))
    wheel(view, QPoint(100, 140), 9)
    pane = panes(view)[0]
    place = pane.view_box.mapSceneToView(QPointF(200.5, 150.5))
    readout = readout_at(qtbot, view, QPoint(200, 150))
    assert readout is not None
    assert (int(place.x()), int(place.y())) == pytest.approx(readout.view, abs=1)


def test_a_closed_canvas_leaves_no_thread_behind(qtbot: QtBot) -> None:
    made = EvidenceView()
    made.set_scene(scene_of(noise(1200, 1600)))
    assert any("canvas" in thread.name for thread in threading.enumerate())
    made.deleteLater()
    del made
    qtbot.waitUntil(lambda: gc.collect() >= 0 and not any("canvas" in t.name for t in threading.enumerate()))
