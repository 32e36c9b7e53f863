"""The panel of layer controls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap, QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGroupBox,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from forensic_gui.domain.calibration import Calibration
from forensic_gui.views.canvas.colour import colormap_lut, colormap_names
from forensic_gui.views.canvas.scene import Inspected, LayerSettings
from forensic_gui.views.canvas.wording import CALIBRATED_NOTE, DIFFERENCE, MAP_NAMES, NOTES
from forensic_gui.views.core.wording import score_text
from forensic_gui.widgets.colour_key import ColourKey
from forensic_gui.widgets.sentences import SentencesLabel
from forensic_gui.widgets.slider import SliderWithValue

_SWATCH = QSize(56, 12)


class LayerPanel(QWidget):
    """Controls for every field of `LayerSettings`.

    The settings are kept in one record; a control's change makes a new one and tells it, and the controls show it.
    """

    settings_changed = Signal(object)
    """LayerSettings after a change by the user; never emitted by `set_settings`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = LayerSettings()
        self._card_threshold: float | None = None
        self._calibration: Calibration | None = None
        self._available: dict[Inspected, bool] = {"none": False, "gate": False, "memory": False}
        self._build_controls()
        self._lay_out()
        self._connect()
        self.set_share(None)
        self.set_card_threshold(None)
        self.set_available(heatmap=False, gate_map=False, memory_response=False)
        self.set_settings(self._settings)

    @property
    def settings(self) -> LayerSettings:
        """The settings that the controls show."""
        return self._settings

    def set_settings(self, settings: LayerSettings) -> None:
        """Let every control show `settings`, without a signal."""
        self._settings = settings
        checks = {
            self._heatmap: settings.heatmap_visible,
            self._contour: settings.contour_visible,
            self._fill: settings.fill_visible,
            self._regions: settings.regions_visible,
            self._regions_fill: settings.regions_filled,
            self._difference: settings.difference_visible,
        }
        for check, checked in checks.items():
            with QSignalBlocker(check):
                check.setChecked(checked)
        for choice, data in ((self._colormap, settings.colormap), (self._map, settings.inspected)):
            with QSignalBlocker(choice):
                choice.setCurrentIndex(choice.findData(data))
        self._opacity.set_value(settings.heatmap_opacity)
        self._fill_opacity.set_value(settings.fill_opacity)
        self._regions_opacity.set_value(settings.regions_opacity)
        self._threshold.set_value(settings.threshold)
        self._follow()

    def set_share(self, share: float | None) -> None:
        """Tell the share of evidence pixels over the threshold, 0 to 1; None when there is no heatmap."""
        self._share.setText("No heatmap yet" if share is None else f"{_percent(share)} of pixels over the threshold")

    def set_calibration(self, calibration: Calibration | None) -> None:
        """Tell how the scores of what is shown are read; None where they are not calibrated."""
        self._calibration = calibration
        self._follow()

    def set_card_threshold(self, threshold: float | None) -> None:
        """Threshold of the weights card that the reset button goes back to; None disables the button."""
        self._card_threshold = threshold
        self._reset.setText("Card threshold" if threshold is None else f"Card threshold ({threshold:.3f})")
        self._follow()

    def set_available(self, *, heatmap: bool, gate_map: bool, memory_response: bool) -> None:
        """Enable the controls of the layers that the scene has, and disable the others."""
        self._available = {"none": heatmap, "gate": gate_map, "memory": memory_response}
        model = self._map.model()
        assert isinstance(model, QStandardItemModel)
        for index in range(self._map.count()):
            model.item(index).setEnabled(self._available[self._map.itemData(index)])
        self._follow()

    def _build_controls(self) -> None:
        self._heatmap = _check("&Show heatmap", "Paint model scores over the image.")
        self._map = QComboBox()
        for inspected, name in MAP_NAMES.items():
            self._map.addItem(name, inspected)
        _explain(self._map, "Map", "Paint the model score, or look at an inner map of the network.")
        self._note = SentencesLabel()
        self._opacity = SliderWithValue(name="Heatmap opacity", steps=100, percent=True)
        self._opacity.setToolTip("How much the heatmap covers the image.")
        self._colormap = QComboBox()
        self._colormap.setIconSize(_SWATCH)
        for name in colormap_names():
            self._colormap.addItem(_swatch(name), name.capitalize(), name)
        _explain(self._colormap, "Colours", "Colours of the scale from 0 to 1. The scale is never stretched.")
        self._threshold = SliderWithValue(name="Threshold", steps=1000)
        self._threshold.setToolTip("A pixel belongs to the mask when its model score is greater than this.")
        self._reset = QPushButton()
        self._reset.setToolTip("Go back to the threshold on the card of the weights.")
        self._share = QLabel()
        self._share.setTextFormat(Qt.TextFormat.PlainText)
        self._share.setAccessibleName("Share of pixels over the threshold")
        self._reading = QLabel()
        self._reading.setTextFormat(Qt.TextFormat.PlainText)
        self._reading.setAccessibleName("Calibrated threshold")
        self._reading.setToolTip(
            "What share of the pixels whose model score is at the threshold was manipulated on the images that the "
            "calibration was fitted to."
        )
        self._contour = _check("Show mask &outline", "Draw the border of the mask: white within, black without.")
        self._fill = _check("Show mas&k fill", "Fill the mask with one colour.")
        self._fill_opacity = SliderWithValue(name="Fill opacity", steps=100, percent=True)
        self._fill_opacity.setToolTip("How much the fill covers the image.")
        self._regions = _check(
            "Show my re&gions", "Draw the border of what you have marked: blue within, white without."
        )
        self._regions_fill = _check("Fill my regio&ns", "Fill what you have marked with blue.")
        self._regions_opacity = SliderWithValue(name="Region fill opacity", steps=100, percent=True)
        self._regions_opacity.setToolTip("How much the fill of your regions covers the image.")
        self._difference = _check(
            "Show difference to the model",
            "Colour the pixels that only the model's mask flags, only your regions, or both. It needs both.",
        )
        self._key = ColourKey(DIFFERENCE)

    def _lay_out(self) -> None:
        maps = QGroupBox("Heatmap")
        form = _form(maps)
        form.addRow(self._heatmap)
        form.addRow("Ma&p", self._map)
        form.addRow(self._note)
        form.addRow("Opac&ity", self._opacity)
        form.addRow("Co&lours", self._colormap)
        masks = QGroupBox("Model mask")
        form = _form(masks)
        form.addRow("&Threshold", self._threshold)
        form.addRow(self._reading)
        form.addRow(self._share)
        form.addRow(self._reset)
        form.addRow(self._contour)
        form.addRow(self._fill)
        form.addRow("Fill opacit&y", self._fill_opacity)
        mine = QGroupBox("My regions")
        form = _form(mine)
        form.addRow(self._regions)
        form.addRow(self._regions_fill)
        form.addRow("Fill opacity", self._regions_opacity)
        form.addRow(self._difference)
        form.addRow(self._key)
        column = QVBoxLayout(self)
        for box in (maps, masks, mine):
            column.addWidget(box)
        column.addStretch(1)

    def _connect(self) -> None:
        self._heatmap.toggled.connect(lambda on: self._change(heatmap_visible=on))
        self._map.activated.connect(lambda index: self._change(inspected=self._map.itemData(index)))
        self._opacity.value_changed.connect(lambda value: self._change(heatmap_opacity=value))
        self._colormap.activated.connect(lambda index: self._change(colormap=self._colormap.itemData(index)))
        self._threshold.value_changed.connect(lambda value: self._change(threshold=value))
        self._reset.clicked.connect(lambda: self._change(threshold=self._card_threshold))
        self._contour.toggled.connect(lambda on: self._change(contour_visible=on))
        self._fill.toggled.connect(lambda on: self._change(fill_visible=on))
        self._fill_opacity.value_changed.connect(lambda value: self._change(fill_opacity=value))
        self._regions.toggled.connect(lambda on: self._change(regions_visible=on))
        self._regions_fill.toggled.connect(lambda on: self._change(regions_filled=on))
        self._regions_opacity.value_changed.connect(lambda value: self._change(regions_opacity=value))
        self._difference.toggled.connect(lambda on: self._change(difference_visible=on))

    def _change(self, **fields: Any) -> None:
        changed = replace(self._settings, **fields)
        if changed != self._settings:
            self.set_settings(changed)
            self.settings_changed.emit(changed)

    def _follow(self) -> None:
        """Enable what has an effect now, and say what the chosen map is."""
        settings = self._settings
        scored, mapped = self._available["none"], self._available[settings.inspected]
        self._heatmap.setEnabled(mapped)
        self._map.setEnabled(any(self._available.values()))
        painting: tuple[QWidget, ...] = (self._opacity, self._colormap)
        masking: tuple[QWidget, ...] = (self._threshold, self._contour, self._fill)
        for control in painting:
            control.setEnabled(mapped and settings.heatmap_visible)
        for control in masking:
            control.setEnabled(scored)
        self._fill_opacity.setEnabled(scored and settings.fill_visible)
        self._regions_fill.setEnabled(settings.regions_visible)
        self._regions_opacity.setEnabled(settings.regions_visible and settings.regions_filled)
        self._difference.setEnabled(scored)
        self._key.setVisible(scored and settings.difference_visible)
        self._reset.setEnabled(scored and self._card_threshold not in (None, settings.threshold))
        self._tell(missing=scored and not mapped)

    def _tell(self, *, missing: bool) -> None:
        """Say what the chosen map is, and how the threshold reads where scores are calibrated."""
        settings, calibration = self._settings, self._calibration
        note = NOTES[settings.inspected]
        if settings.inspected == "none" and calibration is not None:
            note = CALIBRATED_NOTE
        elif settings.inspected == "none" and not self._available["none"]:
            note = ""  # whether scores are calibrated is known when there are some
        self._note.tell("This image has no such map." if missing else note)
        self._reading.setVisible(calibration is not None)
        if calibration is not None:
            self._reading.setText(f"Calibrated threshold: {score_text(calibration.share_of(settings.threshold))}")


def _check(text: str, tip: str) -> QCheckBox:
    check = QCheckBox(text)
    check.setToolTip(tip)
    return check


def _explain(control: QWidget, name: str, tip: str) -> None:
    control.setAccessibleName(name)
    control.setToolTip(tip)


def _form(box: QGroupBox) -> QFormLayout:
    form = QFormLayout(box)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def _swatch(colormap: str) -> QIcon:
    lut = np.ascontiguousarray(np.repeat(colormap_lut(colormap)[None], _SWATCH.height(), axis=0))
    image = QImage(lut.data, lut.shape[1], lut.shape[0], lut.strides[0], QImage.Format.Format_RGB888)
    return QIcon(QPixmap.fromImage(image.scaled(_SWATCH)))


def _percent(share: float) -> str:
    """As many digits as tell a share from none and from all."""
    if share in (0.0, 1.0):
        return f"{share:.0%}"
    return "under 0.01 %" if share < 1e-4 else f"{100 * share:.2f} %"
