"""The list of regions: number, kind, share of the image, and who made it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from forensic_gui.domain.annotation import Confidence, Region
from forensic_gui.domain.palette import ADDS_RGB, LIGHT_RGB
from forensic_gui.views.core.regions import CONFIDENCE_NAMES, KIND_NAMES, area_text, maker_text, signature_text
from forensic_gui.views.core.wording import shown_plainly

_CHIP = QSize(24, 16)
_DENSITIES = (1, 2, 3)
_NARROWEST_COLUMN_PX = 40
_ID = Qt.ItemDataRole.UserRole
_HEADERS = ("Region", "Area", "Made by")
_LAST = len(_HEADERS) - 1


class RegionList(QTreeWidget):
    """Shows regions; a row that the user goes to is told as selected."""

    selected = Signal(object)
    """Id of the region of the row that the user went to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Sequence[Region] = ()
        self.setObjectName("regions")
        self.setAccessibleName("Regions")
        self.setHeaderLabels(_HEADERS)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setIconSize(_CHIP)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(False)
        header.sectionResized.connect(self._on_section)
        header.setSectionsClickable(False)
        self.currentItemChanged.connect(self._on_current)

    def show_regions(self, regions: Sequence[Region], *, selected: str | None) -> None:
        """Show these, without a signal."""
        with QSignalBlocker(self):
            if regions != self._shown:
                self._fill(regions)
            chosen = next((place for place, region in enumerate(regions) if region.id == selected), None)
            item = None if chosen is None else self.topLevelItem(chosen)
            if item is None:
                self.setCurrentIndex(QModelIndex())
            else:
                self.setCurrentItem(item)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the last column within what is seen."""
        super().resizeEvent(event)
        self._fill_width()

    def _on_section(self, section: int) -> None:
        if section != _LAST:
            self._fill_width()

    def _fill_width(self) -> None:
        # A header stretches its last section to the list's width, also where a scroll bar covers the end of it.
        others = sum(self.columnWidth(column) for column in range(_LAST))
        self.setColumnWidth(_LAST, max(_NARROWEST_COLUMN_PX, self.viewport().width() - others))

    def _on_current(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.selected.emit(item.data(0, _ID))

    def _fill(self, regions: Sequence[Region]) -> None:
        self._shown = regions
        self.clear()
        for number, region in enumerate(regions, start=1):
            item = QTreeWidgetItem([_title(region), area_text(region), maker_text(region)])
            item.setIcon(0, _chip(number))
            item.setData(0, _ID, region.id)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column in range(len(_HEADERS)):
                item.setToolTip(column, _tip(region))
            self.addTopLevelItem(item)


def _title(region: Region) -> str:
    details = region.details
    if details.confidence is Confidence.UNSTATED:
        return KIND_NAMES[details.kind]
    return f"{KIND_NAMES[details.kind]}, {CONFIDENCE_NAMES[details.confidence].lower()}"


def _tip(region: Region) -> str:
    note = f"\n{shown_plainly(region.details.note)}" if region.details.note else ""
    # A leading plain line keeps Qt from taking the text for markup.
    return f"{maker_text(region)}\nChanged last by {signature_text(region)}{note}"


def _chip(number: int) -> QIcon:
    """A region's number on the colour that the canvas draws regions in."""
    icon = QIcon()
    for density in _DENSITIES:
        pixmap = QPixmap(_CHIP * density)
        pixmap.setDevicePixelRatio(density)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(*ADDS_RGB))
        painter.drawRoundedRect(QRectF(0, 0, _CHIP.width(), _CHIP.height()), 4, 4)
        font = painter.font()
        font.setPixelSize(11)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(*LIGHT_RGB))
        painter.drawText(QRectF(0, 0, _CHIP.width(), _CHIP.height()), Qt.AlignmentFlag.AlignCenter, str(number))
        painter.end()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
            icon.addPixmap(pixmap, mode)
    return icon
