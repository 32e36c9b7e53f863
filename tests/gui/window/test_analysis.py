"""Analyzing one image, many images, and stopping."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QStandardPaths, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QTextEdit, QWidget

from forensic_gui.domain.errors import WeightsError
from forensic_gui.domain.finding import Product
from forensic_gui.views.core.items import Analyzed, Analyzing, CouldNot, NotAnalyzed, Waiting
from forensic_gui.views.core.wording import seconds_text
from forensic_gui.views.handlers import AskWithDialogs
from forensic_gui.views.saving import FILE_FILTERS

_DOCUMENTS = QStandardPaths.StandardLocation.DocumentsLocation


def analyzed(desk) -> int:
    return sum(isinstance(state, Analyzed) for state in desk.states())


def test_slow_reading_and_slow_analysis_never_hold_the_window_up(open_desk, photographs, pace, meter):
    pace.decode_s, pace.localize_s, pace.load_s, pace.deaf = 0.7, 0.7, 0.7, True
    desk = open_desk(photographs(3), pace=pace, ready=False)
    with meter() as block:
        desk.until_analyzed("img_1.jpg")
        desk.run("analyze_all")
        desk.until(lambda: analyzed(desk) == 3)
    assert block.longest_s < 0.5


def test_every_image_is_analyzed_with_progress_and_the_results_are_kept(open_desk, photographs, pace):
    pace.localize_s = 0.05
    desk = open_desk(photographs(5), pace=pace)
    desk.until_analyzed("img_1.jpg")
    told = []
    desk.session.analysis.batch_progressed.connect(told.append)
    desk.press("F7")
    desk.until(lambda: [type(state) for state in desk.states()[2:]] == [Waiting] * 3)
    desk.until(lambda: analyzed(desk) == 5)
    desk.until(lambda: desk.message == "4 images analyzed.")
    assert [progress.done for progress in told][-1] == 4
    assert any(progress.seconds_left is not None for progress in told)
    calls = desk.localizer.calls
    desk.press("J")
    desk.until_analyzed("img_2.jpg")
    assert desk.localizer.calls == calls


def test_only_the_selected_images_are_analyzed(open_desk, photographs):
    desk = open_desk(photographs(5))
    desk.until_analyzed("img_1.jpg")
    for row in (2, 3):
        at = desk.list.visualRect(desk.window.catalog.index(row, 0)).center()
        held = Qt.KeyboardModifier.ControlModifier
        desk.qtbot.mouseClick(desk.list.viewport(), Qt.MouseButton.LeftButton, held, pos=at)
    desk.until_analyzed("img_4.jpg")
    desk.press("F6")
    desk.until(lambda: analyzed(desk) == 3)
    assert [type(state) for state in desk.states()] == [Analyzed, NotAnalyzed, Analyzed, Analyzed, NotAnalyzed]


def test_stopping_takes_less_than_a_second_and_keeps_what_was_finished(open_desk, photographs, pace):
    desk = open_desk(photographs(8), pace=pace)
    desk.until_analyzed("img_1.jpg")
    pace.localize_s = 0.3
    desk.press("F7")
    desk.until(lambda: analyzed(desk) == 3)
    begun = time.monotonic()
    desk.press("Escape")
    desk.until(lambda: not desk.session.is_busy)
    assert time.monotonic() - begun < 1.0
    assert analyzed(desk) == 3
    assert [type(state) for state in desk.states()].count(NotAnalyzed) == 5
    assert desk.message == "Stopped: 2 images of 7 were analyzed, their results are kept."


def test_the_button_in_the_status_bar_stops_too(open_desk, photographs, pace):
    desk = open_desk(photographs(8), pace=pace)
    desk.until_analyzed("img_1.jpg")
    pace.localize_s = 0.5
    desk.press("F7")
    work = desk.window.work
    desk.until(lambda: work.text.startswith("Analyzing 0 of 7 images"))
    desk.qtbot.mouseClick(desk.part("status_stop"), Qt.MouseButton.LeftButton)
    desk.until(lambda: not desk.session.is_busy)
    assert work.text == ""


def test_failures_are_counted_listed_and_marked_and_the_rest_is_done(open_desk, photographs):
    desk = open_desk(photographs(5, img_2=b"broken", img_4=b""))
    desk.until_analyzed("img_1.jpg")
    desk.press("F7")
    desk.until(lambda: desk.message == "2 of 4 images could not be analyzed; the other 2 were.")
    assert {(problem.subject, problem.sentence) for problem in desk.window.problems.problems} == {
        ("img_2.jpg", "The decoder could not make pixels of it."),
        ("img_4.jpg", "The file is empty."),
    }
    assert [type(state) for state in desk.states()] == [Analyzed, CouldNot, Analyzed, CouldNot, Analyzed]
    desk.qtbot.mouseClick(desk.part("message_action"), Qt.MouseButton.LeftButton)
    assert desk.window.problems.isVisible()
    assert desk.message == ""


def test_choosing_a_damaged_file_tells_why_and_shows_no_other_image(open_desk, photographs):
    desk = open_desk(photographs(2, img_2=b"broken"))
    desk.until_analyzed("img_1.jpg")
    desk.press("J")
    desk.until(lambda: desk.message == "img_2.jpg: The decoder could not make pixels of it.")
    assert desk.session.current.decoded is None
    assert "img_1.jpg" not in desk.facts
    assert len(desk.window.problems.problems) == 1
    desk.press("K")
    desk.until_analyzed("img_1.jpg")
    assert desk.message == ""


def test_a_damaged_file_has_its_name_its_folder_its_hash_and_the_reason_among_the_facts(open_desk, photographs):
    paths = photographs(2, img_2=b"broken", img_1=b"")
    desk = open_desk(paths)
    desk.until(lambda: desk.title == "img_1.jpg" and "Reason\tThe file is empty." in desk.facts)
    assert "SHA-256\tnot known" in desk.facts
    desk.press("J")
    desk.until(lambda: "Reason\tThe decoder could not make pixels of it." in desk.facts)
    assert "Name\timg_2.jpg" in desk.facts and f"Folder\t{paths[1].parent}" in desk.facts
    assert f"SHA-256\t{hashlib.sha256(b'broken').hexdigest()}" in desk.facts
    assert "The decoder could not make pixels of it." in desk.window.facts.findChild(QTextEdit).toPlainText()


def test_the_chosen_image_does_not_wait_behind_a_batch(open_desk, photographs, pace):
    desk = open_desk(photographs(20), pace=pace)
    desk.until_analyzed("img_1.jpg")
    pace.localize_s = 0.2
    desk.press("F7")
    desk.until(lambda: analyzed(desk) >= 2)
    desk.press("End", on=desk.list)
    begun = time.monotonic()
    desk.until_analyzed("img_20.jpg")
    assert time.monotonic() - begun < 2.0
    assert desk.session.analysis.is_batch_running
    desk.press("Escape")
    desk.until(lambda: not desk.session.is_busy)


def test_analyzing_this_image_again_reads_the_file_again(open_desk, photographs):
    paths = photographs(1)
    desk = open_desk(paths)
    desk.until_analyzed("img_1.jpg")
    first = desk.session.current.decoded.evidence.sha256
    paths[0].write_bytes(b"someone changed it")
    desk.press("F5")
    desk.until(lambda: desk.session.current.decoded.evidence.sha256 != first)
    desk.until_analyzed("img_1.jpg")
    assert desk.localizer.calls == 2


def test_a_changed_file_is_not_taken_from_memory(open_desk, photographs):
    paths = photographs(2)
    desk = open_desk(paths)
    desk.until_analyzed("img_1.jpg")
    desk.press("J")
    desk.until_analyzed("img_2.jpg")
    paths[0].write_bytes(b"someone changed it")
    desk.press("K")
    desk.until_analyzed("img_1.jpg")
    assert desk.session.current.examination.evidence_sha256 == desk.session.current.decoded.evidence.sha256
    assert desk.localizer.calls == 3


def test_images_are_not_analyzed_on_selection_when_that_is_off(open_desk, photographs):
    desk = open_desk(photographs(2))
    desk.until_analyzed("img_1.jpg")
    desk.run("auto_analyze")
    desk.press("J")
    desk.until_shown("img_2.jpg")
    desk.qtbot.wait(100)
    assert desk.localizer.calls == 1
    desk.press("F5")
    desk.until_analyzed("img_2.jpg")


def test_other_views_have_other_results(open_desk, photographs):
    desk = open_desk(photographs(2))
    desk.until_analyzed("img_1.jpg")
    desk.run("views_fast")
    desk.until(lambda: desk.localizer.calls == 2)
    desk.until_analyzed("img_1.jpg")
    assert "Views\tfast" in desk.facts
    desk.run("views_thorough")
    desk.until_analyzed("img_1.jpg")
    assert desk.localizer.calls == 2


def test_the_localizer_is_named_while_it_loads_and_after(open_desk, photographs, pace):
    pace.load_s = 0.6
    desk = open_desk(photographs(1), pace=pace, ready=False)
    desk.until_shown("img_1.jpg")
    assert desk.part("status_localizer").text() == "Loading localizer…"
    assert not desk.is_enabled("analyze_current")
    desk.until_analyzed("img_1.jpg")
    assert desk.part("status_localizer").text() == "stand-in-224"


def test_without_weights_the_window_says_so_and_still_shows_photographs(open_desk, photographs, tmp_path):
    tries = []

    def load(*, weights=None, device="auto"):
        tries.append(weights)
        if weights is None:
            raise WeightsError("There are no weights.")
        return desk.localizer

    desk = open_desk(photographs(1), load_localizer=load, ready=False)
    desk.until_shown("img_1.jpg")
    desk.until(lambda: desk.message == "There are no weights.")
    assert not desk.is_enabled("analyze_current")
    desk.ask.chosen_weights = tmp_path / "mine.safetensors"
    desk.qtbot.mouseClick(desk.part("message_action"), Qt.MouseButton.LeftButton)
    desk.until_analyzed("img_1.jpg")
    assert tries == [None, str(tmp_path / "mine.safetensors")]


def test_the_threshold_starts_at_the_card_and_its_share_follows(open_desk, photographs):
    desk = open_desk(photographs(1))
    desk.until_analyzed("img_1.jpg")
    assert desk.session.layers.settings.threshold == pytest.approx(0.4)
    shares = []
    desk.session.meter.measured.connect(shares.append)
    for threshold in np.linspace(0.0, 1.0, 50):
        desk.session.meter.measure(desk.session.current.examination.localization.heatmap, float(threshold))
    desk.until(lambda: shares[-1:] == [0.0])


def test_a_defect_in_the_localizer_is_told_and_nothing_waits_for_ever(open_desk, photographs):
    desk = open_desk(photographs(2), expect_defect=True)
    desk.until_analyzed("img_1.jpg")
    desk.localizer.localize = None  # calling it raises TypeError
    desk.press("J")
    desk.until(lambda: desk.window.findChild(object, "crash_dialog") is not None)
    assert not desk.session.is_busy
    assert isinstance(desk.states()[1], NotAnalyzed)
    dialog = desk.window.findChild(object, "crash_dialog")
    assert "crash-" in dialog.informativeText()
    dialog.close()


def test_closing_in_the_middle_of_everything_ends_every_thread(open_desk, photographs, pace):
    pace.decode_s = pace.localize_s = 0.2
    desk = open_desk(photographs(10), pace=pace)
    desk.until_analyzed("img_1.jpg")
    desk.press("F7")
    desk.until(lambda: any(isinstance(state, Analyzing) for state in desk.states()))
    begun = time.monotonic()
    desk.window.close()
    assert time.monotonic() - begun < 2.0
    assert all(decoder.closed for decoder in desk.decoders)


def test_overlay_mask_and_heatmap_are_saved_as_they_are_shown(open_desk, photographs, tmp_path):
    desk = open_desk(photographs(1))
    desk.until_analyzed("img_1.jpg")
    for command, name in (("save_mask", "m.png"), ("save_heatmap", "h.png"), ("save_overlay", "o.jpg")):
        desk.ask.chosen_place = tmp_path / name
        desk.run(command)
        desk.until(lambda name=name: desk.message == f"Saved {tmp_path / name}")
    mask = cv2.imread(str(tmp_path / "m.png"), cv2.IMREAD_UNCHANGED)
    scores = cv2.imread(str(tmp_path / "h.png"), cv2.IMREAD_UNCHANGED)
    assert mask.shape == scores.shape == (64, 96)
    assert scores.dtype == np.uint16
    assert ((mask > 0) == (scores > 0.4 * 65535)).all()
    assert desk.ask.proposals[0].name == "img_1.mask.png"


@pytest.mark.parametrize("colormap", ["inferno", "viridis", "cividis", "magma", "grey"])
def test_an_overlay_is_saved_in_any_of_the_colours_on_offer(open_desk, photographs, tmp_path, colormap):
    desk = open_desk(photographs(1))
    desk.until_analyzed("img_1.jpg")
    desk.session.set_layers(replace(desk.session.layers.settings, colormap=colormap))
    desk.ask.chosen_place = tmp_path / "o.jpg"
    desk.run("save_overlay")
    desk.until(lambda: desk.message.startswith("Saved"))


def test_news_goes_with_its_image_and_with_the_next_job(open_desk, photographs, tmp_path):
    desk = open_desk(photographs(3))
    desk.until_analyzed("img_1.jpg")
    desk.ask.chosen_place = tmp_path / "m.png"
    desk.run("save_mask")
    desk.until(lambda: desk.message.startswith("Saved"))
    desk.press("J")
    desk.until_analyzed("img_2.jpg")
    assert desk.message == ""
    desk.run("save_mask")
    desk.until(lambda: desk.message.startswith("Saved"))
    desk.pace.localize_s = 0.3
    desk.press("F7")
    assert desk.message == ""
    desk.until(lambda: desk.message == "1 image analyzed.")
    desk.run("analyze_current")
    assert desk.message == ""
    desk.until_analyzed("img_2.jpg")


def test_the_time_is_that_of_the_image_shown(open_desk, photographs):
    desk = open_desk(photographs(3, img_3=b"broken"))
    time_of = desk.part("status_time").text
    desk.until_analyzed("img_1.jpg")
    desk.press("F7")
    desk.until(lambda: not desk.session.is_busy and analyzed(desk) == 2)
    desk.press("J")
    desk.until_analyzed("img_2.jpg")
    assert time_of() == seconds_text(desk.session.current.examination.seconds)
    desk.press("J")
    desk.until(lambda: desk.title == "img_3.jpg" and "Reason" in desk.facts)
    assert time_of() == "–"


def test_saving_never_starts_among_the_evidence_and_goes_on_where_it_was_saved_last(open_desk, photographs, tmp_path):
    desk = open_desk()
    desk.ask.chosen_folder = photographs(1)[0].parent
    desk.run("open_folder")
    desk.until_analyzed("img_1.jpg")
    elsewhere = tmp_path / "results"
    elsewhere.mkdir()
    desk.ask.chosen_place = elsewhere / "m.png"
    desk.run("save_mask")
    desk.until(lambda: desk.message.startswith("Saved"))
    desk.run("save_heatmap")
    first, second = (proposal.parent for proposal in desk.ask.proposals)
    assert first in (Path.home(), Path(QStandardPaths.writableLocation(_DOCUMENTS)))
    assert second == elsewhere
    assert desk.app._handlers.places.opened == str(desk.ask.chosen_folder)
    desk.until(lambda: not desk.session.saver.is_exporting)


def test_a_name_typed_without_a_suffix_gets_the_one_of_what_is_saved(qtbot, tmp_path):
    parent = QWidget()
    qtbot.addWidget(parent)

    def type_and_accept():
        dialog = QApplication.activeModalWidget()
        dialog.findChild(QLineEdit).setText(str(tmp_path / "typed"))
        dialog.accept()

    QTimer.singleShot(100, type_and_accept)
    chosen = AskWithDialogs(parent).place("Save Mask", tmp_path / "img_1.mask.png", FILE_FILTERS[Product.MASK])
    assert chosen == tmp_path / "typed.png"


def test_evidence_is_never_written_over(open_desk, photographs):
    paths = photographs(2)
    desk = open_desk(paths)
    desk.until_analyzed("img_1.jpg")
    desk.ask.chosen_place = paths[1]
    desk.run("save_overlay")
    assert desk.message == "This is evidence and is not written over; choose another name."
    assert paths[1].read_bytes() == b"photograph 2"


def test_a_picture_that_cannot_be_saved_is_told_in_a_sentence(open_desk, photographs, tmp_path):
    desk = open_desk(photographs(1))
    desk.until_analyzed("img_1.jpg")
    desk.ask.chosen_place = tmp_path / "no such folder" / "m.png"
    desk.run("save_mask")
    desk.until(lambda: desk.message.startswith("m.png: "))
    assert len(desk.window.problems.problems) == 1


def test_results_of_all_are_saved_to_a_folder(open_desk, photographs, tmp_path):
    desk = open_desk(photographs(3, img_2=b"broken"))
    desk.until_analyzed("img_1.jpg")
    desk.ask.chosen_folder = tmp_path / "results"
    desk.run("save_all")
    desk.until(lambda: desk.message.startswith("Results of 2 images were saved to"))
    lines = [json.loads(line) for line in (tmp_path / "results" / "findings.jsonl").read_text().splitlines()]
    assert len(lines) == 2
    assert (tmp_path / "results" / "img_3.overlay.jpg").exists()
    assert [problem.subject for problem in desk.window.problems.problems] == ["img_2.jpg"]
