"""What can be taken back and done again follows from the log alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.annotation import Annotation, Conclusion
from forensic_gui.domain.case import Action, EditEntry
from forensic_gui.domain.edits import SetConclusion
from forensic_gui.domain.geometry import Size
from forensic_gui.domain.history import Stacks, Step, replay, stacks, steps_of

DO, UNDO, REDO = Action.DO, Action.UNDO, Action.REDO


def logged(*actions: tuple[Action, int | None]) -> list[Step]:
    return [Step(number, action, of) for number, (action, of) in enumerate(actions, start=1)]


def test_an_undone_edit_can_be_redone_and_undone_again() -> None:
    log = logged((DO, None), (DO, None), (UNDO, 2), (UNDO, 1), (REDO, 1), (REDO, 2), (UNDO, 2))
    assert stacks(log[:4]) == Stacks((), (2, 1))
    assert stacks(log[:6]) == Stacks((1, 2), ())
    assert stacks(log) == Stacks((1,), (2,))


def test_a_new_edit_ends_what_could_be_redone_and_what_stood_before_can_still_be_undone() -> None:
    assert stacks(logged((DO, None), (DO, None), (UNDO, 2), (DO, None))) == Stacks((1, 4), ())


@pytest.mark.parametrize(
    "log",
    [
        logged((UNDO, 1)),
        logged((DO, None), (REDO, 1)),
        logged((DO, None), (DO, None), (UNDO, 1)),
        logged((DO, None), (UNDO, 1), (DO, None), (REDO, 1)),
        logged((DO, 1)),
        [Step(2, DO), Step(2, DO)],
    ],
)
def test_what_cannot_be_a_log_is_refused(log: list[Step]) -> None:
    with pytest.raises(ValueError, match="cannot follow"):
        stacks(log)


@given(st.lists(st.sampled_from(Action)))
def test_a_step_at_a_time_comes_to_the_same_as_the_whole_log(wishes: list[Action]) -> None:
    state, log = Stacks(), []
    for number, wish in enumerate(wishes, start=1):
        waiting = {DO: (None,), UNDO: state.undo, REDO: state.redo}[wish]
        if waiting:
            log.append(Step(number, wish, waiting[-1]))
            state = state.after(log[-1])
    assert state == stacks(log)


@pytest.mark.parametrize("step", [Step(2, DO, 1), Step(2, UNDO, 7), Step(2, REDO, 1)])
def test_a_step_that_cannot_follow_is_refused(step: Step) -> None:
    with pytest.raises(ValueError, match="cannot follow"):
        Stacks((1,)).after(step)


def test_a_log_is_replayed_from_nothing() -> None:
    edit = SetConclusion(Conclusion.OPEN, Conclusion.NO_MANIPULATION_FOUND)
    size = Size(3, 2)
    assert replay(size, []) == Annotation(size)
    assert replay(size, [edit]) == Annotation(size, conclusion=Conclusion.NO_MANIPULATION_FOUND)
    entry = EditEntry(7, 1, DO, None, "Mark", "Ada", "2026-01-01T00:00:00+00:00", edit)
    assert list(steps_of([entry])) == [Step(7, DO)]
    with pytest.raises(ValueError, match="marked otherwise"):
        replay(size, [edit, edit])
