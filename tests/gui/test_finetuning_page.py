"""What came of a fine-tuning, as it is painted."""

from __future__ import annotations

import pyqtgraph as pg
import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QLabel, QTableWidget, QWidget
from pytestqt.qtbot import QtBot

from forensic_gui.services.finetune.events import DoneEvent, Figure, Scores, StepEvent, ValidationEvent
from forensic_gui.views.finetuning.curves import Curves
from forensic_gui.views.finetuning.run_page import RunPage
from forensic_gui.views.finetuning.run_state import Phase, RunState
from forensic_gui.views.theme import failure_colour, palette, warning_colour


def scores(value: float) -> Scores:
    figure = Figure(value)
    return Scores(3, 1, 0.5, figure, figure, value, 0.4, figure, Figure(0.1))


def ended_worse() -> RunState:
    """Every score fell from 0.6 to 0.5."""
    done = DoneEvent("mine", "/mine", "c" * 64, 0.4, scores(0.6), scores(0.5), None, None, 150, 350, False, (), ())
    return RunState("mine", phase=Phase.DONE, done=done)


@pytest.fixture
def holder(qtbot: QtBot) -> QWidget:
    """A light window."""
    made = QWidget()
    qtbot.addWidget(made)
    made.setPalette(palette(dark=False))
    return made


def test_what_got_worse_is_said_above_the_table_and_keeps_its_contrast_in_another_theme(holder: QWidget) -> None:
    page = RunPage(holder)
    page.show_state(ended_worse())
    sentence = page.findChild(QLabel, "run_warnings")
    assert "On the images held out the new weights are worse" in sentence.text()
    change = page.findChild(QTableWidget, "run_results").item(1, 3)
    assert change.text() == "−0.100"
    for dark in (False, True, False):
        holder.setPalette(palette(dark=dark))
        QApplication.processEvents()
        colour = warning_colour(palette(dark=dark))
        assert change.foreground().color() == colour
        assert sentence.palette().color(QPalette.ColorRole.WindowText) == colour


def test_a_failure_keeps_its_contrast_in_another_theme(holder: QWidget) -> None:
    page = RunPage(holder)
    page.show_state(RunState("mine", phase=Phase.FAILED, message="It broke."))
    headline = page.findChild(QLabel, "run_headline")
    for dark in (True, False):
        holder.setPalette(palette(dark=dark))
        colour = failure_colour(palette(dark=dark))
        assert headline.palette().color(QPalette.ColorRole.WindowText) == colour


@pytest.fixture
def curves(qtbot: QtBot) -> Curves:
    """The curves of nothing yet, on the screen."""
    made = Curves()
    qtbot.addWidget(made)
    made.resize(760, 260)
    made.show()
    qtbot.waitExposed(made)
    return made


def names(plot: pg.PlotWidget) -> set[str]:
    return {label.text for _, label in plot.plotItem.legend.items}


def test_the_names_of_the_curves_lie_over_no_curve(curves: Curves) -> None:
    state = RunState("mine").after(ValidationEvent(0, 0.6, 0.9, 1.0, True))
    for step in range(1, 4):
        state = state.after(StepEvent(step, 3, 0.5, 1e-3, 1.0))
    curves.show_state(state.after(ValidationEvent(3, 0.4, 0.9, 1.0, True)))
    QApplication.processEvents()
    for plot in curves.findChildren(pg.PlotWidget):
        legend, box = plot.plotItem.legend, plot.plotItem.vb
        taken = legend.mapRectToScene(legend.boundingRect())
        assert taken.width() > 0 and len(legend.items) == 2
        assert not taken.intersects(box.sceneBoundingRect())
        assert plot.sceneRect().contains(taken)


def test_a_line_that_is_not_drawn_has_no_name(curves: Curves) -> None:
    (loss,) = (each for each in curves.findChildren(pg.PlotWidget) if each.accessibleName().startswith("Loss"))
    first = RunState("mine").after(StepEvent(1, 3, 0.5, 1e-3, 1.0))
    for _ in range(2):
        curves.show_state(first)
        assert names(loss) == {"validation"}
        curves.show_state(first.after(StepEvent(2, 3, 0.4, 1e-3, 1.0)))
        assert names(loss) == {"validation", "training, smoothed"}
