"""Train a student for a minute as its user would; exit 1 unless it learned, and survived being killed.

    python packaging/train_smoke_test.py

The same run is done twice at once, on a core each: in one piece, and killed with SIGKILL at a random step and resumed.
Both must end in the same bytes, and in a validation loss that nothing can have which does not look at the images. The
program is the installed one; photographs and recipe (`train-smoke.toml`) are made on the spot.
"""

from __future__ import annotations

import csv
import json
import math
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

RECIPE = Path(__file__).with_name("train-smoke.toml")
LOSS_TO_REACH = 0.2
"""Of the validation, in nats a pixel; see `blind_loss` for what this leaves behind."""

MOST_CORE_SECONDS = 240
"""Two minutes of two cores. Not the clock's time: another's load is no failure of this."""

LONGEST_S = 1500
PHOTOS, KILLED_BETWEEN = 16, (4, 40)


class CheckFailed(Exception):  # noqa: N818 - a result, not an error of this script
    """What was found instead, a sentence."""


def make_photographs(folder: Path) -> None:
    """Level stripes of one mean brightness; period, phase, tint and noise differ."""
    folder.mkdir()
    rng = np.random.default_rng(3)
    rows = np.arange(300, dtype=np.float32)[:, None, None]
    for number in range(PHOTOS):
        wave = np.sin(2 * np.pi * (rows / rng.uniform(7, 11) + rng.uniform()))
        tint = rng.uniform(0.9, 1.1, 3)
        image = 120 + 50 * wave * np.ones((300, 400, 1)) * tint + rng.normal(0, 6, (300, 400, 3))
        cv2.imwrite(str(folder / f"stripes{number}.png"), np.clip(image, 0, 255).astype(np.uint8))


def validation_targets(folder: Path) -> NDArray[np.float32]:
    """Share manipulated of each pixel of the run's validation samples, float32 (N, S, S)."""
    from boxprompt.training.run import read_config, synthesis_config
    from boxprompt.training.run_data import open_run_data

    config = read_config(folder / RECIPE.name)
    data = open_run_data(
        config.data,
        synthesis=synthesis_config(config.data.synthesis),
        side_px=config.student.input_side_px,
        seed=config.run.seed,
    )
    return np.stack([data.validation[index][1][0].numpy() for index in range(len(data.validation))])


def blind_loss(targets: NDArray[np.float32]) -> tuple[float, float]:
    """The least loss on these very targets of one constant, and of one map, that is the same for every image.

    Cross-entropy is least at the mean. Both know the answers, which a network does not: no prediction that does not
    look at the images is better than the second.
    """

    def entropy(share: NDArray[np.float64]) -> float:
        inner = np.clip(share, 1e-12, 1 - 1e-12)
        return float(np.mean(-inner * np.log(inner) - (1 - inner) * np.log(1 - inner)))

    wide = targets.astype(np.float64)
    return entropy(np.array([wide.mean()])), entropy(wide.mean(axis=0))


@dataclass(frozen=True, slots=True)
class Run:
    """A run in a folder of its own."""

    folder: Path

    @classmethod
    def prepare(cls, folder: Path) -> Run:
        """Photographs and recipe, ready to be trained on."""
        folder.mkdir()
        make_photographs(folder / "photos")
        shutil.copy(RECIPE, folder)
        return cls(folder)

    def start(self, *options: str) -> subprocess.Popen[str]:
        """Begin to train, or go on."""
        return subprocess.Popen(
            [sys.executable, "-m", "forensic_gui", "train", RECIPE.name, "--progress", "jsonl", *options],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    @property
    def checkpoint(self) -> Path:
        """Its state."""
        return self.folder / "train-smoke" / "checkpoint.pt"

    def weights_sha256(self) -> str:
        """What its card says of its tensors."""
        card = json.loads((self.folder / "train-smoke" / "train-smoke.json").read_text(encoding="utf-8"))
        return str(card["sha256"])

    def curve(self) -> list[tuple[str, str, str]]:
        """Step, loss and validation loss of each line of the log."""
        with (self.folder / "train-smoke" / "log.csv").open(encoding="utf-8") as stream:
            return [(row["step"], row["loss"], row["validation_loss"]) for row in csv.DictReader(stream)]


def finish(process: subprocess.Popen[str], *, status: int = 0) -> None:
    """Wait for the end.

    Raises:
        CheckFailed: the exit status is not `status`, or it takes too long.
    """
    try:
        _, said = process.communicate(timeout=LONGEST_S)
    except subprocess.TimeoutExpired as late:
        process.kill()
        raise CheckFailed(f"it did not end within {LONGEST_S} seconds") from late
    if process.returncode != status:
        raise CheckFailed(f"exit status {process.returncode} instead of {status}, saying: {said.strip()}")


def kill_at_a_random_step(process: subprocess.Popen[str]) -> int:
    """The last step that it told."""
    when = random.SystemRandom().randint(*KILLED_BETWEEN)
    assert process.stdout is not None
    for line in process.stdout:
        step = int(json.loads(line)["step"])
        if step >= when:
            process.kill()
            finish(process, status=-signal.SIGKILL)
            return step
    finish(process)
    raise CheckFailed(f"it ended before step {when}")


def check(place: Path) -> str:
    """Do it all.

    Returns:
        What was found, for people.

    Raises:
        CheckFailed: something does not hold.
    """
    whole, broken = Run.prepare(place / "whole"), Run.prepare(place / "broken")
    undisturbed, disturbed = whole.start(), broken.start()
    killed_at = kill_at_a_random_step(disturbed)
    if not broken.checkpoint.exists():
        raise CheckFailed(f"there was no checkpoint at step {killed_at}")
    finish(broken.start("--resume"))
    finish(undisturbed)
    if broken.weights_sha256() != whole.weights_sha256():
        raise CheckFailed(f"killed after step {killed_at} and resumed, it ended in other weights")
    if broken.curve() != whole.curve():
        raise CheckFailed(f"killed after step {killed_at} and resumed, it had another curve")

    os.chdir(whole.folder)
    constant, best_map = blind_loss(validation_targets(whole.folder))
    reached = [float(loss) for _, _, loss in whole.curve() if loss]
    told = ", ".join(f"{loss:.3f}" for loss in reached)
    found = f"validation loss {told}; the best constant has {constant:.3f}, the best fixed map {best_map:.3f}"
    if best_map * 0.75 <= LOSS_TO_REACH:
        raise CheckFailed(f"{LOSS_TO_REACH} is no bar: {found}")
    if not reached or not math.isfinite(reached[-1]) or reached[-1] > LOSS_TO_REACH:
        raise CheckFailed(f"it should end at {LOSS_TO_REACH} or less: {found}")
    return f"{found}; killed after step {killed_at} and resumed to the same bytes"


def core_seconds() -> float:
    """Of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(arguments: Sequence[str]) -> int:
    """Check, and say what was found; 1 where something does not hold."""
    if arguments:
        sys.stderr.write(f"usage: python {Path(__file__).name}\n")
        return 2
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="forensic-gui-train-") as place:
        home = Path.cwd()
        try:
            verdict, detail = 0, check(Path(place).resolve())
        except CheckFailed as failure:
            verdict, detail = 1, f"FAILED: {failure}"
        finally:
            os.chdir(home)
    used = core_seconds()
    if used > MOST_CORE_SECONDS:
        verdict, detail = 1, f"FAILED: more than {MOST_CORE_SECONDS} core seconds. {detail}"
    sys.stdout.write(f"{detail}\n{used:.0f} core seconds, {time.monotonic() - started:.0f} by the clock\n")
    return verdict


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
