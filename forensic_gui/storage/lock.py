"""A lock on an open file that the operating system drops when its holder ends, however it ends."""

from __future__ import annotations

import sys
from typing import IO, Any


def lock_exclusively(file: IO[Any]) -> bool:
    """Lock `file` for this process until it is closed; False when another process holds it.

    File systems without locks (some network mounts) count as locked by us: there is nothing to ask.
    """
    try:
        _lock(file)
    except BlockingIOError:
        return False
    except PermissionError:  # what Windows says of a range that another process has locked
        return False
    except OSError:
        return True
    return True


if sys.platform == "win32":
    import msvcrt

    # Far past any content: locked bytes cannot be read by others on Windows, and these are never written.
    _FAR = 1 << 40

    def _lock(file: IO[Any]) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

else:
    import fcntl

    def _lock(file: IO[Any]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
