"""Between list and canvas: what is opened, shown next, taken off, and what is known of each item."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.errors import ForensicError
from forensic_gui.views.browser.thumbnails import ThumbnailStore
from forensic_gui.views.core.arranging import Prepared, Rows
from forensic_gui.views.core.items import CouldNot, Item, ItemState, NotAnalyzed
from forensic_gui.views.core.results import ResultStore
from forensic_gui.views.core.wording import sentence, shown_plainly
from forensic_gui.views.current_image import CurrentImage
from forensic_gui.views.main_window import MainWindow
from forensic_gui.views.opening import Opener, Portion
from forensic_gui.views.reading import EvidenceReader
from forensic_gui.views.reporting import Reporter

_TOLD_MS = 3000


class BrowserFlow(QObject):
    """Keeps list, canvas and catalog in step."""

    changed = Signal()
    """The list, or the selection in it."""

    def __init__(
        self,
        window: MainWindow,
        *,
        opener: Opener,
        thumbnails: ThumbnailStore,
        reader: EvidenceReader,
        current: CurrentImage,
        results: ResultStore,
        report: Reporter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._catalog = window.catalog.catalog
        self._list = window.browser.list
        self._opener = opener
        self._thumbnails = thumbnails
        self._reader = reader
        self._current = current
        self._results = results
        self._report = report
        self._goes_to_first = False
        self._awaited: int | None = None
        self._direction = 1
        window.catalog.set_thumbnails(thumbnails.image)
        window.catalog.layoutChanged.connect(self._keep_current_row)
        window.browser.selection_changed.connect(self.changed)
        window.problems.chosen.connect(self.go_to)
        self._list.current_item_changed.connect(self._on_current_item)
        opener.found.connect(self._on_found)
        opener.finished.connect(self._on_opened)
        thumbnails.ready.connect(window.catalog.refresh)
        thumbnails.failed.connect(self._on_thumbnail_failed)
        current.read_completed.connect(self._prepare_next)

    def open(self, paths: Sequence[Path]) -> None:
        """Open files and folders; the first one found is shown."""
        if paths:
            self._goes_to_first = True
            self._report.job_begins()
            self._window.browser.clear_filter()
            self._opener.open(paths)
            self._window.browser.set_listing(True)

    def show_instead(self, prepared: Prepared) -> None:
        """Show prepared items in the place of all there were, and the first of them."""
        self._current.show(None)
        self._thumbnails.forget_all()
        self._awaited, self._goes_to_first = None, False
        self._window.browser.forget_filter()
        self._window.catalog.replace(prepared)
        self._window.show_canvas(bool(len(self._catalog)))
        if self._catalog.shown:
            self._list.go_to(self._catalog.shown[0])
        self.changed.emit()

    def expect_newcomers(self) -> None:
        """Items are about to come: the first of them will be shown."""
        self._goes_to_first = True
        self._window.browser.clear_filter()

    def take_in(self, rows: Rows) -> None:
        """Show items that came."""
        if self._goes_to_first and rows.by_name:
            self._goes_to_first = False
            self._awaited = rows.by_name[0]
        self._window.catalog.take_in(rows)
        self._window.show_canvas(bool(len(self._catalog)))
        self.changed.emit()

    def settle(self, known: Sequence[int]) -> None:
        """Nothing more comes; where nothing new came, the first one that was there already is shown."""
        if self._goes_to_first and known:
            self.go_to(known[0])
        self._goes_to_first = False

    def go_to(self, item_id: int) -> None:
        """Show an item, also when the filter hides it."""
        if self._catalog.item(item_id) is None:
            return
        if self._catalog.row_of(item_id) is None:
            # A long list is arranged beside this thread; the item is shown once it has its row.
            self._awaited = item_id
            self._window.browser.clear_filter()
        else:
            self._list.go_to(item_id)

    def step(self, by: int) -> None:
        """Go `by` images further in the list."""
        self._direction = 1 if by > 0 else -1
        item = self._current.item
        item_id = self._catalog.neighbour(None if item is None else item.id, by)
        if item_id is None:
            return
        if item is not None and item_id == item.id:
            end = "last" if by > 0 else "first"
            self._window.statusBar().showMessage(f"This is the {end} image.", _TOLD_MS)
        self._list.go_to(item_id)

    def selected(self) -> list[Item]:
        """The selected items as they were listed, from the top."""
        return self._catalog.listed(self._list.selected_ids())

    def shown(self) -> list[Item]:
        """The items that pass the filter as they were listed, from the top."""
        return self._catalog.listed(self._catalog.shown)

    def remove(self, item_ids: Sequence[int]) -> None:
        """Take items off the list; the one in the place of the first of them is shown if the shown one goes."""
        gone = set(item_ids)
        rows = [row for row in map(self._catalog.row_of, item_ids) if row is not None]
        self._window.catalog.remove(item_ids)
        if self._current.item is not None and self._current.item.id in gone:
            self._current.show(None)
            left = self._catalog.shown
            if left:
                self._list.go_to(left[min(min(rows, default=0), len(left) - 1)])
        self._window.show_canvas(bool(len(self._catalog)))
        self.changed.emit()

    def note_state(self, item_id: int, state: ItemState, sha256: str | None) -> None:
        """Let the list say what is known of an item."""
        self._window.catalog.set_state(item_id, state, sha256=sha256)

    def note_queued(self, item_ids: Collection[int]) -> None:
        """Let the list say that items wait for their analysis."""
        self._window.catalog.queue(item_ids)

    def note_released(self, item_ids: Collection[int]) -> None:
        """Items wait no longer: say what is known of them."""
        self._window.catalog.release(item_ids)

    def refresh_states(self) -> None:
        """Weights or views have changed: say of every item what is known in the setup chosen now."""
        self._window.catalog.look_up(partial(self._results.summary, setup=self._current.setup))

    def _on_current_item(self, item_id: int | None) -> None:
        # No current row is a row that was filtered or sorted away, not a wish to see nothing.
        if item_id is not None:
            self._current.show(self._catalog.item(item_id))

    def _keep_current_row(self) -> None:
        """After a filter was lifted the shown item gets its row back, or the one that was asked for is shown."""
        if self._awaited is not None and self._catalog.row_of(self._awaited) is not None:
            item_id, self._awaited = self._awaited, None
            self._list.go_to(item_id)
            return
        item = self._current.item
        if item is not None and self._list.current_item_id() is None and self._catalog.row_of(item.id) is not None:
            self._list.go_to(item.id)

    def _on_found(self, portion: Portion) -> None:
        added = self._window.catalog.add(portion.files)
        for skipped in portion.skipped:
            tell = self._report.fail if skipped.explicit else self._report.record
            tell(skipped.error, subject=skipped.path.name)
        self._window.show_canvas(bool(len(self._catalog)))
        if portion.files and self._goes_to_first:
            self._goes_to_first = False
            known = self._catalog.id_of(portion.files[0])
            rows = [row for row in map(self._catalog.row_of, added or [known or 0]) if row is not None]
            if rows:
                self._list.go_to(self._catalog.shown[min(rows)])
                self._list.setFocus()
        self.changed.emit()

    def _on_opened(self, paths: Sequence[Path], count: int) -> None:
        self._window.browser.set_listing(self._opener.is_looking)
        if count == 0:
            names = ", ".join(shown_plainly(path.name or str(path)) for path in paths[:3])
            self._report.warn(f"No photographs were found in {names}.")

    def _on_thumbnail_failed(self, item_id: int, error: ForensicError) -> None:
        """The mark in the list; the problem is told when the item is looked at or analyzed."""
        item = self._catalog.item(item_id)
        if item is not None and isinstance(item.state, NotAnalyzed):
            self._window.catalog.set_state(item_id, CouldNot(sentence(error)))
        self._window.catalog.refresh(item_id)

    def _prepare_next(self) -> None:
        item = self._current.item
        next_id = None if item is None else self._catalog.neighbour(item.id, self._direction)
        following = None if next_id is None else self._catalog.item(next_id)
        if following is not None and item is not None and following.id != item.id:
            self._reader.prepare(following.path)
