-- What was parked because two people said different things. It travels like an entity, so anybody can see and settle it.
CREATE TABLE conflict (
    id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    entity     TEXT NOT NULL,
    record_id  BLOB NOT NULL CHECK (length(record_id) = 16),
    kind       TEXT NOT NULL,
    field      TEXT,
    base       TEXT,
    mine       TEXT,
    theirs     TEXT,
    stands     TEXT,
    holder     BLOB,
    theirs_by  TEXT,
    theirs_at  INTEGER,
    parked_by  TEXT NOT NULL,
    settled_at INTEGER,
    settled_by TEXT,
    settlement TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX conflict_record ON conflict (record_id);
CREATE INDEX conflict_open ON conflict (created_at) WHERE settled_at IS NULL;
CREATE INDEX conflict_unsynced ON conflict (id) WHERE revision = 0;
