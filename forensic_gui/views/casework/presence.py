"""What the window shows of the open case beside its list: title, lock, progress, marks."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.errors import EvidenceAltered
from forensic_gui.views.casework.controller import CaseController
from forensic_gui.views.casework.evidence import CaseEvidence
from forensic_gui.views.casework.words import title
from forensic_gui.views.current_image import CurrentImage
from forensic_gui.views.labelling.controller import LabelController
from forensic_gui.views.main_window import MainWindow
from forensic_gui.views.work_words import WorkWords


class CasePresence(QObject):
    """Follows the case."""

    changed = Signal()
    """What commands can be run may have changed."""

    def __init__(
        self,
        window: MainWindow,
        case: CaseController,
        *,
        evidence: CaseEvidence,
        current: CurrentImage,
        words: WorkWords,
        labels: LabelController,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._case = case
        self._current = current
        self._words = words
        self._labels = labels
        originals, archives = case.originals, case.archives
        evidence.findings.stored.connect(lambda item_id: case.refresh([item_id]))
        evidence.findings.refused.connect(case.note_refused)
        case.case_changed.connect(self._show_case)
        case.names_changed.connect(lambda: window.browser.show_groups(case.groups))
        originals.progressed.connect(words.show_case_work)
        archives.progressed.connect(words.show_case_share)
        labels.progressed.connect(words.show_case_work)
        for source in (originals.busy_changed, archives.busy_changed, labels.busy_changed):
            source.connect(self._on_busy)
        for source in (case.item_changed, case.names_changed):
            source.connect(self.changed)

    def name_window(self) -> None:
        """Call the window by the image and the case."""
        item, case = self._current.item, self._case
        name = "" if item is None else item.name
        self._window.setWindowTitle(title(image=name, case=case.name, is_read_only=bool(case.read_only)))

    def drop_words(self) -> str:
        """What becomes of files that are let go over the window."""
        return "Drop to add to the case" if self._case.is_open else "Drop to open"

    def mark_altered(self, item_id: int, error: Exception) -> None:
        """Mark an item whose original proved to be altered when it was read."""
        item = self._window.catalog.catalog.item(item_id)
        if item is not None and isinstance(error, EvidenceAltered):
            self._case.note_altered(item, error)

    def _show_case(self) -> None:
        self._window.show_case(name=self._case.name, read_only=self._case.read_only)
        self._window.browser.show_groups(self._case.groups)
        self.name_window()
        self.changed.emit()

    def _on_busy(self) -> None:
        self._words.case_work_changed(busy=self._case.originals.is_busy or self._labels.is_busy)
        self.changed.emit()
