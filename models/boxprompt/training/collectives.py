"""The exchanges between processes, their failures told in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, distributed

from boxprompt.errors import ProcessLostError


def add_over_processes(values: Tensor) -> None:
    """Replace values by their sum over all processes, in place; the same bits in each of them.

    Args:
        values: contiguous, of the same shape everywhere.

    Raises:
        ProcessLostError: another process is gone.
    """
    with told_when_lost():
        distributed.all_reduce(values)


@contextmanager
def told_when_lost() -> Iterator[None]:
    """Around an exchange: say that another process is gone where that made it fail.

    Raises:
        ProcessLostError: in place of what torch raised.
    """
    try:
        yield
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:  # gloo has no kind of its own
        reason = str(error).partition("\n")[0]
        raise ProcessLostError(
            f"Another process of this run cannot be reached; its own message says why ({reason}). "
            "The run goes on from its checkpoint with --resume."
        ) from error
