"""The benchmark measures with the services themselves, cleans up after itself and says what it could not measure."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from forensic_gui.cli import benchmark as command
from forensic_gui.cli.main import build_app
from forensic_gui.domain.errors import Cancelled, RequestError
from forensic_gui.domain.evidence import DecodedEvidence, DecodeFacts, Evidence
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.heatmap import Heatmap, Localization
from forensic_gui.services.benchmark.ports import Message, ProbeError
from forensic_gui.services.benchmark.probes import FreshProcess, own_command, unseen_environment
from forensic_gui.services.benchmark.run import BenchmarkRequest, benchmark
from forensic_gui.services.ports import LocalizerInfo, Views
from forensic_gui.services.progress import CancelToken, ProgressEvent

SMALL = BenchmarkRequest(repeats=1, folder_images=2, large_size=(320, 240), weights="w", runtime="torch")


class PlainDecoder:
    """Decodes in this process."""

    def decode(self, path: Path, **_: object) -> DecodedEvidence:
        pixels = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        evidence = Evidence(
            path, f"{abs(hash(path.name)):064x}"[-64:], path.stat().st_size, "2026-01-01T00:00:00+00:00"
        )
        facts = DecodeFacts("JPEG", "OpenCV", cv2.__version__, Size.of(pixels), Orientation.UPRIGHT, "RGB", 8)
        return DecodedEvidence(evidence, facts, pixels, 0.0, 0.0)

    def close(self) -> None:
        """Nothing is open."""


class CountingProbe:
    """Counts what it is asked for."""

    macs, matrix_macs = 10**6, 10**9

    def __init__(self) -> None:
        self.forwards = self.products = self.resizes = 0

    def forward(self) -> None:
        self.forwards += 1

    def multiply_matrices(self) -> None:
        self.products += 1

    def resize(self, pixels: np.ndarray) -> None:
        assert pixels.shape == (240, 320, 3)
        self.resizes += 1


class FlatLocalizer:
    """Half everywhere."""

    info = LocalizerInfo("flat", "0" * 64, "none", 0.4, "cpu", "nothing 1", {"threads": 3})

    def __init__(self) -> None:
        self.probe = CountingProbe()
        self.views: list[Views] = []

    def speed_probe(self) -> CountingProbe:
        return self.probe

    def localize(self, pixels: np.ndarray, *, views: Views, **_: object) -> Localization:
        self.views.append(views)
        return Localization(Heatmap(np.full((8, 8), 0.5, np.float32), Size.of(pixels)))


class ScriptedProcesses:
    """Answers as started processes would, and keeps what they were asked."""

    def __init__(self, **answers: dict[str, object]) -> None:
        self.answers = {
            "memory": {"event": "peaks", "program": 500_000_000, "decoder": 100_000_000},
            "frame": {"event": "first_frame"},
            "window": {"event": "blocks", "interval_ms": 5, "loading_ms": 20.0, "analysis_ms": 60.0},
            "stroke": {
                "event": "strokes",
                "strokes": 3,
                "megapixels": 12.0,
                "canvas": [1600, 1000],
                "painted_ms": 60.0,
                "block_ms": 12.0,
            },
            **answers,
        }
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, arguments: Sequence[str], *, cancel: CancelToken) -> Sequence[Message]:
        self.asked.append(tuple(arguments))
        answer = self.answers[arguments[1]]
        if "sentence" in answer:
            raise ProbeError(str(answer["sentence"]))
        return [Message(0.25 * len(self.asked), answer)]


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Whatever is left behind is left here."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def run(request: BenchmarkRequest, processes: ScriptedProcesses, **options: object) -> dict[str, dict[str, object]]:
    found = benchmark(
        request, decoder=PlainDecoder(), localizer=FlatLocalizer(), run_probe=processes, **options
    ).to_record()
    return {row["name"]: row for row in found["rows"]}


def test_every_row_is_there_with_a_figure_and_nothing_is_left_behind(own_temporary_folder: Path) -> None:
    rows = run(SMALL, ScriptedProcesses())
    assert list(rows) == [
        "forward",
        "finding",
        "writing",
        "everything",
        "finding_thorough",
        "folder_finding",
        "folder_everything",
        "memory",
        "memory_program",
        "memory_decoder",
        "first_frame",
        "first_frame_best",
        "block_loading",
        "block_analysis",
        "brush_stroke",
        "block_stroke",
    ]
    assert all(row["value"] is not None and row["value"] >= 0 for row in rows.values())
    assert all(row["floor"] > 0 for name, row in rows.items() if name in ("forward", "finding", "writing"))
    assert list(own_temporary_folder.iterdir()) == []


def test_the_thorough_view_is_timed_by_itself_and_every_other_analysis_is_the_fast_one() -> None:
    localizer = FlatLocalizer()
    benchmark(SMALL, decoder=PlainDecoder(), localizer=localizer, run_probe=ScriptedProcesses())
    assert localizer.views.count(Views.THOROUGH) == 2  # the first time does not count
    assert localizer.views.count(Views.FAST) > 2


def test_processes_are_told_the_weights_and_runtime_and_their_times_become_rows() -> None:
    processes = ScriptedProcesses()
    rows = run(SMALL, processes)
    assert [asked[:2] for asked in processes.asked] == [
        ("--probe", "memory"),
        *[("--probe", "frame")] * 3,
        ("--probe", "window"),
        ("--probe", "stroke"),
    ]
    assert all(asked[-4:] == ("--weights", "w", "--runtime", "torch") for asked in processes.asked)
    assert rows["first_frame"]["value"] == 750.0 and rows["first_frame_best"]["value"] == 500.0
    assert rows["block_loading"]["met"] is True and rows["block_analysis"]["met"] is False
    assert rows["brush_stroke"]["value"] == 60.0 and rows["block_stroke"]["met"] is True
    assert rows["memory"]["value"] == 600.0


def test_without_the_window_no_window_is_started() -> None:
    processes = ScriptedProcesses()
    rows = run(BenchmarkRequest(repeats=1, folder_images=2, large_size=(320, 240), window=False), processes)
    assert "first_frame" not in rows and "block_loading" not in rows
    assert [asked[1] for asked in processes.asked] == ["memory"]


@pytest.mark.parametrize(
    ("probe", "row"),
    [("memory", "memory"), ("frame", "first_frame"), ("window", "block_loading"), ("stroke", "brush_stroke")],
)
def test_a_process_that_fails_leaves_its_reason_in_its_row_and_the_rest_measured(probe: str, row: str) -> None:
    rows = run(SMALL, ScriptedProcesses(**{probe: {"sentence": "no display here"}}))
    assert rows[row]["value"] is None and rows[row]["met"] is None and rows[row]["note"] == "no display here"
    assert rows["finding"]["value"] is not None


def test_a_process_that_says_nothing_of_use_is_a_failure_of_its_row() -> None:
    rows = run(SMALL, ScriptedProcesses(frame={"event": "something else"}))
    assert "first_frame" in str(rows["first_frame"]["note"])


def test_the_given_image_is_the_one_measured(tmp_path: Path) -> None:
    path = tmp_path / "mine.png"
    cv2.imwrite(str(path), np.zeros((240, 320, 3), np.uint8))
    processes = ScriptedProcesses()
    run(BenchmarkRequest(image=path, repeats=1, folder_images=2), processes)
    assert str(path) in processes.asked[0]
    with pytest.raises(RequestError, match="no image"):
        BenchmarkRequest(image=tmp_path / "none.png")


def test_every_measure_is_told_before_it_is_taken_and_a_cancel_ends_the_run() -> None:
    told: list[ProgressEvent] = []
    cancel = CancelToken()

    def sink(event: ProgressEvent) -> None:
        told.append(event)
        if event.item == "a folder":
            cancel.cancel()

    with pytest.raises(Cancelled):
        run(SMALL, ScriptedProcesses(), progress=sink, cancel=cancel)
    assert [event.item for event in told] == ["forward pass", "a large image", "a folder"]


def test_the_command_prints_one_json_object_and_exits_0_whatever_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = benchmark(SMALL, decoder=PlainDecoder(), localizer=FlatLocalizer(), run_probe=ScriptedProcesses())
    assert any(row.met is False for row in slow.rows)
    monkeypatch.setattr(command, "run_request", lambda request: slow)
    runner = CliRunner()
    printed = runner.invoke(build_app(), ["benchmark", "--json"])
    assert printed.exit_code == 0 and json.loads(printed.stdout) == slow.to_record()
    table = runner.invoke(build_app(), ["benchmark"], env={"COLUMNS": "100"})
    assert table.exit_code == 0 and "Forward pass" in table.stdout and "2.5x" in table.stdout


PYTHON = (sys.executable, "-c")


def test_messages_carry_the_time_since_the_start() -> None:
    script = "import time, json; time.sleep(0.2); print(json.dumps({'event': 'late'}), flush=True)"
    (message,) = FreshProcess((*PYTHON, script))((), cancel=CancelToken())
    assert message.values == {"event": "late"} and message.seconds >= 0.2


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("import sys; print('{}'); sys.exit('there is no display')", "there is no display"),
        ("import sys; sys.exit(3)", "ended with 3"),
        ("print('not json')", "not JSON"),
        ("print('[1]')", "not an object"),
        ("import time; time.sleep(60)", "longer than"),
    ],
)
def test_a_process_that_goes_wrong_is_ended_and_told(script: str, says: str) -> None:
    with pytest.raises(ProbeError, match=says):
        FreshProcess((*PYTHON, script), longest_s=1.5)((), cancel=CancelToken())


def test_a_cancel_ends_a_process_at_once() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        FreshProcess((*PYTHON, "import time; time.sleep(60)"))((), cancel=cancel)


def test_a_started_window_is_not_seen() -> None:
    assert unseen_environment({"A": "b", "QT_QPA_PLATFORM": "xcb"}) == {"A": "b", "QT_QPA_PLATFORM": "offscreen"}


def test_a_frozen_program_starts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert own_command() == (sys.executable, "-m", "forensic_gui.cli.main")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert own_command() == (sys.executable,)


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "photograph.jpg"
    cv2.imwrite(str(path), np.random.default_rng(1).integers(0, 256, (240, 320, 3), dtype=np.uint8))
    return path


def test_the_real_program_weighs_itself(untrained_weights: Path, photograph: Path) -> None:
    arguments = ("--probe", "memory", "--image", str(photograph), "--weights", str(untrained_weights))
    (peaks,) = FreshProcess(own_command())(arguments, cancel=CancelToken())
    assert peaks.values["event"] == "peaks"
    if sys.platform == "linux":
        assert 100e6 < peaks.values["program"] < 4e9 and 10e6 < peaks.values["decoder"] < 1e9


def test_the_real_window_tells_its_first_frame_and_closes() -> None:
    (frame,) = FreshProcess(own_command())(("--probe", "frame"), cancel=CancelToken())
    assert frame.values == {"event": "first_frame"} and frame.seconds > 0


def test_the_real_window_tells_how_long_its_thread_was_held_up(untrained_weights: Path, photograph: Path) -> None:
    arguments = ("--probe", "window", "--image", str(photograph), "--weights", str(untrained_weights))
    (blocks,) = FreshProcess(own_command())(arguments, cancel=CancelToken())
    assert blocks.values["event"] == "blocks" and blocks.values["interval_ms"] == 5
    assert blocks.values["loading_ms"] >= 0 and blocks.values["analysis_ms"] >= 0


def test_the_real_canvas_tells_how_long_a_brush_stroke_takes() -> None:
    (strokes,) = FreshProcess(own_command())(("--probe", "stroke"), cancel=CancelToken())
    assert strokes.values["event"] == "strokes" and strokes.values["megapixels"] == 12
    assert 1 < strokes.values["painted_ms"] < 60_000, "a stroke passes through a lane and comes back"
    assert 0 <= strokes.values["block_ms"] < 60_000


def test_a_window_without_weights_says_so_in_place_of_figures(photograph: Path) -> None:
    arguments = ("--probe", "window", "--image", str(photograph), "--weights", "no-such-weights")
    with pytest.raises(ProbeError, match="no-such-weights"):
        FreshProcess(own_command())(arguments, cancel=CancelToken())
