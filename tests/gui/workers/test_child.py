"""A child process on a lane: lines out and in, an end that is told, and never an orphan."""

from __future__ import annotations

import os
import sys
import textwrap
import threading
import time

import pytest

from forensic_gui.domain.errors import ForensicError
from forensic_gui.services.own_command import own_command
from forensic_gui.services.progress import CancelToken
from forensic_gui.workers.child import Child
from forensic_gui.workers.lane import Done, Lane


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", textwrap.dedent(program))


ECHO = """
    import sys
    print("ready", flush=True)
    for line in sys.stdin:
        print("heard", line.strip(), flush=True)
    print("end of input", flush=True)
    sys.exit(3)
"""


def run_until(child, *, stop_after, cancel=None):
    """Follow a child and cancel after a line; its lines and its end."""
    token, lines = cancel or CancelToken(), []

    def on_line(line):
        lines.append(line)
        if line == stop_after:
            token.cancel()

    return lines, child.follow(on_line, cancel=token)


def test_lines_come_out_and_the_end_is_told_with_its_last_words():
    child = Child(python("import sys; print('one'); print('zwei é'); print('broken', file=sys.stderr); sys.exit(2)"))
    lines, end = run_until(child, stop_after=None)
    assert lines == ["one", "zwei é"]
    assert (end.status, end.last_words, end.was_killed) == (2, "broken", False)


def test_what_is_said_before_and_after_the_start_is_heard_in_order():
    child = Child(python(ECHO))
    child.say("before")
    lines = []

    def on_line(line):
        lines.append(line)
        if line == "heard before":
            child.say("after")
        if line == "heard after":
            token.cancel()

    token = CancelToken()
    end = child.follow(on_line, cancel=token)
    assert lines == ["ready", "heard before", "heard after", "end of input"]
    assert end.status == 3
    child.say("nobody hears this")


def test_a_cancelled_child_hears_the_end_of_its_input_and_may_finish():
    lines, end = run_until(Child(python(ECHO)), stop_after="ready")
    assert lines[-1] == "end of input"
    assert (end.status, end.was_killed) == (3, False)


def test_a_child_that_does_not_stop_is_ended():
    child = Child(python("import time; print('ready', flush=True); time.sleep(60)"), patience_s=0.2)
    began = time.monotonic()
    _, end = run_until(child, stop_after="ready")
    assert end.was_killed and end.status != 0
    assert time.monotonic() - began < 30


def test_an_error_in_the_one_who_listens_leaves_no_child_behind():
    child = Child(python("import os, time; print(os.getpid(), flush=True); time.sleep(60)"))
    numbers = []

    def on_line(line):
        numbers.append(int(line))
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError):
        child.follow(on_line, cancel=CancelToken())
    with pytest.raises(ProcessLookupError):
        os.kill(numbers[0], 0)


def test_a_program_that_is_not_there_is_told_in_a_sentence(tmp_path):
    with pytest.raises(ForensicError, match="could not be started"):
        Child((str(tmp_path / "nothing"),)).follow(print, cancel=CancelToken())


def test_closing_the_lane_waits_for_the_child_and_leaves_no_thread(qtbot):
    before = set(threading.enumerate())
    lane, steps = Lane("child"), []
    child = Child(python(ECHO))
    lane.submit(
        lambda work: child.follow(work.report, cancel=work.cancel), receive=lambda _: None, on_step=steps.append
    )
    qtbot.waitUntil(lambda: steps == ["ready"], timeout=10_000)
    lane.close()
    assert set(threading.enumerate()) <= before


def test_this_program_runs_as_its_own_child(qtbot, monkeypatch):
    lane, lines, ends = Lane("child"), [], []
    child = Child((*own_command(), "--version"))
    lane.submit(lambda work: child.follow(work.report, cancel=work.cancel), receive=ends.append, on_step=lines.append)
    qtbot.waitUntil(lambda: bool(ends), timeout=60_000)
    lane.close()
    assert isinstance(ends[0], Done) and ends[0].value.status == 0
    assert lines[0].startswith("forensic-gui ")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert own_command() == (sys.executable,)
