"""What was read so far: entries and warnings within limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from boxprompt.data.decode.guard import as_sentences, printable

MOST_ENTRIES = 500
LONGEST_VALUE = 500
_LONGEST_NAME = 80
_MOST_WARNINGS = 200


class Notes:
    """Collects entries and warnings. Values are kept as the file has them; whoever shows them makes them harmless."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str, str]] = []
        self.left_out = 0
        self._warnings: list[str] = []

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence each, each once, in order."""
        return as_sentences(self._warnings)

    def add(self, group: str, name: str, value: Callable[[], str] | str) -> None:
        """Keep an entry, or count it where there are too many.

        Args:
            group: where it stands.
            name: as the standard calls it.
            value: of any length, or what makes it where it is kept.
        """
        if len(self.entries) >= MOST_ENTRIES:
            self.left_out += 1
            return
        text = value if isinstance(value, str) else value()
        self.entries.append((group, shortened(name, _LONGEST_NAME), shortened(text, LONGEST_VALUE)))

    def warn(self, sentence: str) -> None:
        """Keep a warning. More of them than anybody reads are dropped."""
        if len(self._warnings) < _MOST_WARNINGS:
            self._warnings.append(sentence)

    @contextmanager
    def parsing(self, what: str) -> Iterator[None]:
        """Turn whatever a parser raises into a warning that names `what`; what was read before stays.

        Only calls into a parser belong inside: an error of our own code must stay visible as one.
        """
        try:
            yield
        except MemoryError:
            self.warn(f"{what}: reading it needs more memory than the limit allows.")
        except Exception as error:  # noqa: BLE001 - metadata parsers raise anything
            self.warn(f"{what}: reading stopped ({reason(error)}).")


def shortened(text: str, most: int) -> str:
    """`text` in at most `most` characters; where it is longer, its length stands at the end."""
    if len(text) <= most:
        return text
    end = f"… ({len(text)} characters)"
    return text[: most - len(end)] + end


def reason(error: Exception) -> str:
    """What an exception says, with its type: parsers' texts are often a number alone."""
    said = printable(str(error)).rstrip(".")
    return f"{type(error).__name__}: {said}" if said and "object at 0x" not in said else type(error).__name__
