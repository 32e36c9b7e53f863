"""The layer panel: one record of settings, controls that follow it, no loops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QPushButton,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from forensic_gui.views.canvas.scene import LayerSettings
from forensic_gui.views.layers.panel import LayerPanel
from forensic_gui.widgets.colour_key import ColourKey


@pytest.fixture
def panel(qtbot: QtBot) -> LayerPanel:
    made = LayerPanel()
    qtbot.addWidget(made)
    made.set_available(heatmap=True, gate_map=True, memory_response=False)
    made.set_card_threshold(0.35)
    with qtbot.waitExposed(made):
        made.show()
    return made


def named(panel: LayerPanel, kind: type[QWidget], name: str) -> QWidget:
    """The control that a screen reader would call so."""
    return next(
        control
        for control in panel.findChildren(kind)
        if control.accessibleName() == name
        or (isinstance(control, QAbstractButton) and control.text().replace("&", "").startswith(name))
    )


def told_by(panel: LayerPanel) -> list[LayerSettings]:
    told: list[LayerSettings] = []
    panel.settings_changed.connect(told.append)
    return told


def test_controls_show_the_settings_and_stay_silent(panel: LayerPanel) -> None:
    told = told_by(panel)
    settings = LayerSettings(
        heatmap_visible=False,
        heatmap_opacity=0.2,
        colormap="cividis",
        contour_visible=False,
        fill_visible=True,
        fill_opacity=0.9,
        threshold=0.123,
        inspected="gate",
        regions_visible=False,
        regions_filled=True,
        regions_opacity=0.6,
        difference_visible=True,
    )
    panel.set_settings(settings)
    assert not named(panel, QCheckBox, "Show heatmap").isChecked()
    assert not named(panel, QCheckBox, "Show mask outline").isChecked()
    assert named(panel, QCheckBox, "Show mask fill").isChecked()
    assert named(panel, QSlider, "Heatmap opacity").value() == 20
    assert named(panel, QDoubleSpinBox, "Fill opacity, value").value() == 90
    assert named(panel, QDoubleSpinBox, "Threshold, value").value() == pytest.approx(0.123)
    assert named(panel, QComboBox, "Colours").currentData() == "cividis"
    assert named(panel, QComboBox, "Map").currentData() == "gate"
    assert not named(panel, QCheckBox, "Show my regions").isChecked()
    assert named(panel, QCheckBox, "Fill my regions").isChecked()
    assert named(panel, QSlider, "Region fill opacity").value() == 60
    assert named(panel, QCheckBox, "Show difference to the model").isChecked()
    assert panel.settings == settings
    assert told == []


def test_one_step_of_the_threshold_slider_tells_one_change_of_a_thousandth(qtbot: QtBot, panel: LayerPanel) -> None:
    panel.set_settings(LayerSettings(threshold=0.35))
    told = told_by(panel)
    slider = named(panel, QSlider, "Threshold")
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert told == [replace(LayerSettings(), threshold=0.351)]
    assert named(panel, QDoubleSpinBox, "Threshold, value").value() == pytest.approx(0.351)


def test_a_typed_threshold_moves_the_slider(qtbot: QtBot, panel: LayerPanel) -> None:
    told = told_by(panel)
    spin = named(panel, QDoubleSpinBox, "Threshold, value")
    spin.selectAll()
    qtbot.keyClicks(spin, "0.777")
    qtbot.keyClick(spin, Qt.Key.Key_Return)
    assert told[-1].threshold == pytest.approx(0.777)
    assert named(panel, QSlider, "Threshold").value() == 777


def test_the_card_threshold_comes_back_exactly_and_the_button_then_rests(qtbot: QtBot, panel: LayerPanel) -> None:
    panel.set_card_threshold(0.34567)
    panel.set_settings(LayerSettings(threshold=0.5))
    told = told_by(panel)
    button = named(panel, QPushButton, "Card threshold")
    assert "0.346" in button.text()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert [settings.threshold for settings in told] == [0.34567]
    assert not button.isEnabled()


def test_without_a_card_there_is_no_threshold_to_go_back_to(panel: LayerPanel) -> None:
    panel.set_card_threshold(None)
    assert not named(panel, QPushButton, "Card threshold").isEnabled()


def test_a_click_on_a_check_box_changes_one_field(qtbot: QtBot, panel: LayerPanel) -> None:
    told = told_by(panel)
    box = named(panel, QCheckBox, "Show mask fill")
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(6, box.height() // 2))
    assert told == [replace(LayerSettings(), fill_visible=True)]
    assert named(panel, QSlider, "Fill opacity").isEnabled()


def test_a_map_is_chosen_by_key_and_explained(qtbot: QtBot, panel: LayerPanel) -> None:
    told = told_by(panel)
    choice = named(panel, QComboBox, "Map")
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert [settings.inspected for settings in told] == ["gate"]
    assert any("not a finding" in label.text() for label in panel.findChildren(QLabel))
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert panel.settings.inspected == "gate", "the memory response is not there to be chosen"


def test_without_a_heatmap_its_controls_rest_and_the_share_says_why(panel: LayerPanel) -> None:
    panel.set_available(heatmap=False, gate_map=False, memory_response=False)
    panel.set_share(None)
    for name in ("Heatmap opacity", "Threshold", "Fill opacity"):
        assert not named(panel, QSlider, name).isEnabled()
    for name in ("Show heatmap", "Show mask outline", "Show mask fill"):
        assert not named(panel, QCheckBox, name).isEnabled()
    assert named(panel, QLabel, "Share of pixels over the threshold").text() == "No heatmap yet"


def test_the_difference_needs_a_heatmap_and_its_colours_are_explained_while_it_is_shown(
    qtbot: QtBot, panel: LayerPanel
) -> None:
    told = told_by(panel)
    box, key = named(panel, QCheckBox, "Show difference to the model"), panel.findChild(ColourKey)
    assert not key.isVisible()
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(6, box.height() // 2))
    assert told == [replace(LayerSettings(), difference_visible=True)]
    assert key.isVisible()
    for words in ("Model only", "Mine only", "Both"):
        assert words in key.accessibleName()
    panel.set_available(heatmap=False, gate_map=False, memory_response=False)
    assert not box.isEnabled()
    assert not key.isVisible()


def test_my_regions_are_switched_apart_from_the_model_mask_and_without_a_heatmap(
    qtbot: QtBot, panel: LayerPanel
) -> None:
    panel.set_available(heatmap=False, gate_map=False, memory_response=False)
    told = told_by(panel)
    for name, field in (("Fill my regions", "regions_filled"), ("Show my regions", "regions_visible")):
        before = panel.settings
        box = named(panel, QCheckBox, name)
        qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(6, box.height() // 2))
        assert told[-1] == replace(before, **{field: not getattr(before, field)})
    assert not named(panel, QCheckBox, "Fill my regions").isEnabled()
    assert not named(panel, QSlider, "Region fill opacity").isEnabled()


@pytest.mark.parametrize(("share", "text"), [(0.0, "0%"), (0.00001, "under 0.01 %"), (0.0731, "7.31 %"), (1.0, "100%")])
def test_the_share_tells_little_from_nothing(panel: LayerPanel, share: float, text: str) -> None:
    panel.set_share(share)
    assert named(panel, QLabel, "Share of pixels over the threshold").text() == f"{text} of pixels over the threshold"


def test_every_control_is_named_explained_and_reached_by_tab(qtbot: QtBot, panel: LayerPanel) -> None:
    panel.set_settings(LayerSettings(fill_visible=True, regions_filled=True))
    reached = []
    named(panel, QCheckBox, "Show heatmap").setFocus()
    for _ in range(25):
        control = panel.focusWidget()
        if control in reached:
            break
        reached.append(control)
        panel.focusNextChild()
    assert len(reached) == 17
    heights = [control.mapTo(panel, control.rect().center()).y() for control in reached]
    assert np.diff(heights).min() >= -2, "focus goes from the top down"
    for control in reached:
        text = control.text() if isinstance(control, QAbstractButton) else control.accessibleName()
        assert text
        assert control.toolTip()


def test_before_there_are_scores_nothing_is_said_of_their_calibration(panel: LayerPanel) -> None:
    def told() -> str:
        return " ".join(label.text() for label in panel.findChildren(QLabel))

    assert "Not calibrated" in told()
    panel.set_available(heatmap=False, gate_map=False, memory_response=False)
    assert "alibrated" not in told()
