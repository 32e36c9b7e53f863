"""A photograph, and a finding of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from forensic_gui.domain.finding import Finding
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.domain.reports.record import RegionFacts
from forensic_gui.services import rendering
from forensic_gui.services.ports import Views
from forensic_gui.services.recording import Measured, describe_environment, make_finding
from forensic_gui.services.reporting.maps import difference_of, mask_over, record_of_mask
from forensic_gui.services.reproducing.recorded import Subject
from tests.forensic_gui.report.made_records import made_item
from tests.forensic_gui.reproducing.made_findings import INFO, THRESHOLD, MadeDecoder, MadeLocalizer


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    shades = np.linspace(0, 255, 90 * 80).reshape(80, 90).astype(np.uint8)
    path = tmp_path / "evidence" / "ramp.png"
    path.parent.mkdir()
    Image.fromarray(np.repeat(shades[:, :, None], 3, axis=2)).save(path)
    return path


@pytest.fixture
def first(photograph: Path) -> tuple[Finding, Heatmap]:
    """A finding of the photograph."""
    decoded = MadeDecoder().decode(photograph)
    heatmap = MadeLocalizer().localize(decoded.pixels).heatmap
    scores, share = rendering.summarize(heatmap, threshold=THRESHOLD)
    measured = Measured(scores, share, 0, {})
    environment = describe_environment()
    made = make_finding(decoded, measured, localizer=INFO, views=Views.FAST, threshold=None, environment=environment)
    return made, heatmap


@pytest.fixture
def subject(first: tuple[Finding, Heatmap]) -> Subject:
    """The finding as a case has it."""
    finding, heatmap = first
    return Subject(1, "ramp.png", finding.evidence.sha256, "", finding.to_record(), grid=heatmap.grid)


@pytest.fixture
def reported(first: tuple[Finding, Heatmap]) -> Subject:
    """The finding as a report has it."""
    finding, heatmap = first
    mask, model = record_of_mask(heatmap, threshold=THRESHOLD)
    drawn = mask_over(heatmap, threshold=0.8)
    region = RegionFacts("r1", drawn.area, drawn.area / heatmap.size.pixels, drawn.to_text(), "", {})
    item = made_item(
        sha256=finding.evidence.sha256,
        finding=finding.to_record(),
        mask=mask,
        regions=(region,),
        difference=difference_of(model, drawn),
    )
    return Subject(1, "ramp.png", finding.evidence.sha256, "", item.finding, facts=item)
