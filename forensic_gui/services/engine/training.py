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

    See `train` in `boxprompt.training.run`, `.crop_run` and `.fingerprint`.

    Returns:
        `boxprompt.training.run.TrainedRun`.

    Raises:
        RequestError: the configuration, the checkpoint or the photographs cannot be used.
        DeviceUnavailable: the device is not on this machine.
    """
    from boxprompt.training import distributed, fingerprint, run  # torch: seconds
    from boxprompt.training.residual import RESIDUAL_RUN
    from boxprompt.training.trace_stem import TRACE_STEM_RUN

    def should_stop() -> bool:
        return cancel.is_cancelled

    def on_crops(kind: Any, group: distributed.ProcessGroup) -> Any:
        settings = kind.read_config(config)
        return kind.train(settings, resume=resume, on_event=on_event, should_stop=should_stop, group=group)

    with translated(), distributed.joined() as group:
        if fingerprint.FINGERPRINT_KIND.describes(config):
            group.require_alone("A fingerprint")
            settings = fingerprint.FINGERPRINT_KIND.read_config(config)
            return fingerprint.train(settings, resume=resume, on_event=on_event, should_stop=should_stop)
        for kind in (RESIDUAL_RUN, TRACE_STEM_RUN):
            if kind.describes(config):
                return on_crops(kind, group)
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
