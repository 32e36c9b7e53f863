"""The examiner's report: everything that a person says in it. Nothing here is ever filled in by the program.

The order of the parts follows what guides ask of a report (SWGDE 18-Q-002, ISO 21043-5, ENFSI BPM-DI-03).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

LINES = ("title", "reference", "examiner", "qualification", "place")
"""Fields that are printed where there is room for a line or two."""
LONGEST_LINE = 300


class Level(StrEnum):
    """What the examiner concludes: support for one of two stated propositions, or what is said of the first one."""

    OPEN = "open"  # nothing was concluded yet
    VERY_STRONG_FIRST = "very strong support for the first proposition"
    STRONG_FIRST = "strong support for the first proposition"
    MODERATE_FIRST = "moderate support for the first proposition"
    LIMITED_FIRST = "limited support for the first proposition"
    NEITHER = "no more support for one proposition than for the other"
    LIMITED_SECOND = "limited support for the second proposition"
    MODERATE_SECOND = "moderate support for the second proposition"
    STRONG_SECOND = "strong support for the second proposition"
    VERY_STRONG_SECOND = "very strong support for the second proposition"
    CONSISTENT = "consistent with the first proposition"
    INCONSISTENT = "inconsistent with the first proposition"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Opinion:
    """The examiner's words. Each is plain text; "" prints «not supplied».

    Those of `LINES` have at most `LONGEST_LINE` characters, the others any number of lines.

    Attributes:
        title: of the report.
        reference: number or name under which whoever asked knows the matter.
        request: what was asked, by whom, when.
        authority: on what ground the examination was made (order, consent, contract).
        custody: how the items came to the examiner and where they were kept.
        examinations: what was done, beside what the appendix records by itself.
        observations: what was seen; facts, no opinions.
        first_proposition: what the conclusion weighs, as "Image 3 was altered after it was taken".
        second_proposition: what competes with it.
        level: the conclusion.
        reasons: why, in the examiner's words.
        limits: of this examination, beside those that the appendix states by itself.
        deviations: from the laboratory's usual procedure.
        disposition: what became of the items.
        examiner: name under which the report is signed.
        qualification: of the examiner.
        place: where the report is signed.
    """

    title: str = ""
    reference: str = ""
    request: str = ""
    authority: str = ""
    custody: str = ""
    examinations: str = ""
    observations: str = ""
    first_proposition: str = ""
    second_proposition: str = ""
    level: Level = Level.OPEN
    reasons: str = ""
    limits: str = ""
    deviations: str = ""
    disposition: str = ""
    examiner: str = ""
    qualification: str = ""
    place: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of what has to be there before a report is more than a draft, in the order of the fields."""
        needed = ("first_proposition", "second_proposition", "reasons")
        gone = [name for name in needed if not getattr(self, name).strip()]
        if self.level is Level.OPEN:
            gone.insert(len([name for name in gone if name != "reasons"]), "level")
        return tuple(gone)

    def to_record(self) -> dict[str, str]:
        """JSON values."""
        return {each.name: str(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Opinion:
        """The opinion of JSON values of `to_record`; KeyError, TypeError or ValueError where they are not."""
        texts = {each.name: record[each.name] for each in fields(cls)}
        if not all(isinstance(text, str) for text in texts.values()):
            raise TypeError("an opinion consists of texts")
        return cls(**{**texts, "level": Level(record["level"])})
