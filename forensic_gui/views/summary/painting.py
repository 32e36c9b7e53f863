"""How the share over the threshold and the cards of the contact sheet are painted."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from forensic_gui.domain.summary import SummaryRow
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.summary.columns import TABLE, card_lines
from forensic_gui.views.summary.models import ROW_ROLE, THUMBNAIL_ROLE
from forensic_gui.views.theme import failure_colour, quiet_colour

Index = QModelIndex | QPersistentModelIndex
_PICTURE = QSize(144, 112)
_LONG_FINDING = "88.8 % over 0.88, thorough"
_MARGIN_PX = 10
_GAP_PX = 6
_BAR_HEIGHT_PX = 3
_PADDING_PX = 6


class CellDelegate(QStyledItemDelegate):
    """Cells of the table: long names lose their middle, shares have a bar under their number."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a cell."""
        row: SummaryRow | None = index.data(ROW_ROLE)
        if row is None:
            return
        rect: QRect = option.rect
        column, palette = TABLE[index.column()], option.palette
        painter.save()
        _paint_ground(painter, option, rect)
        inner = rect.adjusted(_PADDING_PX, 0, -_PADDING_PX, 0)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setFont(option.font)
        painter.setPen(palette.color(QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Text))
        end = Qt.TextElideMode.ElideMiddle if column.breaks_middle else Qt.TextElideMode.ElideRight
        text = QFontMetrics(option.font).elidedText(column.text(row), end, inner.width())
        side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
        # A name that is written from the right stays in its column's line.
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter, text)
        if column.is_share and row.item.share is not None:
            bar = QRect(inner.left(), rect.bottom() - _BAR_HEIGHT_PX - 1, inner.width(), _BAR_HEIGHT_PX)
            paint_share(painter, bar, row.item.share, _ink(option), quiet_colour(palette))
        painter.restore()


class CardDelegate(QStyledItemDelegate):
    """Cards of the contact sheet, all of one size."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)

    def sizeHint(self, option: QStyleOptionViewItem, _: Index) -> QSize:  # noqa: N802
        """The same for every card."""
        return card_size(QFontMetrics(option.font))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a card."""
        row: SummaryRow | None = index.data(ROW_ROLE)
        if row is None:
            return
        painter.save()
        rect: QRect = option.rect.adjusted(2, 2, -2, -2)
        _paint_ground(painter, option, rect)
        inner = rect.adjusted(_MARGIN_PX - 2, _MARGIN_PX - 2, -_MARGIN_PX + 2, -_MARGIN_PX + 2)
        frame = QRect(inner.topLeft(), QSize(inner.width(), _PICTURE.height()))
        _paint_picture(painter, frame, index.data(THUMBNAIL_ROLE), row, option.palette)
        _paint_words(painter, inner.adjusted(0, _PICTURE.height() + _GAP_PX, 0, 0), row, option)
        painter.restore()


def card_size(metrics: QFontMetrics) -> QSize:
    """Size of a card."""
    words = 3 * metrics.lineSpacing() + 2 * _GAP_PX + _BAR_HEIGHT_PX
    width = max(_PICTURE.width(), metrics.horizontalAdvance(_LONG_FINDING))
    return QSize(width + 2 * _MARGIN_PX, _PICTURE.height() + words + 2 * _MARGIN_PX)


def paint_share(painter: QPainter, bar: QRect, share: float, ink: QColor, quiet: QColor) -> None:
    """A share in [0, 1], from nothing at the left to all at the right."""
    groove = QColor(quiet)
    groove.setAlphaF(0.25)
    painter.fillRect(bar, groove)
    if share > 0:
        painter.fillRect(QRect(bar.left(), bar.top(), max(1, round(bar.width() * share)), bar.height()), ink)


def _ink(option: QStyleOptionViewItem) -> QColor:
    is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
    palette: QPalette = option.palette
    return palette.color(QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Highlight)


def _paint_ground(painter: QPainter, option: QStyleOptionViewItem, rect: QRect) -> None:
    palette: QPalette = option.palette
    if option.state & QStyle.StateFlag.State_Selected:
        painter.fillRect(rect, palette.color(QPalette.ColorRole.Highlight))
    elif option.state & QStyle.StateFlag.State_MouseOver:
        hover = QColor(palette.color(QPalette.ColorRole.Highlight))
        hover.setAlphaF(0.12)
        painter.fillRect(rect, hover)


def _paint_picture(painter: QPainter, frame: QRect, image: QImage | None, row: SummaryRow, palette: QPalette) -> None:
    if image is not None:
        size = image.size()
        if size.width() > frame.width() or size.height() > frame.height():
            size = size.scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(frame.topLeft(), size)
        target.moveCenter(frame.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(target, image)
        return
    painter.fillRect(frame, palette.color(QPalette.ColorRole.AlternateBase))
    if row.item.unreadable:
        painter.setPen(failure_colour(palette))
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, "not readable")


def _paint_words(painter: QPainter, area: QRect, row: SummaryRow, option: QStyleOptionViewItem) -> None:
    palette: QPalette = option.palette
    is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
    strong = palette.color(QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Text)
    metrics = QFontMetrics(option.font)
    painter.setFont(option.font)
    painter.setPen(strong)
    line = QRect(area.left(), area.top(), area.width(), metrics.lineSpacing())
    name = metrics.elidedText(shown_plainly(row.item.name), Qt.TextElideMode.ElideMiddle, line.width())
    painter.drawText(line, Qt.AlignmentFlag.AlignCenter, name)
    line.translate(0, metrics.lineSpacing())
    painter.setPen(strong if is_selected else quiet_colour(palette))
    for words in card_lines(row):
        elided = metrics.elidedText(words, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, elided)
        line.translate(0, metrics.lineSpacing())
    if row.item.share is not None and not row.item.unreadable:
        bar = QRect(area.left(), line.top() + _GAP_PX, area.width(), _BAR_HEIGHT_PX)
        paint_share(painter, bar, row.item.share, _ink(option), quiet_colour(palette))
