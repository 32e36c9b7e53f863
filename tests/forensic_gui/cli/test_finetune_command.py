"""`forensic-gui finetune` as the window runs it: a child process that is paused, killed, left alone, and goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from forensic_gui.cli.main import build_app
from forensic_gui.services.finetune.events import (
    DoneEvent,
    FinetuneEvent,
    PausedEvent,
    ResumedEvent,
    ValidationEvent,
    parse_event,
)

PROGRAM = [sys.executable, "-c", "from forensic_gui.cli.main import program; program()"]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labels")
    rng = np.random.default_rng(0)
    for name in ("Tp", "Gt", "Au"):
        (folder / name).mkdir()
    for number in range(9):
        image = rng.integers(40, 90, (96, 128, 3), dtype=np.uint8)
        mask = np.zeros((96, 128), np.uint8)
        mask[20:60, 30:90] = 255
        image[mask > 0] += 120
        Image.fromarray(image).save(folder / "Tp" / f"t{number}.png")
        Image.fromarray(mask).save(folder / "Gt" / f"t{number}.png")
    Image.fromarray(rng.integers(40, 90, (96, 128, 3), dtype=np.uint8)).save(folder / "Au" / "u.png")
    return folder


class Child:
    """The program, with its events and its standard input."""

    def __init__(self, dataset: Path, weights: Path, out: Path, *options: str) -> None:
        recipe = ["--steps", "6", "--batch-size", "2", "--validate-every", "3", "--threads", "1", "--device", "cpu"]
        arguments = ["finetune", str(dataset), "-o", str(out), "--weights", str(weights), *recipe]
        self.process = subprocess.Popen(
            [*PROGRAM, *arguments, "--progress", "jsonl", "--control", "stdin", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def events(self) -> Iterator[FinetuneEvent]:
        assert self.process.stdout is not None
        return (parse_event(line) for line in self.process.stdout)

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def close(self) -> tuple[int, str]:
        """Its exit status and what it said on standard error; its parent's end of the pipe is closed."""
        _, said = self.process.communicate(timeout=120)
        return self.process.returncode, said


def test_a_child_is_paused_killed_left_alone_and_goes_on(
    dataset: Path, untrained_weights: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine.safetensors"
    first = Child(dataset, untrained_weights, out)
    events = first.events()
    next(event for event in events if isinstance(event, ValidationEvent))
    first.say("pause")
    assert any(isinstance(event, PausedEvent) for event in events)
    assert (tmp_path / "mine.finetune" / "checkpoint.pt").is_file()
    first.say("resume")
    assert any(isinstance(event, ResumedEvent) for event in events)
    first.process.kill()
    first.close()

    orphan = Child(dataset, untrained_weights, out, "--resume")
    next(event for event in orphan.events() if isinstance(event, ValidationEvent))
    status, said = orphan.close()  # the end of standard input is the parent's death
    assert status == 130
    assert "--resume goes on" in said
    assert not list(tmp_path.glob("*.safetensors"))

    last = Child(dataset, untrained_weights, out, "--resume")
    told = list(last.events())
    status, said = last.close()
    assert status == 0, said
    done = told[-1]
    assert isinstance(done, DoneEvent)
    assert (done.steps_done, done.weights_id) == (6, "mine")
    assert json.loads(out.with_suffix(".json").read_text())["sha256"] == done.sha256
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.json", "mine.safetensors"]


def test_a_refusal_is_an_event_and_a_sentence(dataset: Path, untrained_weights: Path, tmp_path: Path) -> None:
    child = Child(dataset, untrained_weights, tmp_path / "mine.safetensors", "--learning-rate", "-1")
    events = [json.loads(line) for line in child.process.stdout or ()]
    status, said = child.close()

    assert status == 2
    assert events[-1]["event"] == "failed"
    assert "learning_rate" in events[-1]["message"]
    assert "learning_rate" in said


def test_help_says_what_is_never_written_over() -> None:
    result = CliRunner().invoke(build_app(), ["finetune", "--help"])

    assert result.exit_code == 0
    assert "never written over" in " ".join(result.stdout.split())
