"""Following the child to its end, and writing down what it said where it ended without telling why."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from forensic_gui import __version__
from forensic_gui.services.finetune.events import DoneEvent, FailedEvent, parse_event
from forensic_gui.workers.child import Child, ChildEnd
from forensic_gui.workers.lane import Work


@dataclass(frozen=True, slots=True)
class Ending:
    """How a child ended.

    Attributes:
        end: what the operating system says of it.
        report: where its last words lie; None where it told its end itself, was stopped, or no file could be written.
    """

    end: ChildEnd
    report: Path | None = None

    @property
    def unexpected(self) -> str:
        """What is said of an end that the child did not tell, in sentences."""
        status = self.end.status
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        where = "" if self.report is None else f" What it said last is in {self.report}."
        return f"The fine-tuning ended unexpectedly ({how}).{where}"


def follow(child: Child, work: Work, *, log_folder: Callable[[], Path]) -> Ending:
    """Follow a child on a lane's thread; every line is told to the lane.

    Raises:
        ForensicError: it cannot be started.
    """
    is_told = False

    def on_line(line: str) -> None:
        nonlocal is_told
        is_told = is_told or _tells_the_end(line)
        work.report(line)

    end = child.follow(on_line, cancel=work.cancel)
    if is_told or work.cancel.is_cancelled:
        return Ending(end)
    return Ending(end, _written(end, log_folder()))


def _tells_the_end(line: str) -> bool:
    try:
        return isinstance(parse_event(line), DoneEvent | FailedEvent)
    except ValueError:
        return False  # a line of some library


def _written(end: ChildEnd, folder: Path) -> Path | None:
    now = datetime.now(UTC)
    about = f"forensic-gui {__version__}, Python {sys.version.split()[0]}, {sys.platform}, {now.isoformat()}"
    path = folder / f"finetune-{now:%Y%m%dT%H%M%S.%fZ}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = f"{about}\nfine-tuning, status {end.status}\n\n{end.last_words}\n"
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError:
        return None
    return path
