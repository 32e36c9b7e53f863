"""What a run says of itself: a CSV file, always, and TensorBoard's event files where they are asked for."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, cast

from boxprompt.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class TrainingEvent:
    """One line of the log.

    Attributes:
        step: optimizer steps done; `steps` in all.
        loss: mean training loss since the last event.
        learning_rate: current rate.
        images_per_second: since the last event, in all processes together.
        seconds: training seconds so far, earlier pieces of the run included.
        validation_loss: on the fixed composites; None between validations, as are the next two.
        validation_f1: pixel F1 at the best single threshold.
        validation_auc: mean pixel AUC of manipulated images.
    """

    step: int
    steps: int
    loss: float
    learning_rate: float
    images_per_second: float
    seconds: float
    validation_loss: float | None = None
    validation_f1: float | None = None
    validation_auc: float | None = None


_COLUMNS = tuple(field.name for field in fields(TrainingEvent))
_SCALARS = tuple(name for name in _COLUMNS if name not in {"step", "steps", "seconds"})


class _SummaryWriter(Protocol):
    def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> None: ...

    def flush(self) -> None: ...

    def close(self) -> None: ...


class RunLog:
    """The log of a run in its output folder: `log.csv`, and `tensorboard/` where asked for.

    Lines of steps that the checkpoint does not know, of a piece that was killed, are dropped: those steps come again.

    Args (of the constructor):
        folder: of the run; it is there.
        done: steps that the run goes on from; 0 starts the log anew.
        tensorboard: whether to write event files too.

    Raises:
        ConfigurationError: they are asked for and TensorBoard is not installed.
    """

    def __init__(self, folder: Path, *, done: int, tensorboard: bool) -> None:
        self._path = folder / "log.csv"
        _rewrite(self._path, [row for row in _rows(self._path) if int(row["step"]) <= done])
        self._writer = _summary_writer(folder / "tensorboard", done=done) if tensorboard else None

    def __enter__(self) -> RunLog:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, event: TrainingEvent) -> None:
        """Add a line; it is on its way to the disk when this returns."""
        values = asdict(event)
        with self._path.open("a", newline="", encoding="utf-8") as stream:
            csv.DictWriter(stream, _COLUMNS).writerow(values)
        if self._writer is None:
            return
        for name in _SCALARS:
            if values[name] is not None:
                self._writer.add_scalar(name.replace("validation_", "validation/"), values[name], event.step)
        self._writer.flush()


def require_tensorboard() -> type[Any]:
    """TensorBoard's writer.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as missing:
        raise ConfigurationError(
            "[run] tensorboard = true needs TensorBoard, which is not installed: python -m pip install tensorboard. "
            "log.csv has the same figures without it."
        ) from missing
    return SummaryWriter


def _summary_writer(folder: Path, *, done: int) -> _SummaryWriter:
    # purge_step: viewers drop what an earlier piece said of this step and later ones.
    return cast(_SummaryWriter, require_tensorboard()(str(folder), purge_step=done + 1))


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            # A kill may have cut the last line short.
            return [row for row in csv.DictReader(stream) if row["step"].isdigit() and None not in row.values()]
    except FileNotFoundError:
        return []


def _rewrite(path: Path, rows: Sequence[dict[str, str]]) -> None:
    beside = path.with_suffix(".csv.part")
    with beside.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, _COLUMNS, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    beside.replace(path)
