"""In whose name changes are recorded where nobody says otherwise."""

from __future__ import annotations

import getpass


def default_author() -> str:
    """The user's name as the operating system knows it; "unknown user" where it knows none."""
    try:
        return getpass.getuser() or _UNKNOWN
    except (OSError, KeyError, ImportError):  # no such user in the system's list, or no list
        return _UNKNOWN


_UNKNOWN = "unknown user"
