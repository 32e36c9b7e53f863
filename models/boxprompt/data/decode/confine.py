"""Limits that the worker puts on itself, so that a hostile file costs one process and nothing else."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

_STATUS = Path("/proc/self/statm")


def limit_memory(above_baseline_bytes: int) -> bool:
    """Bound the address space to what is used now plus `above_baseline_bytes`.

    Works on Linux, where the baseline can be read. macOS ignores this limit and Windows has none: there the bounds on
    bytes and pixels alone hold.

    Returns:
        Whether a limit is in force.
    """
    if sys.platform != "linux":
        return False
    import resource

    baseline = int(_STATUS.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = baseline + above_baseline_bytes
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    return True


def forbid_core_dumps() -> None:
    """A core dump would hold the evidence's pixels; write none."""
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


def ignore_interrupts() -> None:
    """Ctrl-C is for the parent, which stops its worker in its own way."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def dies_after(seconds: float) -> Iterator[None]:
    """Let the system kill this process if one decode outlives its time by far.

    The parent enforces the limit proper; this is for the case that the parent was killed while we are stuck.
    """
    if sys.platform == "win32":
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)  # the default action of SIGALRM ends the process
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
