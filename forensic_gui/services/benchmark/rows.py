"""Rows of the benchmark's table: a figure, what it is compared with, and a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

BENCHMARK_SCHEMA = "forensic-gui.benchmark/1"


class Unit(StrEnum):
    """Units of figures."""

    MILLISECONDS = "ms"
    MEGABYTES = "MB"  # 10**6 bytes
    IMAGES_PER_SECOND = "images/s"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        name: fixed name for programs, as "forward".
        figure: what was measured, for people.
        unit: of `value` and `floor`.
        value: the figure; None where it could not be measured.
        floor: what it is compared with, from the same run; None where it stands alone.
        floor_of: what the floor is, for people.
        target: most that the ratio (with a floor) or the figure (without one) is meant to be; None where there is no
            target.
        note: how it was measured, or why it was not.
    """

    name: str
    figure: str
    unit: Unit
    value: float | None
    floor: float | None = None
    floor_of: str = ""
    target: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The figure as a multiple of its floor."""
        if self.value is None or not self.floor:
            return None
        return self.value / self.floor

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is no target or no figure."""
        judged = self.ratio if self.floor_of else self.value
        if judged is None or self.target is None:
            return None
        return judged <= self.target

    def to_record(self) -> dict[str, Any]:
        """The row as JSON values."""
        return {
            "name": self.name,
            "figure": self.figure,
            "unit": self.unit.value,
            "value": self.value,
            "floor": self.floor,
            "floor_of": self.floor_of or None,
            "ratio": self.ratio,
            "target": self.target,
            "met": self.met,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Everything one run measured.

    Attributes:
        machine: what it ran on and with: cores, threads, rate of its matrix product, runtime, weights, versions.
        rows: the table.
        time: when it ended, ISO 8601 in UTC with offset.
    """

    machine: Mapping[str, str | int | float]
    rows: tuple[Row, ...]
    time: str

    def to_record(self) -> dict[str, Any]:
        """The run as JSON values."""
        return {
            "schema": BENCHMARK_SCHEMA,
            "machine": dict(self.machine),
            "rows": [row.to_record() for row in self.rows],
            "time": self.time,
        }
