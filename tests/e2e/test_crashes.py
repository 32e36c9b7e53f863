"""A process that edits a case is killed at any moment, again and again: nothing that it acknowledged is ever lost.

40 processes are killed by default. FORENSIC_GUI_CRASHES=300 in the environment kills as many as the acceptance test
of the case store asks for, which takes about two minutes on two cores. What is shown is survival of the death of a
process, not of the loss of power, which depends on what the disk makes of fsync.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.history import replay, stacks, steps_of
from forensic_gui.services.case import CaseSession

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the editors are forked, and killed by a signal")

CRASHES = int(os.environ.get("FORENSIC_GUI_CRASHES", "40"))
ROUNDS_PER_ITEM = 5
MOST_AWAITED = 12
LONGEST_WAIT_S = 0.05
SIZE = Size(12, 9)


class Editors:
    """Starts editors one after another, and kills them."""

    def __init__(self, folder: Path, checkout: Path) -> None:
        self._folder = folder
        self._server = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("crashing_editor.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": str(checkout)},
        )
        assert self._line() == "ready []", "an editor needs neither torch nor Qt nor a codec"

    def run_and_kill(self, item_id: int, *, seed: int, acknowledged: int, then_s: float) -> list[str]:
        """What an editor acknowledged before it was killed, `then_s` after the number given (0: after it was started).

        A number, so that a slow machine does not kill every editor before it has done anything.
        """
        assert self._server.stdin is not None
        self._server.stdin.write(f"{self._folder}\t{item_id}\t{seed}\n".encode())
        said: list[str] = []
        editor = 0
        while not editor or len(said) < acknowledged:
            line = self._line()
            if line.startswith("editor "):
                editor = int(line.split()[1])
            else:
                said.append(line)
        time.sleep(then_s)
        os.kill(editor, signal.SIGKILL)
        while (line := self._line()) != "ended":
            said.append(line)
        return said

    def close(self) -> None:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.stdout.close()
        self._server.wait()

    def _line(self) -> str:
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        assert line.endswith(b"\n"), "the editors' server ended"
        return line.decode().rstrip("\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed case with an item for every few rounds."""
    facts = DecodeFacts("PNG", "Pillow", "13.0.0", SIZE, Orientation.UPRIGHT, "RGB", 8)
    for number in range(1 + CRASHES // ROUNDS_PER_ITEM):
        (tmp_path / f"{number}.png").write_bytes(b"%d" % number)
    with CaseSession.create(tmp_path / "Crashes", author="Ada") as case:
        for item_id in case.add(sorted(tmp_path.glob("*.png"))).added:
            case.note_decoded(item_id, facts)
        return case.folder


@pytest.fixture
def editors(folder: Path, checkout: Path) -> Iterator[Editors]:
    """Editors of that case."""
    started = Editors(folder, checkout)
    yield started
    started.close()


@pytest.mark.timeout(1200)
def test_no_acknowledged_edit_is_lost_however_often_the_editor_is_killed(folder: Path, editors: Editors) -> None:
    draw = random.Random(CRASHES)
    acknowledged: dict[int, list[str]] = {}
    added: set[str] = set()
    reported: set[str] = set()
    for crash in range(CRASHES):
        item_id = 1 + crash // ROUNDS_PER_ITEM
        said = editors.run_and_kill(
            item_id, seed=crash, acknowledged=draw.randint(0, MOST_AWAITED), then_s=draw.uniform(0, LONGEST_WAIT_S)
        )
        files = {line.removeprefix("added ") for line in said if line.startswith("added ")}
        added |= files
        words = {line for line in said if line.startswith("report ")}
        reported |= words
        acknowledged.setdefault(item_id, []).extend(line for line in said if not line.startswith(("added ", "report ")))
        with CaseSession.open(folder, author="Ada") as case:
            assert case.info.read_only == ""
            require_whole(case)
            assert files <= {item.name for item in case.items()}
            assert words <= words_of_the_report(case)
            unacknowledged = require_kept(case, item_id, acknowledged[item_id])
            assert unacknowledged <= 1 + crash % ROUNDS_PER_ITEM, "an editor does one thing at a time"
    with CaseSession.open(folder, author="Ada") as case:
        case.audit()
        assert added <= {item.name for item in case.items()}
        assert reported <= words_of_the_report(case)
        assert case.verify(occasion="test") == ()
        for item_id, said in acknowledged.items():
            require_kept(case, item_id, said)
    edits = sum(map(len, acknowledged.values()))
    assert edits > CRASHES, "editors that die before they do anything prove nothing"
    assert len({line.split()[1] for line in reported}) == 3, "the report was drafted, issued and reviewed"
    done = f"{edits} edits, {len(added)} files and {len(reported)} words of the report"
    print(f"{CRASHES} editors killed; {done} were acknowledged, none was lost")  # noqa: T201 - shown by pytest -s


def words_of_the_report(case: CaseSession) -> set[str]:
    """What an editor may have acknowledged of the report, as it says that."""
    revisions = case.reports.issues()
    assert [each.issue.number for each in revisions] == list(range(1, len(revisions) + 1))
    drafted = {f"report drafted {number}" for number in range(1, case.reports.draft().revision + 1)}
    issued = {f"report issued {each.record_sha256}" for each in revisions}
    return drafted | issued | {f"report reviewed {review.note}" for each in revisions for review in each.reviews}


def require_whole(case: CaseSession) -> None:
    with closing(sqlite3.connect(case.folder / "case.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def require_kept(case: CaseSession, item_id: int, acknowledged: list[str]) -> int:
    """Number of entries that are in the log without having been acknowledged."""
    log = case.log(item_id)
    kept = {f"{entry.seq} {entry.action.value} {entry.label}" for entry in log}
    assert set(acknowledged) <= kept
    state = case.annotation(item_id)
    assert replay(SIZE, (entry.edit for entry in log)) == state.annotation
    labels = {entry.seq: entry.label for entry in log}
    standing = stacks(steps_of(log))
    assert state.undo == (labels[standing.undo[-1]] if standing.undo else None)
    assert state.redo == (labels[standing.redo[-1]] if standing.redo else None)
    return len(kept) - len(acknowledged)
