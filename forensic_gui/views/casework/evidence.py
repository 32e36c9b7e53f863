"""What reading and analyzing need of the open case: confirmed originals, and results that are kept."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.services.ports import Decoder, Localizer, Views
from forensic_gui.views.casework.findings import CaseFindings
from forensic_gui.views.casework.vault import OpenVault, VaultDecoder
from forensic_gui.views.core.results import ResultStore, Setup
from forensic_gui.views.reading import LookUp


class CaseEvidence:
    """Stands between the window's readers and the decoders, and between its analyses and the case."""

    def __init__(
        self, open_decoder: Callable[[], Decoder], results: ResultStore, *, parent: QObject | None = None
    ) -> None:
        self._open_decoder = open_decoder
        self._results = results
        self.vault = OpenVault()
        self.findings = CaseFindings(self.vault, parent)

    def open_decoder(self) -> Decoder:
        """A decoder that knows the originals of the case."""
        return VaultDecoder(self._open_decoder(), self.vault)

    def look_up(self, localizer: Localizer | None, views: Views) -> LookUp:
        """What the reader's thread does with evidence: finds the result that the case keeps for now's setup."""
        if localizer is None:
            return lambda _: None
        info = localizer.info

        def look_up(decoded: DecodedEvidence) -> None:
            if self._results.examination(decoded.evidence.sha256, Setup.of(info, views)) is None:
                found = self.findings.recall(decoded, info, views)
                if found is not None:
                    self._results.put(found)

        return look_up
