"""A log that contradicts itself, or holds what is no edit, is damage that names the entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from forensic_gui.domain.annotation import Annotation, Conclusion
from forensic_gui.domain.case import Action
from forensic_gui.domain.edits import SetConclusion
from forensic_gui.domain.errors import CaseDamaged
from forensic_gui.domain.geometry import Size
from forensic_gui.storage.case import editlog, items
from forensic_gui.storage.case.opening import OpenCase, open_case

MARK = SetConclusion(Conclusion.OPEN, Conclusion.NO_MANIPULATION_FOUND)
MARKED = Annotation(Size(8, 6), conclusion=Conclusion.NO_MANIPULATION_FOUND)
DEEP = "[" * 100_000 + "]" * 100_000
DETAILS = (
    '{"author":"","time":"","kind":"unknown","confidence":"unstated","note":"","origin":{"maker":"analyst",'
    '"tool_id":"","tool_sha256":"","parameters":{},"edited":false},"prompts":{"box":null,"points":[],"scribbles":[]}}'
)
LONG_RUN = (
    '{"width":8,"height":6,"conclusion":"open","regions":'
    f'[{{"id":"a","width":8,"height":6,"mask":"oooooooooo0","source":null,"details":{DETAILS}}}]}}'
)
HUGE = '{"width":100000,"height":100000,"conclusion":"open","regions":[]}'
FRACTION = '{"width":8.0,"height":6,"conclusion":"open","regions":[]}'
OTHER_REGION = LONG_RUN.replace('"width":8,"height":6,"mask":"oooooooooo0"', '"width":1,"height":2,"mask":"2"')
TIME = "2026-01-01T00:00:00+00:00"


@pytest.fixture
def case(folder: Path) -> Iterator[OpenCase]:
    """An open case with one edit."""
    with open_case(folder, read_only=False) as opened:
        with opened.database.changing() as connection:
            connection.execute("UPDATE item SET width = 8, height = 6 WHERE id = 1")
            editlog.append(
                connection, 1, MARK, action=Action.DO, of=None, label="Mark", author="Ada", time=TIME, becomes=MARKED
            )
        yield opened


def test_what_was_appended_is_what_is_read(case: OpenCase) -> None:
    with case.database.reading() as connection:
        assert editlog.current(connection, 1) == (1, MARKED)
        assert editlog.edit_of(connection, 1) == (MARK, "Mark")
        assert [entry.edit for entry in editlog.entries(connection, 1)] == [MARK]
        assert (editlog.current(connection, 2), editlog.revision_of(connection, 2)) == ((0, None), 0)


@pytest.mark.parametrize(
    ("statement", "read"),
    [
        ("UPDATE annotation SET record = '{}'", lambda connection: editlog.current(connection, 1)),
        ("UPDATE annotation SET record = 'no json'", lambda connection: editlog.current(connection, 1)),
        (f"UPDATE annotation SET record = '{DEEP}'", lambda connection: editlog.current(connection, 1)),
        (f"UPDATE annotation SET record = '{LONG_RUN}'", lambda connection: editlog.current(connection, 1)),
        (f"UPDATE annotation SET record = '{HUGE}'", lambda connection: editlog.current(connection, 1)),
        (f"UPDATE annotation SET record = '{FRACTION}'", lambda connection: editlog.current(connection, 1)),
        (f"UPDATE annotation SET record = '{OTHER_REGION}'", lambda connection: editlog.current(connection, 1)),
        ("UPDATE item SET width = 6, height = 8", lambda connection: editlog.current(connection, 1)),
        ("UPDATE item SET width = NULL, height = NULL", lambda connection: editlog.current(connection, 1)),
        ("UPDATE item SET width = 100000, height = 100000", lambda connection: items.get(connection, 1)),
        (f"INSERT INTO edit VALUES (2, 1, 'do', NULL, '', '', '', '{DEEP}')", lambda at: editlog.edit_of(at, 2)),
        ("INSERT INTO edit VALUES (2, 1, 'do', NULL, '', '', '', '{}')", lambda at: editlog.edit_of(at, 2)),
        ("INSERT INTO edit VALUES (2, 1, 'do', NULL, '', '', '', 'x')", lambda at: editlog.entries(at, 1)),
        ("INSERT INTO edit VALUES (2, 1, 'redo', 1, '', '', '', '{}')", lambda at: editlog.stacks_of(at, 1)),
    ],
)
def test_what_cannot_be_read_is_damage(case: OpenCase, statement: str, read: Callable[[Any], object]) -> None:
    with case.database.changing() as connection:
        connection.execute(statement)
        with pytest.raises(CaseDamaged, match=r"item 1|[Ee]ntry 2"):
            read(connection)
