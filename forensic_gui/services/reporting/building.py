"""The record of a report, put together of what a case says at one moment and of what its originals are now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from forensic_gui import __version__
from forensic_gui.domain.annotation import Annotation, Conclusion, Region
from forensic_gui.domain.case import CaseItem, ItemQuery
from forensic_gui.domain.errors import CaseDamaged, EvidenceAltered, EvidenceError, ReportError
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.finding import FACTS_KEYS, facts_record
from forensic_gui.domain.geometry import Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.reports.opinion import Opinion
from forensic_gui.domain.reports.plan import ReportPlan
from forensic_gui.domain.reports.record import (
    CaseFacts,
    Difference,
    ItemFacts,
    Json,
    ModelMask,
    RegionFacts,
    ReportRecord,
    Software,
    TrailState,
    WeightsFacts,
)
from forensic_gui.services.build_identity import build_identity
from forensic_gui.services.case import CaseSession
from forensic_gui.services.case.analysis import CaseDecoder
from forensic_gui.services.case.standing import CaseStanding, ItemStanding
from forensic_gui.services.progress import CancelToken, ProgressSink, ignore_progress
from forensic_gui.services.reporting.contract import ReportPorts
from forensic_gui.services.reporting.maps import difference_of, record_of_mask
from forensic_gui.services.reporting.seen import SeenItems
from forensic_gui.services.reporting.steps import Steps

Given = TypeVar("Given")
Made = TypeVar("Made")

OCCASION = "report"
_CHANGED = "What the report shows was changed while it was put together: make it again."
WORKERS = 2
"""Items that are looked at side by side."""


def build_record(
    case: CaseSession,
    *,
    opinion: Opinion | None,
    plan: ReportPlan | None,
    ports: ReportPorts,
    seen: SeenItems | None = None,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> ReportRecord:
    """Put a report's record together; the same state of a case gives the same record.

    Every original of the report is hashed anew. Items that were never decoded are decoded, and what is learnt of them
    is recorded where the case can be changed.

    Args:
        case: open for writing or for reading only.
        opinion: the examiner's words; None for those of the draft at the moment that the record is of.
        plan: what is shown; the record names its items one by one. None for that of the draft.
        ports: what is needed of the world.
        seen: keeps what pictures need of what is read; None where there will be none.
        progress: told of every item, once and again.
        cancel: looked at all along.

    Raises:
        CaseError: the plan names an item that there is not.
        ReportError: what is to be shown was changed meanwhile.
        CaseDamaged: what the case keeps of an item cannot be read.
        Cancelled: stopping was asked for.
    """
    token = cancel or CancelToken()
    chosen = case.reports.draft().plan if plan is None else plan
    item_ids = chosen.item_ids or tuple(item.id for item in case.items(ItemQuery()))
    altered = {each.item_id for each in case.verify(item_ids, occasion=OCCASION, progress=progress, cancel=token)}
    unaltered = [item_id for item_id in item_ids if item_id not in altered]
    fresh = _decode_unread(case, unaltered, ports, progress, token)
    standing = case.standing(item_ids)
    is_other = plan is None and standing.draft.plan != chosen
    if is_other or (not chosen.item_ids and standing.total != len(item_ids)):
        raise ReportError(_CHANGED)
    work = _Work(case, ports, token, altered=frozenset(altered), fresh=fresh, seen=seen)
    steps = Steps(progress, total=len(item_ids))
    items: list[ItemFacts] = []
    for facts in _side_by_side(partial(_facts_of, work), standing.items):
        items.append(facts)
        steps.passed(facts.name, "Put into the record")
    return ReportRecord(
        case=_case_facts(case, standing),
        trail=TrailState(standing.last_change.seq, standing.last_change.sha256, standing.last_change.time),
        opinion=standing.draft.opinion if opinion is None else opinion,
        plan=replace(chosen, item_ids=item_ids),
        issue=None,
        items=tuple(items),
        weights=_weights_of(items, ports),
        software=Software(__version__, build_identity(), dict(ports.packages()), dict(ports.environment())),
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """What is known before items are looked at one by one.

    Attributes:
        case: whose items they are.
        ports: what is needed of the world.
        cancel: looked at all along.
        altered: ids of items whose originals are not what was added.
        fresh: of items that were decoded just now, how, or why they could not be.
        seen: keeps what pictures need of what is read.
    """

    case: CaseSession
    ports: ReportPorts
    cancel: CancelToken
    altered: frozenset[int]
    fresh: Mapping[int, DecodeFacts | str]
    seen: SeenItems | None


def _side_by_side(make: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
    """What is made of each, in order, some of them at a time; what one raises ends the rest."""
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="report-record") as pool:
        futures = [pool.submit(make, each) for each in given]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def _decode_unread(
    case: CaseSession,
    item_ids: Sequence[int],
    ports: ReportPorts,
    progress: ProgressSink,
    cancel: CancelToken,
) -> dict[int, DecodeFacts | str]:
    """Decode items that nobody decoded as a whole yet; how, or why that was not possible."""
    unread = [each.item for each in case.standing(item_ids).items if _is_unread(each)]
    reader = CaseDecoder(ports.decoder, case, unread, records=not case.info.read_only)
    steps = Steps(progress, total=len(unread))

    def facts(path: Path) -> DecodeFacts | str:
        cancel.raise_if_cancelled()
        try:
            return reader.decode(path, cancel=cancel).facts
        except EvidenceError as error:
            return str(error).replace(str(path), reader.items[path].name)

    found: dict[int, DecodeFacts | str] = {}
    for item, made in zip(reader.items.values(), _side_by_side(facts, reader.items), strict=True):
        found[item.id] = made
        steps.passed(item.name, "Read for the first time")
    return found


def _is_unread(standing: ItemStanding) -> bool:
    if standing.finding is not None or standing.item.unreadable:
        return False
    # A reduced decode, as for a thumbnail, leaves out some of what is looked at.
    return standing.facts is None or "max_side_px" in standing.facts.parameters


def _facts_of(work: _Work, standing: ItemStanding) -> ItemFacts:
    work.cancel.raise_if_cancelled()
    item, finding = standing.item, standing.finding
    metadata, is_unaltered = _metadata(work, item)
    decoding, unreadable = _decoding(work, standing)
    mask = model = None
    if finding is not None:
        model, mask = _model_mask(work, standing)
    regions = () if standing.annotation is None else standing.annotation.regions
    return ItemFacts(
        id=item.id,
        name=item.name,
        sha256=item.sha256,
        is_unaltered=is_unaltered,
        size_bytes=item.size_bytes,
        source=item.source,
        modified_utc=item.modified_utc,
        added=item.added,
        added_by=item.added_by,
        group=item.group,
        tags=tuple(sorted(item.tags)),
        unreadable=unreadable,
        decoding=decoding,
        metadata=metadata,
        finding=None if finding is None else finding.record,
        finding_id=None if finding is None else finding.id,
        mask=model,
        regions=tuple(_region(region) for region in regions),
        conclusion=_conclusion(standing.annotation),
        edits=standing.edits,
        last_edit=standing.last_edit,
        difference=_difference(mask, standing.annotation),
    )


def _metadata(work: _Work, item: CaseItem) -> tuple[Json | None, bool]:
    """What the file says of itself, and whether it is what was added."""
    if item.id in work.altered:
        return None, False
    try:
        sha256, metadata, thumbnail = work.ports.metadata(work.case.original(item.id), cancel=work.cancel)
        work.case.confirm(item.id, sha256)
    except EvidenceAltered:  # since it was hashed a moment ago
        return None, False
    except EvidenceError:
        return None, True
    if work.seen is not None and metadata.thumbnail is not None:
        work.seen.put_thumbnail(item.sha256, thumbnail)
    return metadata.to_record(), True


def _decoding(work: _Work, standing: ItemStanding) -> tuple[Json | None, str]:
    """How the pixels were made, and why they could not be, a sentence or ""."""
    fresh = work.fresh.get(standing.item.id)
    if isinstance(fresh, str):
        return None, fresh
    if standing.finding is not None:
        record = standing.finding.record
        return {key: record[key] for key in FACTS_KEYS if key in record}, standing.item.unreadable
    facts = fresh or standing.facts
    if facts is None or standing.item.unreadable:
        return None, standing.item.unreadable
    return facts_record(facts), ""


def _model_mask(work: _Work, standing: ItemStanding) -> tuple[ModelMask, Mask]:
    """The localizer's mask at the finding's threshold, from the maps that the case keeps."""
    finding = standing.finding
    assert finding is not None
    record = finding.record
    try:
        heatmap = Heatmap(work.case.maps(finding)["heatmap"], Size(record["width"], record["height"]))
        found, mask = record_of_mask(heatmap, threshold=record["threshold"])
    except (KeyError, TypeError, ValueError) as error:
        raise CaseDamaged(
            f"The finding of {standing.item.name} cannot be read: restore the case from a copy, or analyze it again."
        ) from error
    if work.seen is not None:
        work.seen.put_scores(found.heatmap_sha256, heatmap)
    return found, mask


def _region(region: Region) -> RegionFacts:
    area = region.mask.area
    return RegionFacts(
        id=region.id,
        area_px=area,
        share=area / region.mask.size.pixels,
        runs=region.mask.to_text(),
        source_runs="" if region.source is None else region.source.to_text(),
        details=region.details.to_record(),
    )


def _conclusion(annotation: Annotation | None) -> str:
    return (Conclusion.OPEN if annotation is None else annotation.conclusion).value


def _difference(mask: Mask | None, annotation: Annotation | None) -> Difference | None:
    if mask is None or annotation is None or not annotation.regions or annotation.size != mask.size:
        return None
    return difference_of(mask, annotation.mask)


def _weights_of(items: Sequence[ItemFacts], ports: ReportPorts) -> tuple[WeightsFacts, ...]:
    """Weights of the findings, each hash once, in the order of their first use."""
    used: dict[str, str] = {}
    for item in items:
        if item.finding is not None:
            used.setdefault(item.finding["weights_sha256"], item.finding["weights_id"])
    return tuple(ports.weights(weights_id, sha256) for sha256, weights_id in used.items())


def _case_facts(case: CaseSession, standing: CaseStanding) -> CaseFacts:
    info = case.info
    return CaseFacts(info.id, info.name, info.created, info.created_by, info.tool_version, standing.total)
