"""Keeps what is drawn on to the image that is shown, and to the case that is open."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import QObject

from forensic_gui.domain.annotation import Annotation
from forensic_gui.domain.errors import EvidenceAltered
from forensic_gui.services.case import CaseSession
from forensic_gui.views.annotating.controller import Absent
from forensic_gui.views.annotating.regions_panel import EMPTY
from forensic_gui.views.annotating.sheet import Page, Sheet
from forensic_gui.views.annotating.studio import Studio
from forensic_gui.views.casework.controller import CaseController
from forensic_gui.views.current_image import CurrentImage

WITHOUT_CASE = "What you draw is kept in a case, with who drew it and when. Make one, and this image is added to it."


EMPTY_CASE = "The case has no images yet: add photographs to it (Case menu), and what you draw on them stands here."
NOT_CHOSEN = "Choose an image of the case, and its regions stand here."
UNREADABLE = "This image could not be read, so nothing can be drawn on it."
ALTERED = "The original is not what was put into the case: what was drawn on it can be looked at, not changed."


class SheetFollower(QObject):
    """Lays the image that is shown on the drawing table, if it is of a case."""

    def __init__(
        self,
        studio: Studio,
        *,
        case: CaseController,
        current: CurrentImage,
        new_case: Callable[[], None],
        show_regions: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        """Follow image and case.

        Args:
            studio: what is drawn with.
            case: the case that is open, if one is.
            current: the image that is shown.
            new_case: begins a case, for images of none.
            show_regions: brings the regions to the front, when a case is opened.
            parent: Qt's.
        """
        super().__init__(parent)
        self._studio = studio
        self._case = case
        self._current = current
        self._absent = Absent(WITHOUT_CASE, "New Case…", new_case)
        self._show_regions = show_regions
        current.changed.connect(self._follow)
        case.case_changed.connect(self._on_case)
        studio.controller.annotated.connect(self._on_page)

    def read_anew(self, case: CaseSession, item_ids: Collection[int] | None) -> None:
        """Something else than drawing has changed items of a case, by their numbers in it; None: any of them."""
        sheet, controller = self._studio.controller.sheet, self._studio.controller
        if case is self._case.session:
            self._case.refresh(tuple(item_ids or ()))
        if sheet is not None and sheet.case is case and (item_ids is None or sheet.item_id in item_ids):
            self._studio.queue.load(sheet, selected=controller.selected_id)

    def _on_case(self) -> None:
        if self._case.is_open:
            self._show_regions()
        else:
            self._studio.forget_questions()
        self._follow()

    def _follow(self) -> None:
        decoded, session, item = self._current.decoded, self._case.session, self._case.current_case_item
        if decoded is None:
            self._studio.show(None, missing=self._what_is_missing())
            self._list_what_stands()
        elif session is None or item is None:
            self._studio.show(None, absent=self._absent)
        else:
            self._studio.show(Sheet(session, item.id, decoded, self._case.read_only))

    def _what_is_missing(self) -> str:
        """Why there is nothing to draw on, in the case that is open; "" without one."""
        current = self._current
        if not self._case.is_open:
            return ""
        if current.failure is not None:
            return ALTERED if isinstance(current.failure, EvidenceAltered) else UNREADABLE
        if current.item is not None:  # it is being read
            return EMPTY
        return NOT_CHOSEN if self._case.has_items else EMPTY_CASE

    def _list_what_stands(self) -> None:
        """What was drawn on an original before it was altered is still in the case, and stands in the list."""
        session, item, failure = self._case.session, self._case.current_case_item, self._current.failure
        if session is None or item is None or failure is None:
            return

        def receive(annotation: Annotation) -> None:
            if self._current.failure is failure:
                self._studio.list_only(annotation)

        self._studio.queue.look_up(session, item.id, receive=receive)

    def _on_page(self, page: Page) -> None:
        if page.sheet.case is self._case.session:
            self._case.note_annotation(page.state)
