"""How a row of the list is painted: thumbnail, name, and what is known of it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from forensic_gui.views.browser.marks import paint_names, paint_verdicts
from forensic_gui.views.browser.model import ITEM_ROLE, THUMBNAIL_ROLE
from forensic_gui.views.core.items import Analyzed, Analyzing, CouldNot, Item
from forensic_gui.views.core.wording import original_text, shown_plainly, state_text
from forensic_gui.views.theme import failure_colour, quiet_colour

_THUMBNAIL = QSize(72, 54)
_MARGIN_PX = 8
_GAP_PX = 10
_METER_HEIGHT_PX = 3


def row_height(font: QFont, *, case: bool = False) -> int:
    """Height of every row in pixels; rows of a case have a line more, for group and tags."""
    return max(_THUMBNAIL.height(), _words_height(QFontMetrics(font), case=case)) + 2 * _MARGIN_PX


def _words_height(metrics: QFontMetrics, *, case: bool) -> int:
    # With room for the meter in any case: words must not move when a result comes.
    lines = 2 * metrics.lineSpacing() + _METER_HEIGHT_PX + 6
    return lines + metrics.lineSpacing() + 4 if case else lines


class ItemDelegate(QStyledItemDelegate):
    """Paints one item per row, all rows of one height."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        item = index.data(ITEM_ROLE)
        if item is None:
            return
        painter.save()
        rect: QRect = option.rect
        self._paint_background(painter, option, rect)
        inner = rect.adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
        frame = QRect(inner.topLeft(), _THUMBNAIL)
        frame.moveTop(inner.top() + (inner.height() - frame.height()) // 2)
        palette: QPalette = option.palette
        _paint_thumbnail(painter, frame, index.data(THUMBNAIL_ROLE), palette, broken=_is_broken(item))
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        _paint_words(painter, inner.adjusted(_THUMBNAIL.width() + _GAP_PX, 0, 0, 0), item, option, selected)
        painter.restore()

    def _paint_background(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect) -> None:
        palette: QPalette = option.palette
        state = option.state
        active = QPalette.ColorGroup.Active if state & QStyle.StateFlag.State_Active else QPalette.ColorGroup.Inactive
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, palette.color(active, QPalette.ColorRole.Highlight))
        elif state & QStyle.StateFlag.State_MouseOver:
            hover = QColor(palette.color(QPalette.ColorRole.Highlight))
            hover.setAlphaF(0.12)
            painter.fillRect(rect, hover)
        if state & QStyle.StateFlag.State_HasFocus:
            colour = palette.color(
                QPalette.ColorRole.HighlightedText
                if state & QStyle.StateFlag.State_Selected
                else QPalette.ColorRole.Highlight
            )
            painter.setPen(QPen(colour, 1, Qt.PenStyle.DotLine))
            painter.drawRect(rect.adjusted(2, 2, -3, -3))


def _paint_thumbnail(painter: QPainter, frame: QRect, image: QImage | None, palette: QPalette, *, broken: bool) -> None:
    painter.fillRect(frame, palette.color(QPalette.ColorRole.AlternateBase))
    if image is not None:
        size = image.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(frame.topLeft(), size)
        target.moveCenter(frame.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(target, image)
        return
    if broken:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(failure_colour(palette), 1.5))
        cross = QRectF(0, 0, 14, 14)
        cross.moveCenter(QRectF(frame).center())
        painter.drawLine(cross.topLeft(), cross.bottomRight())
        painter.drawLine(cross.topRight(), cross.bottomLeft())


def _paint_words(painter: QPainter, area: QRect, item: Item, option: QStyleOptionViewItem, selected: bool) -> None:
    palette: QPalette = option.palette
    font = QFont(option.font)
    metrics = QFontMetrics(font)
    strong = palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text)
    quiet = strong if selected else quiet_colour(palette)
    line, entry = metrics.lineSpacing(), item.entry
    top = area.top() + (area.height() - _words_height(metrics, case=entry is not None)) // 2
    painter.setFont(font)
    first = QRect(area.left(), top, area.width(), line)
    if entry is not None:
        first.setRight(paint_verdicts(painter, first, entry, quiet) - 1)
    name = metrics.elidedText(shown_plainly(item.name), Qt.TextElideMode.ElideMiddle, first.width())
    painter.setPen(strong)
    painter.drawText(first, Qt.AlignmentFlag.AlignVCenter, name)
    text, colour = _said(item, palette)
    painter.setPen(strong if selected else colour)
    elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(QRect(area.left(), top + line + 2, area.width(), line), Qt.AlignmentFlag.AlignVCenter, elided)
    if isinstance(item.state, Analyzed) and not _is_altered(item):
        bar = QRect(area.left(), top + 2 * line + 6, area.width(), _METER_HEIGHT_PX)
        _paint_meter(painter, bar, item.state.share_over_threshold, quiet, strong)
    if entry is not None:
        third = QRect(area.left(), top + 2 * line + 6 + _METER_HEIGHT_PX + 4, area.width(), line)
        paint_names(painter, third, entry, quiet, font)


def _said(item: Item, palette: QPalette) -> tuple[str, QColor]:
    """The second line, and its colour while the row is not selected."""
    if item.entry is not None and item.entry.altered:
        return original_text(item.entry), failure_colour(palette)
    match item.state:
        case CouldNot(reason=reason):
            return shown_plainly(reason), failure_colour(palette)
        case Analyzing() as state:
            return state_text(state), palette.color(QPalette.ColorRole.Link)
        case state:
            return state_text(state), quiet_colour(palette)


def _is_broken(item: Item) -> bool:
    return isinstance(item.state, CouldNot) or _is_altered(item)


def _is_altered(item: Item) -> bool:
    return item.entry is not None and bool(item.entry.altered)


def _paint_meter(painter: QPainter, bar: QRect, share: float, quiet: QColor, strong: QColor) -> None:
    """The share of pixels over the threshold, from nothing at the left to all of them at the right."""
    groove = QColor(quiet)
    groove.setAlphaF(0.25)
    painter.fillRect(bar, groove)
    if share > 0:
        painter.fillRect(QRect(bar.left(), bar.top(), max(1, round(bar.width() * share)), bar.height()), strong)
