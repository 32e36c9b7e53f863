"""What the window says of scores that are calibrated for one view, and of an image unlike the training images."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from forensic_gui.domain.calibration import Calibration
from forensic_gui.domain.geometry import Point
from forensic_gui.domain.suitability import TrainingDomain
from forensic_gui.services.ports import LocalizerInfo
from forensic_gui.views.canvas.scene import readout_at
from forensic_gui.widgets.legend import Legend
from tests.gui.standins import Pace, StandInLocalizer

CALIBRATION = Calibration(
    method="isotonic",
    knots=((0.0, 0.01), (0.5, 0.11), (1.0, 0.21)),
    fitted_on="development",
    images=887,
    prior=0.05,
    error_before=0.111,
    error_after=0.002,
)


def localizer(**changes) -> StandInLocalizer:
    info = LocalizerInfo(
        "calibrated", "6" * 64, "stand-in", 0.4, "cpu", "numpy", {"input_side_px": 16}, {"fast": 0.7}, **changes
    )
    return StandInLocalizer(Pace(), info=info)


@pytest.fixture
def desk(open_desk, photographs):
    made = localizer(calibrations={"thorough": CALIBRATION})
    desk = open_desk(photographs(1), load_localizer=lambda **_: made)
    desk.until_analyzed("img_1.jpg")
    return desk


def words(desk) -> list[str]:
    return [label.text() for label in desk.session.layers.findChildren(QLabel) if label.isVisibleTo(desk.window)]


def legend(desk) -> str:
    return desk.window.findChild(Legend).accessibleDescription()


def test_a_calibrated_view_reads_its_scores_in_brackets(desk):
    assert legend(desk).startswith("Decides nothing by itself. In brackets the calibrated score")
    assert "Calibrated threshold: 0.090" in words(desk)
    assert "Calibration\tisotonic, fitted on 887 images (development) of whose pixels 5.0%" in desk.facts
    assert "Lowest\t0.100, calibrated 0.030" in desk.facts
    scene = desk.session.current.scene_of(desk.session.current.examination)
    readout = readout_at(scene, point=Point(0.5, 0.5))
    desk.window.status.set_cursor_readout(readout)
    assert desk.part("status_score").text() == "score 0.100 (0.030)"


def test_the_calibrated_threshold_follows_the_slider_and_never_moves_the_mask(desk):
    before = desk.session.current.examination
    desk.session.set_layers(desk.session.layers.settings.__class__(threshold=0.5))
    assert "Calibrated threshold: 0.110" in words(desk)
    assert desk.session.current.examination is before


def test_the_other_view_has_its_own_threshold_and_says_that_it_is_not_calibrated(desk):
    desk.run("views_fast")
    desk.until(lambda: desk.session.current.examination is not None)
    assert desk.session.layers.settings.threshold == pytest.approx(0.7)
    assert desk.session.current.examination.threshold == pytest.approx(0.7)
    assert legend(desk).startswith("Not calibrated for this view")
    assert not [text for text in words(desk) if text.startswith("Calibrated threshold")]
    assert "Calibration\tnone for this view" in desk.facts
    assert "Lowest\t0.100\n" in desk.facts
    desk.run("views_thorough")
    desk.until(lambda: desk.session.current.examination is not None)
    assert desk.session.layers.settings.threshold == pytest.approx(0.4)


def test_an_image_unlike_the_training_images_is_remarked_beside_its_result(open_desk, photographs):
    made = localizer(domain=TrainingDomain((16, 32), (70, 100)))
    desk = open_desk(photographs(1), load_localizer=lambda **_: made)
    desk.until_analyzed("img_1.jpg")
    assert legend(desk).startswith("Unlike the images the weights were trained on (see the facts).")
    assert any(text.startswith("Not calibrated for this view") for text in words(desk))
    remarks = [line for line in desk.facts.splitlines() if line.startswith("Remark\t")]
    assert any("the weights were trained on images with a shorter side of 16 to 32" in line for line in remarks)
    assert not desk.window.messages.isVisible()


def test_a_small_screen_still_holds_every_word(desk):
    desk.window.resize(960, 600)
    QApplication.processEvents()
    assert (desk.window.width(), desk.window.height()) == (960, 600)
    for label in desk.session.layers.findChildren(QLabel):
        if label.isVisible():
            assert label.width() >= label.minimumSizeHint().width()
