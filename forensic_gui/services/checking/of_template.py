"""By which template a report was laid out: what the case recorded of it, and what the manifest says."""

from __future__ import annotations

from collections.abc import Sequence

from forensic_gui.domain.case import AuditEvent
from forensic_gui.domain.plain_text import plain_line
from forensic_gui.domain.reports.manifest import ReportManifest
from forensic_gui.services.checking.checks import Check, holds, not_checked, wrong
from forensic_gui.services.checking.writings import written_event

SUBJECT = "template"


def check_template(
    manifest: ReportManifest | None, *, trail: Sequence[AuditEvent] = (), sha256: str = ""
) -> list[Check]:
    """What is known of the template; nothing is said where the program's own was used.

    Args:
        manifest: of the report; None without one.
        trail: of the case; empty where it is not at hand.
        sha256: of the report's bytes.
    """
    event = written_event(trail, sha256)
    said = "" if manifest is None else manifest.template_sha256
    if event is None:
        return [not_checked(SUBJECT, f"A template is named by the manifest alone: SHA-256 {said}.")] if said else []
    recorded = str(event.details.get("template_sha256", ""))
    if manifest is not None and said != recorded:
        return [wrong(SUBJECT, "The manifest names another template than the case recorded when the file was written.")]
    if not recorded:
        return []
    name = plain_line(str(event.details.get("template", "")))
    return [holds(SUBJECT, f"It was laid out by the template «{name}», SHA-256 {recorded}, as the case recorded.")]
