"""A page of the user's is tried on a made document before a report depends on it."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from jinja2 import nodes

from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.reports.pictures import Picture, PictureRef
from forensic_gui.report.document import Document, Fact, Heading, Letterhead, Section, Table, Text
from forensic_gui.report.html.allowed import AllowedCheck, style_fault
from forensic_gui.report.html.page import RECORD_ID, HtmlPage, render_html, running_style

_MARK, _TITLE, _FACT, _SECTION = "trial-mark", "trial-title", "trial-fact", "trial-section"
_HEADING, _TEXT, _RECORD = "trial-heading", "trial-text", '{"trial":true}'
_SHOWN = (_MARK, _TITLE, _FACT, _SECTION, _HEADING, _TEXT, _RECORD)


class _NoPictures:
    def get(self, _ref: PictureRef, /) -> Picture | None:
        """Made documents show none."""
        return None


def try_page(page: HtmlPage, *, source: str, style_path: Path) -> None:
    """Look through a page, then fill it with a made document, and look at what comes of it.

    Args:
        page: which one.
        source: Jinja that it was compiled of.
        style_path: where its style sheet was read, to name it in errors.

    Raises:
        ReportError: it leaves out what a report has to show, or has something that could run, fetch or lead out.
    """
    if fault := style_fault(page.style):
        raise ReportError(f"{style_path}: a report's style sheet cannot have {fault}.")
    _refuse(_written_in(page, source), page)
    check = AllowedCheck()
    check.feed(_filled(page))
    # The program's own lines for printed pages hold escapes, which nobody else's may.
    known = (page.style, str(running_style(_document())))
    _refuse([*check.finished(), *_style_faults(check, known)], page)
    shown = "".join(check.text)
    if missing := [text for text in _SHOWN if text not in shown]:
        raise ReportError(f"{page.path}: the page does not show everything; it left out {missing[0]!r}.")
    if sum(given.get("id") == RECORD_ID for _, given in check.elements) != 1:
        raise ReportError(f"{page.path}: the page has to put in {{{{ record }}}} once.")


def _filled(page: HtmlPage) -> str:
    out = io.BytesIO()
    digest = hashlib.sha256(_RECORD.encode()).hexdigest()
    try:
        render_html(
            _document(),
            out,
            page=page,
            pictures=_NoPictures(),
            record_json=_RECORD,
            record_sha256=digest,
            tick=lambda _done, _total: None,
        )
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # The document is known to be good, so what went wrong is an expression of the page.
        raise ReportError(f"{page.path}: the page cannot be filled in: {error}.") from error
    return out.getvalue().decode("utf-8")


def _written_in(page: HtmlPage, source: str) -> list[str]:
    """Faults of what the source itself writes, in every branch: also where a made document would not get to."""
    check = AllowedCheck()
    for node in page.template.environment.parse(source).find_all(nodes.TemplateData):
        check.feed(node.data)
    check.close()
    return [*check.faults, *_style_faults(check)]


def _style_faults(check: AllowedCheck, known: tuple[str, ...] = ()) -> list[str]:
    """Faults of the style sheets of a page, those that were looked through before aside."""
    written = "".join(check.styles)
    for style in known:
        written = written.replace(style, "")
    fault = style_fault(written)
    return [f"in a style sheet {fault}"] if fault else []


def _refuse(faults: list[str], page: HtmlPage) -> None:
    if faults:
        raise ReportError(f"{page.path}: a report's page cannot have {faults[0]}.")


def _document() -> Document:
    blocks = (Heading(_HEADING), Text(_TEXT), Table((_TEXT,), ((_TEXT,),), (1,)))
    return Document(
        title=_TITLE,
        subtitle=_TITLE,
        language="en",
        identity=(Fact(_FACT, _FACT),),
        letterhead=Letterhead((_TITLE,)),
        mark=_MARK,
        footer=_TITLE,
        page_of="{page} {pages}",
        contents=_TITLE,
        sections=(Section("trial", _SECTION, blocks),),
    )
