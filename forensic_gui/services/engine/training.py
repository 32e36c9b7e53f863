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
    """Run a training configuration; see `boxprompt.training.run.train`.

    Returns:
        `boxprompt.training.run.TrainedRun`.

    Raises:
        RequestError: the configuration, the checkpoint or the photographs cannot be used.
        DeviceUnavailable: the device is not on this machine.
    """
    from boxprompt.training.run import read_config  # torch: seconds
    from boxprompt.training.run import train as run_training

    with translated():
        return run_training(
            read_config(config), resume=resume, on_event=on_event, should_stop=lambda: cancel.is_cancelled
        )
