"""What tests read of a case, and what they do to one behind its back."""

from __future__ import annotations

import os
import stat
from contextlib import closing

from forensic_gui.services.case import CaseSession


def entries(desk):
    catalog = desk.window.catalog.catalog
    return [catalog.item(item_id).entry for item_id in catalog.shown]


def actions_of(folder):
    """What the audit trail says, as (action, details)."""
    with closing(CaseSession.open(folder, author="A. Reader", read_only=True)) as case:
        return [(event.action, event.details) for event in case.audit()]


def verifications(folder):
    return [details for action, details in actions_of(folder) if action == "originals verified"]


def alter(folder, number=1):
    """Change one byte of an original, as nobody should be able to; its item."""
    with closing(CaseSession.open(folder, author="A. Reader", read_only=True)) as case:
        item, path = case.item(number), case.original(number)
    times = path.stat()
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    path.write_bytes(b"P" + path.read_bytes()[1:])
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    return item
