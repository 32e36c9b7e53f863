"""The window itself: keys, menus, messages, and how it takes defects."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QDockWidget,
    QGroupBox,
    QLabel,
    QTreeWidget,
    QWidget,
)

from forensic_gui.views.canvas.scene import CursorReadout
from forensic_gui.views.core.commands import COMMANDS
from forensic_gui.views.core.eta import BatchProgress
from forensic_gui.views.dialogs import AboutDialog, ShortcutsDialog
from forensic_gui.views.message_bar import Gravity
from forensic_gui.widgets.elided import ElidedLabel


def seen(desk) -> np.ndarray:
    """Pixels of the canvas, coarse enough for a comparison."""
    image = desk.session.canvas.grab().toImage()
    return np.array(
        [[image.pixelColor(x, y).rgb() for x in range(0, image.width(), 23)] for y in range(0, image.height(), 23)]
    )


def test_holding_the_blink_key_shows_the_bare_image_until_it_is_let_go(open_desk, photographs):
    desk = open_desk(photographs(1))
    desk.until_analyzed("img_1.jpg")
    layered = seen(desk)
    desk.qtbot.keyPress(desk.list, Qt.Key.Key_B)
    bare = seen(desk)
    assert (bare != layered).any()
    desk.qtbot.keyRelease(desk.list, Qt.Key.Key_B)
    assert (seen(desk) == layered).all()


def test_leaving_the_window_with_the_blink_key_held_lets_it_go(open_desk, photographs):
    desk = open_desk(photographs(1))
    desk.until_analyzed("img_1.jpg")
    layered = seen(desk)
    desk.qtbot.keyPress(desk.list, Qt.Key.Key_B)
    QApplication.sendEvent(desk.window, QEvent(QEvent.Type.WindowDeactivate))
    assert (seen(desk) == layered).all()


def test_keys_switch_layers_and_the_panel_follows(open_desk, photographs):
    desk = open_desk(photographs(1))
    desk.until_analyzed("img_1.jpg")
    layered = seen(desk)
    desk.press("H")
    desk.press("O")
    assert not desk.session.layers.settings.heatmap_visible
    assert not desk.session.layers.settings.contour_visible
    assert (seen(desk) != layered).any()
    desk.press("H")
    desk.press("O")
    assert (seen(desk) == layered).all()


def test_a_layer_switched_in_the_panel_is_switched_in_the_menu(open_desk, photographs):
    desk = open_desk(photographs(1))
    desk.until_analyzed("img_1.jpg")
    boxes = desk.session.layers.findChildren(QCheckBox)
    box = next(box for box in boxes if box.text().replace("&", "") == "Show heatmap")
    desk.qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    assert not desk.window.actions_["toggle_heatmap"].isChecked()


def test_keys_fit_and_zoom(open_desk, photographs):
    desk = open_desk(photographs(1))
    desk.until_shown("img_1.jpg")
    fitted = desk.session.canvas.zoom_percent
    desk.press("1")
    assert desk.session.canvas.zoom_percent == pytest.approx(100)
    assert desk.part("status_zoom").text() == "100 %"
    desk.press("F")
    assert desk.session.canvas.zoom_percent == pytest.approx(fitted)


@pytest.mark.parametrize("keys", ["Ctrl+Shift+2", "Ctrl+Shift+3", "W", "S"])
def test_keys_choose_how_to_compare(open_desk, photographs, keys):
    desk = open_desk(photographs(1))
    desk.until_analyzed("img_1.jpg")
    before = seen(desk)
    desk.press(keys)
    assert (seen(desk) != before).any()
    assert not desk.window.actions_["compare_single"].isChecked()
    desk.press("Ctrl+Shift+1")
    desk.until(lambda: bool((seen(desk) == before).all()))


def test_every_command_has_a_sentence_and_no_key_stands_for_two(open_desk):
    desk = open_desk()
    keys = [key for command in COMMANDS for key in command.keys]
    keys += [each.shortcut().toString() for each in desk.window.panel_actions.values()]
    assert len(desk.window.panel_actions) == len(desk.window.findChildren(QDockWidget))
    assert len(keys) == len(set(keys))
    assert all(command.tip.endswith(".") for command in COMMANDS)
    for command in COMMANDS:
        action = desk.window.actions_[command.id]
        assert action.statusTip() == command.tip or not action.isEnabled(), command.id  # then it may say why
        assert command.keys or command.shown_keys, command.id
        assert not command.keys or command.keys[0] in action.shortcut().toString()


def test_mnemonics_of_a_menu_are_unique(open_desk):
    desk = open_desk()
    for top in desk.window.menuBar().actions():
        letters = [
            text[text.index("&") + 1].lower()
            for text in (action.text() for action in top.menu().actions())
            if "&" in text
        ]
        assert len(letters) == len(set(letters)), top.text()


def test_no_letter_of_a_widget_opens_a_menu_or_stands_for_two(open_desk):
    desk = open_desk()
    menus = [QKeySequence.mnemonic(top.text()).toString() for top in desk.window.menuBar().actions()]
    named = [*desk.window.findChildren(QAbstractButton), *desk.window.findChildren(QGroupBox)]
    texts = [widget.text() if isinstance(widget, QAbstractButton) else widget.title() for widget in named]
    texts += [label.text() for label in desk.window.findChildren(QLabel) if label.buddy() is not None]
    letters = [QKeySequence.mnemonic(text).toString() for text in texts if "&" in text]
    assert "Alt+F" in menus and "Alt+T" in letters
    assert not set(letters) & set(menus)
    assert len(letters) == len(set(letters))


def test_commands_that_lack_what_they_need_are_greyed(open_desk, photographs):
    desk = open_desk()
    for command_id in ("save_overlay", "analyze_current", "analyze_all", "stop", "fit", "next_image", "copy_facts"):
        assert not desk.is_enabled(command_id)
    assert desk.is_enabled("open_files")
    desk.ask.chosen_files = photographs(1)
    desk.run("open_files")
    desk.until_analyzed("img_1.jpg")
    for command_id in ("save_overlay", "analyze_current", "analyze_all", "fit", "next_image", "copy_facts"):
        assert desk.is_enabled(command_id)


def test_the_keyboard_alone_reaches_list_filter_layers_and_facts(open_desk, photographs):
    desk = open_desk(photographs(2))
    desk.until_analyzed("img_1.jpg")
    assert desk.window.focusWidget() is desk.list
    reached = set()
    for _ in range(80):
        desk.qtbot.keyClick(desk.window.focusWidget(), Qt.Key.Key_Tab)
        reached.add(desk.window.focusWidget())
    assert desk.list in reached
    assert desk.part("filter") in reached
    assert desk.part("facts") in reached
    assert desk.session.canvas.focusProxy() in reached
    assert any(desk.session.layers.isAncestorOf(widget) for widget in reached)


def test_facts_and_hash_are_copied_as_plain_text(open_desk, photographs):
    desk = open_desk(photographs(1))
    desk.until_analyzed("img_1.jpg")
    desk.run("copy_hash")
    assert QGuiApplication.clipboard().text() == desk.session.current.decoded.evidence.sha256
    desk.run("copy_facts")
    copied = QGuiApplication.clipboard().text()
    assert f"SHA-256\t{desk.session.current.decoded.evidence.sha256}" in copied
    assert "Weights\tstand-in-224" in copied


def test_a_name_that_looks_like_markup_is_shown_as_it_is(open_desk, tmp_path):
    path = tmp_path / "<b>bold<img src=x>.jpg"
    path.write_bytes(b"photograph")
    desk = open_desk([path])
    desk.until_analyzed(path.name)
    assert path.name in desk.part("facts").toPlainText()
    tip = desk.window.catalog.data(desk.window.catalog.index(0, 0), Qt.ItemDataRole.ToolTipRole)
    assert "<b>" not in tip
    assert "&lt;b&gt;bold" in tip


def test_a_missing_file_and_an_empty_folder_are_told(open_desk, tmp_path):
    desk = open_desk([tmp_path / "gone.jpg"])
    desk.until(lambda: desk.message == "gone.jpg: The file does not exist.")
    (tmp_path / "empty").mkdir()
    desk.ask.chosen_folder = tmp_path / "empty"
    desk.run("open_folder")
    desk.until(lambda: desk.message == "No photographs were found in empty.")


def test_a_double_click_on_a_problem_goes_to_its_image(open_desk, photographs):
    desk = open_desk(photographs(3, img_3=b"broken"))
    desk.until_analyzed("img_1.jpg")
    desk.run("analyze_all")
    desk.until(lambda: desk.message.startswith("1 of 2"))
    desk.window.show_problems()
    table = desk.part("problems")
    at = table.visualRect(table.model().index(0, 1)).center()
    desk.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    desk.qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    desk.until(lambda: desk.title == "img_3.jpg")


def test_readings_keep_their_places_whatever_they_say(open_desk):
    desk = open_desk()
    status = desk.window.status
    fields = [desk.part(f"status_{name}") for name in ("cursor", "rgb", "score", "zoom", "time", "device")]

    def places():
        QApplication.processEvents()
        return [field.geometry() for field in fields]

    before = places()
    status.set_cursor_readout(CursorReadout((99999, 99999), (0, 0), (255, 255, 255), 1.0))
    status.set_zoom(6400.0)
    status.set_analysis_time(3599.0)
    desk.window.work.show_batch(BatchProgress(1234, 10000, 17, 3600.0), verb="Analyzing")
    assert places() == before
    assert desk.window.work.text == "Analyzing 1\u202f234 of 10\u202f000 images · 17 failed · about 1 h 00 min left"


def test_the_weights_named_in_the_status_bar_are_those_whose_score_stands_there(open_desk):
    desk = open_desk()
    status, field = desk.window.status, desk.part("status_localizer")
    status.set_localizer("in-use", "Weights of the localizer.")
    status.set_cursor_readout(CursorReadout((1, 2), (1, 2), (0, 0, 0), 0.2))
    assert field.text() == "in-use"
    status.set_cursor_readout(CursorReadout((1, 2), (1, 2), (0, 0, 0), 0.9, other="mine"))
    assert field.text() == "mine" and "of mine" in field.toolTip()
    status.set_localizer("also-in-use", "Others.")
    assert field.text() == "mine"
    status.set_cursor_readout(None)
    assert (field.text(), field.toolTip()) == ("also-in-use", "Others.")


def test_a_small_screen_holds_the_window_and_every_sentence_of_the_layers(qtbot, open_desk, photographs):
    desk = open_desk(photographs(1))
    desk.until_analyzed("img_1.jpg")
    desk.window.resize(960, 600)

    def holds_every_sentence() -> None:
        assert (desk.window.width(), desk.window.height()) == (960, 600)
        for label in desk.session.layers.findChildren(QLabel):
            needed = label.heightForWidth(label.width()) if label.wordWrap() else label.minimumSizeHint().height()
            assert label.height() >= needed, label.text()
            assert label.width() >= label.minimumSizeHint().width(), label.text()

    # A wrapped line asks for its height only once it knows its width: the layout takes a few turns of the event loop.
    qtbot.waitUntil(holds_every_sentence)


def test_the_words_of_work_under_way_are_given_up_whole(qtbot):
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.tell("Analyzing 12 of 300 images · 2 failed · about 3 min left")
    wide = label.fontMetrics().horizontalAdvance(label.whole)
    shown = set()
    for width in range(wide + 40, 40, -3):
        label.resize(width, 20)
        label.ensurePolished()
        QApplication.sendEvent(label, QResizeEvent(label.size(), label.size()))
        shown.add(label.text())
        assert label.fontMetrics().horizontalAdvance(label.text()) <= width
    assert {label.whole, "Analyzing 12 of 300 images · 2 failed", "Analyzing 12 of 300 images"} < shown
    assert "Analyzing 12 of 300…" in shown
    assert label.toolTip() == label.whole


def test_the_runtime_stands_beside_the_device_where_there_is_room(open_desk, photographs):
    desk = open_desk(photographs(1))
    desk.until_analyzed("img_1.jpg")
    desk.window.status.set_runtime("openvino 2026.4.0-21 (CPU)")
    desk.window.resize(1500, 800)
    runtime = desk.part("status_runtime")
    assert runtime.text() == "openvino 2026.4"
    assert "openvino 2026.4.0-21 (CPU)" in runtime.toolTip()
    assert runtime.isVisible()
    desk.window.resize(1024, 700)
    assert not runtime.isVisible()
    assert desk.part("status_device").toolTip().endswith("cpu, numpy")


def test_the_overview_of_keys_names_every_command_that_has_keys(qtbot):
    dialog = ShortcutsDialog()
    qtbot.addWidget(dialog)
    tree = dialog.findChild(QTreeWidget)
    told = {
        tree.topLevelItem(i).child(j).text(0)
        for i in range(tree.topLevelItemCount())
        for j in range(tree.topLevelItem(i).childCount())
    }
    assert {command.plain_text.rstrip("…") for command in COMMANDS if command.keys or command.shown_keys} <= told


def test_about_names_version_licence_and_weights(qtbot, open_desk):
    desk = open_desk()
    dialog = AboutDialog(desk.localizer.info)
    qtbot.addWidget(dialog)
    told = " ".join(widget.text() for widget in dialog.findChildren(QLabel))
    for word in ("0.1.0", "Apache License 2.0", "stand-in-224", "5555555555555555", "PySide6-Essentials", "LGPL"):
        assert word in told


def test_a_defect_on_any_thread_is_written_down_and_told(open_desk):
    desk = open_desk(expect_defect=True)

    def fail() -> None:
        raise ZeroDivisionError("the sum of the thread")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    desk.until(lambda: desk.window.findChild(object, "crash_dialog") is not None)
    dialog = desk.window.findChild(object, "crash_dialog")
    assert "the sum of the thread" in dialog.informativeText()
    assert "Traceback" in dialog.detailedText()
    dialog.close()


def test_a_message_that_comes_and_goes_moves_nothing_and_is_read_whole(open_desk, photographs):
    desk = open_desk(photographs(1))
    desk.until_analyzed("img_1.jpg")
    canvas, messages = desk.session.canvas, desk.window.messages
    zoom, size = canvas.zoom_percent, canvas.size()
    for words in ("A short word.", "A sentence that does not fit into one line of the window. " * 6):
        messages.tell(words, Gravity.WARNING, action="Do It")
        desk.qtbot.wait(50)
        assert (canvas.zoom_percent, canvas.size()) == (zoom, size)
        assert messages.isVisible() and not messages.visibleRegion().isEmpty()
        assert messages.mapTo(desk.window, messages.rect().topLeft()) == canvas.mapTo(desk.window, QPoint(0, 0))
        assert messages.width() == canvas.width()
        label = next(label for label in messages.findChildren(QLabel) if label.text() == words)
        assert label.height() >= label.heightForWidth(label.width())
    desk.window.resize(desk.window.width() - 200, desk.window.height())
    desk.qtbot.wait(50)
    assert messages.width() == canvas.width()
    assert label.height() >= label.heightForWidth(label.width())
    dismiss = desk.part("message_dismiss")
    desk.qtbot.mouseClick(dismiss, Qt.MouseButton.LeftButton)
    assert desk.message == ""


@pytest.mark.parametrize("width", [960, 1500])
def test_a_tip_in_the_status_bar_ends_in_a_whole_word_before_the_readings(open_desk, width):
    desk = open_desk()
    desk.window.resize(width, 800)
    desk.qtbot.wait(50)
    bar, tip = (
        desk.window.statusBar(),
        "Look at the whole image and at tiles of it; slower, and finer where it matters. " * 3,
    )
    bar.showMessage(tip)
    shown = bar.currentMessage()
    assert shown.endswith("…") and tip.startswith(shown.removesuffix("…") + " ")
    first = min(part.x() for part in bar.findChildren(QWidget) if part.parent() is bar and part.isVisible())
    assert 0.6 * first < bar.fontMetrics().horizontalAdvance(shown) < first - 6
    bar.showMessage("Short.")
    assert bar.currentMessage() == "Short."
