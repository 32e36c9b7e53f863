"""`forensic-gui analyze` as a user runs it: its own process, the real decoder, a student of the true shape."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

PROGRAM = (sys.executable, "-m", "forensic_gui.cli.main")


def run(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(),
        check=False,
        **options,
    )


def environment() -> dict[str, str]:
    checkout = Path(__file__).resolve().parents[2]
    path = os.pathsep.join([str(checkout), str(checkout / "models")])
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "COLUMNS": "100"}


def photograph(path: Path, *, seed: int = 0, size: tuple[int, int] = (160, 120), **save: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    width, height = size
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC).save(path, **save)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good images of several formats, and files that cannot be analyzed."""
    folder = tmp_path_factory.mktemp("evidence")
    exif = Image.Exif()
    exif[0x0112] = 6
    photograph(folder / "a.jpg", seed=1, exif=exif)
    photograph(folder / "b.png", seed=2, size=(61, 43))
    photograph(folder / "deeper" / "a.webp", seed=3)
    whole = photograph(folder / "cut.jpg", seed=4).read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 3])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.png").write_text("not an image")
    (folder / "notes.txt").write_text("never opened")
    return folder


@pytest.fixture(scope="module")
def result(
    folder: Path, untrained_weights: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[subprocess.CompletedProcess[str], Path]:
    output = tmp_path_factory.mktemp("runs") / "out"
    arguments = ("--weights", untrained_weights, "--device", "cpu", "--progress", "jsonl", "--json")
    return run("analyze", folder, folder / "missing.jpg", "-o", output, *arguments), output


def findings(output: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (output / "findings.jsonl").read_text().splitlines()]


def test_what_can_be_analyzed_is_and_the_rest_is_named(
    result: tuple[subprocess.CompletedProcess[str], Path], folder: Path
) -> None:
    process, output = result
    assert process.returncode == 1, process.stderr
    assert [Path(record["path"]).name for record in findings(output)] == ["a.jpg", "b.png", "a.webp"]
    lines = process.stderr.splitlines()
    for name in ("cut.jpg", "empty.jpg", "text.png", "missing.jpg"):
        (line,) = [line for line in lines if line.startswith(f"{folder / name}: ")]
        assert line.endswith(".")
    assert "Traceback" not in process.stderr and "notes.txt" not in process.stderr
    assert lines[-2].startswith("1 file or hidden folder was not opened") and lines[-1].startswith(
        "3 images analyzed, 4 failed"
    )
    assert len(lines) == 4 + 2


def test_each_image_has_its_files_at_its_own_size_and_orientation(
    result: tuple[subprocess.CompletedProcess[str], Path], folder: Path
) -> None:
    _, output = result
    stems = {"a": folder / "a.jpg", "b": folder / "b.png", "a~2": folder / "deeper" / "a.webp"}
    suffixes = (".mask.png", ".heatmap.png", ".overlay.jpg")
    assert {path.name for path in output.iterdir()} == {
        *(stem + suffix for stem in stems for suffix in suffixes),
        "findings.jsonl",
    }
    for stem, evidence in stems.items():
        with Image.open(evidence) as image:
            expected = (image.size, image.getexif().get(0x0112, 1))
        for suffix in suffixes:
            with Image.open(output / (stem + suffix)) as image:
                image.load()
                assert (image.size, image.getexif().get(0x0112, 1)) == expected


def test_mask_and_heatmap_agree_with_the_finding(result: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    _, output = result
    for record in findings(output):
        names = {product: entry["name"] for product, entry in record["outputs"].items()}
        mask = cv2.imread(str(output / names["mask"]), cv2.IMREAD_UNCHANGED)
        heatmap = cv2.imread(str(output / names["heatmap"]), cv2.IMREAD_UNCHANGED)
        assert mask.dtype == np.uint8 and set(np.unique(mask)) <= {0, 255}
        assert heatmap.dtype == np.uint16 and heatmap.shape == (record["height"], record["width"])
        clear = np.abs(heatmap / 65535 - record["threshold"]) > 1 / 65535
        assert np.array_equal((mask == 255)[clear], (heatmap / 65535 > record["threshold"])[clear])
        assert record["share_over_threshold"] == pytest.approx((mask == 255).mean())
        assert record["scores"]["maximum"] == pytest.approx(heatmap.max() / 65535, abs=1e-5)


def test_findings_name_evidence_weights_and_files_by_hash(
    result: tuple[subprocess.CompletedProcess[str], Path], untrained_weights: Path
) -> None:
    _, output = result
    for record in findings(output):
        assert record["sha256"] == hashlib.sha256(Path(record["path"]).read_bytes()).hexdigest()
        assert record["weights_sha256"] == hashlib.sha256(untrained_weights.read_bytes()).hexdigest()
        for entry in record["outputs"].values():
            assert entry["sha256"] == hashlib.sha256((output / entry["name"]).read_bytes()).hexdigest()


def test_stdout_is_json_lines_that_end_with_the_summary(
    result: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    process, _ = result
    *events, summary = [json.loads(line) for line in process.stdout.splitlines()]
    assert [event["event"] for event in events if event["event"] != "started"].count("finished") == 3
    assert events[-1]["done"] == 7 and events[-1]["failed"] == 4
    assert (summary["event"], summary["analyzed"], summary["failed"]) == ("summary", 3, 4)
    assert {failure["kind"] for failure in summary["failures"]} >= {"EvidenceEmpty", "UnsupportedFormat"}


def test_a_second_run_gives_the_same_bytes(
    result: tuple[subprocess.CompletedProcess[str], Path], folder: Path, untrained_weights: Path, tmp_path: Path
) -> None:
    _, first = result
    run("analyze", folder, "-o", tmp_path, "--weights", untrained_weights, "--device", "cpu")
    for path in first.glob("*.*g"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_all_well_is_status_0_with_nothing_on_stdout(folder: Path, untrained_weights: Path, tmp_path: Path) -> None:
    process = run("analyze", folder / "b.png", "-o", tmp_path, "--weights", untrained_weights, "--write", "none")
    assert (process.returncode, process.stdout) == (0, "")
    assert process.stderr.startswith("1 image analyzed; findings in ")
    assert [path.name for path in tmp_path.iterdir()] == ["findings.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--write", "mask,picture"], "--write takes"),
        (["--threshold", "1.5"], "from 0 to 1"),
        (["--page", "-1"], "counted from 0"),
        (["--weights", "nothing-of-that-name"], "nothing-of-that-name"),
        (["--views", "slow"], "slow"),
    ],
)
def test_a_wrong_call_is_status_2_and_a_sentence(
    folder: Path, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    process = run("analyze", folder, "-o", tmp_path / "out", *arguments)
    assert process.returncode == 2
    assert sentence in process.stderr and "Traceback" not in process.stderr


def test_an_output_folder_that_cannot_be_made_is_told_in_a_sentence(
    folder: Path, untrained_weights: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    process = run("analyze", folder, "-o", tmp_path / "file" / "out", "--weights", untrained_weights)
    assert process.returncode == 2
    assert "choose another output folder" in process.stderr and "Traceback" not in process.stderr


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_stops_within_a_second_and_leaves_what_was_finished(untrained_weights: Path, tmp_path: Path) -> None:
    for index in range(300):
        photograph(tmp_path / "in" / f"{index:03}.png", seed=index, size=(640, 480))
    output = tmp_path / "out"
    process = subprocess.Popen(
        [*PROGRAM, "analyze", tmp_path / "in", "-o", output, "--weights", untrained_weights, "--progress", "jsonl"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "finished":
            break
    # What it goes on to say must not fill the pipe while it stops.
    drain = threading.Thread(target=process.stdout.read)
    drain.start()
    started = time.perf_counter()
    process.send_signal(signal.SIGINT)
    status = process.wait(timeout=20)
    assert time.perf_counter() - started < 3.0  # a second on a machine that does nothing else
    drain.join()
    assert process.stderr is not None
    told = process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    assert status == 130 and "Stopped: " in told and "Traceback" not in told
    records = findings(output)
    assert 1 <= len(records) < 300
    named = {entry["name"] for record in records for entry in record["outputs"].values()}
    assert {path.name for path in output.iterdir()} == {*named, "findings.jsonl"}


def test_help_needs_neither_torch_nor_qt_nor_opencv() -> None:
    script = (
        "import sys; from forensic_gui.cli.main import main\n"
        "status = main(['analyze', '--help'])\n"
        "heavy = {'torch', 'cv2', 'PySide6', 'boxprompt', 'PIL', 'rich.progress'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy or status else 0)"
    )
    process = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, env=environment(), check=False
    )
    assert process.returncode == 0, process.stderr
    assert "SAME NAMES" in process.stdout and "--views" in process.stdout


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("seconds", [0.8, 1.2, 1.6, 2.0, 2.4])
def test_ctrl_c_while_libraries_load_is_status_130_too(
    folder: Path, untrained_weights: Path, tmp_path: Path, seconds: float
) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "analyze", folder / "b.png", "-o", tmp_path / "out", "--weights", untrained_weights],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    # On a fast machine it is done by then; before the program listens, Python itself ends it.
    assert process.returncode in {0, 130, -signal.SIGINT}, told
    assert "Traceback" not in told and "terminate called" not in told
