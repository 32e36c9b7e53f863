"""The table of formats is what people are told, and what the formats do."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensic_gui.services.labels.formats import FORMATS, FormatTraits, Trait, losses_in_words


@pytest.mark.parametrize("chosen", FORMATS.values(), ids=lambda traits: traits.format.value)
def test_the_guide_says_of_every_format_what_it_holds_and_loses(chosen: FormatTraits, checkout: Path) -> None:
    guide = (checkout / "docs" / "user-guide.md").read_text(encoding="utf-8")
    section = guide.partition("\n## Labels\n")[2].partition("\n## ")[0]
    (row,) = (line for line in section.splitlines() if line.startswith(f"| `{chosen.format.value}` "))
    _, _, layout, lost, readable, _ = (cell.strip() for cell in row.split("|"))
    assert layout.replace("*part*", "<part>") == chosen.layout
    assert lost == losses_in_words(chosen.format)
    assert (readable == "yes") == chosen.readable


def test_no_format_that_can_be_imported_loses_a_hole_or_a_part() -> None:
    for traits in FORMATS.values():
        if traits.readable:
            assert traits.carries(Trait.HOLES)
            assert traits.carries(Trait.PARTS)
