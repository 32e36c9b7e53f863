"""What programs found out about an item: how it was decoded, and what a localizer says of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.audit import canonical_json
from forensic_gui.domain.case import StoredFinding
from forensic_gui.domain.errors import CaseError, CaseReadOnly
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.finding import Finding
from forensic_gui.services.case.record import CaseRecord
from forensic_gui.storage.case import editlog, findings, items
from forensic_gui.storage.case.decoded import EVIDENCE_DECODED, EVIDENCE_NOT_DECODED
from forensic_gui.storage.case.vouching import FINDING_STORED, text_hash


def record_decoded(record: CaseRecord, item_id: int, facts: DecodeFacts) -> None:
    """Record how an item's pixels were made, where that is not known already.

    Raises:
        CaseError: they are of another size than those that were drawn on.
    """
    with record.database.changing() as connection:
        _enter_decoded(record, connection, item_id, facts)


def record_unreadable(record: CaseRecord, item_id: int, reason: str) -> None:
    """Record that an item cannot be decoded, and why."""
    with record.database.changing() as connection:
        sha256, _ = items.kept_under(connection, item_id)
        if items.put_unreadable(connection, item_id, reason):
            details = {"item": item_id, "reason": reason}
            record.event(connection, EVIDENCE_NOT_DECODED, subject=sha256, details=details)


def store_finding(
    record: CaseRecord, item_id: int, finding: Finding, maps: Mapping[str, NDArray[np.float32]]
) -> StoredFinding:
    """Keep a localizer's result and its maps.

    Raises:
        EvidenceAltered: the finding is of other bytes than the item's.
    """
    if record.database.read_only:
        raise CaseReadOnly(record.database.read_only)
    record.require_unaltered(item_id, finding.evidence.sha256, occasion="analysis")
    maps_sha256 = findings.write_maps(record.folder, maps)
    with record.database.changing() as connection:
        _enter_decoded(record, connection, item_id, finding.facts)
        stored = findings.insert(connection, item_id, finding.to_record(), maps_sha256)
        details = {
            "item": item_id,
            "finding": stored.id,
            "maps_sha256": maps_sha256,
            "weights_id": finding.weights.id,
            "weights_sha256": finding.weights.sha256,
            "device": finding.device,
            "runtime": finding.runtime,
            "views": finding.views,
            "threshold": finding.threshold,
            "parameters": dict(finding.parameters),
            "record_sha256": text_hash(canonical_json(stored.record)),
        }
        record.event(connection, FINDING_STORED, subject=finding.evidence.sha256, details=details)
    return stored


def _enter_decoded(record: CaseRecord, connection: sqlite3.Connection, item_id: int, facts: DecodeFacts) -> None:
    item = items.get(connection, item_id)
    if item.size not in (None, facts.stored) and editlog.revision_of(connection, item_id):
        raise CaseError(
            f"{item.name} was drawn on at {item.size.width}x{item.size.height} pixels and decodes to "
            f"{facts.stored.width}x{facts.stored.height} now; see which decoder differs."
        )
    if items.put_decoded(connection, item_id, facts):
        details = {"item": item_id, **asdict(facts)}
        record.event(connection, EVIDENCE_DECODED, subject=item.sha256, details=details)
