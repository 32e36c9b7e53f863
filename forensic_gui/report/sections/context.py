"""What every section of a report is made from, and the small pieces that all of them use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forensic_gui.domain.reports.plan import Part
from forensic_gui.domain.reports.record import ReportRecord, SignedOff, TrailState, WeightsFacts
from forensic_gui.domain.shares import percent_text
from forensic_gui.report.document import Fact, Facts, Text, Tone
from forensic_gui.report.words import Words

LONGEST_NAME = 96
"""Characters of a file name in headings and tables; the facts of an item have it whole."""

_LEAST_PERCENT, _MOST_PERCENT = 0.01, 99

Settings = tuple[Mapping[str, Any], Mapping[str, Any]]
"""(parameters, computer) of findings: the same for most items of a case, so printed once for all of them."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is laid out, and in which words.

    Attributes:
        record: everything the report says.
        record_sha256: of it.
        signed_off: reviews, and whether the revision was superseded.
        words: of the report's language.
        weights: of the findings, by hash.
        settings: sets of parameters and computer that findings were made with, in the order of their first use.
        model_language: whether the words are in the language that sentences are recorded in.
    """

    record: ReportRecord
    record_sha256: str
    signed_off: SignedOff
    words: Words
    weights: Mapping[str, WeightsFacts]
    settings: tuple[Settings, ...]
    model_language: bool

    @property
    def newest_event(self) -> TrailState:
        """The last event of the audit trail that the report names."""
        return self.signed_off.newest_event or self.record.trail

    def fact(self, key: str, value: object, tone: Tone = Tone.BODY) -> Fact:
        """A value under the label of a key; «not supplied» where it is empty."""
        shown = str(value)
        if not shown.strip():
            return Fact(self.words(key), self.words("common.not_supplied"), Tone.EMPTY)
        return Fact(self.words(key), shown, tone)

    def said(self, words: str) -> Text:
        """A person's words; «not supplied» where there are none."""
        if not words.strip():
            return Text(self.words("common.not_supplied"), Tone.EMPTY)
        return Text(words, Tone.WORDS)

    def note(self, key: str, **values: object) -> Text:
        """A remark of the program."""
        return Text(self.words(key, **values), Tone.QUIET)

    def of_appendix(self, key: str) -> Text:
        """A remark that leads to the technical appendix, where this report has it."""
        has_it = Part.APPENDIX in self.record.plan.parts
        return self.note(key if has_it else "examiner.no_appendix")

    def yes_no(self, value: object) -> str:
        """A truth that may not be known."""
        if value is None:
            return ""
        return self.words("common.yes" if value else "common.no")

    def listed(self, values: Iterable[object]) -> str:
        """Values in a row; "" for none."""
        return self.words("common.listed").join(map(str, values))

    def pairs(self, mapping: Mapping[str, Any]) -> str:
        """Named values in a row, by name."""
        return self.listed(f"{name} {value}" for name, value in sorted(mapping.items()))


def settings_of(finding: Mapping[str, Any]) -> Settings:
    """With what a finding was made, beside weights, view, threshold, runtime and device."""
    return finding["parameters"], finding["environment"]


def facts(*shown: Fact) -> Facts:
    """Labelled values under each other."""
    return Facts(shown)


def shortened(name: str) -> str:
    """A file name with its middle left out where it is long: beginning and suffix tell names apart."""
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 24]}…{name[-23:]}"


def one_line(words: str) -> str:
    """A person's words where there is room for one line only: what parted its lines is a space."""
    return " ".join(words.split())


def named(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Values by name; those within others by both names, as "tiles.overlap_px"."""
    for name, value in sorted(values.items()):
        if isinstance(value, Mapping):
            yield from named(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def named_lines(values: Mapping[str, Any]) -> str:
    """Values by name, one a line."""
    return "\n".join(f"{name} = {value}" for name, value in named(values))


def counted(number: int) -> str:
    """A whole number, its digits in groups of three, the same in every language."""
    return f"{number:,}".replace(",", " ")


def percent(share: float) -> str:
    """A share of 1."""
    return percent_text(share, places=2)


def rough_percent(share: float) -> str:
    """A share of 1 with two significant digits, never rounded to none or to all."""
    number = share * 100
    if 0 < number < _LEAST_PERCENT:
        return f"< {_LEAST_PERCENT} %"
    if _MOST_PERCENT < number < 100:
        return f"> {_MOST_PERCENT} %"
    return f"{number:.0f} %" if number >= 10 else f"{number:.2g} %"


def score(value: float) -> str:
    """A model score."""
    return f"{value:.4f}"


def moment(time: str) -> str:
    """A time of the record, ISO 8601: seconds are enough to read, and the offset stays."""
    day, _, rest = time.partition("T")
    clock, plus, offset = rest.partition("+")
    if not rest or not plus:
        return time
    zone = "UTC" if offset == "00:00" else f"+{offset}"
    return f"{day} {clock.partition('.')[0]} {zone}"
