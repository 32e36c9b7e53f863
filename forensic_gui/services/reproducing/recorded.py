"""What a record says of a finding: what is needed to find it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.reports.record import ItemFacts
from forensic_gui.services.ports import Views

_MOST_THREADS = 256
_STUDENT = "boxprompt-student"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A finding as it was recorded.

    Attributes:
        sha256: of the evidence's bytes.
        size_bytes: number of them.
        source: path that the evidence was read from then.
        page: of multi-page files, from 0.
        size: of the evidence, in evidence pixels.
        weights_id: name of the weights.
        weights_sha256: of their file.
        architecture: of the network that they are for.
        device: that it ran on.
        runtime: that it ran in.
        views: which views were looked at.
        parameters: everything else that determined the numbers.
        threshold: model score, strict greater-than.
        share: of evidence pixels over it, in [0, 1].
        scores: summary of the model scores, by name.
        environment: operating system and libraries, by name.
        tool_version: of the program.
        decoding: how the pixels were made; the keys of `domain.finding.FACTS_KEYS`.
    """

    sha256: str
    size_bytes: int
    source: str
    page: int
    size: Size
    weights_id: str
    weights_sha256: str
    architecture: str
    device: str
    runtime: str
    views: Views
    parameters: Mapping[str, Any]
    threshold: float
    share: float
    scores: Mapping[str, float]
    environment: Mapping[str, Any]
    tool_version: str
    decoding: Mapping[str, Any] = field(repr=False)

    @property
    def threads(self) -> int | None:
        """How many threads computed; None where the record does not say, or says what no computer has."""
        threads = self.parameters.get("threads")
        return threads if isinstance(threads, int) and 0 < threads <= _MOST_THREADS else None

    @property
    def looks_for_repeats(self) -> bool:
        """Whether the network looks for what repeats within the image, and not only the student at its view of it."""
        return self.views is Views.THOROUGH and self.architecture != _STUDENT

    @classmethod
    def of_finding(cls, finding: Mapping[str, Any], *, keys: tuple[str, ...]) -> Recorded:
        """What JSON values of `domain.finding.Finding` say.

        Args:
            finding: the values.
            keys: of them, those that say how the pixels were made.

        Raises:
            KeyError, TypeError, ValueError, OverflowError: they are not.
        """
        if int(finding["page"]) < 0:
            raise ValueError("there is no page below 0")
        return cls(
            sha256=str(finding["sha256"]),
            size_bytes=int(finding["size_bytes"]),
            source=str(finding["path"]),
            page=int(finding["page"]),
            size=Size(int(finding["width"]), int(finding["height"])),
            weights_id=str(finding["weights_id"]),
            weights_sha256=str(finding["weights_sha256"]),
            architecture=str(finding["architecture"]),
            device=str(finding["device"]),
            runtime=str(finding["runtime"]),
            views=Views(finding["views"]),
            parameters=dict(finding["parameters"]),
            threshold=float(finding["threshold"]),
            share=float(finding["share_over_threshold"]),
            scores={str(name): float(score) for name, score in dict(finding["scores"]).items()},
            environment=dict(finding["environment"]),
            tool_version=str(finding["tool_version"]),
            decoding={key: finding[key] for key in keys},
        )


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One finding that is to be repeated, and what there is to compare with.

    Attributes:
        item_id: number of its item.
        name: of the item.
        sha256: of the item's bytes.
        source: path that the item was added from.
        finding: JSON values of the finding; None where the item has none.
        facts: what a report says of the item; None where a case is repeated.
        grid: the whole heatmap, float32 (h, w), of the case; None where only a report is at hand.
        is_foreign: whether the report's case is at hand and has no such finding.
    """

    item_id: int
    name: str
    sha256: str
    source: str
    finding: Mapping[str, Any] | None
    facts: ItemFacts | None = None
    grid: NDArray[np.float32] | None = None
    is_foreign: bool = False

    def stated(self, size: Size) -> Stated:
        """What the report states of the mask; empty where a case is repeated.

        Args:
            size: of the evidence.

        Raises:
            ValueError: nobody wrote such a report.
        """
        mask = None if self.facts is None else self.facts.mask
        if mask is None:
            return Stated()
        try:
            coarse = np.array(mask.coarse, np.float64)
            return Stated(Mask.from_text(size, mask.runs), coarse, tuple(mask.heatmap_grid), mask.heatmap_sha256)
        except (TypeError, AttributeError, OverflowError) as error:
            raise ValueError(str(error)) from error


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """What a report states of a mask.

    Attributes:
        mask: pixels over the threshold.
        coarse: the heatmap on a coarse grid, in 16-bit steps.
        grid_shape: (rows, columns) of the whole heatmap's grid.
        heatmap_sha256: of that grid.
    """

    mask: Mask | None = None
    coarse: NDArray[np.float64] | None = None
    grid_shape: tuple[int, ...] = ()
    heatmap_sha256: str = ""
