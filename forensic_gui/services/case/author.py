"""In whose name changes are recorded where nobody says otherwise, and under which account they are made."""

from __future__ import annotations

import getpass
import os
import sys


def default_author() -> str:
    """The user's name as the operating system knows it; "unknown user" where it knows none."""
    try:
        return getpass.getuser() or _UNKNOWN
    except (OSError, KeyError, ImportError):  # no such user in the system's list, or no list
        return _UNKNOWN


def system_account() -> str:
    """The account that this process runs under, as the operating system says; "" where it does not.

    Unlike names, which are typed, and unlike environment variables, it is nothing that the user fills in.
    """
    if sys.platform == "win32":
        try:
            return os.getlogin()
        except OSError:
            return ""
    import pwd  # only where there are such accounts

    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # a container's, which has no name
        return f"user {number}"


_UNKNOWN = "unknown user"
