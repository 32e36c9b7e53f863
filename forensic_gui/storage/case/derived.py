"""What the database keeps a second time, to find and to sort by: whether it follows from what it was made of."""

from __future__ import annotations

import sqlite3

from forensic_gui.storage.case import items
from forensic_gui.storage.case.folder import vault_suffix
from forensic_gui.storage.case.text import natural_key

# Edits hold whole regions where they add or remove one; several are one entry.
_OTHER_OWNERS = """
WITH log (item_id, entry) AS (SELECT item_id, CASE WHEN json_valid(edit) THEN edit ELSE '{}' END FROM edit),
said (id, item_id) AS (
    SELECT json_extract(entry, '$.region.id'), item_id FROM log WHERE json_type(entry, '$.region.id') IS NOT NULL
    UNION
    SELECT json_extract(each.value, '$.region.id'), log.item_id FROM log, json_each(entry, '$.edits') AS each
    WHERE json_type(each.value, '$.region.id') IS NOT NULL
)
SELECT id FROM (SELECT id, item_id FROM said EXCEPT SELECT id, item_id FROM region)
UNION SELECT id FROM (SELECT id, item_id FROM region EXCEPT SELECT id, item_id FROM said)
ORDER BY 1 LIMIT 1
"""


def first_misfit(connection: sqlite3.Connection) -> str:
    """What does not follow, a clause; "" where all does.

    Everything that it follows from has to be compared with the audit trail before.
    """
    searched = dict(connection.execute("SELECT item_id, text FROM searched").fetchall())
    rows = connection.execute("SELECT id, name, name_key, suffix FROM item ORDER BY id").fetchall()
    for item_id, name, name_key, suffix in rows:
        if suffix != vault_suffix(name):
            return f"item {item_id} is looked for in the vault under another suffix than its name has"
        if name_key != natural_key(name):
            return f"item {item_id} is sorted by something else than its name"
        if searched.pop(item_id, None) != items.searchable(connection, item_id):
            return f"the text by which item {item_id} is found is not what is said of it"
    if searched:
        return f"there is a text to find item {min(searched)} by, and no such item"
    other = connection.execute(_OTHER_OWNERS).fetchone()
    return "" if other is None else f"region {other[0]} is not of the item that the edit log says"
