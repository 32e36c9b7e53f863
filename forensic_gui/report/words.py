"""The printed words of a report in one language, and how values are put into them.

A text has named places, as "event {number}". They are found once, when the words are read; values are only ever put
between the pieces, so that braces in a file name, say, are braces and nothing else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forensic_gui.domain.errors import ReportError
from forensic_gui.report.rewording import require_rewordable, require_short

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")

Pieces = tuple[str, ...]
"""Text and names of places in turn, a text first."""


@dataclass(frozen=True, slots=True)
class Words:
    """Printed words by key, as "identity.case".

    Attributes:
        language: of them, as "en".
        pieces: by key.
    """

    language: str
    pieces: Mapping[str, Pieces]

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key, with values in its places; a KeyError where there is no such key or a value is missing."""
        pieces = self.pieces[key]
        if len(pieces) == 1:
            return pieces[0]
        return "".join(str(values[piece]) if index % 2 else piece for index, piece in enumerate(pieces))

    def __contains__(self, key: str) -> bool:
        return key in self.pieces

    def raw(self, key: str) -> str:
        """The text of a key with its places as they are written: for what only a renderer can fill in."""
        return "".join(f"{{{piece}}}" if index % 2 else piece for index, piece in enumerate(self.pieces[key]))

    def places(self, key: str) -> frozenset[str]:
        """Names of the places of a key's text."""
        return frozenset(self.pieces[key][1::2])


def read_words(path: Path, *, language: str, model: Words | None = None) -> Words:
    """Read one of the program's own files of words; see `parse_words`."""
    return parse_words(_read(path), path=path, language=language, model=model)


def parse_words(
    data: bytes, *, path: Path, language: str, model: Words | None = None, base: Words | None = None
) -> Words:
    """Words of a file.

    Args:
        data: of the file, TOML: tables of texts.
        path: of the file, to name it in errors.
        language: of the words.
        model: words whose keys and places they must have, no more and no fewer; None for words that are the model.
        base: the program's words of the same language, which stand where the file says nothing, and of which it may
            replace those that are no statements; None where it has to say everything.

    Raises:
        ReportError: the file is not what it has to be; names the file and the key.
    """
    pieces = dict(_texts(parse_toml(data, path=path), path=path))
    words = Words(language, pieces)
    if model is not None:
        _check(words, model=model, path=path, is_whole=base is None)
    texts = {key: words.raw(key) for key in pieces}
    require_short(texts, path=path)
    if base is None:
        return words
    require_rewordable({key: text for key, text in texts.items() if text != base.raw(key)}, path=path)
    return Words(language, {**base.pieces, **pieces})


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of one of the program's own small TOML files; see `parse_toml`."""
    return parse_toml(_read(path), path=path)


def parse_toml(data: bytes, *, path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Args:
        data: of the file.
        path: of the file, to name it in errors.

    Raises:
        ReportError: it is no TOML.
    """
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ReportError(f"{path} of the report's template is no TOML: {error}.") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReportError(f"{path} of the report's template cannot be read: {error.strerror}.") from error


def _texts(table: Mapping[str, Any], *, path: Path, prefix: str = "") -> Iterator[tuple[str, Pieces]]:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _texts(value, path=path, prefix=f"{key}.")
        elif isinstance(value, str):
            yield key, _pieces_of(value, key=key, path=path)
        else:
            raise ReportError(f"{path}: «{key}» is no text; put it in quotation marks.")


def _pieces_of(text: str, *, key: str, path: Path) -> Pieces:
    pieces = tuple(_PLACE.split(text))
    if any("{" in piece or "}" in piece for piece in pieces[0::2]):
        raise ReportError(f"{path}: «{key}» has a brace that is no place; places are written as {{name}}.")
    return pieces


def _check(words: Words, *, model: Words, path: Path, is_whole: bool) -> None:
    for key in words.pieces:
        if key not in model:
            raise ReportError(f"{path}: «{key}» is not one of the report's words; remove it or correct its name.")
        if strange := words.places(key) ^ model.places(key):
            raise ReportError(
                f"{path}: «{key}» needs the places of the English text, no more and no fewer: {{{min(strange)}}}."
            )
    if is_whole and (missing := [key for key in model.pieces if key not in words]):
        raise ReportError(f"{path}: {len(missing)} texts are missing, the first is «{missing[0]}».")
