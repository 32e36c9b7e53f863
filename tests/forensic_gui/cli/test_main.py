"""The entry: which command is meant, and what failures look like."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from forensic_gui.cli import analyze as analyze_cli
from forensic_gui.cli import main as main_module
from forensic_gui.cli.interrupts import cancel_on_signal, wait_for
from forensic_gui.cli.main import main, with_command
from forensic_gui.cli.output import ProgressStyle, paragraphs, printable, progress_view
from forensic_gui.domain.errors import (
    Cancelled,
    DeviceUnavailable,
    EvidenceEmpty,
    ForensicError,
    OutputError,
    RequestError,
    WeightsError,
)
from forensic_gui.domain.finding import Failure, Product
from forensic_gui.services.analyze import AnalyzeSummary
from forensic_gui.services.progress import CancelToken, ProgressEvent

COMMANDS = frozenset({"gui", "analyze"})


def test_paths_alone_open_the_window(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.touch()
    assert with_command([], COMMANDS) == ["gui"]
    assert with_command([str(photo), "b.jpg"], COMMANDS) == ["gui", str(photo), "b.jpg"]


def test_commands_options_and_unknown_words_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "analyze").touch()  # a file of a command's name does not hide the command
    for arguments in (["analyze", "x"], ["--help"], ["anlyze"]):
        assert with_command(arguments, COMMANDS) == arguments


def test_an_unknown_command_is_a_wrong_call(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["anlyze"]) == 2
    told = capfd.readouterr().err
    assert "No such command 'anlyze'. Did you mean 'analyze'?" in told
    assert told.endswith("See `forensic-gui --help`.\n")


@pytest.mark.parametrize(
    ("arguments", "command", "wrong"),
    [
        (["analyze", "x"], "analyze", "Missing option '-o' / '--output'."),
        (["pseudo-label"], "pseudo-label", "Missing"),
        (["case", "verfy", "x"], "case", "Did you mean 'verify'?"),
        (["analyze", "--outpt", "x"], "analyze", "Did you mean --output?"),
        (["labels", "export", "x", "--format", "xml", "-o", "y"], "labels export", "'xml' is not one of 'mani'"),
        (["segment", "x", "-o", "y", "--page", "one"], "segment", "--page"),
    ],
)
def test_a_wrong_call_is_one_sentence_that_says_where_to_look(
    arguments: list[str], command: str, wrong: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capfd.readouterr()
    assert not told.out
    assert wrong in told.err
    assert told.err.endswith(f" See `forensic-gui {command} --help`.\n")
    assert told.err.count("\n") == 1
    assert "Value error" not in told.err


def raising(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> int:
    def run_request(*_arguments: object, **_options: object) -> AnalyzeSummary:
        raise error

    monkeypatch.setattr(analyze_cli, "run_request", run_request)
    return main(["analyze", "x", "-o", "out"])


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RequestError("It is wrong."), 2),
        (WeightsError("They were altered."), 2),
        (DeviceUnavailable("There is none."), 2),
        (OutputError("It is read-only."), 2),
        (EvidenceEmpty("It is empty."), 1),
    ],
)
def test_a_failure_is_one_sentence_on_stderr(
    error: ForensicError, status: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert raising(error, monkeypatch) == status
    assert capfd.readouterr() == ("", f"{error}\n")


def test_a_defect_writes_a_report_and_tells_its_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("forensic_gui.services.bootstrap.log_folder", lambda: tmp_path / "log")
    assert raising(ZeroDivisionError("our bug"), monkeypatch) == 70
    (report,) = (tmp_path / "log").iterdir()
    told = capfd.readouterr().err
    assert str(report) in told and "Traceback" not in told
    assert "ZeroDivisionError: our bug" in report.read_text(encoding="utf-8")


def test_a_defect_on_a_full_disk_is_still_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log").write_text("a file in the way")
    monkeypatch.setattr("forensic_gui.services.bootstrap.log_folder", lambda: tmp_path / "log")
    assert raising(ZeroDivisionError("our bug"), monkeypatch) == 70
    assert "our bug" in capfd.readouterr().err


def test_stopping_before_the_first_image_is_status_130(monkeypatch: pytest.MonkeyPatch) -> None:
    assert raising(Cancelled(), monkeypatch) == 130


def summary(
    *, analyzed: int = 0, failed: int = 0, cancelled: bool = False, stopped: str | None = None
) -> AnalyzeSummary:
    failures = tuple(Failure(Path(f"{n}.jpg"), "EvidenceDamaged", "It ends early.") for n in range(failed))
    return AnalyzeSummary(analyzed, failures, (), 0, cancelled, stopped, Path("out/findings.jsonl"))


@pytest.mark.parametrize(
    ("ending", "status", "sentence"),
    [
        (summary(analyzed=1), 0, "1 image analyzed; findings in"),
        (summary(analyzed=3, failed=2), 1, "3 images analyzed, 2 failed; findings in"),
        (summary(analyzed=3, cancelled=True), 130, "Stopped: 3 images analyzed until then"),
        (summary(analyzed=3, failed=1, stopped="The disk is full."), 1, "3 images analyzed: The disk is full."),
        (summary(), 0, "There was nothing to analyze"),
    ],
)
def test_the_end_of_a_run_is_told(
    ending: AnalyzeSummary, status: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    analyze_cli.tell_summary(ending)
    assert analyze_cli.exit_status(ending) == status
    assert sentence in capsys.readouterr().err


def test_kinds_of_files_are_read_from_the_argument() -> None:
    assert analyze_cli.parse_products("mask, overlay") == {Product.MASK, Product.OVERLAY}
    assert analyze_cli.parse_products("none") == frozenset()
    for wrong in ("", "none,mask", "masks", "mask,,overlay"):
        with pytest.raises(RequestError, match="--write takes"):
            analyze_cli.parse_products(wrong)


def test_what_a_terminal_would_obey_is_shown_as_escapes() -> None:
    assert printable("a\x1b[31m\u202eb\n\udcff é") == "a\\x1b[31m\\u202eb\\n\\udcff é"


def test_help_is_wrapped_by_the_terminal_and_not_by_its_source() -> None:
    assert paragraphs("One\ntwo.\n\nThree.\n") == "One two.\n\nThree."


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal_shows_failures_above_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_view(ProgressStyle.AUTO, title="Analyzing") as sink:
        sink(ProgressEvent(1, 2, 1, "[red]a.jpg", "failed", "It ends early."))
        sink(ProgressEvent(2, 2, 1, "b.jpg", "finished"))
    assert "[red]a.jpg: It ends early." in terminal.getvalue()
    assert "2/2" in terminal.getvalue()


def test_without_a_terminal_only_failures_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_view(ProgressStyle.AUTO, title="Analyzing") as sink:
        sink(ProgressEvent(1, 2, 1, "a.jpg", "failed", "It ends early."))
        sink(ProgressEvent(2, 2, 1, "b.jpg", "finished"))
    assert capsys.readouterr() == ("", "a.jpg: It ends early.\n")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_the_first_signal_cancels_and_the_next_one_ends() -> None:
    before = signal.getsignal(signal.SIGINT)
    with cancel_on_signal() as token:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
        assert token.is_cancelled
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is before


def test_work_that_cannot_stop_is_left_behind() -> None:
    token, release = CancelToken(), threading.Event()
    threading.Timer(0.05, token.cancel).start()
    started = time.perf_counter()
    with pytest.raises(Cancelled):
        wait_for(lambda: release.wait(10), cancel=token)
    assert time.perf_counter() - started < 1.0
    release.set()


def test_work_returns_its_result_and_raises_its_error() -> None:
    assert wait_for(lambda: 42, cancel=CancelToken()) == 42
    with pytest.raises(WeightsError, match="altered"):
        wait_for(lambda: (_ for _ in ()).throw(WeightsError("altered")), cancel=CancelToken())


def test_every_command_of_the_contract_is_there() -> None:
    names = main_module._names(main_module.build_app())
    assert {"gui", "analyze", "evaluate", "weights", "doctor", "synthesize", "train"} <= names
