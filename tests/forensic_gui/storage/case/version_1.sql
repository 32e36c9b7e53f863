PRAGMA application_id = 1179075377;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE about (
    id TEXT PRIMARY KEY,
    created TEXT NOT NULL,
    created_by TEXT NOT NULL,
    tool_version TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "about" VALUES('80e4266e-9bc9-4561-a5e9-0ee3feedd875','2026-11-21T07:23:42.517+00:00','Ada','0.1.0');
CREATE TABLE annotation (
    item_id INTEGER PRIMARY KEY REFERENCES item (id),
    revision INTEGER NOT NULL REFERENCES edit (seq),
    record TEXT NOT NULL
) STRICT;
INSERT INTO "annotation" VALUES(1,3,'{"conclusion":"open","height":6,"regions":[{"details":{"author":"Ada","confidence":"unstated","kind":"unknown","note":"Sky","origin":{"edited":false,"maker":"analyst","parameters":{},"tool_id":"","tool_sha256":""},"prompts":{"box":null,"points":[],"scribbles":[]},"time":"2026-01-01T00:00:00+00:00"},"height":6,"id":"a","mask":"0`1","source":null,"width":8}],"width":8}');
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
INSERT INTO "audit" VALUES(1,'2026-11-21T07:23:42.517+00:00','Ada','case created','','{"case_id":"80e4266e-9bc9-4561-a5e9-0ee3feedd875","schema_version":1,"tool_version":"0.1.0"}','0000000000000000000000000000000000000000000000000000000000000000','ef6b98bacf5ea3e52177f3da0e7446565a58dd736b21372c74f7068e9e798e4e');
INSERT INTO "audit" VALUES(2,'2026-11-21T07:23:42.701+00:00','Ada','evidence added','7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed','{"group":"Quay","item":1,"modified_utc":"2026-11-21T07:23:42.517694+00:00","name":"IMG_1.jpg","size_bytes":3,"source":"/tmp/photographs/IMG_1.jpg"}','ef6b98bacf5ea3e52177f3da0e7446565a58dd736b21372c74f7068e9e798e4e','e108fd0c4f108c4eca2611f421585fefd0fc2905ffc4025482b5f7b5abbbd060');
INSERT INTO "audit" VALUES(3,'2026-11-21T07:23:42.720+00:00','Ada','evidence decoded','7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed','{"bit_depth":8,"choices":[],"decoder":"Pillow","decoder_version":"13.0.0","format":"JPEG","mode":"RGB","orientation":1,"page":0,"pages":1,"parameters":{},"stored":{"height":6,"width":8},"warnings":[]}','e108fd0c4f108c4eca2611f421585fefd0fc2905ffc4025482b5f7b5abbbd060','975f99c1124d1a6969cb331a056df9d7062245aa5f3f98a7bfbd9dc1448ae1aa');
INSERT INTO "audit" VALUES(4,'2026-11-21T07:23:42.728+00:00','Ada','tags changed','','{"added":["seen"],"items":[1],"removed":[]}','975f99c1124d1a6969cb331a056df9d7062245aa5f3f98a7bfbd9dc1448ae1aa','6146a0ec0341a618514699a4a0f1c8787a9e9a6bf8e0d2375ac3e17a55b384b9');
INSERT INTO "audit" VALUES(5,'2026-11-21T07:23:42.736+00:00','Ada','edit','7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed','{"annotation_sha256":"b5021bfbb2342c4727b4ffb0f584431d8509c12844350314601baec202ab254b","edit_sha256":"14510e36446bf7bad57e302d5ca257176796ee68f2ebae3b34ea79c4c99f2046","entry":1,"item":1,"label":"Box","of":null}','6146a0ec0341a618514699a4a0f1c8787a9e9a6bf8e0d2375ac3e17a55b384b9','eed2498900b1f8a8c51fb19981422c2e5e8352b2e221fe03dfc3523175ac7bd8');
INSERT INTO "audit" VALUES(6,'2026-11-21T07:23:42.739+00:00','Ada','edit','7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed','{"annotation_sha256":"e3ef13ea207384e2fe448799c2d2a8a4dd718f635bb1c57f8108ffbfee41c234","edit_sha256":"db99607d6cb6b7df65bb7071714c49a798600cb20be534d09e93a83283078a6f","entry":2,"item":1,"label":"Mark","of":null}','eed2498900b1f8a8c51fb19981422c2e5e8352b2e221fe03dfc3523175ac7bd8','e33ebc0abfcaba4d3ff9725ffb965ca5a3838561a8baeff0eb13a4dd93b35113');
INSERT INTO "audit" VALUES(7,'2026-11-21T07:23:42.743+00:00','Ada','undo','7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed','{"annotation_sha256":"b5021bfbb2342c4727b4ffb0f584431d8509c12844350314601baec202ab254b","edit_sha256":"7b3b53aaf784deef1df46562f42efa972fad69c41753ce8d172e7bb871e04914","entry":3,"item":1,"label":"Mark","of":2}','e33ebc0abfcaba4d3ff9725ffb965ca5a3838561a8baeff0eb13a4dd93b35113','fed231df021865cc05c624006679871bb191438991a21b32d3632fe34351f712');
INSERT INTO "audit" VALUES(8,'2026-11-21T07:23:42.747+00:00','Ada','case closed','','{}','fed231df021865cc05c624006679871bb191438991a21b32d3632fe34351f712','26dfa7377566eacd6b4e84c17ebb72ce5cf1d70a6147c14e08cc6aa8074ec036');
CREATE TABLE decoding (
    item_id INTEGER PRIMARY KEY REFERENCES item (id),
    facts TEXT NOT NULL
) STRICT;
INSERT INTO "decoding" VALUES(1,'{"bit_depth":8,"choices":[],"decoder":"Pillow","decoder_version":"13.0.0","format":"JPEG","mode":"RGB","orientation":1,"page":0,"pages":1,"parameters":{},"stored":{"height":6,"width":8},"warnings":[]}');
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
INSERT INTO "edit" VALUES(1,1,'do',NULL,'Box','Ada','2026-11-21T07:23:42.736+00:00','{"edit":"add region","index":0,"region":{"details":{"author":"Ada","confidence":"unstated","kind":"unknown","note":"Sky","origin":{"edited":false,"maker":"analyst","parameters":{},"tool_id":"","tool_sha256":""},"prompts":{"box":null,"points":[],"scribbles":[]},"time":"2026-01-01T00:00:00+00:00"},"height":6,"id":"a","mask":"0`1","source":null,"width":8}}');
INSERT INTO "edit" VALUES(2,1,'do',NULL,'Mark','Ada','2026-11-21T07:23:42.739+00:00','{"after":"no manipulation found","before":"open","edit":"set conclusion"}');
INSERT INTO "edit" VALUES(3,1,'undo',2,'Mark','Ada','2026-11-21T07:23:42.743+00:00','{"after":"open","before":"no manipulation found","edit":"set conclusion"}');
CREATE TABLE finding (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id INTEGER NOT NULL REFERENCES item (id),
    maps_sha256 TEXT NOT NULL,
    record TEXT NOT NULL
) STRICT;
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
INSERT INTO "item" VALUES(1,'7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed','.jpg','IMG_1.jpg','img_0011.jpg','/tmp/photographs/IMG_1.jpg',3,'2026-11-21T07:23:42.517694+00:00','2026-11-21T07:23:42.701+00:00','Ada',8,6,'Quay','quay','["seen"]',NULL,NULL,NULL,1,'open','');
CREATE TABLE region (
    id TEXT PRIMARY KEY,
    item_id INTEGER NOT NULL REFERENCES item (id)
) STRICT, WITHOUT ROWID;
INSERT INTO "region" VALUES('a',1);
CREATE TABLE searched (
    item_id INTEGER PRIMARY KEY REFERENCES item (id),
    text TEXT NOT NULL
) STRICT;
INSERT INTO "searched" VALUES(1,'img_1.jpg
/tmp/photographs/img_1.jpg
quay
seen
sky');
CREATE TABLE tag (
    tag TEXT NOT NULL,
    item_id INTEGER NOT NULL REFERENCES item (id),
    PRIMARY KEY (tag, item_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "tag" VALUES('seen',1);
CREATE INDEX item_by_name ON item (name_key, name, id);
CREATE INDEX item_by_score ON item (share DESC, highest_score DESC, name_key, id);
CREATE INDEX item_by_group ON item (group_key, grouping, name_key, name, id);
CREATE INDEX tag_by_item ON tag (item_id);
CREATE INDEX finding_by_item ON finding (item_id, id);
CREATE INDEX edit_by_item ON edit (item_id, seq, action, of);
CREATE TRIGGER edit_is_never_changed BEFORE UPDATE ON edit
BEGIN SELECT RAISE(ABORT, 'the edit log is only appended to'); END;
CREATE TRIGGER edit_is_never_deleted BEFORE DELETE ON edit
BEGIN SELECT RAISE(ABORT, 'the edit log is only appended to'); END;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('item',1);
INSERT INTO "sqlite_sequence" VALUES('edit',3);
COMMIT;
