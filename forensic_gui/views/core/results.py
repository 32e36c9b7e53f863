"""Results of this session, found again by what was analyzed and how, never by a file's name."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from forensic_gui.services.examination import Examination
from forensic_gui.services.ports import LocalizerInfo, Views
from forensic_gui.views.core.items import Analyzed
from forensic_gui.views.core.lru import ByteLru

CAPACITY_BYTES = 128 << 20


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything beside the evidence that determines a result.

    Attributes:
        weights_sha256: hash of the weights.
        device: where they run; results of two devices differ in the last digits.
        views: which views of the evidence are looked at.
    """

    weights_sha256: str
    device: str
    views: Views

    @classmethod
    def of(cls, localizer: LocalizerInfo, views: Views) -> Setup:
        """The setup in which `localizer` would run now."""
        return cls(localizer.weights_sha256, localizer.device, views)


class ResultStore:
    """Maps up to a number of bytes; their summaries, which are small, for the whole session. Thread-safe."""

    def __init__(self, capacity_bytes: int = CAPACITY_BYTES) -> None:
        self._lock = threading.Lock()
        self._maps: ByteLru[tuple[str, Setup], Examination] = ByteLru(
            capacity_bytes, weigh=lambda examination: examination.bytes_kept
        )
        self._summaries: dict[Setup, dict[str, Analyzed]] = {}

    def put(self, examination: Examination) -> Analyzed:
        """Keep a result; what the list says of it."""
        setup = Setup.of(examination.localizer, examination.views)
        key = (examination.evidence_sha256, setup)
        summary = Analyzed(
            share_over_threshold=examination.share_over_threshold,
            highest_score=examination.scores.maximum,
            threshold=examination.threshold,
        )
        with self._lock:
            self._maps.put(key, examination)
            self._summaries.setdefault(setup, {})[examination.evidence_sha256] = summary
        return summary

    def examination(self, evidence_sha256: str, setup: Setup) -> Examination | None:
        """The whole result, or None when it was not made or had to go."""
        with self._lock:
            return self._maps.get((evidence_sha256, setup))

    def summary(self, evidence_sha256: str | None, setup: Setup | None) -> Analyzed | None:
        """The summary, or None when it was not made."""
        if evidence_sha256 is None or setup is None:
            return None
        with self._lock:
            return self._summaries.get(setup, {}).get(evidence_sha256)

    def summaries(self, setup: Setup | None) -> dict[str, Analyzed]:
        """Every summary that was made in a setup, by the evidence's hash; none without a setup."""
        if setup is None:
            return {}
        with self._lock:
            return dict(self._summaries.get(setup, {}))
