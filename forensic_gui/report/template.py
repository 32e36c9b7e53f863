"""What a report is laid out by: words, the order of its parts, and a letterhead.

The program's own template lies in its resources. A folder of the user's may change a part of it and add languages. The
page and the style of HTML reports are the program's, as those of PDF are: a page could leave something out.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.reports.pictures import Picture
from forensic_gui.domain.reports.plan import Part
from forensic_gui.report.document import Letterhead
from forensic_gui.report.sections import PARTS, chapters_of
from forensic_gui.report.words import Words, read_toml, read_words
from forensic_gui.resources import resource

MODEL_LANGUAGE = "en"
_SETTINGS = "template.toml"
_OURS_ALONE = ("page.html.j2", "style.css")
_WORDS = re.compile(r"words\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.toml")
_TABLES = frozenset({"language", "letterhead", "sections"})

_MOST_LINES = 12
_MOST_LOGO_BYTES = 8 << 20
_MOST_LOGO_PIXELS = 25_000_000
_LOGO_SIDE_PX = 1200


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """What a report is laid out by.

    Attributes:
        language: that is offered for new reports.
        words: by language.
        letterhead: whose report it is.
        sections: names of the sections in their order, by half of the report.
    """

    language: str
    words: Mapping[str, Words]
    letterhead: Letterhead
    sections: Mapping[Part, tuple[str, ...]]

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
    if folder is not None and not folder.is_dir():
        raise ReportError(f"{folder} is no folder: name the folder that holds the report's template.")
    if folder is not None:
        _refuse_page(folder)
    settings = _settings(own, folder)
    words = _all_words(own, folder)
    language = settings["language"]
    if language not in words:
        raise ReportError(f"{_chosen(own, folder, _SETTINGS)}: there are no words in «{language}», its «language».")
    return Template(
        language=language,
        words=words,
        letterhead=_letterhead(settings["letterhead"], path=_chosen(own, folder, _SETTINGS)),
        sections=_sections(settings["sections"], path=_chosen(own, folder, _SETTINGS)),
    )


def _refuse_page(folder: Path) -> None:
    for name in _OURS_ALONE:
        if os.path.lexists(folder / name):
            raise ReportError(
                f"{folder / name}: the page and the style of a report are the program's own, so that nothing can be "
                "left out or hidden; remove the file. A template changes letterhead, order, headings, and adds languages."
            )


def _chosen(own: Path, folder: Path | None, name: str) -> Path:
    if folder is not None and (folder / name).exists():
        return folder / name
    return own / name


def _settings(own: Path, folder: Path | None) -> dict[str, Any]:
    """The user's entries over the program's own, table by table."""
    settings = read_toml(own / _SETTINGS)
    path = _chosen(own, folder, _SETTINGS)
    if path.parent == own:
        return settings
    chosen = read_toml(path)
    for name, value in chosen.items():
        if name not in _TABLES:
            raise ReportError(f"{path}: «{name}» is not known; a template has {', '.join(sorted(_TABLES))}.")
        if isinstance(value, dict) is not isinstance(settings[name], dict):
            raise ReportError(f"{path}: «{name}» is of the wrong kind; see the program's own template.toml.")
        settings[name] = {**settings[name], **value} if isinstance(value, dict) else value
    return settings


def _all_words(own: Path, folder: Path | None) -> dict[str, Words]:
    model = read_words(own / f"words.{MODEL_LANGUAGE}.toml", language=MODEL_LANGUAGE)
    words = {MODEL_LANGUAGE: model}
    for language, path in _word_files(own):
        if language != MODEL_LANGUAGE:
            words[language] = read_words(path, language=language, model=model)
    for language, path in () if folder is None else _word_files(folder):
        words[language] = read_words(path, language=language, model=model, base=words.get(language))
    return words


def _word_files(folder: Path) -> list[tuple[str, Path]]:
    found = ((_WORDS.fullmatch(path.name), path) for path in folder.iterdir())
    return sorted((match[1], path) for match, path in found if match is not None)


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


def _letterhead(table: Mapping[str, Any], *, path: Path) -> Letterhead:
    if strange := sorted(set(table) - {"lines", "logo"}):
        raise ReportError(f"{path}: «letterhead.{strange[0]}» is not known; there are «lines» and «logo».")
    lines, logo = table["lines"], table["logo"]
    if not isinstance(lines, list) or len(lines) > _MOST_LINES or not all(isinstance(line, str) for line in lines):
        raise ReportError(f"{path}: «letterhead.lines» is a list of at most {_MOST_LINES} texts.")
    if not isinstance(logo, str) or Path(logo).name != logo:
        raise ReportError(f"{path}: «letterhead.logo» is the name of a file in the template's folder.")
    return Letterhead(tuple(lines), _logo(path.parent / logo) if logo else None)


def _logo(path: Path) -> Picture:
    """A picture of known size and without anything but pixels, whatever the file holds.

    Raises:
        ReportError: it is no PNG or JPEG file, or too large for a letterhead.
    """
    try:
        if path.stat().st_size > _MOST_LOGO_BYTES:
            raise ReportError(f"{path} has over {_MOST_LOGO_BYTES >> 20} MiB; make the logo smaller.")
        with Image.open(path, formats=("PNG", "JPEG")) as image:
            if image.width * image.height > _MOST_LOGO_PIXELS:
                raise ReportError(f"{path} has over {_MOST_LOGO_PIXELS} pixels; make the logo smaller.")
            pixels = image.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ReportError(f"{path} cannot be read as a PNG or JPEG picture for the letterhead.") from error
    # On white: a letterhead is printed, and the two renderers treat transparency differently.
    flat = Image.alpha_composite(Image.new("RGBA", pixels.size, "white"), pixels).convert("RGB")
    flat.thumbnail((_LOGO_SIDE_PX, _LOGO_SIDE_PX))
    out = io.BytesIO()
    flat.save(out, "PNG", optimize=False)
    return Picture(out.getvalue(), "image/png", flat.width, flat.height)
