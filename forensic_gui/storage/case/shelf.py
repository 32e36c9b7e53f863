"""Items that were read once, kept so that a list of 50,000 is sorted and searched anew without being read anew."""

from __future__ import annotations

import sqlite3

from forensic_gui.domain.case import CaseItem, ItemQuery
from forensic_gui.storage.case import items

# Of this connection alone, and taken back with a transaction that is: no change of an item can be missed.
_WATCH = (
    "CREATE TEMP TABLE changed_item (id INTEGER PRIMARY KEY)",
    "CREATE TEMP TRIGGER item_changed AFTER UPDATE ON main.item"
    " BEGIN INSERT OR IGNORE INTO changed_item (id) VALUES (new.id); END",
)


def watch(connection: sqlite3.Connection) -> None:
    """Let the database note which items this connection changes."""
    for statement in _WATCH:
        connection.execute(statement)


class Shelf:
    """Items of one connection, which calls of one thread at a time come to."""

    def __init__(self, *, watched: bool) -> None:
        """Start empty.

        Args:
            watched: whether `watch` was called for the connection; otherwise it only reads.
        """
        self._watched = watched
        self._items: dict[int, CaseItem] = {}
        self._version: int | None = None

    def find(self, connection: sqlite3.Connection, query: ItemQuery) -> tuple[CaseItem, ...]:
        """Items that match, in the order asked for; not within a change, which may be taken back yet."""
        wanted = items.find_ids(connection, query)
        self._forget_changed(connection)
        known = self._items
        missing = [item_id for item_id in wanted if item_id not in known]
        if missing:
            known |= items.fetch(connection, missing)
        return tuple([known[item_id] for item_id in wanted])

    def _forget_changed(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if version != self._version:  # another connection changed something
            self._items.clear()
            self._version = version
        if self._watched:
            for (item_id,) in connection.execute("DELETE FROM changed_item RETURNING id").fetchall():
                self._items.pop(item_id, None)
