"""findings.jsonl: one line of JSON for each finding, in the order of the input, only ever appended to."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self

from forensic_gui.domain.errors import OutputError
from forensic_gui.domain.finding import FINDING_SCHEMA, Finding, Product
from forensic_gui.services.artifacts import SUFFIXES
from forensic_gui.services.naming import Owner
from forensic_gui.storage.atomic import output_error, remove_leftovers
from forensic_gui.storage.lock import lock_exclusively

FINDINGS_NAME = "findings.jsonl"

_LINE_START = f'{{"schema":"{FINDING_SCHEMA}"'.encode()


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding as it will be written: what cannot be is found out before its files are in place.

    Attributes:
        data: JSON with its line end.
        outputs: names of the files that it speaks of.
    """

    data: bytes
    outputs: frozenset[str]

    @classmethod
    def of(cls, finding: Finding) -> FindingLine:
        """Serialise a finding.

        Raises:
            ValueError: a number in it is not finite.
        """
        data = finding.to_json().encode("ascii") + b"\n"
        return cls(data, frozenset(output.name for output in finding.outputs))


class FindingsLog:
    """The findings of an output folder, open for appending by one run at a time.

    Attributes:
        path: the file.
        owners: owners of the stems under which earlier runs wrote files.
        outputs: names of the files that findings of this folder speak of, this run's included.
    """

    def __init__(self, folder: Path) -> None:
        """Make the folder if need be and open its findings.

        Raises:
            OutputError: the folder cannot be made or written, another run writes into it, or its findings.jsonl is
                not one of this program.
        """
        if os.path.lexists(folder) and not folder.is_dir():
            raise OutputError(f"{folder} is a file, not a folder: results take a folder, so choose another.")
        self.path = folder / FINDINGS_NAME
        self.owners: dict[str, Owner] = {}
        self.outputs: set[str] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._is_new = not os.path.lexists(self.path)
            # Unbuffered: a buffer that the disk refused would be written again later, after other lines.
            self._file: FileIO = self.path.open("ab", buffering=0)
        except OSError as error:
            raise output_error(self.path, error) from error
        try:
            self._lock(folder)
        except BaseException:
            self._file.close()
            raise
        try:
            self._take_over(folder)
        except BaseException:
            self.close()
            raise

    def append(self, line: FindingLine) -> None:
        """Add a finding; on return it survives a crash of this program and of the machine.

        Raises:
            OutputError: the line could not be written; no part of it is left.
        """
        end = self._file.seek(0, os.SEEK_END)
        try:
            self._write_all(line.data)
            os.fsync(self._file.fileno())
        except OSError as error:
            self._cut_at(end)
            raise output_error(self.path, error) from error
        self.outputs.update(line.outputs)

    def close(self) -> None:
        """Let the next run have the folder; a file of no finding that this run made is removed."""
        with contextlib.suppress(OSError):
            if self._is_new and not os.fstat(self._file.fileno()).st_size:
                self._remove()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _lock(self, folder: Path) -> None:
        # Another run may have removed its empty file between our opening and locking it.
        if not lock_exclusively(self._file) or not self._is_in_place():
            raise OutputError(f"Another run is writing into {folder}: wait for it, or choose another output folder.")

    def _is_in_place(self) -> bool:
        try:
            return os.path.samestat(self.path.stat(), os.fstat(self._file.fileno()))
        except OSError:
            return False

    def _remove(self) -> None:
        if os.name == "nt":
            self._file.close()  # an open file cannot be removed there, and so not one that the next run has opened
        self.path.unlink()

    def _take_over(self, folder: Path) -> None:
        remove_leftovers(folder)
        end = 0
        with self.path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n") and _is_start_of_finding(line):
                    # The machine stopped in the middle of this line: nobody was told that it was done.
                    self._cut_at(end)
                    break
                self._remember(line)
                end += len(line)

    def _remember(self, line: bytes) -> None:
        try:
            record = json.loads(line)
            owner = Owner(record["sha256"], record["page"])
            for stem, name in _stems(record["outputs"]):
                self.owners[stem] = owner
                self.outputs.add(name)
        except (ValueError, KeyError, TypeError) as error:
            raise OutputError(
                f"{self.path} holds lines that this program did not write: choose another output folder."
            ) from error

    def _write_all(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]

    def _cut_at(self, end: int) -> None:
        try:
            os.ftruncate(self._file.fileno(), end)
        except OSError as error:
            raise output_error(self.path, error) from error


def _is_start_of_finding(line: bytes) -> bool:
    return line.startswith(_LINE_START) or _LINE_START.startswith(line)


def _stems(outputs: dict[str, dict[str, str]]) -> Iterator[tuple[str, str]]:
    for product, output in outputs.items():
        yield output["name"].removesuffix(SUFFIXES[Product(product)]), output["name"]
