"""The Qt bindings that are installed can be trusted with this interpreter."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject

CALLS = 200


def test_calling_qt_takes_no_reference_of_none() -> None:
    """PySide6 6.12.0 does on Python 3.11, and the interpreter aborts after some thousands of calls."""
    thing = QObject()
    thing.setObjectName("before")
    held = sys.getrefcount(None)
    for _ in range(CALLS):
        thing.setObjectName("name")
    assert sys.getrefcount(None) - held > -CALLS / 2, "install PySide6-Essentials<6.12"
