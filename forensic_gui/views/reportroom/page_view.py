"""Pages of a report one under another: the ones that are seen are drawn, the others wait."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QPalette, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from forensic_gui.views.reportroom.pdf_book import PageSize

_GAP_PX = 14
_SIDE_PX = 16
_LARGEST_ZOOM, _SMALLEST_ZOOM = 4.0, 0.2
_STEP = 1.25
_LINE_PX = 60
_MOST_KEPT_BYTES = 96 << 20


@dataclass(frozen=True, slots=True)
class Layout:
    """Where pages stand, in logical pixels from the top of the first margin.

    Attributes:
        tops: upper edge of each page.
        sizes: (width, height) of each page.
        height: of everything.
        width: of the widest page with its margins.
    """

    tops: tuple[int, ...]
    sizes: tuple[tuple[int, int], ...]
    height: int
    width: int

    def page_at(self, y: int) -> int:
        """Number of the page that is there, from 0; in a gap the one above."""
        return max(0, bisect_right(self.tops, y) - 1)


def lay_out(pages: Sequence[PageSize], *, page_width: int) -> Layout:
    """Put pages under one another, the widest `page_width` logical pixels wide."""
    widest = max((page.width for page in pages), default=1.0)
    tops, sizes, y = [], [], _GAP_PX
    for page in pages:
        width = max(1, round(page_width * page.width / widest))
        height = max(1, round(width * page.height / page.width))
        tops.append(y)
        sizes.append((width, height))
        y += height + _GAP_PX
    return Layout(tuple(tops), tuple(sizes), y, page_width + 2 * _SIDE_PX)


class PageView(QAbstractScrollArea):
    """Shows pages; asks for their pictures, which come later. The place is kept when the pages are made anew."""

    wanted = Signal(object)
    """Tuple of (page number from 0, width in device pixels), the first one first."""
    page_changed = Signal(int)
    """Number of the page in the middle of the view, from 0."""
    zoom_changed = Signal(object)
    """Zoom in percent of the printed size, and whether it follows the width: (int, bool)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages: tuple[PageSize, ...] = ()
        self._layout = lay_out((), page_width=1)
        self._zoom: float | None = None
        self._pictures: OrderedDict[int, QImage] = OrderedDict()
        self._before: dict[int, QImage] = {}
        self._page = 0
        self._is_stale = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Mid)
        self.viewport().setAutoFillBackground(True)
        self.setAccessibleName("Preview of the report")
        self.verticalScrollBar().valueChanged.connect(lambda _: self._on_scrolled())

    @property
    def page_count(self) -> int:
        """How many pages there are."""
        return len(self._pages)

    @property
    def page(self) -> int:
        """Number of the page that is looked at, from 0."""
        return self._page

    @property
    def are_seen_drawn(self) -> bool:
        """Whether every page that is seen is drawn as sharp as it is shown."""
        return all(self._is_sharp(number) for number in self._seen())

    def show_pages(self, pages: Sequence[PageSize]) -> None:
        """Show other pages at the place that was looked at; the old pictures stay until the new ones are there."""
        self._before = dict(self._pictures)
        self._pictures.clear()
        self._pages = tuple(pages)
        self._arrange(keep=True)

    def put_picture(self, number: int, picture: QImage) -> None:
        """A page was drawn."""
        if number >= len(self._pages):
            return
        self._before.pop(number, None)
        self._pictures[number] = picture
        self._pictures.move_to_end(number)
        seen = set(self._seen())
        kept = sum(each.sizeInBytes() for each in self._pictures.values())
        for other in list(self._pictures):
            if kept <= _MOST_KEPT_BYTES or other in seen:
                continue
            kept -= self._pictures.pop(other).sizeInBytes()
        self.viewport().update()

    def set_stale(self, is_stale: bool) -> None:
        """Show that the pages are not what was written meanwhile."""
        if is_stale is not self._is_stale:
            self._is_stale = is_stale
            self.viewport().update()

    def go_to(self, number: int) -> None:
        """Look at the upper edge of a page."""
        if self._pages:
            self.verticalScrollBar().setValue(self._layout.tops[min(max(number, 0), len(self._pages) - 1)] - _GAP_PX)

    def fit_width(self) -> None:
        """Make pages as wide as there is room, and keep doing so."""
        self._set_zoom(None)

    def zoom_in(self) -> None:
        """Show pages larger."""
        self._set_zoom(self._scale * _STEP)

    def zoom_out(self) -> None:
        """Show pages smaller."""
        self._set_zoom(self._scale / _STEP)

    def ask(self) -> None:
        """Ask for pictures of the pages that are seen, and of one more on either side."""
        ratio, seen = self.devicePixelRatioF(), self._seen()
        near = [*seen, *((seen[-1] + 1, seen[0] - 1) if seen else ())]
        wanted = tuple(
            (number, round(self._layout.sizes[number][0] * ratio))
            for number in near
            if 0 <= number < len(self._pages) and not self._is_sharp(number)
        )
        if wanted:
            self.wanted.emit(wanted)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for a page."""
        return QSize(560, 700)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the pages that are seen."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for number in self._seen():
            area = self._place(number)
            picture = self._pictures.get(number) or self._before.get(number)
            painter.setPen(self.palette().color(QPalette.ColorRole.Dark))
            painter.drawRect(area.adjusted(-1, -1, 0, 0))
            if picture is None:
                # Paper is white, whatever the theme.
                painter.fillRect(area, QColor("#ffffff"))
                painter.setPen(QColor("#646b75"))
                painter.drawText(area, Qt.AlignmentFlag.AlignCenter, f"Page {number + 1}")
            else:
                painter.drawImage(area, picture)
        if self._is_stale and self._pages:
            veil = self.palette().color(QPalette.ColorRole.Mid)
            veil.setAlpha(90)
            painter.fillRect(event.rect(), veil)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep to the width."""
        super().resizeEvent(event)
        self._arrange(keep=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Scroll with the arrows, page with Page Up and Down, go to the ends, zoom with plus and minus."""
        bar = self.verticalScrollBar()
        steps = {
            Qt.Key.Key_Down: bar.value() + _LINE_PX,
            Qt.Key.Key_Up: bar.value() - _LINE_PX,
            Qt.Key.Key_PageDown: bar.value() + bar.pageStep(),
            Qt.Key.Key_Space: bar.value() + bar.pageStep(),
            Qt.Key.Key_PageUp: bar.value() - bar.pageStep(),
            Qt.Key.Key_Home: bar.minimum(),
            Qt.Key.Key_End: bar.maximum(),
        }
        zooms = {Qt.Key.Key_Plus: self.zoom_in, Qt.Key.Key_Equal: self.zoom_in, Qt.Key.Key_Minus: self.zoom_out}
        key = Qt.Key(event.key())
        if key in steps:
            bar.setValue(steps[key])
        elif key in zooms:
            zooms[key]()
        elif key == Qt.Key.Key_0:
            self.fit_width()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Scroll, or zoom with Ctrl."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            (self.zoom_in if event.angleDelta().y() > 0 else self.zoom_out)()
            event.accept()
        else:
            super().wheelEvent(event)

    @property
    def _fitting(self) -> float:
        """The scale at which the widest page is as wide as there is room."""
        widest = max((page.width for page in self._pages), default=595.0)
        return max(1.0, self.viewport().width() - 2 * _SIDE_PX) / (widest * self._inch)

    @property
    def _inch(self) -> float:
        """Logical pixels of a point at 100 percent."""
        return self.logicalDpiX() / 72

    @property
    def _scale(self) -> float:
        return self._fitting if self._zoom is None else self._zoom

    def _set_zoom(self, zoom: float | None) -> None:
        self._zoom = None if zoom is None else min(max(zoom, _SMALLEST_ZOOM), _LARGEST_ZOOM)
        self._arrange(keep=True)

    def _arrange(self, *, keep: bool) -> None:
        bar, before = self.verticalScrollBar(), self._layout
        page, inside = 0, 0.0
        if keep and before.tops:
            page = min(before.page_at(bar.value()), max(0, len(self._pages) - 1))
            inside = (bar.value() - before.tops[min(page, len(before.tops) - 1)]) / max(before.sizes[0][1], 1)
        widest = max((each.width for each in self._pages), default=1.0)
        self._layout = lay_out(self._pages, page_width=max(1, round(widest * self._inch * self._scale)))
        height, width = self.viewport().height(), self.viewport().width()
        bar.setRange(0, max(0, self._layout.height - height))
        bar.setPageStep(height)
        bar.setSingleStep(_LINE_PX)
        across = self.horizontalScrollBar()
        across.setRange(0, max(0, self._layout.width - width))
        across.setPageStep(width)
        across.setValue(across.maximum() // 2)
        if self._layout.tops:
            # Nothing was looked at before: the beginning, with the margin above it.
            top = self._layout.tops[page] if before.tops else 0
            bar.setValue(round(top + inside * self._layout.sizes[page][1]))
        self._on_scrolled()
        self.zoom_changed.emit((round(100 * self._scale), self._zoom is None))

    def _seen(self) -> range:
        if not self._pages:
            return range(0)
        layout, top = self._layout, self.verticalScrollBar().value()
        first, last = layout.page_at(top), layout.page_at(top + self.viewport().height())
        is_gone = layout.tops[first] + layout.sizes[first][1] <= top  # of it only the gap below is in sight
        return range(min(first + is_gone, last), last + 1)

    def _is_sharp(self, number: int) -> bool:
        picture = self._pictures.get(number)
        return picture is not None and picture.width() == round(
            self._layout.sizes[number][0] * self.devicePixelRatioF()
        )

    def _place(self, number: int) -> QRect:
        width, height = self._layout.sizes[number]
        room = max(self.viewport().width(), self._layout.width)
        left = (room - width) // 2 - self.horizontalScrollBar().value()
        return QRect(QPoint(left, self._layout.tops[number] - self.verticalScrollBar().value()), QSize(width, height))

    def _on_scrolled(self) -> None:
        middle = self.verticalScrollBar().value() + self.viewport().height() // 2
        page = self._layout.page_at(middle) if self._pages else 0
        if self.verticalScrollBar().value() == self.verticalScrollBar().maximum() and self._pages:
            page = len(self._pages) - 1
        self._page = page
        self.page_changed.emit(page)
        self.ask()
        self.viewport().update()
