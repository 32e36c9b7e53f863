"""Small widgets of the canvas: legend, slider, divider."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPalette
from PySide6.QtWidgets import QDoubleSpinBox, QSlider, QWidget
from pytestqt.qtbot import QtBot

from forensic_gui.views.canvas.colour import colormap_lut
from forensic_gui.views.canvas.wording import NOTES
from forensic_gui.widgets.colour_key import ColourKey
from forensic_gui.widgets.divider import Divider
from forensic_gui.widgets.elided import wrapped
from forensic_gui.widgets.legend import Legend, LegendEntry
from forensic_gui.widgets.slider import SliderWithValue


def seen(widget: QWidget) -> np.ndarray:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def legend_of(qtbot: QtBot, marker: float | None) -> np.ndarray:
    legend = Legend()
    qtbot.addWidget(legend)
    legend.resize(700, legend.sizeHint().height())
    legend.set_entry(LegendEntry(colormap_lut("viridis"), "model score", "a note", marker))
    return seen(legend)


def test_the_legend_runs_from_the_first_colour_to_the_last(qtbot: QtBot) -> None:
    shown = legend_of(qtbot, None)
    lut = colormap_lut("viridis").astype(int)
    row = next(line for line in shown[shown.shape[0] // 2 :] if (np.abs(line - lut[128]).max(axis=1) <= 2).any())
    first = np.flatnonzero(np.abs(row - lut[1]).max(axis=1) <= 3)[0]
    last = np.flatnonzero(np.abs(row - lut[254]).max(axis=1) <= 3)[-1]
    middle = np.flatnonzero(np.abs(row - lut[128]).max(axis=1) <= 2).mean()
    assert 250 <= last - first <= 262
    assert middle == pytest.approx((first + last) / 2, abs=3)


def test_the_threshold_is_marked_where_its_value_lies(qtbot: QtBot) -> None:
    without, at_quarter, at_half = (legend_of(qtbot, marker) for marker in (None, 0.25, 0.5))
    bar = without.shape[0] // 2
    quarter = np.flatnonzero((at_quarter[bar] != without[bar]).any(axis=1)).mean()
    half = np.flatnonzero((at_half[bar] != without[bar]).any(axis=1)).mean()
    assert half - quarter == pytest.approx(65, abs=1.5)


def test_the_legend_follows_a_dark_palette(qtbot: QtBot) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    legend.setAutoFillBackground(True)
    legend.setPalette(QPalette(QColor(30, 30, 32)))
    legend.resize(700, legend.sizeHint().height())
    legend.set_entry(LegendEntry(colormap_lut("inferno"), "model score"))
    caption = seen(legend)[:, :90]
    assert caption.max() > 180
    assert np.median(caption) < 60


def test_a_narrow_legend_drops_its_caption_and_keeps_its_scale(qtbot: QtBot) -> None:
    pictures = []
    for caption in ("model score", "another long caption"):
        legend = Legend()
        qtbot.addWidget(legend)
        legend.resize(200, legend.sizeHint().height())
        legend.set_entry(LegendEntry(colormap_lut("viridis"), caption, "A note."))
        assert caption.capitalize() in legend.toolTip() and "A note." in legend.toolTip()
        pictures.append(seen(legend))
    assert (pictures[0] == pictures[1]).all()
    assert len(np.unique(pictures[0].reshape(-1, 3), axis=0)) > 100


def test_the_note_of_a_legend_takes_two_lines_and_ends_in_a_whole_word() -> None:
    metrics = QFontMetricsF(QFont())
    note = NOTES["none"]
    assert wrapped(note, metrics=metrics, room=10_000, most=2) == [note]
    room = metrics.horizontalAdvance(note) * 0.6
    first, second = wrapped(note, metrics=metrics, room=room, most=2)
    assert f"{first} {second}" == note and first.startswith("Not calibrated")
    first, second = wrapped(note, metrics=metrics, room=room / 2, most=2)
    assert note.startswith(f"{first} {second.removesuffix('…')} ") and second.endswith("…")
    assert all(metrics.horizontalAdvance(line) <= room / 2 for line in (first, second))


def test_both_lines_of_a_note_are_painted_within_the_strip(qtbot: QtBot) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    legend.resize(830, legend.sizeHint().height())
    pictures = []
    for note in ("", NOTES["none"]):
        legend.set_entry(LegendEntry(colormap_lut("inferno"), "model score", note))
        pictures.append(seen(legend))
    rows = np.flatnonzero((pictures[0] != pictures[1]).any(axis=(1, 2)))
    line = QFontMetricsF(legend.font()).height()
    assert np.ptp(rows) > 1.4 * line
    assert rows[0] > 0 and rows[-1] < legend.height() - 1


def test_an_empty_legend_keeps_its_place(qtbot: QtBot) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    assert legend.sizePolicy().retainSizeWhenHidden()
    legend.resize(300, 40)
    assert len(np.unique(seen(legend).reshape(-1, 3), axis=0)) == 1


def test_slider_and_number_follow_each_other_and_tell_once(qtbot: QtBot) -> None:
    control = SliderWithValue(name="Opacity", steps=100, percent=True)
    qtbot.addWidget(control)
    told: list[float] = []
    control.value_changed.connect(told.append)
    control.set_value(0.3)
    assert told == []
    slider, spin = control.findChild(QSlider), control.findChild(QDoubleSpinBox)
    assert (slider.value(), spin.value(), spin.decimals()) == (30, 30, 0)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.keyClick(spin, Qt.Key.Key_Up)
    assert told == [0.31, 0.32]
    assert (slider.value(), control.value) == (32, 0.32)


@pytest.mark.parametrize("start", [0.0, 0.5, 1.0])
def test_the_divider_stays_within_its_ground_and_follows_its_size(qtbot: QtBot, start: float) -> None:
    ground = QWidget()
    qtbot.addWidget(ground)
    ground.resize(400, 100)
    divider = Divider(ground)
    divider.set_position(start)
    with qtbot.waitExposed(ground):
        ground.show()
    told: list[float] = []
    divider.moved.connect(told.append)
    for _ in range(15):
        qtbot.keyClick(divider, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert divider.position == told[-1] == 1.0
    ground.resize(200, 100)
    assert divider.geometry().contains(QPoint(199, 50))
    assert divider.height() == 100


def test_a_colour_key_wraps_where_it_is_narrow_and_shows_every_colour(qtbot: QtBot) -> None:
    colours = {(230, 159, 0): "Model only", (0, 102, 255): "Mine only", (245, 245, 245): "Both"}
    key = ColourKey(colours)
    qtbot.addWidget(key)
    for width in (key.sizeHint().width(), key.minimumSizeHint().width()):
        key.resize(width, key.heightForWidth(width))
        image = key.grab().toImage()
        seen = {image.pixelColor(x, y).getRgb()[:3] for x in range(image.width()) for y in range(image.height())}
        assert set(colours) <= seen
    assert key.heightForWidth(key.minimumSizeHint().width()) == 3 * key.heightForWidth(key.sizeHint().width())
