"""Analyze items of a case: from the vault's copies, their hashes compared, findings kept in the case."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path

from forensic_gui.domain.case import CaseItem
from forensic_gui.domain.errors import CaseReadOnly, EvidenceError, EvidenceMissing
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.domain.finding import Failure, Finding
from forensic_gui.domain.heatmap import Localization
from forensic_gui.services.analyze import AnalyzeRequest, AnalyzeSummary, analyze
from forensic_gui.services.case.record import MISSING
from forensic_gui.services.case.session import CaseSession
from forensic_gui.services.ports import Decoder, Localizer
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress
from forensic_gui.services.recording import maps_of


class CaseDecoder:
    """Reads originals of a case through another decoder; bytes that are not those of the item never become pixels.

    What it returns names the place that the item was added from, not the vault. What was learnt of an item by
    reading it is recorded in the case. Closing it leaves the other decoder open.
    """

    def __init__(self, decoder: Decoder, case: CaseSession, items: Sequence[CaseItem], *, records: bool = True) -> None:
        """Read items; `records` says whether what is learnt of them is recorded, which a case must be open for."""
        self._decoder = decoder
        self._records = records
        self._case = case
        self._items = {case.original(item.id): item for item in items}

    @property
    def items(self) -> Mapping[Path, CaseItem]:
        """The items, by where the vault keeps them."""
        return self._items

    def decode(
        self,
        path: Path,
        *,
        page: int = 0,
        max_side_px: int | None = None,
        cancel: CancelToken | None = None,
    ) -> DecodedEvidence:
        """Decode an original; see the port.

        Raises:
            EvidenceAltered: it is not what was put into the vault.
            EvidenceError: it cannot be read.
            Cancelled: stopping was asked for.
        """
        item = self._items[path]
        try:
            decoded = self._decoder.decode(path, page=page, max_side_px=max_side_px, cancel=cancel)
        except EvidenceError as error:
            self._name_alteration(item, error.sha256)
            if self._records:
                self._case.note_unreadable(item.id, str(error).replace(str(path), item.name))
            raise
        self._case.confirm(item.id, decoded.evidence.sha256)
        if self._records:
            self._case.note_decoded(item.id, decoded.facts)
        source = replace(decoded.evidence, path=Path(item.source), modified_utc=item.modified_utc)
        return replace(decoded, evidence=source)

    def _name_alteration(self, item: CaseItem, sha256: str | None) -> None:
        """Bytes that cannot be read may be other bytes, or none."""
        if sha256 is not None:
            self._case.confirm(item.id, sha256)
        elif altered := self._case.verify([item.id], occasion="reading failed"):
            self._case.confirm(item.id, altered[0].measured)

    def close(self) -> None:
        """The other decoder belongs to who opened it."""


def analyze_case(
    request: AnalyzeRequest,
    *,
    case: CaseSession,
    items: Sequence[CaseItem],
    decoder: Decoder,
    localizer: Localizer,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> AnalyzeSummary:
    """Analyze items as `services.analyze` analyzes files, and keep every finding with its maps in the case.

    Args:
        request: how, and where files go; its paths are those of the items in the vault, see `CaseDecoder.items`.
        case: open for writing.
        items: which items.
        decoder: makes pixels of files.
        localizer: makes model scores of pixels.
        progress: told of every item by the place it was added from.
        cancel: stops the run; what was recorded stays.

    Raises:
        CaseReadOnly: the case can only be looked at.
        OutputError: the output folder cannot be used.
    """
    if case.info.read_only:
        raise CaseReadOnly(f"Findings cannot be kept in this case: {case.info.read_only}")
    reader = CaseDecoder(decoder, case, items)
    by_hash = {item.sha256: item for item in items}
    lost: set[int] = set()

    def keep(finding: Finding, localization: Localization) -> None:
        case.put_finding(by_hash[finding.evidence.sha256].id, finding, maps_of(localization))

    def tell(event: ProgressEvent) -> None:
        item = reader.items.get(Path(event.item))
        if item is None:
            progress(event)
            return
        message = event.message
        if event.kind == "failed" and not os.path.lexists(event.item):
            case.verify([item.id], occasion="analysis")  # on record; it never came to the decoder
            lost.add(item.id)
            message = MISSING
        progress(replace(event, item=item.source, message=message))

    summary = analyze(
        replace(request, paths=tuple(reader.items)),
        decoder=reader,
        localizer=localizer,
        keep=keep,
        progress=tell,
        cancel=cancel,
    )
    return replace(summary, failures=tuple(_by_source(failure, reader.items, lost) for failure in summary.failures))


def _by_source(failure: Failure, items: Mapping[Path, CaseItem], lost: Set[int]) -> Failure:
    item = items.get(failure.path)
    if item is None:
        return failure
    if item.id in lost:
        return Failure(Path(item.source), EvidenceMissing.__name__, MISSING, item.sha256)
    return replace(failure, path=Path(item.source))
