"""What is said of a case, as functions of what happened. No Qt."""

from __future__ import annotations

from forensic_gui.domain.case import Altered, CaseInfo
from forensic_gui.domain.errors import EvidenceAltered, EvidenceMissing
from forensic_gui.services.case import AddReport
from forensic_gui.views.core.wording import images, number, shown_plainly


def altered_error(altered: Altered) -> EvidenceAltered:
    """What is said of an original that is not what it was."""
    if not altered.measured:
        return EvidenceMissing("Its original is missing from the case or cannot be read. Restore the case from a copy.")
    return EvidenceAltered(
        f"Its original was altered since it was added: its SHA-256 is {altered.measured} and was {altered.expected}. "
        "Restore the case from a copy."
    )


def altered_summary(count: int) -> str:
    """How many originals are not what they were."""
    subject = "1 original is" if count == 1 else f"{number(count)} originals are"
    return f"{subject} not what was put into the case. Nothing is made of altered bytes; restore the case from a copy."


def added(report: AddReport) -> str:
    """What became of files that were added, in one sentence."""
    parts = [f"{images(len(report.added))} added"]
    if report.known:
        known = len(set(report.known))
        parts.append(f"{number(known)} {'was' if known == 1 else 'were'} in the case already, by SHA-256")
    if report.failures:
        parts.append(f"{number(len(report.failures))} could not be read")
    return ", ".join(parts) + "."


def read_only(info: CaseInfo) -> str:
    """Why nothing can be changed, and what that means."""
    return f"{info.read_only} What you analyze now is shown, and not kept."


def title(*, image: str, case: str, is_read_only: bool) -> str:
    """The window's title."""
    named = f"{shown_plainly(case)} (read-only)" if is_read_only and case else shown_plainly(case)
    return " – ".join(part for part in (shown_plainly(image), named) if part) or "Forensic GUI"
