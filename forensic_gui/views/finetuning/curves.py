"""The curves of a fine-tuning: loss, and how well it does on images that it does not learn from."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QHBoxLayout, QWidget

from forensic_gui.views.finetuning.run_state import RunState, smoothed

_MIN_HEIGHT_PX = 200
# Told apart by every kind of colour vision, on both grounds (after Okabe and Ito), and by their marks as well.
_TRAINING, _VALIDATION, _SECOND = ("#0072b2", "#56b4e9"), ("#b34700", "#e69f00"), ("#00745a", "#2fbf9b")
_FAINT_ALPHA = 70
# Above the plot: one line of names, with a little air.
_LEGEND_ROW_PX = 26
_LEGEND_LEFT_PX = 44
_SMOOTHED = "training, smoothed"


class Curves(QWidget):
    """Two plots over the same steps; they follow the state and the theme."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: RunState | None = None
        self._loss = _plot(self, "Loss", "Loss of training and validation over the steps")
        self._quality = _plot(self, "Validation score", "F1 and AUC on validation images over the steps")
        self._quality.setYRange(0, 1, padding=0.02)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._loss)
        row.addWidget(self._quality)
        self._raw = self._loss.plot()
        self._smooth = self._loss.plot()
        self._validation = self._loss.plot(name="validation", symbol="o", symbolSize=6)
        self._f1 = self._quality.plot(name="pixel F1, best threshold", symbol="o", symbolSize=6)
        self._auc = self._quality.plot(name="pixel AUC", symbol="s", symbolSize=6)
        self._best = pg.InfiniteLine(
            angle=90, movable=False, label="best", labelOpts={"position": 0.04, "movable": False}
        )
        self._loss.addItem(self._best)
        self._best.hide()
        self._colour()

    def show_state(self, state: RunState) -> None:
        """Show what is known so far."""
        self._state = state
        steps, losses = [step for step, _ in state.losses], [loss for _, loss in state.losses]
        at = [each.step for each in state.validations]
        self._raw.setData(steps, losses)
        self._smooth.setData(steps, smoothed(losses))
        self._name_smoothed(len(steps) > 1)
        self._validation.setData(at, [each.loss for each in state.validations])
        self._f1.setData(at, [each.f1 for each in state.validations])
        self._auc.setData(at, [each.auc for each in state.validations])
        best = state.best
        self._best.setVisible(best is not None)
        if best is not None:
            self._best.setValue(best.step)
        last = state.last.steps if state.last is not None else 0 if state.plan is None else state.plan.steps
        for plot in (self._loss, self._quality):
            plot.setXRange(0, max(1, last), padding=0.05)

    def _name_smoothed(self, drawn: bool) -> None:
        """A line that is not there has no name; a single point draws none."""
        legend = self._loss.plotItem.legend
        if drawn != any(label.text == _SMOOTHED for _, label in legend.items):
            if drawn:
                legend.addItem(self._smooth, _SMOOTHED)
            else:
                legend.removeItem(self._smooth)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_best"):
            self._colour()

    def _colour(self) -> None:
        palette = self.palette()
        dark = palette.color(QPalette.ColorRole.Window).lightnessF() < 0.5
        text, ground = palette.color(QPalette.ColorRole.WindowText), palette.color(QPalette.ColorRole.Base)
        for plot in (self._loss, self._quality):
            plot.setBackground(ground)
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setPen(pg.mkPen(palette.color(QPalette.ColorRole.Mid)))
                axis.setTextPen(pg.mkPen(text))
                axis.setLabel(axis.labelText, color=text.name())
            plot.plotItem.legend.setLabelTextColor(text)
            for sample, label in plot.plotItem.legend.items:
                label.setText(label.text)
                sample.update()
        faint = QColor(_TRAINING[dark])
        faint.setAlpha(_FAINT_ALPHA)
        self._raw.setPen(pg.mkPen(faint, width=1))
        self._smooth.setPen(pg.mkPen(_TRAINING[dark], width=2))
        for curve, colours in ((self._validation, _VALIDATION), (self._f1, _TRAINING), (self._auc, _SECOND)):
            curve.setPen(pg.mkPen(colours[dark], width=2))
            curve.setSymbolPen(pg.mkPen(colours[dark]))
            curve.setSymbolBrush(pg.mkBrush(colours[dark]))
        quiet = palette.color(QPalette.ColorRole.PlaceholderText)
        self._best.setPen(pg.mkPen(quiet, style=Qt.PenStyle.DashLine))
        self._best.label.setColor(quiet)


def _plot(parent: QWidget, left: str, name: str) -> Any:
    plot = pg.PlotWidget(parent)
    plot.setAccessibleName(name)
    plot.setMinimumHeight(_MIN_HEIGHT_PX)
    plot.setLabel("left", left)
    plot.setLabel("bottom", "Step")
    for side in ("left", "bottom"):
        plot.getAxis(side).enableAutoSIPrefix(False)
    legend = plot.addLegend(offset=(_LEGEND_LEFT_PX, 1), colCount=2, horSpacing=8)
    legend.layout.setContentsMargins(2, 0, 2, 0)
    # In the row of the title, which there is none of: no curve passes under it.
    legend.setParentItem(plot.plotItem)
    plot.plotItem.layout.setRowFixedHeight(0, _LEGEND_ROW_PX)
    plot.setMenuEnabled(False)
    plot.setMouseEnabled(x=False, y=False)
    plot.hideButtons()
    plot.showGrid(x=False, y=True, alpha=0.15)
    return plot
