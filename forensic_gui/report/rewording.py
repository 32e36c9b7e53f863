"""Which printed words a laboratory may replace in the languages that ship: titles, headings, and labels of facts.

Everything else is protected, new words too: what is said of an image, of the conclusion, of what was verified, altered
or validated, of drafts, reviews and signatures, and of what the methods do not show. A report in English or German says
that in the same words wherever it was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from forensic_gui.domain.errors import ReportError

LONGEST = 80
"""Characters of a replaced text: enough for a heading, too few for a statement."""

_BY_TABLE: Mapping[str, str] = {
    "document": "title appendix_title parts_both parts_examiner contents page_of",
    "identity": "case case_id reference items",
    "chapters": "report items methods trail repeat",
    "examiner": (
        "request authority custody items_table item_number item_name item_size item_added examinations observations "
        "reasons limits deviations disposition"
    ),
    "signoff": "place_date qualification note",
    "file": "heading name size source modified added group tags",
    "decoding": "heading format decoder parameters stored view mode page",
    "model": "architecture runtime",
    "regions": "number kind note edits last_edit",
    "metadata": "heading group tag value",
    "pinned": "heading",
    "traces": "heading",
    "weights": "architecture created licence code_commit training training_name training_terms name value",
    "methods": "software tool build packages package version environment property value",
}

REWORDABLE = frozenset(f"{table}.{name}" for table, names in _BY_TABLE.items() for name in names.split())
"""Keys whose words can be replaced."""

_MARKS = frozenset({"document.draft", "document.returned", "document.superseded", "document.not_reviewed"})
_LONGEST_MARK = 40
_FIRST_PAGE = ("document.", "identity.")
_LONGEST_ON_FIRST_PAGE = 200


def require_short(texts: Mapping[str, str], *, path: Path) -> None:
    """Refuse a mark too long to be read across a page, and words that would push others off the first one.

    Args:
        texts: of a language, by key.
        path: of the file that they stand in, to name it in errors.

    Raises:
        ReportError: one of them is.
    """
    for key, text in texts.items():
        if key in _MARKS and len(text) > _LONGEST_MARK:
            raise ReportError(f"{path}: «{key}» stands across every page; say it in {_LONGEST_MARK} characters.")
        if key.startswith(_FIRST_PAGE) and len(text) > _LONGEST_ON_FIRST_PAGE:
            raise ReportError(
                f"{path}: «{key}» stands on the first page; say it in {_LONGEST_ON_FIRST_PAGE} characters."
            )


def require_rewordable(changed: Mapping[str, str], *, path: Path) -> None:
    """Refuse words that nobody but the program chooses.

    Args:
        changed: texts that differ from the program's, by key.
        path: of the file that they stand in, to name it in errors.

    Raises:
        ReportError: one of them is protected, or no text for a heading or a label.
    """
    for key, text in changed.items():
        if key not in REWORDABLE:
            raise ReportError(
                f"{path}: «{key}» says what the program alone says, in the same words everywhere; remove it. Titles, "
                "headings and labels can be replaced."
            )
        if not text.strip() or "\n" in text or len(text) > LONGEST:
            raise ReportError(f"{path}: «{key}» is a heading or a label: one line of 1 to {LONGEST} characters.")
