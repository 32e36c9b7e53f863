"""What a report shows, as options say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from forensic_gui.domain.errors import RequestError

if TYPE_CHECKING:
    from forensic_gui.domain.reports.plan import Part, ReportPlan

ALL_ITEMS = "all"

ItemsOption = Annotated[
    str | None,
    typer.Option("--items", metavar="NUMBERS", help="Items to show in their order, as 3,1,2; all: every one."),
]
PartsOption = Annotated[
    str | None, typer.Option("--parts", metavar="NAMES", help="examiner, appendix, or both: with a comma.")
]
LanguageOption = Annotated[str | None, typer.Option("--language", metavar="CODE", help="Of the printed words, as en.")]


def planned(before: ReportPlan, *, items: str | None, parts: str | None, language: str | None) -> ReportPlan:
    """A plan with what the options say in place of what it said.

    Raises:
        RequestError: an option is not understood.
    """
    from dataclasses import replace

    return replace(
        before,
        item_ids=before.item_ids if items is None else _item_ids(items),
        parts=before.parts if parts is None else _parts(parts),
        language=before.language if language is None else language,
    )


def _item_ids(text: str) -> tuple[int, ...]:
    if text.strip() == ALL_ITEMS:
        return ()
    try:
        return tuple(int(each) for each in text.split(","))
    except ValueError as error:
        raise RequestError(f"--items takes numbers of items, as 3,1,2, or {ALL_ITEMS}; not «{text}».") from error


def _parts(text: str) -> tuple[Part, ...]:
    from forensic_gui.domain.reports.plan import Part

    wanted = {each.strip() for each in text.split(",")}
    if not wanted <= set(Part):
        raise RequestError(f"--parts takes {', '.join(Part)}; not «{text}».")
    return tuple(part for part in Part if part in wanted)
