"""`forensic-gui train` as it is used: killed in the middle, stopped, started by torchrun, and gone on with."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from boxprompt.weights import read_weights
from forensic_gui.cli.main import main

RUN = """
name = "tiny"
[residual]
widths = [4, 4, 8, 8]
[data]
photos = [{{ path = "{photos}", terms = "made by a test" }}]
validation_share = 0.25
validation_count = 3
crop_side_px = 64
workers = {workers}
[data.synthesis]
authentic = 0.1
short_side_px = [96, 128]
[recipe]
steps = {steps}
warmup_steps = 2
batch_size = 4
ema_decay = 0.9
[run]
output = "{output}"
device = "cpu"
threads = 1
seed = 5
log_every = 1
validate_every = 20
checkpoint_every_s = 0.01
"""
PROGRAM = [sys.executable, "-m", "forensic_gui"]
TORCHRUN = [
    sys.executable,
    "-m",
    "torch.distributed.run",
    "--standalone",
    "--nproc-per-node",
    "2",
    "-m",
    "forensic_gui",
]


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for number in range(8):
        small = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        large = cv2.resize(small, (320, 240), interpolation=cv2.INTER_CUBIC)
        noisy = np.clip(large + rng.normal(0, 6, large.shape), 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"photo{number}.png"), noisy)
    return folder


class Child:
    """The program, with the steps that it tells."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )

    def wait_for_step(self, least: int = 1) -> int:
        """The first step that it tells, from `least` on."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            step: int = json.loads(line)["step"]
            if step >= least:
                return step
        raise AssertionError(f"it ended before step {least}: {self.close()[1]}")

    def close(self) -> tuple[int, str]:
        """Its exit status and what it said on standard error; its pipes are closed."""
        _, said = self.process.communicate(timeout=240)
        return self.process.returncode, said

    def finish(self) -> str:
        """What it said, having succeeded."""
        status, said = self.close()
        assert status == 0, said
        return said


class Run:
    """A run in a folder of its own, and the processes that do it."""

    def __init__(self, folder: Path, photos: Path, checkout: Path, *, steps: int, workers: int = 0) -> None:
        folder.mkdir()
        self.output = folder / "out"
        self._config = folder / "run.toml"
        self._values = {"photos": photos.as_posix(), "output": self.output.as_posix(), "steps": steps}
        self.write(workers=workers)
        path = os.pathsep.join([str(checkout), str(checkout / "models")])
        self._environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path}
        self.children: list[Child] = []

    def write(self, *, workers: int) -> None:
        self._config.write_text(RUN.format(**self._values, workers=workers))

    def start(self, *options: str, program: list[str] = PROGRAM) -> Child:
        command = [*program, "train", str(self._config), "--progress", "jsonl", *options]
        self.children.append(Child(command, self._environment))
        return self.children[-1]

    def weights_sha256(self) -> str:
        return read_weights(self.output / "tiny.safetensors").card.sha256

    def losses(self) -> list[float]:
        with (self.output / "log.csv").open() as stream:
            rows = list(csv.DictReader(stream))
        assert [int(row["step"]) for row in rows] == list(range(1, len(rows) + 1))
        return [float(row["loss"]) for row in rows]


@pytest.fixture
def begin(tmp_path: Path, photos: Path, checkout: Path) -> Iterator[Callable[..., Run]]:
    """Makes runs; what a failed test left of their processes is killed."""
    runs: list[Run] = []

    def make(name: str, **options: int) -> Run:
        runs.append(Run(tmp_path / name, photos, checkout, **options))
        return runs[-1]

    yield make
    for process in (child.process for run in runs for child in run.children):
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def test_a_run_that_was_killed_goes_on_to_the_same_bytes(begin: Callable[..., Run]) -> None:
    steps = 40
    whole, broken = begin("whole", steps=steps), begin("broken", steps=steps)
    undisturbed, killed = whole.start(), broken.start()
    when = killed.wait_for_step(random.SystemRandom().randint(3, 25))
    killed.process.kill()
    assert killed.close()[0] == -signal.SIGKILL
    assert not (broken.output / "tiny.safetensors").exists()
    undisturbed.finish()
    resumed = broken.start("--resume")
    first = resumed.wait_for_step()
    assert f"Finished after {steps} steps" in resumed.finish()
    assert 1 < first < steps, "it began anew, or was killed too late"
    assert broken.weights_sha256() == whole.weights_sha256(), f"killed after step {when}, gone on with {first}"
    assert broken.losses() == whole.losses()


@pytest.mark.skipif(sys.platform == "win32", reason="a launcher cannot be asked to stop by a signal there")
def test_torchrun_starts_processes_that_train_as_one_stop_at_a_signal_and_go_on(begin: Callable[..., Run]) -> None:
    steps = 24
    pair = begin("pair", steps=steps, workers=1)  # whose workers get the signal too
    stopped = pair.start(program=TORCHRUN)
    stopped.wait_for_step(4)
    stopped.process.terminate()
    _, said = stopped.close()
    assert said.count("Stopped after") == 1, said  # one process speaks
    assert "defect" not in said
    assert 4 <= len(pair.losses()) < steps
    pair.write(workers=0)
    assert pair.start("--resume", program=TORCHRUN).finish().count(f"Finished after {steps} steps") == 1
    assert len(pair.losses()) == steps


def test_a_launcher_that_makes_no_sense_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "two")
    assert main(["train", "run.toml"]) == 2
    assert "WORLD_SIZE='two'" in capfd.readouterr().err
