"""The preview beside the fields: pages, how fresh they are, and what they leave out."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from forensic_gui.views.labelling.fields import words_label
from forensic_gui.views.reportroom import words
from forensic_gui.views.reportroom.page_view import PageView
from forensic_gui.views.reportroom.pdf_book import PageSize
from forensic_gui.views.reportroom.previewing import Freshness, PreviewMaker
from forensic_gui.views.theme import failure_colour, quiet_colour

MAKING = "Making the preview…"
NOTHING = "The preview comes when a case is open."


class PreviewPanel(QWidget):
    """Follows the maker of previews, and asks it for pages."""

    whole_asked = Signal()
    """All items are to be shown."""

    def __init__(self, maker: PreviewMaker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._maker = maker
        self.view = PageView(self)
        self.view.setObjectName("report_preview")
        self._page = QSpinBox(self)
        self._page.setObjectName("report_page")
        self._page.setAccessibleName("Page")
        self._page.setKeyboardTracking(False)
        self._page.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self._page.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._of = QLabel(self)
        self._zoom = QLabel(self)
        self._zoom.setObjectName("report_zoom")
        self._zoom.setMinimumWidth(self._zoom.fontMetrics().horizontalAdvance("Fit · 000 %"))
        self._out = self._tool("−", "Zoom out", self.view.zoom_out)
        self._in = self._tool("+", "Zoom in", self.view.zoom_in)
        self._fit = self._tool("Fit Width", "Fit the width (0)", self.view.fit_width)
        self._again = self._tool("Refresh", "Make the preview anew (F5)", maker.again)
        self._again.setObjectName("report_refresh")
        self._state = QLabel(self)
        self._state.setObjectName("report_preview_state")
        self._note = words_label("", self)
        self._note.setObjectName("report_preview_note")
        self._whole = QToolButton(self)
        self._whole.setObjectName("report_show_all")
        self._whole.setText("Show All Items")
        self._whole.clicked.connect(lambda _=False: self.whole_asked.emit())
        self._empty = words_label("", self)
        self._empty.setObjectName("report_preview_empty")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        self._lay_out()
        self._connect()
        self._on_pages(())
        self._follow()

    def _connect(self) -> None:
        maker = self._maker
        QShortcut(QKeySequence("F5"), self).activated.connect(maker.again)
        self.view.wanted.connect(maker.draw)
        self.view.page_changed.connect(self._on_page)
        self.view.zoom_changed.connect(self._on_zoom)
        self._page.valueChanged.connect(lambda page: self.view.go_to(page - 1))
        maker.pages_changed.connect(self._on_pages)
        maker.drawn.connect(self.view.put_picture)
        maker.changed.connect(self._follow)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_stack"):
            self._follow()

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 6, 12, 6)
        bar.setSpacing(6)
        page = QLabel("Page", self)
        page.setBuddy(self._page)
        for widget in (page, self._page, self._of):
            bar.addWidget(widget)
        bar.addSpacing(12)
        for tool in (self._out, self._zoom, self._in, self._fit):
            bar.addWidget(tool)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        bar.addStretch(1)
        bar.addWidget(self._state)
        bar.addWidget(self._again)
        note = QHBoxLayout()
        note.setContentsMargins(12, 0, 12, 6)
        note.setSpacing(8)
        note.addWidget(self._note, 1)
        note.addWidget(self._whole, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addLayout(note)
        column.addWidget(self._stack, 1)

    def _tool(self, text: str, name: str, do: Callable[[], None]) -> QToolButton:
        tool = QToolButton(self)
        tool.setText(text)
        tool.setToolTip(name)
        tool.setAccessibleName(name)
        tool.setAutoRaise(True)
        tool.clicked.connect(lambda _=False: do())
        return tool

    def _on_pages(self, sizes: tuple[PageSize, ...]) -> None:
        with QSignalBlocker(self._page):
            self._page.setRange(min(1, len(sizes)), max(1, len(sizes)))
        self._of.setText(f"of {len(sizes)}" if sizes else "")
        self._stack.setCurrentIndex(1 if sizes else 0)
        for widget in (self._page, self._out, self._in, self._fit):
            widget.setEnabled(bool(sizes))
        self.view.show_pages(sizes)

    def _on_page(self, number: int) -> None:
        if not self._page.hasFocus():
            with QSignalBlocker(self._page):
                self._page.setValue(number + 1)

    def _on_zoom(self, told: tuple[int, bool]) -> None:
        percent, fits = told
        self._zoom.setText(f"Fit · {percent} %" if fits else f"{percent} %")

    def _follow(self) -> None:
        maker = self._maker
        failed = maker.freshness is Freshness.FAILED
        making = maker.freshness is Freshness.MAKING
        at = words.preview_progress(maker.progress) if making else ""
        self._state.setText(f"Updating…{at}" if making and self.view.page_count else "")
        self._empty.setText(maker.trouble if failed else f"{MAKING}{at}" if making else NOTHING)
        preview = maker.preview
        left_out = "" if preview is None else words.shown_words(preview.shown, preview.items)
        shown_below = f"The preview could not be made anew: {maker.trouble}" if failed else left_out
        self._note.setText(shown_below if self.view.page_count else "")
        self._note.setVisible(bool(self._note.text()))
        self._whole.setVisible(bool(left_out) and not failed and bool(self.view.page_count))
        self._whole.setEnabled(not making)
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, failure_colour(palette) if failed else quiet_colour(palette))
        self._note.setPalette(palette)
        self._state.setPalette(palette)
        self.view.set_stale(making or failed)
