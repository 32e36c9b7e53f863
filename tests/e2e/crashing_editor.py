"""Edits a case without end, saying each edit that was acknowledged, until it is killed. Run by test_crashes.py.

A server that has imported what is needed waits for lines «FOLDER ITEM SEED» and forks an editor for each, so that a
round costs no start of an interpreter.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from forensic_gui.domain.annotation import Conclusion, Region, RegionDetails
from forensic_gui.domain.case import AnnotationState
from forensic_gui.domain.edits import AddRegion, ChangeRegion, Edit, RemoveRegion, SetConclusion, Several
from forensic_gui.domain.mask import Mask, MaskPatch
from forensic_gui.domain.reports.revision import Outcome
from forensic_gui.services.case import CaseSession
from tests.forensic_gui.services.case.made_reports import CONCLUDED, issued

Draw = random.Random


def say(text: str) -> None:
    """Write a line at once: what is in a buffer would die with the process."""
    os.write(sys.stdout.fileno(), f"{text}\n".encode())


def edit_without_end(folder: Path, item_id: int, seed: int) -> None:
    draw = Draw(seed)
    number = 0
    while True:
        with CaseSession.open(folder, author=f"editor {seed}") as case:
            for _ in range(draw.randint(5, 25)):
                number += 1
                if draw.random() < 0.1:
                    say(_one_file(case, folder.parent / f"{seed}.{number}.jpg", draw))
                elif draw.random() < 0.2:
                    say(_one_word_of_the_report(case, f"{seed}.{number}", draw))
                else:
                    say(_one_change(case, item_id, f"{seed}.{number}", draw))


def _one_file(case: CaseSession, path: Path, draw: Draw) -> str:
    path.write_bytes(draw.randbytes(50_000))
    case.add([path])
    return f"added {path.name}"


def _one_word_of_the_report(case: CaseSession, label: str, draw: Draw) -> str:
    revisions = len(case.reports.issues())
    choice = draw.random()
    if choice < 0.4 and case.reports.draft().revision:
        return f"report issued {issued(case, reason=label if revisions else '').record_sha256}"
    if choice < 0.7 and revisions:
        return f"report reviewed {case.reports.in_name_of(label).review(revisions, Outcome.RETURNED, note=label).note}"
    return f"report drafted {case.reports.write(opinion=replace(CONCLUDED, title=label)).revision}"


def _one_change(case: CaseSession, item_id: int, label: str, draw: Draw) -> str:
    before = case.annotation(item_id)
    choice = draw.random()
    if choice < 0.2 and before.undo is not None:
        after, action, label = case.undo(item_id), "undo", before.undo
    elif choice < 0.4 and before.redo is not None:
        after, action, label = case.redo(item_id), "redo", before.redo
    else:
        edit = draw.choice(_POSSIBLE)(before, label, draw)
        after, action = case.commit(item_id, edit, label=label, revision=before.revision), "do"
    return f"{after.revision} {action} {label}"


def _add(state: AnnotationState, label: str, draw: Draw) -> Edit:
    region = Region(f"region {label}", _mask(state, draw), RegionDetails("editor", label))
    return AddRegion(region, draw.randint(0, len(state.annotation.regions)))


def _remove(state: AnnotationState, label: str, draw: Draw) -> Edit:
    if not state.annotation.regions:
        return _add(state, label, draw)
    index = draw.randrange(len(state.annotation.regions))
    return RemoveRegion(state.annotation.regions[index], index)


def _paint(state: AnnotationState, label: str, draw: Draw) -> Edit:
    if not state.annotation.regions:
        return _add(state, label, draw)
    region = draw.choice(state.annotation.regions)
    patch = MaskPatch.between(region.mask, _mask(state, draw))
    return ChangeRegion(region.id, region.details, RegionDetails("editor", label, note=label), patch=patch)


def _mark(state: AnnotationState, label: str, draw: Draw) -> Edit:
    conclusion = state.annotation.conclusion
    return SetConclusion(conclusion, draw.choice(list(Conclusion)))


def _several(state: AnnotationState, label: str, draw: Draw) -> Edit:
    return Several((_add(state, label, draw), _mark(state, label, draw)))  # type: ignore[arg-type]


def _mask(state: AnnotationState, draw: Draw) -> Mask:
    size = state.annotation.size
    return Mask.of(np.random.default_rng(draw.randrange(1 << 30)).random(size.shape) < 0.3)


_POSSIBLE: tuple[Callable[[AnnotationState, str, Draw], Edit], ...] = (_add, _remove, _paint, _paint, _mark, _several)


def serve() -> None:
    heavy = {"torch", "PySide6", "cv2"} & set(sys.modules)
    say(f"ready {sorted(heavy)}")
    for line in sys.stdin:
        folder, item_id, seed = line.rstrip("\n").split("\t")
        child = os.fork()
        if not child:
            edit_without_end(Path(folder), int(item_id), int(seed))
        say(f"editor {child}")
        os.waitpid(child, 0)
        say("ended")


if __name__ == "__main__":
    serve()
