"""Training, as a service runs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from forensic_gui.services.engine.translation import translated
from forensic_gui.services.progress import CancelToken


def train(
    config: Path,
    *,
    resume: bool,
    on_event: Callable[[Any], None],
    cancel: CancelToken,
) -> Any:
    """Run a training configuration: of a residual stream where it has a table `[residual]`, else of a student.

    See `boxprompt.training.run.train` and `boxprompt.training.residual.train`.

    Returns:
        `boxprompt.training.run.TrainedRun`.

    Raises:
        RequestError: the configuration, the checkpoint or the photographs cannot be used.
        DeviceUnavailable: the device is not on this machine.
    """
    from boxprompt.training import residual, run  # torch: seconds

    def should_stop() -> bool:
        return cancel.is_cancelled

    with translated():
        if residual.describes_residual(config):
            return residual.train(
                residual.read_config(config), resume=resume, on_event=on_event, should_stop=should_stop
            )
        return run.train(run.read_config(config), resume=resume, on_event=on_event, should_stop=should_stop)
