"""Telling what goes wrong: a sentence at the top, a line in the list of problems, and never nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from forensic_gui.domain.errors import ForensicError
from forensic_gui.views.core.wording import sentence, shown_plainly
from forensic_gui.views.main_window import MainWindow
from forensic_gui.views.message_bar import Gravity
from forensic_gui.views.problems import Problem


class Reporter:
    """Where everything that is to be told goes through."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._shown_item: int | None = None
        self._told_item: int | None = None
        # News belongs to the item that was shown when it was told, and goes with it.
        self._is_news = False
        self._goes_with_next_job = False

    def note(self, text: str) -> None:
        """Tell what was done."""
        self._tell(text, Gravity.NOTE)
        self.belongs_to_image()

    def note_and_offer(self, text: str, *, action: str, answer: Callable[[], None]) -> None:
        """Tell what was done, with a button that does something about it."""
        self._tell(text, Gravity.NOTE, action=action, answer=answer)
        self.belongs_to_image()

    def warn(self, text: str) -> None:
        """Tell what deserves a look."""
        self._tell(text, Gravity.WARNING)

    def warn_and_offer(self, text: str, *, action: str, answer: Callable[[], None]) -> None:
        """Tell what deserves a look, with a button that does something about it."""
        self._tell(text, Gravity.WARNING, action=action, answer=answer)
        self._goes_with_next_job = False

    def record(self, error: ForensicError, *, subject: str = "", item_id: int | None = None) -> str:
        """Put a failure into the list of problems only; the line that was put there."""
        told, name = sentence(error), shown_plainly(subject)
        problems = self._window.problems.problems
        if item_id is None or not any(each.item_id == item_id and each.sentence == told for each in problems):
            self._window.problems.add(Problem(datetime.now(), name, told, item_id))
        return f"{name}: {told}" if name else told

    def fail(self, error: ForensicError, *, subject: str = "", item_id: int | None = None) -> None:
        """Tell a failure, and put it into the list of problems."""
        line = self.record(error, subject=subject, item_id=item_id)
        self._tell(line, Gravity.FAILURE)
        self._told_item = item_id

    def belongs_to_image(self) -> None:
        """What was told last is about the image that is shown, and goes with it."""
        self._is_news, self._told_item = True, self._shown_item

    def moved_on(self, item_id: int | None) -> None:
        """Another item is looked at: the message about the one before goes, its line in the list of problems stays."""
        self._shown_item = item_id
        if (self._is_news or self._told_item is not None) and self._told_item != item_id:
            self._hide()

    def take_back(self, text: str) -> None:
        """What was told holds no longer; anything that was told since stays."""
        if self._window.messages.text == text:
            self._hide()

    def job_begins(self) -> None:
        """The user starts something new: what was told of the job before goes, unless it offers a way out."""
        if self._goes_with_next_job:
            self._hide()

    def fail_many(self, text: str) -> None:
        """Tell that several things failed, each of which is in the list of problems already."""
        self._tell(text, Gravity.FAILURE, action="Show Problems", answer=self._window.show_problems)

    def warn_many(self, text: str) -> None:
        """Tell that there is something to be looked at in the list of problems."""
        self._tell(text, Gravity.WARNING, action="Show Problems", answer=self._window.show_problems)

    def _hide(self) -> None:
        self._window.messages.hide()
        self._told_item, self._is_news, self._goes_with_next_job = None, False, False

    def _tell(self, text: str, gravity: Gravity, *, action: str = "", answer: Callable[[], None] | None = None) -> None:
        self._told_item, self._is_news, self._goes_with_next_job = None, False, True
        self._window.messages.tell(text, gravity, action=action, answer=answer)


class ImageReporter:
    """Tells of the image that is shown and of what is drawn on it; that goes with the image, or with the next edit."""

    def __init__(self, report: Reporter) -> None:
        self._report = report
        self._told = ""

    def note(self, text: str) -> None:
        """Tell what was done."""
        self._report.note(text)
        self._told = text

    def warn(self, text: str) -> None:
        """Tell what deserves a look."""
        self._report.warn(text)
        self._report.belongs_to_image()
        self._told = text

    def warn_and_offer(self, text: str, *, action: str, answer: Callable[[], None]) -> None:
        """Tell what deserves a look, with a button; an edit does not take that away."""
        self._report.warn_and_offer(text, action=action, answer=answer)
        self._report.belongs_to_image()

    def fail(self, error: ForensicError) -> None:
        """Tell a failure, and put it into the list of problems."""
        self._report.fail(error)

    def edit_begins(self) -> None:
        """What is drawn is about to change: what was told of it holds no longer."""
        if self._told:
            self._report.take_back(self._told)
            self._told = ""
