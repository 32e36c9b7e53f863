"""Cases: evidence, findings and annotations that belong together, and the record of what was done with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from forensic_gui.domain.annotation import Annotation, Conclusion
from forensic_gui.domain.edits import Edit
from forensic_gui.domain.geometry import Size

CASE_SUFFIX = ".case"


@dataclass(frozen=True, slots=True)
class CaseInfo:
    """A case as a whole.

    Attributes:
        id: random UUID, given at creation; copies of a case keep it.
        name: folder's name without its suffix.
        created: ISO 8601 in UTC with offset.
        created_by: who made it.
        tool_version: version of the program that made it.
        items: number of items.
        read_only: why nothing can be changed now, a sentence; "" where it can.
    """

    id: str
    name: str
    created: str
    created_by: str
    tool_version: str
    items: int
    read_only: str = ""


@dataclass(frozen=True, slots=True)
class CaseItem:
    """One evidence file of a case.

    Attributes:
        id: number within the case, from 1; never used twice.
        sha256: of its bytes, by which the vault finds them.
        name: file name when it was added.
        source: path it was added from, as it was then.
        size_bytes: number of bytes.
        modified_utc: file-system modification time of the source, ISO 8601 in UTC.
        added: when it was added, ISO 8601 in UTC with offset.
        added_by: who added it.
        size: in evidence pixels, once it was decoded.
        group: name of the group it stands in; "" for none.
        tags: in alphabetical order.
        share: share of pixels over the threshold in its newest finding; None without one.
        highest_score: highest model score in its newest finding; None without one.
        threshold: threshold that `share` was measured at; None without a finding.
        regions: number of regions drawn.
        conclusion: what the analyst marked it as.
        unreadable: why it could not be decoded, a sentence; "" where it could or was not tried.
    """

    id: int
    sha256: str
    name: str
    source: str
    size_bytes: int
    modified_utc: str
    added: str
    added_by: str
    size: Size | None = None
    group: str = ""
    tags: tuple[str, ...] = ()
    share: float | None = None
    highest_score: float | None = None
    threshold: float | None = None
    regions: int = 0
    conclusion: Conclusion = Conclusion.OPEN
    unreadable: str = ""


class ItemOrder(StrEnum):
    """How items are sorted; items without a score come last in that order."""

    ADDED = "added"
    NAME = "name"
    SCORE = "score"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class ItemQuery:
    """Which items, in what order.

    Attributes:
        text: part of name, source, group, tag or note, or at least six digits of the hash, in any case of letters;
            "" for all.
        group: only items of this group; None for all.
        tags: only items that carry all of these.
        order: how they are sorted.
    """

    text: str = ""
    group: str | None = None
    tags: tuple[str, ...] = ()
    order: ItemOrder = ItemOrder.ADDED


class Action(StrEnum):
    """What an entry of an edit log does."""

    DO = "do"
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True, slots=True)
class EditEntry:
    """One entry of the edit log of an item: appended, never changed.

    Attributes:
        seq: number within the case, ascending.
        item_id: whose annotation was edited.
        action: done for the first time, taken back, or done again.
        of: number of the entry that is taken back or done again; None for a first time.
        label: what was done, in words for people, as "Brush".
        author: who did it.
        time: ISO 8601 in UTC with offset.
        edit: what changed; for an undo the inverse edit.
    """

    seq: int
    item_id: int
    action: Action
    of: int | None
    label: str
    author: str
    time: str
    edit: Edit


@dataclass(frozen=True, slots=True)
class AnnotationState:
    """An annotation as it stands, and what can be taken back.

    Attributes:
        item_id: whose it is.
        annotation: as it stands.
        revision: number of the last entry of its log; 0 before the first edit.
        undo: label of the edit that undo would take back; None where there is none.
        redo: label of the edit that redo would do again; None where there is none.
    """

    item_id: int
    annotation: Annotation
    revision: int = 0
    undo: str | None = None
    redo: str | None = None


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One event of the audit trail.

    Attributes:
        seq: from 1, without gaps.
        time: ISO 8601 in UTC with offset.
        actor: who.
        action: what, as "evidence added".
        subject: on what: an item's hash, a file, a region; "" for the case itself.
        details: parameters and result, JSON values.
        previous: hash of the event before; 64 zeros for the first.
        sha256: hash of this event, `previous` included.
    """

    seq: int
    time: str
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    previous: str
    sha256: str


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """A localizer's result, as the case keeps it.

    Attributes:
        id: number within the case.
        item_id: of which item.
        record: JSON values of `domain.finding.Finding`.
        maps_sha256: hash of the file with its maps.
    """

    id: int
    item_id: int
    record: Mapping[str, Any] = field(hash=False)
    maps_sha256: str


@dataclass(frozen=True, slots=True)
class Altered:
    """An original that is not what was put into the vault.

    Attributes:
        item_id: which item.
        name: its file name.
        expected: SHA-256 when it was added.
        measured: SHA-256 now; "" where the file is missing or cannot be read.
    """

    item_id: int
    name: str
    expected: str
    measured: str
