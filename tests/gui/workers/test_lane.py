"""Lanes: order, supersession, cancelling, and nothing after the end."""

from __future__ import annotations

import gc
import threading
import time

import pytest
import shiboken6
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QWidget

from forensic_gui.domain.errors import Cancelled, ForensicError
from forensic_gui.workers.gentle import collector_paused, load_shared_libraries
from forensic_gui.workers.lane import Done, Failed, Lane, Stopped


@pytest.fixture
def lane(qtbot):
    made = Lane("test")
    yield made
    made.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lane-test")]


@pytest.fixture
def gate():
    """Holds jobs up until it is set; opened at the end in any case."""
    event = threading.Event()
    yield event
    event.set()


def test_a_job_runs_on_the_lane_and_its_outcome_arrives_on_this_thread(lane, qtbot):
    got = []
    here = QThread.currentThread()
    lane.submit(
        lambda _: threading.current_thread().name,
        receive=lambda outcome: got.append((outcome, QThread.currentThread() is here)),
    )
    qtbot.waitUntil(lambda: bool(got))
    (outcome, on_this_thread) = got[0]
    assert outcome.value.startswith("lane-test")
    assert on_this_thread
    assert lane.is_idle


def test_jobs_keep_their_order(lane, qtbot):
    got = []
    for number in range(20):
        lane.submit(lambda _, number=number: number, receive=lambda outcome: got.append(outcome.value))
    qtbot.waitUntil(lambda: len(got) == 20)
    assert got == list(range(20))


def test_an_exception_arrives_as_a_failure(lane, qtbot):
    got = []

    def job(_):
        raise ForensicError("no")

    lane.submit(job, receive=got.append)
    qtbot.waitUntil(lambda: bool(got))
    assert isinstance(got[0], Failed)
    assert str(got[0].error) == "no"


def test_steps_arrive_before_the_outcome(lane, qtbot):
    got = []

    def job(work):
        work.report(1)
        work.report(2)
        return 3

    lane.submit(job, receive=lambda outcome: got.append(outcome.value), on_step=got.append)
    qtbot.waitUntil(lambda: len(got) == 3)
    assert got == [1, 2, 3]


def test_cancelling_a_queued_job_never_runs_it(lane, qtbot, gate):
    got, ran = [], []
    lane.submit(lambda _: gate.wait(5), receive=got.append)
    ticket = lane.submit(lambda _: ran.append(True), receive=got.append)
    lane.cancel(ticket)
    qtbot.waitUntil(lambda: got == [Stopped()])
    gate.set()
    qtbot.waitUntil(lambda: len(got) == 2)
    assert not ran


def test_cancelling_a_running_job_ends_it_at_its_next_safe_point(lane, qtbot):
    got, begun = [], threading.Event()

    def job(work):
        begun.set()
        while True:
            work.cancel.raise_if_cancelled()
            time.sleep(0.002)

    ticket = lane.submit(job, receive=got.append)
    assert begun.wait(5)
    lane.cancel(ticket)
    qtbot.waitUntil(lambda: got == [Stopped()])


def test_a_later_request_under_a_key_drops_the_answer_of_the_earlier_ones(lane, qtbot, gate):
    got = []
    lane.submit(lambda _: gate.wait(5), receive=lambda _: got.append("running"), key="k", grace_ms=5_000)
    lane.submit(lambda _: None, receive=lambda _: got.append("queued"), key="k", grace_ms=5_000)
    lane.submit(lambda _: None, receive=lambda _: got.append("other"), key="another")
    lane.submit(lambda _: None, receive=lambda _: got.append("latest"), key="k", grace_ms=5_000)
    gate.set()
    qtbot.waitUntil(lambda: "latest" in got)
    assert got == ["other", "latest"]


def test_a_superseded_job_is_cancelled_when_its_grace_is_over(lane, qtbot):
    ended, begun = [], threading.Event()

    def stubborn(work):
        begun.set()
        start = time.monotonic()
        try:
            while True:
                work.cancel.raise_if_cancelled()
                time.sleep(0.002)
        except Cancelled:
            ended.append(time.monotonic() - start)
            raise

    lane.submit(stubborn, receive=lambda _: None, key="k")
    assert begun.wait(5)
    got = []
    lane.submit(lambda _: 1, receive=got.append, key="k", grace_ms=100)
    qtbot.waitUntil(lambda: got == [Done(1)])
    assert ended[0] >= 0.09


def test_nothing_arrives_after_the_lane_was_closed(qtbot):
    lane = Lane("closing")
    got = []
    lane.submit(
        lambda work: [work.cancel.raise_if_cancelled() or time.sleep(0.005) for _ in range(10_000)], receive=got.append
    )
    lane.submit(lambda _: None, receive=got.append)
    lane.close()
    lane.close()
    qtbot.wait(30)
    assert got == []
    with pytest.raises(RuntimeError):
        lane.submit(lambda _: None, receive=got.append)


def test_a_lane_that_qt_deleted_with_its_widget_can_still_be_closed(qtbot):
    widget = QWidget()
    lane = Lane("orphan", widget)
    lane.submit(lambda work: work.cancel.is_cancelled or time.sleep(0.05), receive=lambda _: None)
    shiboken6.delete(widget)
    lane.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lane-orphan")]


def test_the_collector_rests_while_something_big_is_loaded_and_works_again_afterwards():
    with collector_paused():
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.unfreeze()


def test_shared_libraries_that_are_missing_are_left_to_the_import(tmp_path):
    assert load_shared_libraries("no_such_package", ("x",)) == 0
    assert load_shared_libraries("numpy", ("no_such_library",)) == 0
    assert load_shared_libraries("torch", ("torch_cpu",), platform="win32") == 0


def test_shared_libraries_of_torch_are_loaded_without_importing_it(checkout):
    import subprocess
    import sys

    script = (
        "import sys; from forensic_gui.workers.gentle import *; "
        "print(load_shared_libraries('torch', TORCH_LIBRARIES), 'torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=checkout)
    count, imported = result.stdout.split()
    assert imported == "False"
    assert int(count) == (0 if sys.platform == "win32" else 4)


def test_draining_waits_for_everything_queued_and_its_answers_still_come(lane, qtbot):
    done, got = [], []
    for number in range(5):
        lane.submit(lambda _, number=number: (time.sleep(0.02), done.append(number)), receive=got.append)
    lane.drain()
    assert done == [0, 1, 2, 3, 4]
    assert got == []
    qtbot.waitUntil(lambda: len(got) == 5)


def test_draining_a_closed_lane_is_nothing_to_wait_for(qtbot):
    lane = Lane("test")
    lane.close()
    lane.drain()
