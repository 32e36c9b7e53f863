"""Asks a segmenter: encodes what is looked at in the background, answers prompts in order, previews the latest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.domain.prompt import Prompts
from forensic_gui.services.ports import Encoded, Segmentation, Segmenter, SegmenterInfo
from forensic_gui.views.core.lru import ByteLru
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Stopped, Ticket, Work

T = TypeVar("T")

ENCODINGS_BYTES = 96 << 20


class Phase(StrEnum):
    """How far the segmenter is with the image that is looked at."""

    IDLE = "idle"  # no image, or no segmenter
    ENCODING = "encoding"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a segmenter answered to several prompts.

    Attributes:
        segmentations: one for each, in order.
        by: which segmenter.
    """

    segmentations: tuple[Segmentation, ...]
    by: SegmenterInfo


Receive: TypeAlias = Callable[[Outcome[Answer]], None]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Prompts for one image that were handed in.

    Attributes:
        image: what they are about.
        prompts: answered one by one.
        receive: gets the outcome once, on the thread of the window.
        on_step: gets the number of prompts answered so far; None where nobody counts.
    """

    image: DecodedEvidence
    prompts: tuple[Prompts, ...]
    receive: Receive
    on_step: Callable[[int], None] | None


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    question: Question
    ticket: Ticket


@dataclass(frozen=True, slots=True, eq=False)
class _Preview:
    prompts: Prompts
    prepare: Callable[[Segmentation], Any]
    receive: Callable[[Any], None]


class Prompter(QObject):
    """Knows which images are encoded; a question about another one waits until it is, however often one looks away."""

    changed = Signal()
    """Phase, or whether questions wait."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(self, *, encoding: Lane, prompting: Lane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._encoding_lane = encoding
        self._prompting_lane = prompting
        self._segmenter: Segmenter | None = None
        self._because: ForensicError | None = None
        self._image: DecodedEvidence | None = None
        self._encodings: ByteLru[str, Encoded] = ByteLru(ENCODINGS_BYTES, weigh=lambda encoded: encoded.nbytes)
        self._current: Encoded | None = None  # of the image looked at, however large
        self._ahead: DecodedEvidence | None = None
        self._encoding: dict[str, Ticket] = {}
        self._failed: set[str] = set()
        self._waiting: list[Question] = []
        self._asked: list[_Asked] = []
        self._preview_wanted: _Preview | None = None
        self._preview_ticket: Ticket | None = None

    @property
    def info(self) -> SegmenterInfo | None:
        """The segmenter in use; its notices may have changed since one looked last."""
        return None if self._segmenter is None else self._segmenter.info

    @property
    def phase(self) -> Phase:
        """How far the segmenter is with the image that is looked at."""
        if self._segmenter is None or self._image is None:
            return Phase.IDLE
        if self._current is not None:
            return Phase.READY
        return Phase.FAILED if _key(self._image) in self._failed else Phase.ENCODING

    @property
    def is_answering(self) -> bool:
        """Whether questions wait, or are being answered."""
        return bool(self._waiting or self._asked)

    def is_waiting_for(self, image: DecodedEvidence) -> bool:
        """Whether questions about an image wait for it to be encoded."""
        return any(_key(question.image) == _key(image) for question in self._waiting)

    def set_segmenter(self, segmenter: Segmenter | None, *, because: ForensicError | None = None) -> None:
        """Ask another one from now on; questions that wait are put to it.

        Args:
            segmenter: whom to ask; None while there is none.
            because: why there is none, and none is on its way: questions fail with it.
        """
        for ticket in self._encoding.values():
            self._encoding_lane.cancel(ticket)
        self.stop_preview()
        self._segmenter, self._because = segmenter, because
        self._encoding.clear()
        self._failed.clear()
        self._encodings.clear()
        self._current = None
        self._encode_what_is_needed()
        if because is not None:
            ended, self._waiting = self._waiting, []
            self._fail(ended, because)
        self.changed.emit()

    def look_at(self, image: DecodedEvidence | None) -> None:
        """Encode an image in the background, for questions to come."""
        if image is not None and self._image is not None and _key(image) == _key(self._image):
            return
        self.stop_preview()
        self._image = image
        # Between two images nothing is looked at for a moment, and the next one is often the one that was expected.
        expected = self._ahead if image is None else None
        self._current = None if image is None else self._encodings.get(_key(image))
        self._leave_what_nobody_needs(but=expected)
        self._ahead = expected
        self._encode_what_is_needed()
        self.changed.emit()

    def look_ahead(self, image: DecodedEvidence) -> None:
        """Encode what will probably be looked at next, once nothing else is to be done and as long as that is so.

        Only where it is kept on the disk: what is never looked at is then not encoded in vain.
        """
        if self._ahead is None or _key(image) != _key(self._ahead):
            self._ahead = image
            self._leave_what_nobody_needs()
            self._encode_ahead()

    def ask(
        self,
        image: DecodedEvidence,
        prompts: Sequence[Prompts],
        *,
        receive: Receive,
        on_step: Callable[[int], None] | None = None,
    ) -> Question:
        """Put prompts to the segmenter; a preview under way gives way to them.

        Args:
            image: what they are about.
            prompts: answered one by one, in order.
            receive: gets the outcome once; `SegmenterError` where image or prompts cannot be segmented.
            on_step: gets the number of prompts answered so far.
        """
        self.stop_preview()
        self._leave_what_nobody_needs()
        question = Question(image, tuple(prompts), receive, on_step)
        encoded = self._encoded(image)
        if encoded is not None and self._segmenter is not None:
            self._answer(question, self._segmenter, encoded)
        elif self._because is not None:
            self._refuse(question, self._because)
        else:
            self._waiting.append(question)
            self._failed.discard(_key(image))  # asked for again: tried again
            self._encode_what_is_needed()
        self.changed.emit()
        return question

    def withdraw(self, question: Question) -> None:
        """The answer is not wanted any more; `receive` gets `Stopped`."""
        for asked in self._asked:
            if asked.question is question:
                self._prompting_lane.cancel(asked.ticket)
        if question in self._waiting:
            self._waiting.remove(question)
            self._leave_what_nobody_needs()
            question.receive(Stopped())
            self.changed.emit()

    def withdraw_all(self) -> None:
        """No answer is wanted any more."""
        for question in [*self._waiting, *(asked.question for asked in self._asked)]:
            self.withdraw(question)

    def preview(self, prompts: Prompts, *, prepare: Callable[[Segmentation], T], receive: Callable[[T], None]) -> bool:
        """Answer prompts for the eye only, if that is quick and no question is being answered.

        One is answered at a time, and then the latest: a hand that never rests still sees something.

        Args:
            prompts: what the segmenter would be told.
            prepare: makes of the answer what is shown; runs on the lane.
            receive: gets that, on the thread of the window.

        Returns:
            Whether there will be an answer, unless a later preview or a question takes its place.
        """
        segmenter = self._segmenter
        if segmenter is None or self._current is None or self.is_answering or not segmenter.info.quick:
            return False
        self._preview_wanted = _Preview(prompts, prepare, receive)
        if self._preview_ticket is None:
            self._preview_next()
        return True

    def stop_preview(self) -> None:
        """Answer no preview that was asked for."""
        self._preview_wanted = None
        if self._preview_ticket is not None:
            self._prompting_lane.cancel(self._preview_ticket)

    def _encoded(self, image: DecodedEvidence) -> Encoded | None:
        if self._image is not None and _key(image) == _key(self._image) and self._current is not None:
            return self._current
        return self._encodings.get(_key(image))

    def _leave_what_nobody_needs(self, *, but: DecodedEvidence | None = None) -> None:
        """Stop encoding what is neither looked at nor asked about."""
        needed = {_key(image) for image in (*self._needed(), *(() if but is None else (but,)))}
        for key in [each for each in self._encoding if each not in needed]:
            self._encoding_lane.cancel(self._encoding.pop(key))

    def _encode_ahead(self) -> None:
        image, segmenter = self._ahead, self._segmenter
        if image is None or segmenter is None or self._current is None or self._encoding or self.is_answering:
            return
        if segmenter.info.keeps_encodings and _key(image) not in self._failed and self._encoded(image) is None:
            self._encoding[_key(image)] = self._encode(segmenter, image)

    def _needed(self) -> list[DecodedEvidence]:
        images = [question.image for question in self._waiting]
        return images if self._image is None else [*images, self._image]

    def _encode_what_is_needed(self) -> None:
        segmenter = self._segmenter
        if segmenter is None:
            return
        for image in self._needed():
            key = _key(image)
            if key not in self._encoding and key not in self._failed and self._encoded(image) is None:
                self._encoding[key] = self._encode(segmenter, image)

    def _encode(self, segmenter: Segmenter, image: DecodedEvidence) -> Ticket:
        def job(work: Work) -> Encoded:
            return segmenter.encode(image.pixels, orientation=image.facts.orientation, cancel=work.cancel)

        ticket: Ticket = self._encoding_lane.submit(
            job, receive=lambda outcome: self._on_encoded(segmenter, image, ticket, outcome)
        )
        return ticket

    def _on_encoded(
        self, segmenter: Segmenter, image: DecodedEvidence, ticket: Ticket, outcome: Outcome[Encoded]
    ) -> None:
        key = _key(image)
        if self._encoding.get(key) is not ticket:  # given up in the meantime
            return
        del self._encoding[key]
        match outcome:
            case Done(value=encoded):
                self._encodings.put(key, encoded)
                if self._image is not None and _key(self._image) == key:
                    self._current = encoded
                for question in self._take_waiting(key):
                    self._answer(question, segmenter, encoded)
            case Failed(error=error):
                self._failed.add(key)
                self._fail(self._take_waiting(key), error)
        self._encode_ahead()
        self.changed.emit()

    def _take_waiting(self, key: str) -> list[Question]:
        taken = [question for question in self._waiting if _key(question.image) == key]
        self._waiting = [question for question in self._waiting if _key(question.image) != key]
        return taken

    def _fail(self, questions: Sequence[Question], error: Exception) -> None:
        if not isinstance(error, ForensicError):
            self.broke.emit(error)
        for question in questions:
            question.receive(Failed(error))

    def _answer(self, question: Question, segmenter: Segmenter, encoded: Encoded) -> None:
        def job(work: Work) -> Answer:
            answers = []
            for done, prompts in enumerate(question.prompts):
                work.report(done)
                answers.append(segmenter.decode(encoded, prompts, cancel=work.cancel))
            return Answer(tuple(answers), segmenter.info)

        ticket = self._prompting_lane.submit(
            job, receive=lambda outcome: self._on_answered(question, outcome), on_step=question.on_step
        )
        self._asked.append(_Asked(question, ticket))

    def _refuse(self, question: Question, error: ForensicError) -> None:
        """Answer with a failure, in turn and never before the question was handed back."""

        def job(_: Work) -> Answer:
            raise error

        ticket = self._prompting_lane.submit(job, receive=lambda outcome: self._on_answered(question, outcome))
        self._asked.append(_Asked(question, ticket))

    def _on_answered(self, question: Question, outcome: Outcome[Answer]) -> None:
        self._asked = [asked for asked in self._asked if asked.question is not question]
        if isinstance(outcome, Failed) and not isinstance(outcome.error, ForensicError):
            self.broke.emit(outcome.error)
        question.receive(outcome)
        self._encode_ahead()
        self.changed.emit()

    def _preview_next(self) -> None:
        wanted, segmenter, encoded = self._preview_wanted, self._segmenter, self._current
        self._preview_wanted = self._preview_ticket = None
        if wanted is None or segmenter is None or encoded is None or self.is_answering:
            return

        def job(work: Work) -> Any:
            return wanted.prepare(segmenter.decode(encoded, wanted.prompts, cancel=work.cancel))

        ticket: Ticket = self._prompting_lane.submit(
            job, receive=lambda outcome: self._on_previewed(wanted, ticket, outcome)
        )
        self._preview_ticket = ticket

    def _on_previewed(self, preview: _Preview, ticket: Ticket, outcome: Outcome[Any]) -> None:
        match outcome:
            case Done(value=prepared) if not ticket.cancel.is_cancelled:
                preview.receive(prepared)
            case Failed(error=error) if not isinstance(error, ForensicError):
                self.broke.emit(error)
        self._preview_next()


def _key(image: DecodedEvidence) -> str:
    return f"{image.evidence.sha256}/{image.facts.page}"
