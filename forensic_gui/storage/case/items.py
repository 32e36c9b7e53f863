"""Items in the database: what is known of each evidence file, found and sorted in SQL so that 50,000 stay fluid."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from forensic_gui.domain.annotation import MOST_PIXELS, Annotation, Conclusion
from forensic_gui.domain.audit import canonical_json
from forensic_gui.domain.case import CaseItem, ItemOrder, ItemQuery
from forensic_gui.domain.errors import CaseDamaged, CaseError
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.storage.case.text import haystack, natural_key, needle, parsed, storable

_COLUMNS = (
    "item.id, sha256, name, source, size_bytes, modified_utc, added, added_by, width, height, grouping, tags, share,"
    " highest_score, threshold, regions, conclusion, unreadable"
)
_ORDERS = {
    ItemOrder.ADDED: "item.id",
    ItemOrder.NAME: "name_key, name, item.id",
    ItemOrder.SCORE: "share DESC NULLS LAST, highest_score DESC, name_key, item.id",
    ItemOrder.GROUP: "group_key, grouping, name_key, name, item.id",
}
_CONCLUSIONS = {conclusion.value: conclusion for conclusion in Conclusion}
_NO_TAGS = "[]"
_BEHIND_ALL = "\U0010ffff"
# Fewer digits are in nearly every hash: whoever looks for «10» does not mean those.
_PART_OF_HASH = re.compile(r"[0-9a-f]{6,64}")


@dataclass(frozen=True, slots=True)
class NewItem:
    """What is known of an evidence file when it is added; the fields are those of `domain.case.CaseItem`.

    Attributes:
        suffix: under which the vault keeps its bytes.
    """

    sha256: str
    suffix: str
    name: str
    source: str
    size_bytes: int
    modified_utc: str
    added: str
    added_by: str
    group: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Everything that the tables keep of an item's group and tags.

    Attributes:
        group: the group, and what sorts it.
        shown: the tags that lists show, in order of code points.
        found: the tags by which it is found, in order of code points.
    """

    group: tuple[str, str]
    shown: tuple[str, ...]
    found: tuple[str, ...]

    @classmethod
    def of(cls, group: str, tags: Iterable[str]) -> Placement:
        """What is kept of an item in a group and with tags, both storable."""
        ordered = tuple(sorted(tags))
        return cls((group, _group_key(group)), ordered, ordered)


def insert(connection: sqlite3.Connection, new: NewItem) -> int:
    """Add an item; its id."""
    cursor = connection.execute(
        "INSERT INTO item (sha256, suffix, name, name_key, source, size_bytes, modified_utc, added, added_by, grouping,"
        " group_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            new.sha256,
            new.suffix,
            storable(new.name),
            natural_key(new.name),
            storable(new.source),
            new.size_bytes,
            new.modified_utc,
            new.added,
            storable(new.added_by),
            storable(new.group),
            _group_key(new.group),
        ),
    )
    item_id = cursor.lastrowid
    assert item_id is not None
    connection.execute("INSERT INTO searched (item_id, text) VALUES (?, '')", (item_id,))
    refresh_search(connection, [item_id])
    return item_id


def find_ids(connection: sqlite3.Connection, query: ItemQuery) -> list[int]:
    """Ids of the items that match, in the order asked for."""
    conditions: list[str] = []
    values: list[Any] = []
    table = "item"
    if text := needle(query.text):
        table = "item JOIN searched ON searched.item_id = item.id"
        is_hash = _PART_OF_HASH.fullmatch(text)
        conditions.append("(instr(searched.text, ?) OR instr(sha256, ?))" if is_hash else "instr(searched.text, ?)")
        values += [text, text] if is_hash else [text]
    if query.group is not None:
        conditions.append("group_key = ? AND grouping = ?")
        values += [_group_key(query.group), storable(query.group)]
    for tag in query.tags:
        conditions.append("item.id IN (SELECT item_id FROM tag WHERE tag = ?)")
        values.append(storable(tag))
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = connection.execute(f"SELECT item.id FROM {table}{where} ORDER BY {_ORDERS[query.order]}", values)
    return [item_id for (item_id,) in rows]


def fetch(connection: sqlite3.Connection, item_ids: Sequence[int]) -> dict[int, CaseItem]:
    """Items by their ids; those that do not exist are left out.

    Raises:
        CaseDamaged: one says what no item can say.
    """
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM item WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(item_ids),)
    )
    sizes: dict[tuple[int | None, int | None], Size | None] = {(None, None): None}
    found: dict[int, CaseItem] = {}
    for row in rows:
        try:
            found[row[0]] = _item(row, sizes)
        except (ValueError, KeyError, TypeError) as error:
            raise CaseDamaged(f"What is kept of item {row[0]} cannot be read; restore the case from a copy.") from error
    return found


