"""The files of a template folder: each read once, so that what is hashed is what was used."""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.reports.pictures import Picture
from forensic_gui.domain.reports.template import BUILT_IN, TemplateIdentity

SETTINGS = "template.toml"
WORDS = re.compile(r"words\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.toml")
"""Names of files of words, with their language."""

_OURS_ALONE = ("page.html.j2", "style.css")
_MOST_TEXT_BYTES = 1 << 20
_MOST_LOGO_BYTES = 8 << 20
_MOST_LOGO_PIXELS = 25_000_000
_LOGO_SIDE_PX = 1200


def read_folder(folder: Path) -> dict[str, bytes]:
    """Settings and words of a folder, by the name of the file.

    Raises:
        ReportError: it is no folder, has a page or a style sheet, or a file in it cannot be used.
    """
    if not folder.is_dir():
        raise ReportError(f"{folder} is no folder: name the folder that holds the report's template.")
    for name in _OURS_ALONE:
        if os.path.lexists(folder / name):
            raise ReportError(
                f"{folder / name}: the page and the style of a report are the program's own, so that nothing can be "
                "left out or hidden; remove the file. A template changes letterhead, order and headings, and adds "
                "languages."
            )
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise ReportError(f"{folder} cannot be read: {error.strerror}.") from error
    known = [name for name in names if name == SETTINGS or WORDS.fullmatch(name)]
    return {name: _read(folder / name, most_bytes=_MOST_TEXT_BYTES) for name in known}


def read_logo(path: Path) -> bytes:
    """The bytes of a logo.

    Raises:
        ReportError: it is no file of the folder, cannot be read, or is too large.
    """
    return _read(path, most_bytes=_MOST_LOGO_BYTES)


def logo_of(data: bytes, *, path: Path) -> Picture:
    """A picture of known size and without anything but pixels, whatever the file holds.

    Args:
        data: of the file.
        path: of it, to name it in errors.

    Raises:
        ReportError: it is no PNG or JPEG file, or too large for a letterhead.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
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


def identity_of(files: Mapping[str, bytes], *, name: str) -> TemplateIdentity:
    """Which template this is.

    Args:
        files: of it, by name; none where the program's own is used as it is.
        name: of it.
    """
    if not files:
        return BUILT_IN
    lines = (f"{hashlib.sha256(files[each]).hexdigest()}  {each}\n" for each in sorted(files))
    return TemplateIdentity(name, hashlib.sha256("".join(lines).encode()).hexdigest())


def _read(path: Path, *, most_bytes: int) -> bytes:
    try:
        status = path.lstat()
        # What a link leads to can change while the folder stays as it is, and may be nobody's business.
        if not stat.S_ISREG(status.st_mode):
            raise ReportError(f"{path} is a link or no file: put the file itself into the template's folder.")
        if status.st_size > most_bytes:
            raise ReportError(f"{path} has over {most_bytes >> 20} MiB; make it smaller.")
        return path.read_bytes()
    except OSError as error:
        raise ReportError(f"{path} of the report's template cannot be read: {error.strerror}.") from error
