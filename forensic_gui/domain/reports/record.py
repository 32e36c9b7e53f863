"""The record of a report: everything that it says, as JSON values, so that another examiner can repeat it.

A report is made of its record, of pictures that follow from the record and the originals, and of a template; nothing
else enters. The record holds no time at which a file was written and no place where it lies: the same state of a case
gives the same record. It is embedded in every report.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from forensic_gui.domain.audit import canonical_json
from forensic_gui.domain.reports.opinion import Opinion
from forensic_gui.domain.reports.plan import ReportPlan
from forensic_gui.domain.reports.revision import Issue, Review

RECORD_SCHEMA = "forensic-gui.report/1"

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TrailState:
    """The audit trail up to its last event that changed what the case says.

    Opening, closing, verifying and exporting change nothing of that (`domain.audit.CHANGES_NOTHING`): their events
    come and go after this one, and a later report or the manifest beside a report states the whole trail.

    Attributes:
        events: number of that event.
        head: its SHA-256.
        time: of it, ISO 8601 in UTC with offset: the report's «as of».
    """

    events: int
    head: str
    time: str


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The case.

    Attributes:
        id: random UUID.
        name: its folder's name without the suffix.
        created: ISO 8601 in UTC with offset.
        created_by: who made it.
        tool_version: of the program that made it.
        items: number of items in the case, reported or not.
    """

    id: str
    name: str
    created: str
    created_by: str
    tool_version: str
    items: int


@dataclass(frozen=True, slots=True)
class WeightsFacts:
    """Weights that made a finding of the report.

    Attributes:
        id: name in the finding.
        sha256: of their file, in the finding.
        card: the card as JSON values, of weights on this computer with this very hash; None where there are none.
        is_validated: whether they ship with the program, or their card says what they were fine-tuned from and how
            they scored, which nothing but the card vouches for; others print «unvalidated weights».
        error_rates: by condition, one per view (see `packaging/write_error_rates.py` for the shape); empty where none
            were measured for this hash.
        is_shipped: whether they ship with the program.
    """

    id: str
    sha256: str
    card: Json | None
    is_validated: bool
    error_rates: tuple[Json, ...] = ()
    is_shipped: bool = False


@dataclass(frozen=True, slots=True)
class ModelMask:
    """The localizer's mask, in stored orientation.

    Attributes:
        threshold: model score that its pixels are strictly over.
        area_px: number of its pixels.
        runs: COCO's compressed notation (`Mask.to_text`).
        heatmap_grid: (rows, columns) of the heatmap's own grid.
        heatmap_sha256: of the grid's bytes, float32 little-endian, row by row.
        coarse: the grid averaged to at most 32 cells a side, 16 bits a value, as rows: enough to compare a heatmap
            with where the case is not at hand.
    """

    threshold: float
    area_px: int
    runs: str
    heatmap_grid: tuple[int, int]
    heatmap_sha256: str
    coarse: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """A region that the analyst drew.

    Attributes:
        id: unique within the case.
        area_px: number of its pixels.
        share: of the item's pixels, in [0, 1].
        runs: COCO's compressed notation.
        source_runs: the same of where a copy was taken from; "" where unknown.
        details: JSON values of `domain.annotation.RegionDetails`.
    """

    id: str
    area_px: int
    share: float
    runs: str
    source_runs: str
    details: Json


