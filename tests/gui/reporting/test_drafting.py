"""The draft in the window: kept a pause after the last key, and never over somebody else's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest
from pytestqt.qtbot import QtBot

from forensic_gui.domain.errors import ForensicError, ReportError
from forensic_gui.domain.reports.opinion import Opinion
from forensic_gui.domain.reports.plan import Part, ReportPlan
from forensic_gui.domain.reports.revision import ReportDraft
from forensic_gui.services.case import CaseSession
from forensic_gui.views.reportroom.door import ReportDoor, ReportState
from forensic_gui.views.reportroom.drafting import PAUSE_MS, DraftKeeper, Keeping
from forensic_gui.workers.lane import Lane

SESSION = cast(CaseSession, object())


@dataclass
class Case:
    """Keeps a draft as a case does, and counts how often it was written."""

    draft: ReportDraft = field(default_factory=ReportDraft)
    writes: list[ReportDraft] = field(default_factory=list)
    refuses: str = ""
    gate: threading.Event = field(default_factory=threading.Event)

    def write(self, case: object, *, opinion: Opinion, plan: ReportPlan, revision: int) -> ReportDraft:
        self.gate.wait(5)
        if self.refuses:
            raise ReportError(self.refuses)
        if revision != self.draft.revision:
            raise ReportError("The report was changed meanwhile.")
        self.draft = ReportDraft(opinion, plan, revision + 1, ("Ann",))
        self.writes.append(self.draft)
        return self.draft

    def read(self, case: object) -> ReportState:
        return ReportState(self.draft, (), ())

    @property
    def door(self) -> ReportDoor:
        nothing = cast(Any, None)
        return ReportDoor(self.read, self.write, nothing, nothing, nothing, nothing, nothing, nothing)


@pytest.fixture
def case() -> Case:
    made = Case()
    made.gate.set()
    return made


@pytest.fixture
def keeper(qtbot: QtBot, case: Case) -> Iterator[DraftKeeper]:
    lane = Lane("drafting")
    keeper = DraftKeeper(lane, case.door)
    keeper.take(SESSION, case.draft, is_writable=True)
    yield keeper
    case.gate.set()
    keeper._pause.stop()
    lane.close()


def say(keeper: DraftKeeper, title: str) -> None:
    keeper.set_opinion(replace(keeper.opinion, title=title))


def test_a_word_typed_key_by_key_is_kept_once(keeper, case, qtbot):
    for end in range(1, 8):
        say(keeper, "Harbour"[:end])
        qtbot.wait(20)
    assert case.writes == [] and keeper.keeping is Keeping.EDITED
    qtbot.waitUntil(lambda: keeper.keeping is Keeping.KEPT)
    assert [draft.opinion.title for draft in case.writes] == ["Harbour"]
    qtbot.wait(PAUSE_MS + 100)
    assert len(case.writes) == 1


def test_what_is_written_while_the_case_writes_is_kept_after_it(keeper, case, qtbot):
    case.gate.clear()
    say(keeper, "One")
    keeper.keep()
    say(keeper, "Two")
    assert keeper.keeping is Keeping.WRITING
    case.gate.set()
    qtbot.waitUntil(lambda: keeper.keeping is Keeping.KEPT)
    assert [draft.opinion.title for draft in case.writes] == ["One", "Two"]


def test_taking_an_edit_back_before_the_pause_is_over_is_an_edit_as_well(keeper, case, qtbot):
    say(keeper, "One")
    say(keeper, "")
    keeper.keep()
    qtbot.waitUntil(lambda: keeper.keeping is Keeping.KEPT)
    assert case.draft.opinion.title == ""


def test_a_draft_changed_elsewhere_is_neither_overwritten_nor_shown_unasked(keeper, case, qtbot):
    case.draft = ReportDraft(Opinion(title="Theirs"), ReportPlan(), 7, ("Ben",))
    say(keeper, "Mine")
    keeper.keep()
    qtbot.waitUntil(lambda: keeper.keeping is Keeping.CONTESTED)
    assert keeper.trouble == "The report was changed meanwhile."
    assert keeper.opinion.title == "Mine" and case.draft.opinion.title == "Theirs"
    say(keeper, "Mine, longer")
    qtbot.wait(PAUSE_MS + 100)
    assert case.writes == []
    keeper.insist()
    qtbot.waitUntil(lambda: keeper.keeping is Keeping.KEPT)
    assert case.draft.opinion.title == "Mine, longer"


def test_the_draft_of_elsewhere_is_taken_when_asked_for(keeper, case, qtbot):
    case.draft = ReportDraft(Opinion(title="Theirs"), ReportPlan(parts=(Part.APPENDIX,)), 7, ("Ben",))
    say(keeper, "Mine")
    keeper.keep()
    qtbot.waitUntil(lambda: keeper.keeping is Keeping.CONTESTED)
    with qtbot.waitSignal(keeper.opened):
        keeper.give_in()
    assert (keeper.opinion.title, keeper.plan.parts, keeper.keeping) == ("Theirs", (Part.APPENDIX,), Keeping.KEPT)


def test_what_could_not_be_kept_stays_and_is_kept_when_it_can_be(keeper, case, qtbot):
    case.refuses = "The disk is full."
    say(keeper, "Mine")
    keeper.keep()
    qtbot.waitUntil(lambda: keeper.keeping is Keeping.REFUSED)
    assert keeper.trouble == "The disk is full." and keeper.opinion.title == "Mine"
    case.refuses = ""
    keeper.keep()
    qtbot.waitUntil(lambda: keeper.keeping is Keeping.KEPT)
    assert case.draft.opinion.title == "Mine"


def test_the_last_words_are_kept_when_the_case_is_left(keeper, case, qtbot):
    say(keeper, "Last words")
    keeper.leave()
    assert keeper.keeping is Keeping.ABSENT and keeper.opinion == Opinion()
    qtbot.waitUntil(lambda: len(case.writes) == 1)
    assert case.draft.opinion.title == "Last words"


def test_last_words_that_could_not_be_kept_are_not_lost_in_silence(keeper, case, qtbot):
    case.refuses = "The disk is full."
    lost: list[ForensicError] = []
    keeper.lost.connect(lost.append)
    say(keeper, "Last words")
    keeper.leave()
    qtbot.waitUntil(lambda: len(lost) == 1)
    assert str(lost[0]) == "The disk is full."


def test_a_case_that_can_only_be_read_takes_no_edit(keeper, case, qtbot):
    keeper.leave()
    keeper.take(SESSION, case.draft, is_writable=False)
    say(keeper, "Mine")
    assert keeper.opinion.title == "" and keeper.keeping is Keeping.KEPT


def test_reading_the_case_again_does_not_undo_what_is_being_written(keeper, case, qtbot):
    say(keeper, "Mine")
    keeper.take(SESSION, case.draft, is_writable=True)
    assert keeper.opinion.title == "Mine"
