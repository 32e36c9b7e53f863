"""The record that a report embeds, and what the report prints of it. Nothing of the file is ever executed."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from typing import Any

from forensic_gui.domain.audit import canonical_json
from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.reports.record import ReportRecord, record_hash

HTML_ELEMENT = "forensic-gui-record"
"""Id of the element that holds the record in HTML."""

RECORD_LIMIT_BYTES = 512 << 20
"""Records of thousands of items take some megabytes; no report may fill this computer's memory."""

# Python takes some hundred bytes for a value, however short it is written: two gigabytes at most.
_MOST_VALUES = 20_000_000
_MOST_NUMBERED = 1 << 53
_PDF_HEAD = b"%PDF-"
_HTML_ID = f'id="{HTML_ELEMENT}"'
_TAG = re.compile(r"<[^<>]*>")
_DAMAGED = "The file cannot be read as a PDF, so it was altered or cut off."


@dataclass(frozen=True, slots=True)
class EmbeddedRecord:
    """What a report's file holds of its record.

    Attributes:
        json: the record's text, as it is embedded.
        sha256: of that text in UTF-8.
        record: the record; None where this version does not understand it.
        problem: why it does not, a sentence; "" where it does.
        prints_hash: whether the report's first page prints that very hash.
    """

    json: str = field(repr=False)
    sha256: str
    record: ReportRecord | None
    problem: str
    prints_hash: bool


def is_pdf(data: bytes) -> bool:
    """Whether bytes are those of a PDF, by their beginning."""
    return data.startswith(_PDF_HEAD)


def read_embedded(data: bytes) -> EmbeddedRecord:
    """The record of a report.

    Args:
        data: bytes of the report, PDF or HTML.

    Raises:
        ReportError: there is none, there is more than one, or the file cannot be read.
    """
    text, printed = _of_pdf(data) if is_pdf(data) else _of_html(data)
    sha256 = record_hash(text)
    record, problem = _understood(text)
    return EmbeddedRecord(text, sha256, record, problem, prints_hash=sha256 in "".join(printed.split()))


def _understood(text: str) -> tuple[ReportRecord | None, str]:
    if sum(map(text.count, ",[{")) > _MOST_VALUES:
        return None, "The record holds more values than that of any report, so it was not read."
    try:
        said = json.loads(text)
        record = ReportRecord.from_record(said)
        _require_kinds(record)
        problem = "" if record.to_json() == text else _odd(text, said, record)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = str(error) or type(error).__name__
        return None, f"The record is not understood by this version ({why})."
    return record, problem


def _odd(text: str, said: Any, record: ReportRecord) -> str:
    """What is odd with a record that is not written as it would be now, a sentence; "" where nothing is.

    Records of earlier versions say less: what they do not say is as it was before anybody said it.
    """
    if canonical_json(said) != text:
        return "The record is not written as this program writes records."
    return "The record says more than this version understands." if _says_more(said, record.to_record()) else ""


def _says_more(said: Any, understood: Any) -> bool:
    """Whether JSON values hold anything that others do not."""
    if isinstance(said, dict) and isinstance(understood, dict):
        return any(name not in understood or _says_more(value, understood[name]) for name, value in said.items())
    if isinstance(said, list) and isinstance(understood, list | tuple) and len(said) == len(understood):
        return any(map(_says_more, said, understood))
    return canonical_json(said) != canonical_json(understood)


def _require_kinds(record: ReportRecord) -> None:
    """See that what a case is searched for by is of its kind, whoever wrote it."""
    issue = record.issue
    texts = (record.case.id, record.case.name, record.trail.head, "" if issue is None else issue.time)
    numbers = (record.trail.events, 1 if issue is None else issue.number)
    if any(type(text) is not str for text in texts) or any(
        type(number) is not int or not 0 < number < _MOST_NUMBERED for number in numbers
    ):
        raise TypeError("names and numbers in it are none")


def _of_pdf(data: bytes) -> tuple[str, str]:
    """The record's text, and the first page's."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise ReportError(_DAMAGED) from error
    try:
        number = document.count_attachments()
        if number != 1:
            files = "no record" if not number else f"{number} embedded files where one, its record, belongs"
            raise ReportError(f"The file holds {files}: it is no report of this program, or was altered.")
        content = _limited(bytes(document.get_attachment(0).get_data()))
        page = document[0]
        printed = page.get_textpage().get_text_range()
    except pypdfium2.PdfiumError as error:
        raise ReportError(_DAMAGED) from error
    finally:
        document.close()
    return _decoded(content), printed


def _of_html(data: bytes) -> tuple[str, str]:
    """The record's text, and what stands outside of it.

    Looked for letter by letter as it is written: a parser of any HTML there is takes hours over a file that was made
    up to that end.
    """
    page = _decoded(data)
    name = page.find(_HTML_ID)
    begin = page.rfind("<", 0, max(name, 0))
    if name < 0 or not page.startswith("<pre ", begin) or ">" in page[begin:name]:
        raise ReportError("The file holds no record: it is no report of this program, or was altered.")
    start = page.find(">", name) + 1
    end = page.find("<", start)
    if not start or not page.startswith("</pre>", end) or page.count(_HTML_ID) > 1:
        said = "more than one record, or one that does not end"
        raise ReportError(f"The file holds {said}: it is no report of this program, or was altered.")
    try:
        text = html.unescape(page[start:end])
    except ValueError as error:  # a character's number of thousands of digits
        raise ReportError("The record in the file is no text, so the file was altered.") from error
    _limited(text.encode("utf-8", "surrogatepass"))
    return text, _TAG.sub("", f"{page[:begin]}{page[end:]}")


def _limited(content: bytes) -> bytes:
    if len(content) > RECORD_LIMIT_BYTES:
        raise ReportError(f"The record in the file is longer than {RECORD_LIMIT_BYTES >> 20} MB, so it was not read.")
    return content


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ReportError(
            "The file is no text in UTF-8, so it is no report of this program, or was altered."
        ) from error
