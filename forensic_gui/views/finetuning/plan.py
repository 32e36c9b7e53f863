"""What a fine-tuning is asked for in the window, and the command line that does it. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HEAD, ALL = "head", "all"
DEFAULT_STEPS = 600
"""As the recipe of the command has it; a test compares."""


@dataclass(frozen=True, slots=True)
class TuningPlan:
    """What the user wants.

    Attributes:
        source: a case, or a dataset.
        name: id of the new weights.
        weights: id or path of those it starts from; None for the default.
        train: `HEAD` or `ALL`.
        steps: at most.
        retain: a dataset on which scores must not fall; None for none but the composites.
        resume: go on with the unfinished run of this name.
    """

    source: Path
    name: str
    weights: str | None = None
    train: str = HEAD
    steps: int = DEFAULT_STEPS
    retain: Path | None = None
    resume: bool = False

    def arguments(self, *, replaces_unfinished: bool = False) -> tuple[str, ...]:
        """Arguments of this program's command line.

        Args:
            replaces_unfinished: whether an unfinished run of this name is thrown away.
        """
        options = {
            "--output": self.name,
            "--weights": self.weights,
            "--train": self.train,
            "--steps": str(self.steps),
            "--retain": None if self.retain is None else str(self.retain),
            "--progress": "jsonl",
            "--control": "stdin",
        }
        told = [text for name, value in options.items() if value is not None for text in (name, value)]
        flags = [flag for flag, on in (("--resume", self.resume), ("--replace", replaces_unfinished)) if on]
        # Everything after -- is a place, whatever it begins with.
        return ("finetune", *told, *flags, "--", str(self.source))