def get(connection: sqlite3.Connection, item_id: int) -> CaseItem:
    """One item; a `CaseError` where there is none of this id."""
    found = fetch(connection, [item_id])
    if not found:
        raise CaseError(f"There is no item {item_id} in this case.")
    return found[item_id]


def require(connection: sqlite3.Connection, item_ids: Iterable[int]) -> None:
    """Raise `CaseError` where one of the items does not exist."""
    for item_id in item_ids:
        if connection.execute("SELECT 1 FROM item WHERE id = ?", (item_id,)).fetchone() is None:
            raise CaseError(f"There is no item {item_id} in this case.")


def by_hash(connection: sqlite3.Connection, sha256: str) -> tuple[int, str] | None:
    """(id, suffix) of the item with these bytes."""
    found: tuple[int, str] | None = connection.execute(
        "SELECT id, suffix FROM item WHERE sha256 = ?", (sha256,)
    ).fetchone()
    return found


def kept_under(connection: sqlite3.Connection, item_id: int) -> tuple[str, str]:
    """(hash, suffix) under which the vault keeps an item's bytes."""
    row: tuple[str, str] | None = connection.execute(
        "SELECT sha256, suffix FROM item WHERE id = ?", (item_id,)
    ).fetchone()
    if row is None:
        raise CaseError(f"There is no item {item_id} in this case.")
    return row


def all_kept_under(connection: sqlite3.Connection) -> list[tuple[int, str, str]]:
    """(id, hash, suffix) of every item."""
    return connection.execute("SELECT id, sha256, suffix FROM item ORDER BY id").fetchall()


def count(connection: sqlite3.Connection) -> int:
    """Number of items."""
    (items,) = connection.execute("SELECT count(*) FROM item").fetchone()
    return int(items)


def set_group(connection: sqlite3.Connection, item_ids: Sequence[int], group: str) -> list[int]:
    """Put items into a group; those that were not in it before."""
    changed = [
        item_id
        for item_id in item_ids
        if connection.execute(
            "UPDATE item SET grouping = ?, group_key = ? WHERE id = ? AND grouping <> ?",
            (storable(group), _group_key(group), item_id, storable(group)),
        ).rowcount
    ]
    refresh_search(connection, changed)
    return changed


def change_tags(
    connection: sqlite3.Connection, item_ids: Sequence[int], *, add: Sequence[str], remove: Sequence[str]
) -> list[int]:
    """Add and remove tags; the items whose tags changed."""
    changed = [item_id for item_id in item_ids if _change_tags(connection, item_id, add, remove)]
    refresh_search(connection, changed)
    return changed


def _change_tags(connection: sqlite3.Connection, item_id: int, add: Sequence[str], remove: Sequence[str]) -> bool:
    before = {tag for (tag,) in connection.execute("SELECT tag FROM tag WHERE item_id = ?", (item_id,))}
    after = (before | {storable(tag) for tag in add}) - {storable(tag) for tag in remove}
    if after == before:
        return False
    connection.execute("DELETE FROM tag WHERE item_id = ?", (item_id,))
    connection.executemany("INSERT INTO tag (tag, item_id) VALUES (?, ?)", [(tag, item_id) for tag in after])
    tags = json.dumps(sorted(after, key=natural_key), ensure_ascii=False)
    connection.execute("UPDATE item SET tags = ? WHERE id = ?", (tags, item_id))
    return True


