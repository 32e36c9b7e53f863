"""Where a case folder keeps what."""

DATABASE = "case.sqlite3"
ORIGINALS = "originals"
DERIVED = "derived"
