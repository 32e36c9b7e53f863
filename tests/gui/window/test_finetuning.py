"""Weights in the window: made anew in a child process, chosen, compared, removed."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QMessageBox, QPushButton, QTableWidget

from forensic_gui.domain.errors import RequestError
from forensic_gui.services.case import CaseSession
from forensic_gui.services.installed_weights import InstalledWeights
from forensic_gui.services.weights_shelf import Shelf
from forensic_gui.views import toolbox as toolbox_module
from forensic_gui.views.canvas.pane import Pane
from forensic_gui.views.finetuning.door import WeightsDoor
from forensic_gui.views.finetuning.run_state import Phase
from forensic_gui.views.finetuning.weights_dialog import WeightsDialog
from forensic_gui.views.finetuning.window import FinetuneWindow
from tests.gui import pretend_finetune
from tests.gui.standins import StandInLocalizer

LEFT = Qt.MouseButton.LeftButton
# The stand-in localizer of these windows; see conftest.
IN_USE, OTHER = "stand-in-224", "other-224"


def weights(weights_id: str, sha256: str, folder: Path) -> InstalledWeights:
    path = folder / f"{weights_id}.safetensors"
    words = ("Trained on nothing; for tests only.",)
    return InstalledWeights(
        weights_id, path, sha256, "stand-in", 0.4, "chosen", ("none",), "CC0", "2026-01-01", words, "", "", False
    )


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Two weights, the first in use and shipped; removing takes them off. The child is a stand-in."""
    kept = {each.id: each for each in (weights(IN_USE, "5" * 64, tmp_path), weights(OTHER, "6" * 64, tmp_path))}

    def remove(weights_id):
        if weights_id == IN_USE:
            raise RequestError("They are part of the program.")
        return kept.pop(weights_id).path

    door = WeightsDoor(
        shelf=lambda: Shelf(tuple(kept.values()), frozenset({IN_USE}), frozenset({"begun"})),
        remove=remove,
        command=lambda: (sys.executable, pretend_finetune.__file__),
    )
    monkeypatch.setattr(toolbox_module, "open_weights_door", lambda: door)
    monkeypatch.setenv("PRETEND_LOG", str(tmp_path / "child.log"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    return kept


@pytest.fixture
def case(tmp_path, photographs) -> Path:
    with closing(CaseSession.create(tmp_path / "Harbour", author="Ann")) as made:
        made.add(photographs(2))
        return made.folder


class Tuning:
    """The window of fine-tuning, by its fields."""

    def __init__(self, desk) -> None:
        self.desk = desk
        desk.run("finetune")
        self.window = desk.window.findChild(FinetuneWindow)
        self.controller = desk.session.weights.tuning

    def button(self, name: str) -> QPushButton:
        return self.window.findChild(QPushButton, name)

    def press(self, name: str) -> None:
        self.desk.until(lambda: self.button(name).isVisible() and self.button(name).isEnabled())
        self.desk.qtbot.mouseClick(self.button(name), LEFT)

    def call_it(self, name: str) -> None:
        edit = self.window.findChild(QLineEdit, "weights_name")
        edit.clear()
        self.desk.qtbot.keyClicks(edit, name)

    def start(self, name: str) -> None:
        self.call_it(name)
        self.press("start_tuning")

    def until(self, phase: Phase) -> None:
        self.desk.until(lambda: self.controller.state is not None and self.controller.state.phase is phase)

    @property
    def text(self) -> str:
        return "\n".join(each.text() for each in self.window.findChildren(QLabel) if each.isVisibleTo(self.window))


def child(tmp_path) -> tuple[int, list[str]]:
    """Process id and arguments of the child that was started."""
    number, arguments = (tmp_path / "child.log").read_text(encoding="utf-8").split("\n", 1)
    return int(number), json.loads(arguments)


def is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_where_the_programs_own_weights_are_in_use_their_student_is_what_is_tuned(open_desk, shelf, case, tmp_path):
    student = replace(weights("student-224", "7" * 64, tmp_path), starts_tuning=True)
    shelf[student.id] = student
    shelf[IN_USE] = replace(shelf[IN_USE], is_default=True)
    desk = open_desk([case])
    desk.until(lambda: desk.session.case.is_open)
    tuning = Tuning(desk)
    tuning.start("mine")
    tuning.until(Phase.DONE)
    _, arguments = child(tmp_path)
    assert arguments[arguments.index("--weights") + 1] == str(student.path)


def test_a_run_on_the_open_case_ends_in_a_table_and_a_warning(open_desk, shelf, case, tmp_path):
    desk = open_desk([case])
    desk.until(lambda: desk.session.case.is_open)
    tuning = Tuning(desk)
    tuning.start("mine")
    tuning.until(Phase.DONE)
    _, arguments = child(tmp_path)
    assert arguments[0] == "finetune" and arguments[-1] == str(case)
    assert arguments[arguments.index("--weights") + 1] == str(shelf[IN_USE].path)
    table = tuning.window.findChild(QTableWidget, "run_results")
    cells = [[(table.item(row, column) or table.item(row, 0)).text() for column in range(4)] for row in range(4)]
    assert cells[0][0].startswith("Held-out images of your labels")
    assert cells[1] == ["Pixel F1 at 0.5", "0.200 [0.150, 0.250]", "0.600 [0.550, 0.650]", "+0.400"]
    assert "They have lost some of what they knew." in tuning.text
    assert "All 4 steps are done" in tuning.text
    desk.until(lambda: "«mine» has ended" in desk.message)
    assert desk.window.work.text == ""
    tuning.press("tune_again")
    assert tuning.button("start_tuning").isVisible()


def test_a_run_is_paused_goes_on_and_is_stopped_while_the_window_is_hidden(open_desk, shelf, case, tmp_path):
    desk = open_desk([case])
    desk.until(lambda: desk.session.case.is_open)
    tuning = Tuning(desk)
    tuning.start("waits")
    desk.until(lambda: tuning.controller.state is not None and tuning.controller.state.last is not None)
    tuning.press("pause_tuning")
    tuning.until(Phase.PAUSED)
    assert tuning.button("pause_tuning").text() == "Resume"
    tuning.press("pause_tuning")
    tuning.until(Phase.RUNNING)
    tuning.press("close_tuning")
    assert not tuning.window.isVisible()
    desk.until(lambda: desk.window.work.text.startswith("Fine-tuning 3/4"))
    desk.run("finetune")
    assert tuning.window.isVisible()
    tuning.press("cancel_tuning")
    tuning.until(Phase.STOPPED)
    assert "No weights were made" in tuning.text
    assert not is_alive(child(tmp_path)[0])
    assert desk.window.work.text == ""


def test_closing_the_main_window_leaves_no_child_behind(open_desk, shelf, case, tmp_path):
    desk = open_desk([case])
    desk.until(lambda: desk.session.case.is_open)
    tuning = Tuning(desk)
    tuning.start("waits")
    desk.until(lambda: tuning.controller.state is not None and tuning.controller.state.last is not None)
    number, _ = child(tmp_path)
    assert is_alive(number)
    began = time.monotonic()
    desk.close()
    assert not is_alive(number)
    assert time.monotonic() - began < 10


def test_a_child_that_fails_says_why_and_one_that_crashes_takes_nothing_down(open_desk, shelf, case, tmp_path):
    desk = open_desk([case])
    desk.until(lambda: desk.session.case.is_open)
    tuning = Tuning(desk)
    tuning.start("fails")
    tuning.until(Phase.FAILED)
    assert "At least 8 images with a region are needed; there are 2." in tuning.text
    desk.until(lambda: "At least 8 images" in desk.message)
    tuning.press("tune_again")
    tuning.start("crashes")
    tuning.until(Phase.FAILED)
    (report,) = (tmp_path / "logs").glob("finetune-*.log")
    assert f"The fine-tuning ended unexpectedly (exit status 1). What it said last is in {report}." in tuning.text
    assert "Segmentation fault" not in tuning.text
    assert report.read_text(encoding="utf-8").endswith("fine-tuning, status 1\n\nSegmentation fault\n")
    assert desk.session.case.is_open


def test_names_that_are_taken_are_refused_at_once_and_an_unfinished_run_can_go_on(open_desk, shelf, case, tmp_path):
    desk = open_desk([case])
    desk.until(lambda: desk.session.case.is_open)
    tuning = Tuning(desk)
    desk.until(lambda: desk.session.weights._shelf is not None)
    tuning.call_it(OTHER)
    assert "already" in tuning.text and not tuning.button("start_tuning").isEnabled()
    tuning.call_it("Mine")
    assert "small letters" in tuning.text
    tuning.call_it("begun")
    tuning.window.findChild(QCheckBox, "resume").click()
    tuning.press("start_tuning")
    tuning.until(Phase.DONE)
    assert "--resume" in child(tmp_path)[1] and "--replace" not in child(tmp_path)[1]


def test_an_unfinished_run_is_thrown_away_only_after_a_question(open_desk, shelf, case, tmp_path):
    desk = open_desk([case])
    desk.until(lambda: desk.session.case.is_open)
    tuning = Tuning(desk)
    desk.until(lambda: desk.session.weights._shelf is not None)

    def answer(words):
        tuning.start("begun")
        question = tuning.window.findChild(QMessageBox, "ask_throw_away")
        assert "«begun»" in question.text()
        desk.qtbot.mouseClick(next(each for each in question.buttons() if each.text() == words), LEFT)
        desk.until(lambda: tuning.window.findChild(QMessageBox, "ask_throw_away") is None)

    answer("Cancel")
    assert tuning.controller.state is None
    answer("Start Anew")
    tuning.until(Phase.DONE)
    assert "--replace" in child(tmp_path)[1] and "--resume" not in child(tmp_path)[1]


def test_without_a_case_a_dataset_is_learned_from(open_desk, shelf, photographs, tmp_path):
    desk = open_desk(photographs(1))
    desk.until_shown("img_1.jpg")
    tuning = Tuning(desk)
    tuning.call_it("mine")
    assert not tuning.button("start_tuning").isEnabled()
    tuning.window.findChild(QLineEdit, "dataset_folder").setText(str(tmp_path))
    tuning.press("start_tuning")
    tuning.until(Phase.DONE)
    assert child(tmp_path)[1][-1] == str(tmp_path)


@pytest.fixture
def load_either(shelf, pace):
    """Loads the localizer in use by default, and another one by its path."""

    def load(*, weights=None, device="auto"):
        localizer = StandInLocalizer(pace)
        if weights == str(shelf[OTHER].path):
            localizer.info = replace(localizer.info, weights_id=OTHER, weights_sha256="6" * 64)
        return localizer

    return load


def test_two_weights_are_compared_on_the_image_shown_until_the_next_one(open_desk, photographs, load_either):
    desk = open_desk(photographs(2), load_localizer=load_either)
    desk.until_analyzed("img_1.jpg")
    desk.run("weights")
    dialog = desk.window.findChild(WeightsDialog)
    table = dialog.findChild(QTableWidget, "weights_table")
    desk.until(lambda: table.rowCount() == 2)
    assert table.item(0, 0).text() == f"{IN_USE} (in use, shipped)"
    assert not dialog.findChild(QPushButton, "weights_use").isEnabled()
    table.selectRow(1)
    desk.qtbot.mouseClick(dialog.findChild(QPushButton, "weights_compare"), LEFT)
    second = desk.session.canvas.findChildren(Pane)[1]
    desk.until(second.isVisible)
    assert desk.window.actions_["compare_side"].isChecked()
    assert desk.is_enabled("end_comparison")
    labels = desk.session.canvas._labels
    assert (labels.first, labels.second) == (f"{IN_USE}, in use", OTHER)
    desk.run("next_image")
    desk.until(lambda: not second.isVisible())
    assert desk.window.actions_["compare_single"].isChecked()
    desk.until(lambda: not desk.is_enabled("end_comparison"))


def test_a_comparison_ends_on_command_and_is_kept_nowhere(open_desk, case, load_either):
    desk = open_desk([case], load_localizer=load_either)
    desk.until_analyzed("img_1.jpg – Harbour")
    desk.session.weights.comparison.start(str(case.parent / f"{OTHER}.safetensors"))
    second = desk.session.canvas.findChildren(Pane)[1]
    desk.until(second.isVisible)
    desk.run("end_comparison")
    assert not second.isVisible()
    desk.close()
    with closing(CaseSession.open(case, author="Ben", read_only=True)) as session:
        found = {finding.record["weights_id"] for finding in session.findings(1)}
    assert found == {IN_USE}


def in_use(desk) -> str:
    localizer = desk.session.localizer  # None while another one is being loaded
    return "" if localizer is None else localizer.info.weights_id


def test_weights_are_used_and_removed_after_a_question(open_desk, photographs, load_either, shelf):
    desk = open_desk(photographs(1), load_localizer=load_either)
    desk.until_analyzed("img_1.jpg")
    desk.run("weights")
    dialog = desk.window.findChild(WeightsDialog)
    table, remove = dialog.findChild(QTableWidget, "weights_table"), dialog.findChild(QPushButton, "weights_remove")
    desk.until(lambda: table.rowCount() == 2)
    assert not remove.isEnabled()
    table.selectRow(1)
    desk.qtbot.mouseClick(dialog.findChild(QPushButton, "weights_use"), LEFT)
    desk.until(lambda: in_use(desk) == OTHER)
    assert not remove.isEnabled() and remove.toolTip() == "They are in use: use others first."
    table.selectRow(0)
    desk.qtbot.mouseClick(dialog.findChild(QPushButton, "weights_use"), LEFT)
    desk.until(lambda: in_use(desk) == IN_USE)
    table.selectRow(1)
    desk.qtbot.mouseClick(remove, LEFT)
    question = dialog.findChild(QMessageBox, "ask_remove_weights")
    assert OTHER in question.text() and OTHER in shelf
    desk.qtbot.mouseClick(next(each for each in question.buttons() if each.text() == "Delete"), LEFT)
    desk.until(lambda: table.rowCount() == 1)
    assert OTHER not in shelf
    assert desk.message.startswith("Removed ")


def test_new_weights_that_are_in_use_say_so_and_are_not_removed(
    open_desk, photographs, shelf, pace, tmp_path, monkeypatch
):
    made = weights("mine", "7" * 64, tmp_path)
    monkeypatch.setenv("PRETEND_WEIGHTS", str(made.path))

    def load(*, weights=None, device="auto"):
        localizer = StandInLocalizer(pace)
        if weights == str(made.path):
            localizer.info = replace(localizer.info, weights_id="mine", weights_sha256=made.sha256)
        return localizer

    desk = open_desk(photographs(1), load_localizer=load)
    desk.until_analyzed("img_1.jpg")
    tuning = Tuning(desk)
    tuning.window.findChild(QLineEdit, "dataset_folder").setText(str(tmp_path))
    tuning.start("mine")
    shelf["mine"] = made
    tuning.until(Phase.DONE)
    use, remove = tuning.button("use_weights"), tuning.button("remove_weights")
    assert use.text() == "Use These Weights" and remove.isEnabled()
    tuning.press("use_weights")
    desk.until(lambda: use.text() == "In Use")
    assert not use.isEnabled()
    assert not remove.isEnabled() and remove.toolTip() == "They are in use: use others first."
    desk.session.weights.use(str(shelf[IN_USE].path))
    desk.until(lambda: use.isEnabled() and remove.isEnabled())
    assert use.text() == "Use These Weights" and remove.toolTip() == ""