def groups(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Groups in use, as people sort them."""
    rows = connection.execute("SELECT DISTINCT grouping, group_key FROM item WHERE grouping <> '' ORDER BY 2, 1")
    return tuple(group for group, _ in rows)


def tags(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Tags in use, as people sort them."""
    found = (tag for (tag,) in connection.execute("SELECT DISTINCT tag FROM tag"))
    return tuple(sorted(found, key=natural_key))


def placements(connection: sqlite3.Connection) -> dict[int, Placement]:
    """Group and tags of every item, by its id; a ValueError where tags are none."""
    found: dict[int, list[str]] = {}
    for item_id, tag in connection.execute("SELECT item_id, tag FROM tag ORDER BY item_id, tag"):
        found.setdefault(item_id, []).append(tag)
    rows = connection.execute("SELECT id, grouping, group_key, tags FROM item ORDER BY id")
    return {
        item_id: Placement((group, key), tuple(sorted(_texts(parsed(tags)))), tuple(sorted(found.get(item_id, ()))))
        for item_id, group, key, tags in rows
    }


def put_decoded(connection: sqlite3.Connection, item_id: int, facts: DecodeFacts) -> bool:
    """Record how an item's pixels were made; whether anything of it is new."""
    record = canonical_json(asdict(facts))
    known = connection.execute("SELECT facts FROM decoding WHERE item_id = ?", (item_id,)).fetchone()
    item = get(connection, item_id)
    if known == (record,) and not item.unreadable:
        return False
    connection.execute("INSERT OR REPLACE INTO decoding (item_id, facts) VALUES (?, ?)", (item_id, record))
    connection.execute(
        "UPDATE item SET width = ?, height = ?, unreadable = '' WHERE id = ?",
        (facts.stored.width, facts.stored.height, item_id),
    )
    return True


def decoded_facts(connection: sqlite3.Connection, item_id: int) -> DecodeFacts | None:
    """How an item's pixels were made when it was read last; None where it was not yet.

    Raises:
        CaseDamaged: it cannot be read.
    """
    row = connection.execute("SELECT facts FROM decoding WHERE item_id = ?", (item_id,)).fetchone()
    if row is None:
        return None
    try:
        return _decode_facts(parsed(row[0]))
    except (ValueError, KeyError, TypeError) as error:
        raise CaseDamaged(f"How item {item_id} was read cannot be read; restore the case from a copy.") from error


def put_unreadable(connection: sqlite3.Connection, item_id: int, reason: str) -> bool:
    """Record why an item cannot be decoded; whether that is new."""
    changed = connection.execute(
        "UPDATE item SET unreadable = ? WHERE id = ? AND unreadable <> ?",
        (storable(reason), item_id, storable(reason)),
    )
    return bool(changed.rowcount)


def put_annotated(connection: sqlite3.Connection, item_id: int, annotation: Annotation) -> None:
    """Keep what lists show of an annotation."""
    connection.execute(
        "UPDATE item SET regions = ?, conclusion = ? WHERE id = ?",
        (len(annotation.regions), annotation.conclusion.value, item_id),
    )


def refresh_search(
    connection: sqlite3.Connection, item_ids: Iterable[int], *, notes: Sequence[str] | None = None
) -> None:
    """Bring the text that is searched up to date; `notes` of its regions where they may have changed."""
    for item_id in item_ids:
        text = searchable(connection, item_id, notes=notes)
        connection.execute("UPDATE searched SET text = ? WHERE item_id = ? AND text <> ?", (text, item_id, text))


def searchable(connection: sqlite3.Connection, item_id: int, *, notes: Sequence[str] | None = None) -> str:
    """The text by which an item is found; `notes` of its regions, None for those that are kept."""
    found = notes if notes is not None else _notes(connection, item_id)
    row = connection.execute("SELECT name, source, grouping, tags FROM item WHERE id = ?", (item_id,))
    name, source, group, tags_text = row.fetchone()
    return haystack([name, source, group, *json.loads(tags_text), *found])


def _notes(connection: sqlite3.Connection, item_id: int) -> list[str]:
    row = connection.execute("SELECT record FROM annotation WHERE item_id = ?", (item_id,)).fetchone()
    return [] if row is None else [region["details"]["note"] for region in json.loads(row[0])["regions"]]


def _group_key(group: str) -> str:
    """What sorts groups; items without one come last."""
    return natural_key(group) or _BEHIND_ALL


def _item(row: tuple[Any, ...], sizes: dict[tuple[int | None, int | None], Size | None]) -> CaseItem:
    """The item of a row in the order of `_COLUMNS`; few sizes are many items', so each is made once."""
    item_id, sha256, name, source, size_bytes, modified_utc, added, added_by, width, height, *rest = row
    group, tags, share, highest_score, threshold, regions, conclusion, unreadable = rest
    side = (width, height)
    if side not in sizes:
        sizes[side] = _size(width, height)
    return CaseItem(
        item_id,
        sha256,
        name,
        source,
        size_bytes,
        modified_utc,
        added,
        added_by,
        sizes[side],
        group,
        () if tags == _NO_TAGS else _texts(parsed(tags)),
        share,
        highest_score,
        threshold,
        regions,
        _CONCLUSIONS[conclusion],
        unreadable,
    )


def _decode_facts(record: dict[str, Any]) -> DecodeFacts:
    return DecodeFacts(
        **{
            **record,
            "stored": _size(**record["stored"]),
            "orientation": Orientation(record["orientation"]),
            "choices": _texts(record["choices"]),
            "warnings": _texts(record["warnings"]),
        }
    )


def _size(width: int, height: int) -> Size:
    size = Size(width, height)
    if size.pixels > MOST_PIXELS:
        raise ValueError("an image of more pixels than are decoded")
    return size


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError("these are no texts")
    return tuple(values)
