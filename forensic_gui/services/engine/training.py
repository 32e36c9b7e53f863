"""Training, as a service runs it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from boxprompt.training.launch import Place
from forensic_gui.services.engine.translation import translated
from forensic_gui.services.progress import CancelToken


def train(
    config: Path,
    *,
    resume: bool,
    on_event: Callable[[Any], None],
    cancel: CancelToken,
) -> Any:
    """Run a training configuration; `[residual]`, `[fingerprint]`, `[trace_stem]` are of networks beside the student.

    See `train` in `boxprompt.training.run`, `.residual`, `.fingerprint` and `.trace_stem`.

    Returns:
        `boxprompt.training.run.TrainedRun`.

    Raises:
        RequestError: the configuration, the checkpoint or the photographs cannot be used.
        DeviceUnavailable: the device is not on this machine.
    """
    from boxprompt.training import distributed, fingerprint, residual, run, trace_stem  # torch: seconds

    def should_stop() -> bool:
        return cancel.is_cancelled

    with translated(), distributed.joined() as group:
        if fingerprint.describes_fingerprint(config):
            group.require_alone("A fingerprint")
            return fingerprint.train(
                fingerprint.read_config(config), resume=resume, on_event=on_event, should_stop=should_stop
            )
        if residual.describes_residual(config):
            settings = residual.read_config(config)
            return residual.train(settings, resume=resume, on_event=on_event, should_stop=should_stop, group=group)
        if trace_stem.describes_trace_stem(config):
            stem = trace_stem.read_config(config)
            return trace_stem.train(stem, resume=resume, on_event=on_event, should_stop=should_stop, group=group)
        return run.train(
            run.read_config(config), resume=resume, on_event=on_event, should_stop=should_stop, group=group
        )


def is_first_process() -> bool:
    """Whether this process is alone, or the one of several that speaks; see `torchrun`.

    Raises:
        RequestError: the launcher's variables make no sense.
    """
    with translated():
        return Place.from_environment(os.environ).is_first
