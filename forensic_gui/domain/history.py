"""Undo and redo as a matter of the log alone: what can be taken back follows from the entries, and nothing is erased.

An undo appends the inverse of an edit and names it in `of`; a redo appends the edit again and names it as well. `of`
is always the entry that did the edit for the first time. An edit done for the first time ends what could be redone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from forensic_gui.domain.annotation import Annotation
from forensic_gui.domain.case import Action, EditEntry
from forensic_gui.domain.edits import Edit, apply
from forensic_gui.domain.geometry import Size


@dataclass(frozen=True, slots=True)
class Step:
    """An entry of a log without what it changed.

    Attributes:
        seq: its number, ascending.
        action: what it did.
        of: number of the first-time entry that it takes back or does again; None for a first time.
    """

    seq: int
    action: Action
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Stacks:
    """Numbers of first-time entries.

    Attributes:
        undo: edits that stand, the newest last: the next undo takes that one back.
        redo: edits that were taken back, the last one last: the next redo does that one again.
    """

    undo: tuple[int, ...] = ()
    redo: tuple[int, ...] = ()

    def after(self, step: Step) -> Stacks:
        """The stacks after one more entry.

        Raises:
            ValueError: the entry cannot follow.
        """
        undo, redo = list(self.undo), list(self.redo)
        _take(step, undo, redo)
        return Stacks(tuple(undo), tuple(redo))


def stacks(steps: Iterable[Step]) -> Stacks:
    """What can be taken back and done again after these entries, the oldest first.

    Raises:
        ValueError: they are no log: an entry takes back what does not stand last, or the numbers do not ascend.
    """
    undo: list[int] = []
    redo: list[int] = []
    last = 0
    for step in steps:
        _require(step.seq > last, step)
        last = step.seq
        _take(step, undo, redo)
    return Stacks(tuple(undo), tuple(redo))


def replay(size: Size, edits: Iterable[Edit]) -> Annotation:
    """The annotation of an image of `size` after the edits of a whole log.

    Raises:
        ValueError: an edit does not fit what those before it made.
    """
    annotation = Annotation(size)
    for edit in edits:
        annotation = apply(edit, annotation)
    return annotation


def steps_of(entries: Iterable[EditEntry]) -> Iterable[Step]:
    """The entries without what they changed."""
    return (Step(entry.seq, entry.action, entry.of) for entry in entries)


def _take(step: Step, undo: list[int], redo: list[int]) -> None:
    if step.action is Action.DO:
        _require(step.of is None, step)
        undo.append(step.seq)
        redo.clear()
        return
    source, target = (undo, redo) if step.action is Action.UNDO else (redo, undo)
    _require(bool(source) and source[-1] == step.of, step)
    target.append(source.pop())


def _require(condition: bool, step: Step) -> None:
    if not condition:
        raise ValueError(f"entry {step.seq} ({step.action.value} of {step.of}) cannot follow what is before it")
