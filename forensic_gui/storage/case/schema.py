"""The tables of a case, as numbered steps: each brings a database from one version to the next, in one transaction."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

APPLICATION_ID = 0x46474331  # "FGC1", bytes 68 to 71 of the file, by which `file` and others tell it

# What SQLite takes for space between words: every other character, a no-break space among them, is part of a word.
_SPACES = re.compile(r"[ \t\n\f\r]+")

_VERSION_1 = """
CREATE TABLE about (
    id TEXT PRIMARY KEY,
    created TEXT NOT NULL,
    created_by TEXT NOT NULL,
    tool_version TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE item (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256 TEXT NOT NULL UNIQUE,
    suffix TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    source TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    modified_utc TEXT NOT NULL,
    added TEXT NOT NULL,
    added_by TEXT NOT NULL,
    width INTEGER,
    height INTEGER,
    grouping TEXT NOT NULL DEFAULT '',
    group_key TEXT NOT NULL,
    tags TEXT NOT NULL DEFAULT '[]',
    share REAL,
    highest_score REAL,
    threshold REAL,
    regions INTEGER NOT NULL DEFAULT 0,
    conclusion TEXT NOT NULL DEFAULT 'open',
    unreadable TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX item_by_name ON item (name_key, name, id);
CREATE INDEX item_by_score ON item (share DESC, highest_score DESC, name_key, id);
CREATE INDEX item_by_group ON item (group_key, grouping, name_key, name, id);

CREATE TABLE searched (
    item_id INTEGER PRIMARY KEY REFERENCES item (id),
    text TEXT NOT NULL
) STRICT;

CREATE TABLE tag (
    tag TEXT NOT NULL,
    item_id INTEGER NOT NULL REFERENCES item (id),
    PRIMARY KEY (tag, item_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_by_item ON tag (item_id);

CREATE TABLE decoding (
    item_id INTEGER PRIMARY KEY REFERENCES item (id),
    facts TEXT NOT NULL
) STRICT;

CREATE TABLE finding (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id INTEGER NOT NULL REFERENCES item (id),
    maps_sha256 TEXT NOT NULL,
    record TEXT NOT NULL
) STRICT;
CREATE INDEX finding_by_item ON finding (item_id, id);

CREATE TABLE edit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id INTEGER NOT NULL REFERENCES item (id),
    action TEXT NOT NULL CHECK (action IN ('do', 'undo', 'redo')),
    of INTEGER REFERENCES edit (seq),
    label TEXT NOT NULL,
    author TEXT NOT NULL,
    time TEXT NOT NULL,
    edit TEXT NOT NULL
) STRICT;
CREATE INDEX edit_by_item ON edit (item_id, seq, action, of);

CREATE TABLE annotation (
    item_id INTEGER PRIMARY KEY REFERENCES item (id),
    revision INTEGER NOT NULL REFERENCES edit (seq),
    record TEXT NOT NULL
) STRICT;

CREATE TABLE region (
    id TEXT PRIMARY KEY,
    item_id INTEGER NOT NULL REFERENCES item (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    previous TEXT NOT NULL,
    sha256 TEXT NOT NULL
) STRICT;

CREATE TRIGGER edit_is_never_changed BEFORE UPDATE ON edit
BEGIN SELECT RAISE(ABORT, 'the edit log is only appended to'); END;
CREATE TRIGGER edit_is_never_deleted BEFORE DELETE ON edit
BEGIN SELECT RAISE(ABORT, 'the edit log is only appended to'); END;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END;
"""

# A draft is one row that changes, vouched for by its events; what was issued and what reviewers said never changes.
_VERSION_2 = """
CREATE TABLE report_draft (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    authors TEXT NOT NULL,
    record TEXT NOT NULL
) STRICT;

CREATE TABLE report_issue (
    number INTEGER PRIMARY KEY,
    supersedes INTEGER REFERENCES report_issue (number),
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    authors TEXT NOT NULL,
    time TEXT NOT NULL,
    record_sha256 TEXT NOT NULL,
    record BLOB NOT NULL
) STRICT;

CREATE TABLE report_review (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    revision INTEGER NOT NULL REFERENCES report_issue (number),
    reviewer TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('approved', 'returned')),
    note TEXT NOT NULL,
    time TEXT NOT NULL
) STRICT;
CREATE INDEX report_review_by_revision ON report_review (revision, id);

CREATE TRIGGER report_issue_is_never_changed BEFORE UPDATE ON report_issue
BEGIN SELECT RAISE(ABORT, 'issued reports are only appended to'); END;
CREATE TRIGGER report_issue_is_never_deleted BEFORE DELETE ON report_issue
BEGIN SELECT RAISE(ABORT, 'issued reports are only appended to'); END;
CREATE TRIGGER report_review_is_never_changed BEFORE UPDATE ON report_review
BEGIN SELECT RAISE(ABORT, 'reviews are only appended to'); END;
CREATE TRIGGER report_review_is_never_deleted BEFORE DELETE ON report_review
BEGIN SELECT RAISE(ABORT, 'reviews are only appended to'); END;
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step.

    Attributes:
        version: what the database is of afterwards.
        apply: makes it so, within a transaction that the caller begins and ends.
    """

    version: int
    apply: Callable[[sqlite3.Connection], None]


def run_script(connection: sqlite3.Connection, script: str) -> None:
    """Execute statements one by one; `executescript` would end the transaction first."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            connection.execute(pending)
            pending = ""
    assert not pending.strip(), f"not a whole statement: {pending}"


MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, lambda connection: run_script(connection, _VERSION_1)),
    Migration(2, lambda connection: run_script(connection, _VERSION_2)),
)

SCHEMA_VERSION = MIGRATIONS[-1].version


def version_of(connection: sqlite3.Connection) -> int:
    """The database's `user_version`; 0 for an empty one."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration] = MIGRATIONS) -> tuple[int, ...]:
    """Bring a database (in autocommit mode) to the newest version; the versions gone through.

    A step that fails leaves the version before it.
    """
    done: list[int] = []
    for migration in migrations:
        connection.execute("BEGIN IMMEDIATE")
        try:
            if version_of(connection) < migration.version:
                migration.apply(connection)
                connection.execute(f"PRAGMA user_version = {migration.version}")
                done.append(migration.version)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    return tuple(done)


def schema_of(connection: sqlite3.Connection) -> frozenset[tuple[str, str, str]]:
    """(kind, name, statement) of every table, index, trigger and view, SQLite's own among them, spacing aside.

    A hostile file can give a trigger a name that SQLite keeps for itself, so that no name is passed over.
    """
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema")
    return frozenset((kind, name, _SPACES.sub(" ", sql or "").strip(" ")) for kind, name, sql in rows)


def expected_schema(version: int, migrations: Sequence[Migration] = MIGRATIONS) -> frozenset[tuple[str, str, str]]:
    """What `schema_of` says of a whole database of this version."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(connection, [step for step in migrations if step.version <= version])
        return schema_of(connection)
    finally:
        connection.close()
