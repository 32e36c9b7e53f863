"""Edits, undo and redo are on the disk when they return, and nothing else is."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forensic_gui.domain.annotation import Annotation, Conclusion, Region, RegionDetails
from forensic_gui.domain.case import Action, ItemQuery
from forensic_gui.domain.edits import AddRegion, ChangeRegion, Edit, RemoveRegion, SetConclusion, Several
from forensic_gui.domain.errors import CaseReadOnly, EditRefused
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.history import replay, stacks, steps_of
from forensic_gui.domain.mask import Mask, MaskPatch
from forensic_gui.services.case import CaseSession

SIZE = Size(8, 6)
PLAIN = RegionDetails("Ada", "2026-01-01T00:00:00+00:00")
MARK = SetConclusion(Conclusion.OPEN, Conclusion.NO_MANIPULATION_FOUND)


def region(name: str, note: str = "") -> Region:
    return Region(name, Mask.full(SIZE), RegionDetails("Ada", "2026-01-01T00:00:00+00:00", note=note))


def test_an_edit_is_there_after_closing_and_opening(case: CaseSession, drawable: int) -> None:
    state = case.commit(drawable, AddRegion(region("a"), 0), label="Box")
    assert (state.undo, state.redo, case.item(drawable).regions) == ("Box", None, 1)
    case.close()
    with CaseSession.open(case.folder, author="Bob") as again:
        assert again.annotation(drawable) == state
        undone = again.undo(drawable)
        assert (undone.undo, undone.redo, undone.annotation) == (None, "Box", Annotation(SIZE))
        assert again.redo(drawable).annotation == state.annotation
        assert [(entry.action, entry.of, entry.author) for entry in again.log(drawable)] == [
            (Action.DO, None, "Ada"),
            (Action.UNDO, 1, "Bob"),
            (Action.REDO, 1, "Bob"),
        ]


def test_a_new_edit_ends_redo_and_undo_reaches_back_to_the_first(case: CaseSession, drawable: int) -> None:
    case.commit(drawable, AddRegion(region("a"), 0), label="Box")
    case.commit(drawable, AddRegion(region("b"), 1), label="Lasso")
    case.undo(drawable)
    state = case.commit(drawable, MARK, label="Mark")
    assert (state.undo, state.redo) == ("Mark", None)
    assert case.item(drawable).conclusion is Conclusion.NO_MANIPULATION_FOUND
    assert case.redo(drawable) == state
    case.undo(drawable)
    assert case.undo(drawable).annotation == Annotation(SIZE)
    assert len(case.log(drawable)) == 6
    assert case.undo(drawable).revision == 6
    assert len(case.log(drawable)) == 6


def test_an_edit_of_an_older_state_is_refused_and_nothing_changes(case: CaseSession, drawable: int) -> None:
    first = case.commit(drawable, AddRegion(region("a"), 0), label="Box", revision=0)
    events = len(case.audit())
    for refused, revision in (
        (MARK, 0),
        (AddRegion(region("a"), 0), None),
        (AddRegion(region("b"), 5), first.revision),
    ):
        with pytest.raises(EditRefused, match=r"othing was changed|not made"):
            case.commit(drawable, refused, label="Late", revision=revision)
    assert case.annotation(drawable) == first
    assert len(case.audit()) == events


def test_a_region_keeps_its_id_for_itself(
    case: CaseSession, drawable: int, photographs: Path, facts: DecodeFacts
) -> None:
    (other,) = case.add([photographs / "IMG_10.jpg"]).added
    case.note_decoded(other, facts)
    case.commit(drawable, AddRegion(region("a"), 0), label="Box")
    case.commit(drawable, RemoveRegion(region("a"), 0), label="Delete")
    with pytest.raises(EditRefused, match="another image"):
        case.commit(other, Several((MARK, AddRegion(region("a"), 0))), label="Box")
    assert case.annotation(other).revision == 0
    assert case.commit(drawable, AddRegion(region("a"), 0), label="Box").annotation.regions == (region("a"),)


def test_items_are_edited_apart_from_each_other(
    case: CaseSession, drawable: int, photographs: Path, facts: DecodeFacts
) -> None:
    (other,) = case.add([photographs / "IMG_10.jpg"]).added
    case.note_decoded(other, facts)
    case.commit(drawable, AddRegion(region("a"), 0), label="Box")
    case.commit(other, MARK, label="Mark")
    assert case.undo(drawable).annotation == Annotation(SIZE)
    assert (case.annotation(other).undo, case.annotation(drawable).redo) == ("Mark", "Box")


def test_notes_of_regions_are_found_until_they_are_taken_back(case: CaseSession, drawable: int) -> None:
    case.commit(drawable, AddRegion(region("a", note="Cloned Balcony"), 0), label="Box")
    case.tag([drawable], add=["x"])
    assert [item.id for item in case.items(ItemQuery(text="balcony"))] == [drawable]
    case.undo(drawable)
    assert case.items(ItemQuery(text="balcony")) == ()


def test_whoever_only_looks_cannot_edit(case: CaseSession, drawable: int) -> None:
    with CaseSession.open(case.folder, author="Bob") as second:
        for change in (
            lambda: second.commit(drawable, MARK, label="Mark"),
            lambda: second.undo(drawable),
            lambda: second.redo(drawable),
        ):
            with pytest.raises(CaseReadOnly):
                change()
        case.commit(drawable, MARK, label="Mark")
        assert second.annotation(drawable) == case.annotation(drawable)
        assert second.items() == case.items()


def test_threads_wait_for_each_other_and_lose_nothing(case: CaseSession, drawable: int) -> None:
    failures: list[Exception] = []

    def work(name: str) -> None:
        try:
            for number in range(10):
                case.commit(drawable, AddRegion(region(f"{name}{number}"), 0), label=name)
                case.items()
        except Exception as error:  # noqa: BLE001 - told to the main thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(case.annotation(drawable).annotation.regions) == len(case.log(drawable)) == 30
    case.audit()


masks = st.integers(0, 2**32 - 1).map(lambda seed: Mask.of(np.random.default_rng(seed).random(SIZE.shape) < 0.4))


def fitting(draw: Callable[[st.SearchStrategy[Any]], Any], annotation: Annotation, number: int) -> Edit:
    regions = annotation.regions
    kind = draw(st.sampled_from(["add", "mark", *(["remove", "paint", "paint"] if regions else [])]))
    if kind == "add":
        return AddRegion(Region(f"r{number}", draw(masks), PLAIN), draw(st.integers(0, len(regions))))
    if kind == "mark":
        return SetConclusion(annotation.conclusion, draw(st.sampled_from(Conclusion)))
    index = draw(st.integers(0, len(regions) - 1))
    if kind == "remove":
        return RemoveRegion(regions[index], index)
    patch = MaskPatch.between(regions[index].mask, draw(masks))
    return ChangeRegion(regions[index].id, regions[index].details, PLAIN, patch=patch)


def make_case(folder: Path) -> Path:
    (folder / "a.png").write_bytes(b"a")
    facts = DecodeFacts("PNG", "Pillow", "13.0.0", SIZE, Orientation.UPRIGHT, "RGB", 8)
    with CaseSession.create(folder / "Random", author="Ada") as case:
        case.note_decoded(case.add([folder / "a.png"]).added[0], facts)
        return case.folder


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_replaying_the_log_gives_the_annotation_whatever_was_done_in_between(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as held:
        place = make_case(Path(folder))
        case = held.enter_context(CaseSession.open(place, author="Ada"))
        # What stands, as a person would count it, apart from any code of the case.
        done: list[Annotation] = [Annotation(SIZE)]
        undone: list[Annotation] = []
        for number in range(data.draw(st.integers(1, 12))):
            action = data.draw(st.sampled_from(["edit", "edit", "undo", "undo", "redo", "reopen"]))
            if action == "edit":
                edit = fitting(data.draw, done[-1], number)
                done.append(case.commit(1, edit, label=str(number)).annotation)
                undone.clear()
            elif action == "undo":
                case.undo(1)
                if len(done) > 1:
                    undone.append(done.pop())
            elif action == "redo":
                case.redo(1)
                if undone:
                    done.append(undone.pop())
            else:
                held.close()
                case = held.enter_context(CaseSession.open(place, author="Ada"))
            state, log = case.annotation(1), case.log(1)
            assert state.annotation == done[-1] == replay(SIZE, (entry.edit for entry in log))
            assert (len(stacks(steps_of(log)).undo), len(stacks(steps_of(log)).redo)) == (len(done) - 1, len(undone))
            assert (state.undo is None, state.redo is None) == (len(done) == 1, not undone)
        case.audit()
