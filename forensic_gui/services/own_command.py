"""How this program starts itself as a child process."""

from __future__ import annotations

import sys


def own_command() -> tuple[str, ...]:
    """What starts this program's command line: the frozen executable, or this interpreter with its module."""
    if getattr(sys, "frozen", False):
        return (sys.executable,)
    # -P: the current folder may not put code before ours.
    return (sys.executable, "-P", "-m", "forensic_gui.cli.main")
