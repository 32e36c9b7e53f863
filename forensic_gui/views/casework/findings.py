"""Results on their way into the case and out of it again. Called on the threads that read and analyze."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.case import StoredFinding
from forensic_gui.domain.errors import CaseError, ForensicError
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.domain.finding import Finding, ScoreSummary
from forensic_gui.domain.geometry import Size
from forensic_gui.domain.heatmap import Heatmap, Localization
from forensic_gui.services.examination import Examination
from forensic_gui.services.ports import LocalizerInfo, Views
from forensic_gui.services.recording import describe_environment, finding_of_examination, maps_of
from forensic_gui.views.casework.vault import Kept, OpenVault


class CaseFindings(QObject):
    """Keeps every result of an item of the case, and finds it again where it was made in the same way."""

    stored = Signal(int)
    """Number within the case of an item that has a new finding."""
    refused = Signal(int, object)
    """Number within the case, and the `ForensicError` for which a finding was not kept or not found again."""

    def __init__(self, vault: OpenVault, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._vault = vault
        self._environment: Mapping[str, str] | None = None

    def keep(self, decoded: DecodedEvidence, examination: Examination) -> None:
        """Keep a result, if its evidence is of a case that can be changed; a failure is told, and the result stands."""
        kept = self._vault.with_bytes(decoded.evidence.sha256)
        if kept is None or not kept.is_writable:
            return
        if self._environment is None:
            self._environment = describe_environment()
        finding = finding_of_examination(decoded, examination, environment=self._environment)
        self._store(kept, finding, examination.localization)

    def keep_finding(self, finding: Finding, localization: Localization) -> None:
        """Keep what was found while results are saved, as `keep` does."""
        kept = self._vault.with_bytes(finding.evidence.sha256)
        if kept is not None and kept.is_writable:
            self._store(kept, finding, localization)

    def _store(self, kept: Kept, finding: Finding, localization: Localization) -> None:
        try:
            kept.case.put_finding(kept.item.id, finding, maps_of(localization))
        except ForensicError as error:
            self.refused.emit(kept.item.id, error)
        else:
            self.stored.emit(kept.item.id)

    def recall(self, decoded: DecodedEvidence, localizer: LocalizerInfo, views: Views) -> Examination | None:
        """The result that the case keeps of this evidence, made as it would be made now; None where there is none."""
        kept = self._vault.with_bytes(decoded.evidence.sha256)
        if kept is None:
            return None
        try:
            return _recall(kept, decoded, localizer, views)
        except ForensicError as error:
            # It will be made anew, and the case is not as it should be.
            self.refused.emit(kept.item.id, error)
            return None


def _recall(kept: Kept, decoded: DecodedEvidence, localizer: LocalizerInfo, views: Views) -> Examination | None:
    wanted = _made_by(decoded, localizer, views)
    for stored in reversed(kept.case.findings(kept.item.id)):
        if all(stored.record.get(name) == value for name, value in wanted.items()):
            return _examination(kept, stored, localizer, views)
    return None


def _made_by(decoded: DecodedEvidence, localizer: LocalizerInfo, views: Views) -> dict[str, Any]:
    """Everything in a finding's record that its scores depend on."""
    facts = decoded.facts
    return {
        "sha256": decoded.evidence.sha256,
        "weights_sha256": localizer.weights_sha256,
        "device": localizer.device,
        "runtime": localizer.runtime,
        "views": views.value,
        "parameters": dict(localizer.parameters),
        "threshold": localizer.threshold_of(views),
        "decoder": facts.decoder,
        "decoder_version": facts.decoder_version,
        "decoder_parameters": dict(facts.parameters),
        "width": facts.stored.width,
        "height": facts.stored.height,
        "orientation": int(facts.orientation),
        "page": facts.page,
    }


def _examination(kept: Kept, stored: StoredFinding, localizer: LocalizerInfo, views: Views) -> Examination:
    record, maps = stored.record, kept.case.maps(stored)
    if "heatmap" not in maps:
        raise CaseError(f"A finding of {kept.item.name} has no heatmap; it is made anew.")
    localization = Localization(
        Heatmap(maps["heatmap"], Size(record["width"], record["height"])),
        gate_map=maps.get("gate_map"),
        memory_response=maps.get("memory_response"),
        tiles=record["tiles"],
    )
    return Examination(
        evidence_sha256=record["sha256"],
        localization=localization,
        localizer=localizer,
        views=views,
        scores=ScoreSummary(**record["scores"]),
        threshold=record["threshold"],
        share_over_threshold=record["share_over_threshold"],
        seconds=record["seconds"]["total"],
        remarks=tuple(record.get("remarks", ())),  # findings of earlier versions have none
    )
