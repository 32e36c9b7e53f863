"""Findings and maps as a localizer would make them of an item."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from forensic_gui.domain.evidence import DecodeFacts, Evidence
from forensic_gui.domain.finding import Finding, ScoreSummary, ThresholdSource, WeightsUsed
from forensic_gui.services.case import CaseSession

MAPS = {"heatmap": np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)}


def finding(case: CaseSession, item_id: int, facts: DecodeFacts, **changes: Any) -> Finding:
    item = case.item(item_id)
    made = Finding(
        evidence=Evidence(case.original(item_id), item.sha256, item.size_bytes, item.modified_utc),
        facts=facts,
        weights=WeightsUsed("student", "5" * 64, "boxprompt-student"),
        device="cpu",
        runtime="torch 2.13.0",
        views="fast",
        tiles=0,
        parameters={},
        scores=ScoreSummary(0.0, 0.875, 0.25, 0.125, 0.5, 0.75),
        threshold=0.5,
        threshold_source=ThresholdSource.WEIGHTS_CARD,
        share_over_threshold=0.0625,
        rendering={},
        outputs=(),
        seconds={"total": 0.1},
        tool_version="0.1.0",
        environment={},
        time="2026-01-01T00:00:00+00:00",
    )
    return replace(made, **changes)
