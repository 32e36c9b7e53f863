"""An examiner's report as a form: a TOML file that a person fills in, or a JSON file that another program writes."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from forensic_gui.domain.errors import RequestError
from forensic_gui.domain.plain_text import plain_line
from forensic_gui.domain.reports.opinion import Level, Opinion
from forensic_gui.services.outputs import require_free, require_outside_cases
from forensic_gui.storage.atomic import StagedFile

MOST_BYTES = 16 << 20
_HEAD = """\
# The examiner's report of «{name}», as a form. Nothing in it is filled in by the program.
# Read it back with:  forensic-gui report write CASE --from FILE
# Texts stand between quotes: between "..." on one line, where a quote of its own is written \\", and between ''' with
# any number of lines. What stays empty is printed as «not supplied»; a field that is taken out of this file keeps what
# the draft says.
"""
_LEVELS = "One of these, as it stands here; open means that nothing was concluded yet:"
_EXPLAINED = {
    "title": "Title of the report.",
    "reference": "Number or name under which whoever asked knows the matter.",
    "request": "What was asked, by whom, when.",
    "authority": "On what ground the examination was made: an order, consent, a contract.",
    "custody": "How the items came to you, and where they were kept.",
    "examinations": "What was done, beside what the technical appendix records by itself.",
    "observations": "What was seen: facts, no opinions.",
    "first_proposition": "What the conclusion weighs, as «Image 3 was altered after it was taken». Needed.",
    "second_proposition": "What competes with it, as «Image 3 is as the camera wrote it». Needed.",
    "level": f"The conclusion. Needed. {_LEVELS}",
    "reasons": "Why that is concluded. Needed.",
    "limits": "Limits of this examination, beside those that the appendix states by itself.",
    "deviations": "Deviations from your laboratory's usual procedure.",
    "disposition": "What became of the items.",
    "examiner": "Name under which the report is signed.",
    "qualification": "Qualification of the examiner.",
    "place": "Where the report is signed.",
}
NAMES = tuple(each.name for each in fields(Opinion))
"""Fields of a form, in their order."""
_OF_ONE_LINE = frozenset({"title", "reference", "level", "examiner", "qualification", "place"})
assert tuple(_EXPLAINED) == NAMES
# What a TOML string without escapes may not hold (TOML 1.0, «String»), beside tabs and line ends.
_CONTROLS = frozenset(map(chr, (*range(0x20), 0x7F))) - {"\t", "\n"}


def write_form(opinion: Opinion, path: Path, *, name: str, replaces: bool) -> None:
    """Write a form to fill in, with what the draft says so far.

    Args:
        opinion: what is said so far.
        path: where to; its name ends in .toml.
        name: of the case.
        replaces: whether a file that is there is replaced.

    Raises:
        RequestError: the place is taken, lies in a case, or has another suffix.
        OutputError: it cannot be written.
    """
    if path.suffix.lower() != ".toml":
        raise RequestError(f"A form is written as TOML: choose a name that ends in .toml in place of {path.name}.")
    require_outside_cases(path)
    require_free(path, replace=replaces)
    with StagedFile(path) as staged:
        staged.write(form_text(opinion, name=name).encode("utf-8"))
    staged.commit()


def form_text(opinion: Opinion, *, name: str) -> str:
    """The form as TOML."""
    parts = [_HEAD.format(name=plain_line(name))]
    for field, text in opinion.to_record().items():
        lines = [f"# {_EXPLAINED[field]}"]
        if field == "level":
            lines += [f"#   {level}" for level in Level]
        lines.append(f"{field} = {_line(text) if field in _OF_ONE_LINE else _lines(text)}")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def read_form(path: Path) -> dict[str, str]:
    """Fields of a form by name; those that it leaves out are left out.

    Raises:
        RequestError: the file cannot be read, is no form, or names a field that there is not.
    """
    values = _values(path)
    for name, text in values.items():
        require_field(name)
        if not isinstance(text, str):
            raise RequestError(f"{path}: {name} is a text, to be put between quotes.")
    return {name: text.strip() for name, text in values.items()}


def filled_in(opinion: Opinion, said: Mapping[str, str]) -> Opinion:
    """An opinion with some of its fields said anew.

    Raises:
        RequestError: a field does not exist, or the level is none.
    """
    for name in said:
        require_field(name)
    texts: dict[str, Any] = dict(said)
    if "level" in said:
        texts["level"] = _level(said["level"])
    return replace(opinion, **texts)


def require_field(name: str) -> None:
    """Raise `RequestError` where a report has no field of this name."""
    if name not in NAMES:
        close = difflib.get_close_matches(name, NAMES, n=1)
        hint = f"did you mean {close[0]}?" if close else f"the fields are {', '.join(NAMES)}."
        raise RequestError(f"A report has no field «{name}»: {hint}")


def _level(text: str) -> Level:
    try:
        return Level(text.strip() or Level.OPEN)
    except ValueError as error:
        close = difflib.get_close_matches(text, list(Level), n=1)
        hint = f"did you mean «{close[0]}»?" if close else f"the levels are: {'; '.join(Level)}."
        raise RequestError(f"«{text}» is no level of a conclusion: {hint}") from error


def _values(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise RequestError(f"{path} could not be read ({error.strerror}).") from error
    if len(data) > MOST_BYTES:
        raise RequestError(f"{path} is larger than any form: it has more than {MOST_BYTES >> 20} MiB.")
    try:
        text = data.decode("utf-8-sig")
        values = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise RequestError(f"{path} is no form that can be read: {error}.") from error
    if not isinstance(values, dict):
        raise RequestError(f"{path} is no form: a form has texts by the names of fields.")
    return values


def _line(text: str) -> str:
    """A TOML string on one line, between quotes that leave apostrophes to the text."""
    # JSON's escapes are TOML's too; DEL is the one control character that JSON writes as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", r"\u007f")


def _lines(text: str) -> str:
    """A TOML string with lines of its own, without escapes where that can be."""
    is_plain = "'''" not in text and not _CONTROLS.intersection(text)
    return f"'''\n{text}\n'''" if is_plain else _line(text)
