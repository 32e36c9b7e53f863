"""What is asked before a case is left whose report is worked on."""

from __future__ import annotations

from forensic_gui.widgets.question import Question


def leaving_question(job: str, *, has_review: bool) -> Question | None:
    """What is asked before a case is left whose report is worked on; None for nothing.

    Args:
        job: what goes on, a sentence; "" for nothing.
        has_review: whether a review is written and not recorded.
    """
    lost = [f"{job} It is stopped when the case is closed, and nothing of it is kept."] if job else []
    if has_review:
        lost.append("A review is written and not recorded. Its words are kept nowhere.")
    if not lost:
        return None
    return Question(
        name="ask_leave_report",
        title="Closing Case",
        text="Close the case all the same?",
        details="\n\n".join(lost),
        answer="Close the Case",
    )
