"""Limits that apply to an item: in what it is unlike the training images, and what an empty mask does not say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from forensic_gui.report.document import Block, Heading, Notice, Text, Weight
from forensic_gui.report.sections.context import Context


def limits(finding: Mapping[str, Any], context: Context) -> Iterator[Block]:
    """What has to be held against the finding of an item."""
    words = context.words
    yield Heading(words("limits.heading"), level=3)
    for remark in finding["remarks"]:
        yield Notice(str(remark), Weight.WARNING)
    if not finding["remarks"]:
        yield Text(words("limits.no_remarks" if _has_domain(finding, context) else "limits.no_domain"))
    if not finding["share_over_threshold"]:
        yield Notice(words("limits.empty_mask"))
    yield Text(words("limits.rates" if _has_rates(finding, context) else "limits.no_rates"))


def _has_domain(finding: Mapping[str, Any], context: Context) -> bool:
    """Whether the card says what the image was compared with; without that, silence says nothing."""
    weights = context.weights.get(str(finding["weights_sha256"]))
    return weights is not None and weights.card is not None and bool(weights.card.get("domain"))


def _has_rates(finding: Mapping[str, Any], context: Context) -> bool:
    weights = context.weights.get(str(finding["weights_sha256"]))
    return weights is not None and any(rates["view"] == finding["views"] for rates in weights.error_rates)
