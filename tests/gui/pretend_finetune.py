"""A stand-in for this program's command line: tells the events of a fine-tuning, and obeys its standard input.

Started with the arguments of `forensic-gui finetune`. The name of the new weights decides what happens: «fails» tells a
failure, «crashes» ends without a word, «waits» goes on until it is stopped, anything else ends well.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

from forensic_gui.services.finetune import events

PARTS = {name: {"manipulated": 4, "untouched": 1} for name in ("training", "validation", "held_out")}
STEPS = 4


def write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def tell(event: events.FinetuneEvent) -> None:
    write(json.dumps(events.to_record(event)))


class Control:
    """What standard input said."""

    def __init__(self) -> None:
        self.paused, self.cancelled = threading.Event(), threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            {"pause": self.paused.set, "resume": self.paused.clear, "cancel": self.cancelled.set}[line.strip()]()
        self.cancelled.set()

    def look(self) -> None:
        """Wait while paused; end where it was cancelled."""
        if self.paused.is_set():
            tell(events.PausedEvent())
            while self.paused.is_set() and not self.cancelled.is_set():
                time.sleep(0.01)
            if not self.cancelled.is_set():
                tell(events.ResumedEvent())
        if self.cancelled.is_set():
            sys.exit(130)


def scores(f1: float) -> events.Scores:
    figure = events.Figure(f1, f1 - 0.05, f1 + 0.05)
    return events.Scores(4, 1, 0.5, figure, figure, f1, 0.5, figure, events.Figure(0.02, 0.01, 0.03))


def main() -> None:
    name = sys.argv[sys.argv.index("--output") + 1]
    Path(os.environ["PRETEND_LOG"]).write_text(f"{os.getpid()}\n{json.dumps(sys.argv[1:])}", encoding="utf-8")
    control = Control()
    tell(events.StageEvent("reading labels"))
    if name == "fails":
        tell(events.FailedEvent("At least 8 images with a region are needed; there are 2."))
        sys.exit(2)
    if name == "crashes":
        sys.exit("Segmentation fault")
    tell(events.PlanEvent("parent", "a" * 64, "b" * 64, PARTS, STEPS, 2, "head", 0))
    tell(events.StageEvent("training"))
    tell(events.ValidationEvent(0, 0.6, 0.2, 0.6, True))
    write("a library says something that is no event")
    step = 0
    while step < STEPS or name == "waits":
        control.look()
        time.sleep(0.02)
        step = min(step + 1, STEPS - 1 if name == "waits" else STEPS)
        tell(events.StepEvent(step, STEPS, 0.6 - 0.05 * step, 1e-3, 10.0))
    tell(events.ValidationEvent(STEPS, 0.4, 0.4, 0.8, True))
    composites = events.Comparison("composites of the sample case", scores(0.5), scores(0.3))
    warning = "They have lost some of what they knew."
    path = os.environ.get("PRETEND_WEIGHTS", "/nowhere/mine.safetensors")
    tell(
        events.DoneEvent(
            name, path, "c" * 64, 0.4, scores(0.2), scores(0.6), composites, None, STEPS, STEPS, False, (warning,), ()
        )
    )


if __name__ == "__main__":
    main()
