"""Made records of reports: complete, empty, of right-to-left and hostile names, and of many items.

Every record goes through its JSON once, so that what is laid out is what a file would give back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from forensic_gui.domain.geometry import Box
from forensic_gui.domain.reports.opinion import Level, Opinion
from forensic_gui.domain.reports.plan import PictureKind, PinnedView, ReportPlan
from forensic_gui.domain.reports.record import (
    CaseFacts,
    Difference,
    ItemFacts,
    ReportRecord,
    Software,
    TrailState,
    WeightsFacts,
)
from forensic_gui.domain.reports.revision import Issue, Outcome, Review
from tests.forensic_gui.report.made_parts import (
    made_card,
    made_decoding,
    made_finding,
    made_mask,
    made_metadata,
    made_region,
    made_weights,
    sha_of,
)

DECISION_TIME = "2026-03-05T16:20:11.250+00:00"

LONG_NAME = "the-photograph-that-was-sent-to-the-insurance-company-" * 4 + "final-version.jpg"
HEBREW_NAME = "תמונה מהטלפון 12.jpg"
ARABIC_NAME = "صورة الحادث (نسخة 2).png"
HOSTILE_NAMES = (
    "<script>alert(1)</script>.jpg",
    '"><img src=x onerror=alert(1)>.png',
    "</pre></template></style></title>.jpg",
    "javascript:alert(1)",
    "evidence\u202egpj.exe",
    "nul\x00and\x1b[31mescape\r\nline.jpg",
    "lone\udcff\ud800surrogates.jpg",
    "{{ 7 * 7 }}{% raw %}{title} {0} %s $x.jpg",
    "a" * 10_000,
    "&lt;b&gt; &amp; &#x3c;.jpg",
)
"""File names as somebody might choose them who wants to be written into a report as markup."""

OPINION = Opinion(
    title="Examination of photographs in the matter of the harbour crane",
    reference="LG 14 Js 221/26",
    request="Public Prosecutor's Office, letter of 2026-02-11:\nwhether parts of the pictures were exchanged.",
    authority="Order of the district court of 2026-02-10.",
    custody="Received on an encrypted medium on 2026-02-14, kept in the evidence room, safe 3.",
    examinations="All items were viewed at native resolution and compared with the photographs of the same day.",
    observations="Item 1: sharp border along the crane's arm; noise differs between both sides of it.",
    first_proposition="The arm of the crane in item 1 was put in after the photograph was taken.",
    second_proposition="Item 1 shows the scene as it was photographed, apart from compression.",
    level=Level.MODERATE_FIRST,
    reasons="The border is visible without any tool; noise and compression differ on both sides of it.",
    limits="No reference images of the same camera were at hand.",
    deviations="None.",
    disposition="The medium was sent back on 2026-03-04.",
    examiner="Ada Lovelace",
    qualification="Forensic image examiner",
    place="London",
)
ISSUE = Issue(
    number=2,
    supersedes=1,
    reason="The second item had been named wrongly.",
    author="Ada Lovelace",
    authors=("Ada Lovelace", "Grace Hopper"),
    time="2026-03-05T17:00:00.000+00:00",
)
REVIEWS = (
    Review(2, "Charles Babbage", Outcome.RETURNED, "Reasons are too short.", "2026-03-06T08:00:00.000+00:00"),
    Review(2, "Charles Babbage", Outcome.APPROVED, "", "2026-03-07T09:30:00.000+00:00"),
)


def made_record(
    items: Sequence[ItemFacts] | None = None,
    *,
    opinion: Opinion = OPINION,
    issue: Issue | None = ISSUE,
    plan: ReportPlan | None = None,
    weights: tuple[WeightsFacts, ...] | None = None,
) -> ReportRecord:
    """A record; with nothing said, of one complete item, issued."""
    chosen = (made_item(),) if items is None else tuple(items)
    ids = tuple(item.id for item in chosen)
    record = ReportRecord(
        case=CaseFacts(
            id="6f1c2c1e-7c59-4d3c-9a53-0a4f5b1f2d11",
            name="Harbour",
            created="2026-02-14T10:00:00.000+00:00",
            created_by="Ada Lovelace",
            tool_version="0.1.0",
            items=len(chosen) + 1,
        ),
        trail=TrailState(events=214, head=hashlib.sha256(b"head").hexdigest(), time=DECISION_TIME),
        opinion=opinion,
        plan=replace(plan or ReportPlan(), item_ids=ids),
        issue=issue,
        items=chosen,
        weights=(made_weights(),) if weights is None else weights,
        software=Software(
            tool_version="0.1.0",
            build="3f2b8c1",
            packages={"numpy": "2.4.6", "Pillow": "13.0.0", "torch": "2.13.0", "reportlab": "5.1"},
            environment={"system": "Linux-6.1-x86_64", "machine": "x86_64", "python": "3.11.7", "threads": "2"},
        ),
    )
    return through_json(record)


def through_json(record: ReportRecord) -> ReportRecord:
    """The same record, as it comes back from a file."""
    return ReportRecord.from_record(json.loads(record.to_json()))


def made_item(number: int = 1, *, name: str = "crane.jpg", **changes: Any) -> ItemFacts:
    """An item with finding, regions and metadata; `changes` are other fields."""
    facts: dict[str, Any] = {
        "id": number,
        "name": name,
        "sha256": sha_of(f"item {number}"),
        "is_unaltered": True,
        "size_bytes": 35_042 + number,
        "source": f"/media/stick/DCIM/{name}",
        "modified_utc": "2026-01-30T09:12:44.697600+00:00",
        "added": "2026-02-14T10:02:00.000+00:00",
        "added_by": "Ada Lovelace",
        "group": "stick",
        "tags": ("harbour", "day 1"),
        "unreadable": "",
        "decoding": made_decoding(),
        "metadata": made_metadata(),
        "finding": made_finding(name),
        "finding_id": number,
        "mask": made_mask(),
        "regions": (made_region("r1"), made_region("r2", kind="copy-move", maker="segmenter", edited=True)),
        "conclusion": "open",
        "edits": 7,
        "last_edit": ("Grace Hopper", "2026-03-01T11:00:00.000+00:00"),
        "difference": Difference(4200, 3100, 5900, 122100, 0.447),
    }
    return ItemFacts(**{**facts, **changes})


def bare_item(number: int, *, name: str = "IMG_0007.png") -> ItemFacts:
    """An item that nothing was done with yet and that says nothing of itself."""
    nothing = {"finding": None, "finding_id": None, "mask": None, "difference": None, "metadata": None}
    empty: dict[str, Any] = {"regions": (), "group": "", "tags": (), "edits": 0, "last_edit": ("", "")}
    return made_item(number, name=name, **nothing, **empty)


def untouched_item(number: int, *, name: str = "pier.jpg") -> ItemFacts:
    """An item in which the analyst found nothing, and of which the model says little."""
    empty: dict[str, Any] = {"regions": (), "difference": None, "conclusion": "no manipulation found"}
    return made_item(number, name=name, **empty)


def unreadable_item(number: int, *, name: str = "cut.jpg") -> ItemFacts:
    """An item that no pixels could be made of."""
    nothing = {"finding": None, "finding_id": None, "mask": None, "difference": None, "metadata": None}
    return made_item(
        number,
        name=name,
        unreadable="Pillow could not decode the file: image file is truncated (18 bytes not processed).",
        decoding=None,
        regions=(),
        **nothing,
    )


def altered_item(number: int, *, name: str = "swapped.jpg") -> ItemFacts:
    """An item whose copy in the case is not what was added."""
    return replace(bare_item(number, name=name), is_unaltered=False, decoding=None)


def mixed_record(**changes: Any) -> ReportRecord:
    """Every kind of item, with long and right-to-left names."""
    items = (
        made_item(1),
        made_item(2, name=LONG_NAME),
        made_item(3, name=HEBREW_NAME),
        untouched_item(4, name=ARABIC_NAME),
        bare_item(5),
        unreadable_item(6),
        altered_item(7),
    )
    plan = ReportPlan(
        pinned=(
            PinnedView(1, PictureKind.ORIGINAL, Box(100, 60, 220, 140), "the arm of the crane"),
            PinnedView(1, PictureKind.OVERLAY, Box(100, 60, 220, 140)),
        ),
        language=changes.pop("language", "en"),
    )
    return made_record(items, **{"plan": plan, **changes})


def empty_record(**changes: Any) -> ReportRecord:
    """A case of which nobody has said or examined anything yet."""
    return made_record(**{"items": (bare_item(1),), "opinion": Opinion(), "issue": None, "weights": (), **changes})


def hostile_record(**changes: Any) -> ReportRecord:
    """Every text that comes from outside is an attempt to get markup, a link or a script into the report."""
    words = "\n".join(HOSTILE_NAMES[:8])
    items = tuple(_hostile_item(number, name) for number, name in enumerate(HOSTILE_NAMES, start=1))
    said = {name: words for name in Opinion().to_record() if name != "level"}
    weights = made_weights(id=HOSTILE_NAMES[0], card={**made_card(), "limits": list(HOSTILE_NAMES[:8])})
    plan = ReportPlan(pinned=(PinnedView(1, PictureKind.ORIGINAL, Box(0, 0, 20, 20), words),))
    issue = replace(ISSUE, reason=words, author=HOSTILE_NAMES[1])
    return made_record(
        items,
        **{"opinion": Opinion(**said, level=Level.INCONCLUSIVE), "issue": issue, "plan": plan, "weights": (weights,)}
        | changes,
    )


def many_items_record(count: int = 200, **changes: Any) -> ReportRecord:
    """A record of many complete items."""
    return made_record([made_item(number, name=f"IMG_{number:04}.jpg") for number in range(1, count + 1)], **changes)


def _hostile_item(number: int, name: str) -> ItemFacts:
    return made_item(
        number,
        name=name,
        source=name,
        added_by=name,
        group=name,
        tags=(name,),
        metadata=made_metadata(tags=[[name, name, name]]),
        last_edit=(name, name),
    )
