"""`forensic-gui metadata`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from forensic_gui.cli.interrupts import cancel_on_signal
from forensic_gui.cli.options import ReplaceOption
from forensic_gui.cli.output import emit, failure_line, paragraphs, printable, tell
from forensic_gui.domain.errors import EvidenceError
from forensic_gui.domain.metadata import EmbeddedThumbnail, Metadata, QuantizationTable

HELP = """Show what an image file says of itself: EXIF and other metadata, quantisation tables, the embedded thumbnail.

A file can say anything of itself, and editors write what they like: none of it is to be relied on alone.

IMAGE is opened read-only and hashed before any parser sees it; the parsers run in a process of their own, with limits
on memory and time. What they complain of is a warning. At most 500 entries are kept, of each value 500 characters;
maker notes are named with their length, not read. Characters that cannot be seen are printed as escapes. `--json`
writes one JSON object on stdout, with values as the file has them; bytes that are no text are hexadecimal digits after
0x.

EXIT STATUS: 0 done; 1 the image cannot be read, or has no embedded thumbnail that could be written; 2 the call was
wrong.
"""
_CAUTION = "A file can say anything of itself; none of this is to be relied on alone."
_SIDE = 8


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("metadata", help=paragraphs(HELP))(metadata_command)


def metadata_command(
    image: Annotated[Path, typer.Argument(help="The image.", metavar="IMAGE")],
    thumbnail: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the bytes of the embedded thumbnail.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout in place of the text.")] = False,
    replace: ReplaceOption = False,
) -> None:
    """Read, and show or write what was read."""
    from forensic_gui.services import bootstrap
    from forensic_gui.services.metadata import read_metadata
    from forensic_gui.services.outputs import require_free, require_outside_cases

    if thumbnail is not None:
        require_free(thumbnail, replace=replace)
        require_outside_cases(thumbnail)
    with cancel_on_signal() as cancel, closing(bootstrap.open_decoder()) as decoder:
        try:
            sha256, said, data = read_metadata(image, source=decoder, cancel=cancel)
        except EvidenceError as error:
            tell(failure_line(str(image), str(error)))
            raise typer.Exit(1) from None
    if as_json:
        emit({"image": str(image), "sha256": sha256, **said.to_record()})
    else:
        for line in report_lines(sha256, said):
            typer.echo(printable(line))
    if thumbnail is not None:
        _write(thumbnail, data, image=image)


def report_lines(sha256: str, said: Metadata) -> Iterator[str]:
    """Metadata for people, line by line: the hash first."""
    version = f" {said.parser_version}" if said.parser_version else ""
    yield f"SHA-256  {sha256}"
    yield f"parser   {said.parser}{version}"
    yield _CAUTION
    for group, tags in groupby(said.tags, key=lambda tag: tag.group):
        members = list(tags)
        width = max(len(printable(tag.name)) for tag in members)
        yield ""
        yield group
        for tag in members:
            yield f"  {printable(tag.name):<{width}}  {printable(tag.value)}".rstrip()
    if said.left_out:
        yield ""
        yield f"{said.left_out} more entries were not kept."
    for table in said.tables:
        yield from _table_lines(table)
    if said.thumbnail is not None:
        yield from _thumbnail_lines(said.thumbnail)
    if said.warnings:
        yield ""
        yield "Warnings"
        yield from (f"  {warning}" for warning in said.warnings)


def _table_lines(table: QuantizationTable) -> Iterator[str]:
    yield ""
    yield f"Quantisation table {table.id}, row by row"
    width = max((len(str(value)) for value in table.values), default=1)
    for start in range(0, len(table.values), _SIDE):
        yield "  " + " ".join(f"{value:>{width}}" for value in table.values[start : start + _SIDE])


def _thumbnail_lines(thumbnail: EmbeddedThumbnail) -> Iterator[str]:
    size = f"{thumbnail.width_px} x {thumbnail.height_px} pixels" if thumbnail.width_px else "cannot be decoded"
    yield ""
    yield "Embedded thumbnail"
    yield f"  {thumbnail.format}, {size}, {thumbnail.size_bytes} bytes"
    yield f"  SHA-256 {thumbnail.sha256}"


def _write(path: Path, data: bytes, *, image: Path) -> None:
    from forensic_gui.domain.errors import RequestError
    from forensic_gui.storage.atomic import StagedFile

    if not data:
        tell(f"{image} has no embedded thumbnail that could be written; {path} was not made.")
        raise typer.Exit(1)
    if path.exists() and image.exists() and path.samefile(image):
        raise RequestError(f"{path} is the image itself; name another file for its thumbnail.")
    with StagedFile(path) as staged:
        staged.write(data)
    staged.commit()
