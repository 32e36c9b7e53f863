"""Where the frozen application starts: the command line, or a child process of it.

The frozen program is its own Python interpreter. Whatever the application starts as `python -m MODULE ...` it starts
here as `forensic-gui --decode-worker ...`, and multiprocessing's children announce themselves to `freeze_support`.
"""

from __future__ import annotations

import multiprocessing
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run what the arguments ask for and exit."""
    multiprocessing.freeze_support()
    if sys.argv[1:2] == ["--decode-worker"]:
        from boxprompt.data.decode.worker import main as decode_worker

        sys.exit(decode_worker(sys.argv[2:]))
    from forensic_gui.cli.main import program

    program()


if __name__ == "__main__":
    main()
