"""The sections of a report: which there are, in which chapter each stands, and what each prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from types import MappingProxyType

from forensic_gui.domain.reports.plan import Part
from forensic_gui.report.document import Block
from forensic_gui.report.sections import about, examiner, items, methods, opinion, signoff, trail, weights
from forensic_gui.report.sections.context import Context

SectionMaker = Callable[[Context], Iterator[Block]]

# By name: (chapter, what prints it). The chapters keep observation and opinion apart.
PARTS: Mapping[Part, Mapping[str, tuple[str, SectionMaker]]] = MappingProxyType(
    {
        Part.EXAMINER: {
            "request": ("report", examiner.request),
            "authority": ("report", examiner.authority),
            "custody": ("report", examiner.custody),
            "examinations": ("report", examiner.examinations),
            "observations": ("report", examiner.observations),
            "conclusion": ("opinion", opinion.conclusion),
            "limits": ("opinion", opinion.limits),
            "deviations": ("opinion", opinion.deviations),
            "disposition": ("opinion", opinion.disposition),
            "signoff": ("signoff", signoff.signoff),
        },
        Part.APPENDIX: {
            "about": ("about", about.about),
            "items": ("items", items.items),
            "weights": ("weights", weights.weights),
            "methods": ("methods", methods.methods),
            "trail": ("trail", trail.trail),
            "repeat": ("repeat", trail.repeat),
        },
    }
)


def chapters_of(part: Part, names: tuple[str, ...]) -> Iterator[tuple[str, tuple[SectionMaker, ...]]]:
    """Sections that follow each other and belong to one chapter, as (chapter, what prints them)."""
    for chapter, group in groupby((PARTS[part][name] for name in names), key=lambda entry: entry[0]):
        yield chapter, tuple(maker for _, maker in group)
