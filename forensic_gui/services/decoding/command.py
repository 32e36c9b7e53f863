"""How the decoder's child process is started."""

from __future__ import annotations

import sys

WORKER_FLAG = "--decode-worker"


def default_command() -> tuple[str, ...]:
    """Command of the child: this interpreter, or the frozen executable asked to be the worker.

    A frozen program has no `-m`: its entry point must look for `WORKER_FLAG` first, before it imports anything heavy,
    and hand over to `boxprompt.data.decode.worker.main`.
    """
    if getattr(sys, "frozen", False):
        return (sys.executable, WORKER_FLAG)
    # -I: neither the current folder nor the user's environment may put code before ours.
    return (sys.executable, "-I", "-m", "boxprompt.data.decode.worker")
