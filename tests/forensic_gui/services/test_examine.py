"""Examining one decoded evidence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forensic_gui.domain.errors import Cancelled
from forensic_gui.domain.evidence import DecodedEvidence, DecodeFacts, Evidence
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.heatmap import Heatmap, Localization
from forensic_gui.services.examine import examine, share_over_threshold
from forensic_gui.services.ports import LocalizerInfo, Views
from forensic_gui.services.progress import CancelToken


class HalfHot:
    """Scores 0.75 in the left half, 0.25 in the right."""

    info = LocalizerInfo("half", "a" * 64, "half", 0.5, "cpu", "numpy", {})

    def localize(self, pixels, *, orientation, views, inspect, cancel):
        assert inspect
        grid = np.repeat(np.array([[0.75, 0.75, 0.25, 0.25]], np.float32), 4, axis=0)
        self.asked = (pixels.shape, orientation, views)
        return Localization(Heatmap(np.ascontiguousarray(grid), Size.of(pixels)), gate_map=grid)


@pytest.fixture
def decoded() -> DecodedEvidence:
    facts = DecodeFacts("PNG", "d", "1", Size(40, 20), Orientation.MIRRORED, "RGB", 8)
    evidence = Evidence(Path("a.png"), "e" * 64, 10, "2024-01-01T00:00:00+00:00")
    return DecodedEvidence(evidence, facts, np.zeros((20, 40, 3), np.uint8), 0, 0)


def test_an_examination_summarizes_what_the_localizer_says(decoded):
    localizer = HalfHot()
    found = examine(decoded, localizer=localizer, views=Views.THOROUGH, cancel=CancelToken())
    assert localizer.asked == ((20, 40, 3), Orientation.MIRRORED, Views.THOROUGH)
    assert found.evidence_sha256 == "e" * 64
    assert found.threshold == 0.5
    assert found.share_over_threshold == pytest.approx(0.5)
    assert (found.scores.minimum, found.scores.maximum) == (0.25, 0.75)
    assert found.bytes_kept == 2 * 16 * 4


def test_the_share_is_of_evidence_pixels_strictly_over_the_threshold(decoded):
    heatmap = examine(decoded, localizer=HalfHot(), views=Views.FAST, cancel=CancelToken()).localization.heatmap
    shares = [share_over_threshold(heatmap, threshold=t, cancel=CancelToken()) for t in (0.0, 0.25, 0.75)]
    assert shares[0] == 1.0
    assert 0.5 < shares[1] < 1.0
    assert shares[2] == 0.0


def test_a_cancelled_examination_stops(decoded):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        examine(decoded, localizer=HalfHot(), views=Views.FAST, cancel=token)
