"""What the list says of the case's items, kept in step with the case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.case import Altered, AnnotationState, CaseInfo, CaseItem
from forensic_gui.domain.errors import EvidenceAltered, EvidenceMissing
from forensic_gui.services.case import CaseSession
from forensic_gui.views.browser.model import CatalogModel
from forensic_gui.views.casework.entries import entry_of
from forensic_gui.views.casework.words import altered_error
from forensic_gui.views.core.items import CaseEntry, Item
from forensic_gui.views.core.wording import sentence


@dataclass(slots=True)
class OpenCase:
    """The case that is open, as the window's thread knows it.

    Attributes:
        session: the case; its calls touch the disk.
        info: as it was when it was opened.
        first_id: what is added to an item's number within the case to make its id in the list.
        groups: groups in use.
        tags: tags in use.
    """

    session: CaseSession
    info: CaseInfo
    first_id: int
    groups: tuple[str, ...]
    tags: tuple[str, ...]


class Board(QObject):
    """Finds rows of items by their numbers within the case, and changes what they say."""

    item_changed = Signal(object)
    """Numbers within the case of items of which the list says something else now, a tuple."""

    def __init__(self, model: CatalogModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._altered: dict[int, EvidenceAltered] = {}

    def item(self, item_id: int) -> Item | None:
        """The row of an item of the case, or None."""
        catalog = self._model.catalog
        list_id = catalog.id_of_entry(item_id)
        return None if list_id is None else catalog.item(list_id)

    def clear(self) -> None:
        """Forget what was said of the originals of a case."""
        self._altered.clear()

    def show(self, items: Iterable[CaseItem]) -> None:
        """Say of items what the case says now."""
        self._set([self._marked(entry_of(item)) for item in items])

    def show_annotation(self, state: AnnotationState) -> None:
        """An item's annotation is another one now."""
        item = self.item(state.item_id)
        if item is not None and item.entry is not None:
            annotation = state.annotation
            self._set([replace(item.entry, regions=len(annotation.regions), conclusion=annotation.conclusion)])

    def mark_altered(self, entry: CaseEntry, error: EvidenceAltered) -> None:
        """An original was found not to be what it was."""
        self._altered[entry.id] = error
        self._set([self._marked(entry)])

    def show_altered(self, altered: Sequence[Altered]) -> None:
        """All originals were verified: mark those that are not what they were, and no others."""
        before = set(self._altered)
        self._altered = {each.item_id: altered_error(each) for each in altered}
        items = map(self.item, before | set(self._altered))
        entries = [item.entry for item in items if item is not None and item.entry is not None]
        self._set([self._marked(entry) for entry in entries])

    def _marked(self, entry: CaseEntry) -> CaseEntry:
        error = self._altered.get(entry.id)
        told = "" if error is None else sentence(error)
        return replace(entry, altered=told, is_missing=isinstance(error, EvidenceMissing))

    def _set(self, entries: Sequence[CaseEntry]) -> None:
        self._model.set_entries(entries)
        if entries:
            self.item_changed.emit(tuple(entry.id for entry in entries))
