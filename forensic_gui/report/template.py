"""What a report is laid out by: words, the order of its parts, and a letterhead.

The program's own template lies in its resources. A folder of the user's may change a part of it and add languages. The
page and the style of HTML reports are the program's, as those of PDF are: a page could leave something out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.reports.plan import Part
from forensic_gui.domain.reports.template import TemplateIdentity
from forensic_gui.report.document import Letterhead
from forensic_gui.report.sections import PARTS, chapters_of
from forensic_gui.report.template_files import SETTINGS, WORDS, identity_of, logo_of, read_folder, read_logo
from forensic_gui.report.words import Words, parse_toml, parse_words, read_toml, read_words
from forensic_gui.resources import resource

MODEL_LANGUAGE = "en"
_TABLES = frozenset({"name", "language", "letterhead", "sections"})

_MOST_LINES = 12
_LONGEST_LINE = 160
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """What a report is laid out by.

    Attributes:
        language: that is offered for new reports.
        words: by language.
        letterhead: whose report it is.
        sections: names of the sections in their order, by half of the report.
        identity: which template this is.
        shipped: languages that the program has words in; in the others every word is the laboratory's own.
    """

    language: str
    words: Mapping[str, Words]
    letterhead: Letterhead
    sections: Mapping[Part, tuple[str, ...]]
    identity: TemplateIdentity
    shipped: frozenset[str]

    @property
    def languages(self) -> tuple[str, ...]:
        """That reports can be printed in, in alphabetical order."""
        return tuple(sorted(self.words))

    def words_in(self, language: str) -> Words:
        """The words of a language.

        Raises:
            ReportError: the template does not have it.
        """
        if language not in self.words:
            raise ReportError(
                f"The report's template has no words in «{language}»; choose one of {', '.join(self.languages)}, "
                f"or add a file words.{language}.toml to a template folder."
            )
        return self.words[language]


def load_template(folder: Path | None = None) -> Template:
    """Read a template.

    Args:
        folder: of the user's; what it does not hold is the program's own. None for the program's own alone.

    Raises:
        ReportError: a file of it cannot be used; names the file and what is wrong in it.
        InstallationError: the program's own files are missing.
    """
    own = resource("report")
    files = {} if folder is None else read_folder(folder)
    path = own / SETTINGS if folder is None or SETTINGS not in files else folder / SETTINGS
    settings = _settings(read_toml(own / SETTINGS), files.get(SETTINGS), path=path)
    shipped = _shipped_words(own)
    words = shipped if folder is None else {**shipped, **_chosen_words(folder, files, shipped)}
    language = settings["language"]
    if language not in words:
        raise ReportError(f"{path}: there are no words in «{language}», its «language».")
    sections = _sections(settings["sections"], path=path)
    letterhead = _letterhead(settings["letterhead"], path=path, files=files)
    identity = identity_of(files, name=_name(settings["name"], folder=folder, path=path))
    return Template(language, words, letterhead, sections, identity, frozenset(shipped))


def _settings(settings: dict[str, Any], chosen: bytes | None, *, path: Path) -> dict[str, Any]:
    """The user's entries over the program's own, table by table."""
    if chosen is None:
        return settings
    for name, value in parse_toml(chosen, path=path).items():
        if name not in _TABLES:
            raise ReportError(f"{path}: «{name}» is not known; a template has {', '.join(sorted(_TABLES))}.")
        if isinstance(value, dict) is not isinstance(settings[name], dict):
            raise ReportError(f"{path}: «{name}» is of the wrong kind; see the program's own template.toml.")
        settings[name] = {**settings[name], **value} if isinstance(value, dict) else value
    return settings


def _name(name: Any, *, folder: Path | None, path: Path) -> str:
    if not isinstance(name, str) or len(name) > _LONGEST_NAME:
        raise ReportError(f"{path}: «name» is a text of at most {_LONGEST_NAME} characters.")
    if name.strip() or folder is None:
        return name.strip()
    return folder.resolve().name


def _shipped_words(own: Path) -> dict[str, Words]:
    model = read_words(own / f"words.{MODEL_LANGUAGE}.toml", language=MODEL_LANGUAGE)
    others = {match[1]: path for path in own.iterdir() if (match := WORDS.fullmatch(path.name))}
    return {
        language: model if language == MODEL_LANGUAGE else read_words(path, language=language, model=model)
        for language, path in others.items()
    }


def _chosen_words(folder: Path, files: Mapping[str, bytes], shipped: Mapping[str, Words]) -> dict[str, Words]:
    words: dict[str, Words] = {}
    for name, data in files.items():
        if (match := WORDS.fullmatch(name)) is not None:
            base, model = shipped.get(match[1]), shipped[MODEL_LANGUAGE]
            words[match[1]] = parse_words(data, path=folder / name, language=match[1], model=model, base=base)
    return words


def _sections(table: Mapping[str, Any], *, path: Path) -> dict[Part, tuple[str, ...]]:
    if strange := sorted(set(table) - {part.value for part in Part}):
        raise ReportError(f"{path}: «sections.{strange[0]}» is not known; there are «examiner» and «appendix».")
    return {part: _order(table[part.value], part=part, path=path) for part in Part}


def _order(names: Any, *, part: Part, path: Path) -> tuple[str, ...]:
    known = tuple(PARTS[part])
    if not isinstance(names, list) or sorted(map(str, names)) != sorted(known):
        raise ReportError(f"{path}: «sections.{part.value}» has to name each of {', '.join(known)} once.")
    chapters = [chapter for chapter, _ in chapters_of(part, tuple(names))]
    if len(set(chapters)) != len(chapters):
        raise ReportError(
            f"{path}: «sections.{part.value}» parts what belongs together: observations and opinion are chapters of "
            "their own, and their parts follow each other."
        )
    return tuple(names)


def _letterhead(table: Mapping[str, Any], *, path: Path, files: dict[str, bytes]) -> Letterhead:
    """The letterhead; its logo becomes one of the template's files."""
    if strange := sorted(set(table) - {"lines", "logo"}):
        raise ReportError(f"{path}: «letterhead.{strange[0]}» is not known; there are «lines» and «logo».")
    lines, logo = table["lines"], table["logo"]
    if not isinstance(lines, list) or len(lines) > _MOST_LINES or not all(map(_is_line, lines)):
        raise ReportError(
            f"{path}: «letterhead.lines» is a list of at most {_MOST_LINES} texts, each of at most {_LONGEST_LINE} "
            "characters."
        )
    if not isinstance(logo, str) or Path(logo).name != logo or not logo.isprintable():
        raise ReportError(f"{path}: «letterhead.logo» is the name of a file in the template's folder.")
    if not logo:
        return Letterhead(tuple(lines))
    files[logo] = read_logo(path.parent / logo)
    return Letterhead(tuple(lines), logo_of(files[logo], path=path.parent / logo))


def _is_line(line: Any) -> bool:
    return isinstance(line, str) and len(line) <= _LONGEST_LINE
