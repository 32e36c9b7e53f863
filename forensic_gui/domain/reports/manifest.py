"""The manifest beside a report: hashes by which a changed byte shows, and the whole audit trail's head."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

MANIFEST_SCHEMA = "forensic-gui.report-manifest/1"
MANIFEST_SUFFIX = ".manifest.json"


@dataclass(frozen=True, slots=True)
class ReportManifest:
    """What is known of a report's file at the moment it was written.

    Attributes:
        file: its name, without a folder.
        sha256: of its bytes.
        size_bytes: number of its bytes.
        record_sha256: of the record that it embeds.
        case_id: of which case.
        revision: number of the issued revision; None for a draft.
        trail_events: number of events of the whole audit trail once the writing of this file was recorded.
        trail_head: SHA-256 of the last of them; "" where the case could only be read.
        time: when it was written, ISO 8601 in UTC with offset.
        author: by whom.
        tool_version: of this program.
        is_signed: whether a signature was put into the file.
        template_sha256: of the files of the template that the report was laid out by; "" for the program's own.
    """

    file: str
    sha256: str
    size_bytes: int
    record_sha256: str
    case_id: str
    revision: int | None
    trail_events: int
    trail_head: str
    time: str
    author: str
    tool_version: str
    is_signed: bool = False
    template_sha256: str = ""

    def to_json(self) -> str:
        """JSON for people and programs, ASCII, with a line's end."""
        return json.dumps({"schema": MANIFEST_SCHEMA, **asdict(self)}, indent=1, ensure_ascii=True) + "\n"

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> ReportManifest:
        """The manifest of JSON values; KeyError, TypeError or ValueError where they are not."""
        if record["schema"] != MANIFEST_SCHEMA:
            raise ValueError(f"a manifest of schema {record['schema']!r} is not understood")
        # Manifests of reports that no template was used for were written without its hash.
        given = {"template_sha256": "", **record}
        values = {each.name: given[each.name] for each in fields(cls)}
        for each in fields(cls):
            if type(values[each.name]) not in _TYPES[str(each.type)]:
                raise TypeError(f"its {each.name} is none")
        return cls(**values)


_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,), "int": (int,), "int | None": (int, type(None)), "bool": (bool,),
}  # fmt: skip


def manifest_beside(report: Path) -> Path:
    """Where the manifest of a report lies."""
    return report.with_name(report.name + MANIFEST_SUFFIX)