@dataclass(frozen=True, slots=True)
class Difference:
    """How the model's mask and the analyst's regions differ, in pixels, and their intersection over union."""

    model_only_px: int
    analyst_only_px: int
    both_px: int
    neither_px: int
    iou: float


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One item of the report.

    Attributes:
        id: number within the case.
        name: file name when it was added.
        sha256: of the bytes, taken before any parser saw them.
        is_unaltered: whether the case's copy was hashed for this report, and is what was added.
        size_bytes: number of bytes.
        source: path it was added from.
        modified_utc: file-system time of the source.
        added: when it was added.
        added_by: by whom.
        group: "" for none.
        tags: in alphabetical order.
        unreadable: why it could not be decoded, a sentence; "" where it could.
        decoding: decode facts, the keys of a finding's record from "decoder" to "warnings"; None where unreadable.
        metadata: JSON values of `domain.metadata.Metadata`; None where they were not read.
        finding: JSON values of the newest `domain.finding.Finding`; None without one.
        finding_id: number within the case; None without one.
        mask: the model's; None without a finding.
        regions: the analyst's, in the order of drawing.
        conclusion: what the analyst marked the image as.
        edits: number of entries in its edit log.
        last_edit: (author, time) of the last entry; ("", "") without one.
        difference: of mask and regions; None where there are not both.
        traces: room for pinned forensic traces; always empty so far.
    """

    id: int
    name: str
    sha256: str
    is_unaltered: bool
    size_bytes: int
    source: str
    modified_utc: str
    added: str
    added_by: str
    group: str
    tags: tuple[str, ...]
    unreadable: str
    decoding: Json | None
    metadata: Json | None
    finding: Json | None
    finding_id: int | None
    mask: ModelMask | None
    regions: tuple[RegionFacts, ...]
    conclusion: str
    edits: int
    last_edit: tuple[str, str]
    difference: Difference | None
    traces: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Software:
    """What made the report, and what its findings depend on.

    Attributes:
        tool_version: of this program.
        build: commit or build it was made of; "" where it is not known.
        packages: version by distribution, of everything that takes part in making a finding or a report.
        environment: operating system, machine, processors, Python, torch, threads, decoder builds; by name.
    """

    tool_version: str
    build: str
    packages: Mapping[str, str]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """Everything a report says.

    Attributes:
        case: which one.
        trail: its audit trail.
        opinion: the examiner's words.
        plan: what is shown; `plan.item_ids` names the items one by one, in their order.
        issue: of an issued revision; None for a draft.
        items: in the order of the plan.
        weights: of the findings, each hash once, in the order of their first use.
        software: what made it.
    """

    case: CaseFacts
    trail: TrailState
    opinion: Opinion
    plan: ReportPlan
    issue: Issue | None
    items: tuple[ItemFacts, ...]
    weights: tuple[WeightsFacts, ...]
    software: Software

    @property
    def is_draft(self) -> bool:
        """Whether every page says DRAFT: until it was issued, which needs a conclusion with reasons."""
        return self.issue is None or bool(self.opinion.missing)

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "schema": RECORD_SCHEMA,
            "case": _values(self.case),
            "trail": _values(self.trail),
            "opinion": self.opinion.to_record(),
            "plan": self.plan.to_record(),
            "issue": None if self.issue is None else self.issue.to_record(),
            "items": [_item_values(item) for item in self.items],
            "weights": [{**_values(each), "error_rates": list(each.error_rates)} for each in self.weights],
            "software": _values(self.software),
        }

    def to_json(self) -> str:
        """Canonical JSON: ASCII, keys sorted, no spaces."""
        return canonical_json(self.to_record())

    @classmethod
    def from_record(cls, record: Json) -> ReportRecord:
        """The report of JSON values of `to_record`; KeyError, TypeError or ValueError where they are not."""
        if record["schema"] != RECORD_SCHEMA:
            raise ValueError(f"a record of schema {record['schema']!r} is not understood")
        return cls(
            case=CaseFacts(**record["case"]),
            trail=TrailState(**record["trail"]),
            opinion=Opinion.from_record(record["opinion"]),
            plan=ReportPlan.from_record(record["plan"]),
            issue=None if record["issue"] is None else Issue.from_record(record["issue"]),
            items=tuple(_item_of(each) for each in record["items"]),
            weights=tuple(
                WeightsFacts(**{**each, "error_rates": tuple(each["error_rates"])}) for each in record["weights"]
            ),
            software=Software(**record["software"]),
        )


@dataclass(frozen=True, slots=True)
class SignedOff:
    """What is printed of an issued revision that came after its record was sealed, so that it stands beside it.

    Attributes:
        reviews: of the revision, the oldest first; empty for a draft.
        superseded_by: number of the revision that took its place; None where it is the newest.
        issued_at: the event of the audit trail that the revision was issued by; None for a draft.
        review_events: the events of the reviews, in their order.
        altered: ids of items whose copies in the case were what was added when the record was made, and were not any
            more when the file was written.
    """

    reviews: tuple[Review, ...] = ()
    superseded_by: int | None = None
    issued_at: TrailState | None = None
    review_events: tuple[TrailState, ...] = ()
    altered: tuple[int, ...] = ()

    @property
    def newest_event(self) -> TrailState | None:
        """The last event of these, with which everything that is printed is compared; None for a draft."""
        return self.review_events[-1] if self.review_events else self.issued_at


def record_hash(record_json: str) -> str:
    """SHA-256 of a record's canonical JSON."""
    return hashlib.sha256(record_json.encode("utf-8")).hexdigest()


def _values(facts: Any) -> dict[str, Any]:
    """Fields of a flat record; nested mappings as they are."""
    return {each.name: getattr(facts, each.name) for each in fields(facts)}


def _item_values(item: ItemFacts) -> dict[str, Any]:
    mask, difference = item.mask, item.difference
    return {
        **_values(item),
        "tags": list(item.tags),
        "last_edit": list(item.last_edit),
        "mask": None if mask is None else _mask_values(mask),
        "regions": [_values(region) for region in item.regions],
        "difference": None if difference is None else _values(difference),
        "traces": list(item.traces),
    }


def _mask_values(mask: ModelMask) -> dict[str, Any]:
    grid, coarse = list(mask.heatmap_grid), [list(row) for row in mask.coarse]
    return {**_values(mask), "heatmap_grid": grid, "coarse": coarse}


def _item_of(record: Json) -> ItemFacts:
    mask, difference = record["mask"], record["difference"]
    if mask is not None:
        rows, columns = mask["heatmap_grid"]
        mask = ModelMask(**{**mask, "heatmap_grid": (rows, columns), "coarse": tuple(map(tuple, mask["coarse"]))})
    author, time = record["last_edit"]
    return ItemFacts(
        **{
            **record,
            "tags": tuple(record["tags"]),
            "last_edit": (author, time),
            "mask": mask,
            "regions": tuple(RegionFacts(**each) for each in record["regions"]),
            "difference": None if difference is None else Difference(**difference),
            "traces": tuple(record["traces"]),
        }
    )
