"""Examine one decoded evidence: localize, then summarize what was found. Writes nothing."""

from __future__ import annotations

import time

import numpy as np

from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.domain.suitability import sentences
from forensic_gui.services import rendering
from forensic_gui.services.examination import Examination
from forensic_gui.services.ports import Localizer, Views
from forensic_gui.services.progress import CancelToken
from forensic_gui.services.suiting import remarks_on_evidence


def examine(decoded: DecodedEvidence, *, localizer: Localizer, views: Views, cancel: CancelToken) -> Examination:
    """Localize manipulation in evidence that was already read.

    Args:
        decoded: evidence with all its pixels, not a reduced decode.
        localizer: what looks.
        views: fast or thorough.
        cancel: looked at between tiles and between strips of the summary.

    Raises:
        Cancelled: stopping was asked for.
    """
    started = time.perf_counter()
    localization = localizer.localize(
        decoded.pixels, orientation=decoded.facts.orientation, views=views, inspect=True, cancel=cancel
    )
    seconds = time.perf_counter() - started
    threshold = localizer.info.threshold_of(views)
    scores, share = rendering.summarize(localization.heatmap, threshold=threshold, cancel=cancel)
    return Examination(
        evidence_sha256=decoded.evidence.sha256,
        localization=localization,
        localizer=localizer.info,
        views=views,
        scores=scores,
        threshold=threshold,
        share_over_threshold=share,
        seconds=seconds,
        remarks=sentences(remarks_on_evidence(decoded, localizer.info)),
    )


def share_over_threshold(heatmap: Heatmap, *, threshold: float, cancel: CancelToken) -> float:
    """Share of evidence pixels whose model score is strictly over `threshold`, in [0, 1].

    Raises:
        Cancelled: stopping was asked for.
    """
    over = sum(
        int(np.count_nonzero(rendering.threshold_mask(strip.scores, threshold)))
        for strip in rendering.strips(heatmap, cancel=cancel)
    )
    return over / heatmap.size.pixels
