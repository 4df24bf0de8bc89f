-- The local file: the three entities, and what the sync and the undo need to remember.
--
-- Columns named as on the server are synchronised. `revision` (0: never synced) and the stored keys are local: the keys
-- are folded forms of other columns, by which lists are sorted and names are found through an index. They have a default, so
-- that a tool that knows nothing of them can insert; `colophon doctor` fills them in.

CREATE TABLE author (
    id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name       TEXT NOT NULL CHECK (name <> ''),
    sort_name  TEXT NOT NULL DEFAULT '',
    birth_year INTEGER,
    death_year INTEGER,
    email      TEXT,
    website    TEXT,
    notes      TEXT,
    created_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    updated_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    sort_key   TEXT NOT NULL DEFAULT '',
    name_key   TEXT NOT NULL DEFAULT '',
    revision   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX author_sort_key ON author (sort_key);
CREATE INDEX author_name_key ON author (name_key);
CREATE INDEX author_unsynced ON author (id) WHERE revision = 0;

CREATE TABLE book (
    id              BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    author_id       BLOB NOT NULL REFERENCES author (id),
    title           TEXT NOT NULL CHECK (title <> ''),
    subtitle        TEXT,
    isbn            TEXT,
    publisher       TEXT,
    published_year  INTEGER,
    language        TEXT,
    page_count      INTEGER,
    series          TEXT,
    series_position TEXT,
    notes           TEXT,
    created_at      INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    updated_at      INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    sort_key        TEXT NOT NULL DEFAULT '',
    title_key       TEXT NOT NULL DEFAULT '',
    revision        INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX book_isbn ON book (isbn) WHERE isbn IS NOT NULL;
CREATE INDEX book_author ON book (author_id);
CREATE INDEX book_sort_key ON book (sort_key);
CREATE INDEX book_title_key ON book (title_key);
-- Books without a year come last; an index on the expression serves the order.
CREATE INDEX book_published_year ON book (ifnull(published_year, 32767));
CREATE INDEX book_unsynced ON book (id) WHERE revision = 0;

CREATE TABLE contribution (
    id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    book_id    BLOB NOT NULL REFERENCES book (id),
    author_id  BLOB NOT NULL REFERENCES author (id),
    role       TEXT NOT NULL CHECK (role <> ''),
    position   INTEGER NOT NULL,
    created_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    updated_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    revision   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX contribution_book ON contribution (book_id, position);
CREATE INDEX contribution_author ON contribution (author_id);
CREATE INDEX contribution_unsynced ON contribution (id) WHERE revision = 0;

-- What was parked because two people said different things. Travels like the others, so anybody can see and settle it.
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
    created_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    updated_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    revision   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX conflict_record ON conflict (record_id);
CREATE INDEX conflict_open ON conflict (created_at) WHERE settled_at IS NULL;
CREATE INDEX conflict_unsynced ON conflict (id) WHERE revision = 0;

-- What the server does not know yet, of rows it knows. A row with revision 0 needs no entry here.
CREATE TABLE pending (
    entity        TEXT NOT NULL,
    id            BLOB NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('update', 'delete')),
    base          TEXT,             -- the row as it was last seen on the server, a JSON array in the order of its columns
    base_revision INTEGER NOT NULL, -- and the revision it had there; 0: it was never there
    base_is_tombstone INTEGER NOT NULL DEFAULT 0, -- 1: it was deleted there, and the base is what the tombstone keeps
    change        INTEGER NOT NULL, -- counts the changes since, so that one made during a push is noticed
    PRIMARY KEY (entity, id)
) STRICT, WITHOUT ROWID;

-- The last content of everything deleted here, for the undo and for a colleague whose edit brings it back.
CREATE TABLE deleted (
    entity   TEXT NOT NULL,
    id       BLOB NOT NULL,
    content  TEXT NOT NULL,    -- as in pending.base
    revision INTEGER NOT NULL, -- the revision of the deletion on the server; 0 while the server does not know it
    PRIMARY KEY (entity, id)
) STRICT, WITHOUT ROWID;

-- A row stands here while rows from the server are being written, in that transaction only: they are no edits.
CREATE TABLE applying (
    id INTEGER PRIMARY KEY CHECK (id = 1)
) STRICT;

-- The journal: what each transaction did.
CREATE TABLE edit (
    id        INTEGER PRIMARY KEY,
    act       INTEGER NOT NULL, -- the transaction: the id of its first edit; its edits lie together
    at        INTEGER NOT NULL, -- microseconds UTC
    entity    TEXT NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('create', 'update', 'delete')),
    entity_id BLOB NOT NULL,
    last_id   BLOB,             -- of several rows that were made together, the last
    count     INTEGER NOT NULL,
    others    BLOB,             -- of several rows of which the same columns were changed, the ids of all but the first
    before    TEXT,             -- JSON by column: the value that all rows had, or an array with the value of each
    after     TEXT,
    label     TEXT,             -- on the first edit of an act: what the person did, in words
    undoes    INTEGER           -- on the first edit of an act: the act that it takes back
) STRICT;

-- This installation, and how far it has come with its server.
CREATE TABLE device (
    only        INTEGER PRIMARY KEY CHECK (only = 1),
    id          BLOB NOT NULL CHECK (length(id) = 16),
    incarnation BLOB,                        -- the identity of the server's database
    cursor      INTEGER NOT NULL DEFAULT 0,  -- the revision up to which everything was taken from there
    batch       INTEGER NOT NULL DEFAULT 0   -- the number of the last batch that was sent
) STRICT;

-- Revisions of the server that this file was in step with, and the mark that each bore. A server that was brought back from a backup
-- gives the same numbers again, with other marks. Of the older ones, one an hour is kept.
CREATE TABLE seen (
    revision INTEGER PRIMARY KEY,
    mark     BLOB NOT NULL CHECK (length(mark) = 16),
    at       INTEGER NOT NULL -- microseconds UTC
) STRICT;

-- When the server turned out to have been brought back from a backup: what its history told until then is gone.
CREATE TABLE restored (
    at INTEGER NOT NULL -- microseconds UTC
) STRICT;

-- The rows that the server did not take, each with the reason. They hold up nothing else.
CREATE TABLE set_aside (
    entity  TEXT NOT NULL,
    id      BLOB NOT NULL,
    version INTEGER NOT NULL, -- which content of the row: an edit makes it another one to try
    refused INTEGER NOT NULL, -- 1: it waits for a person; 0: for what the server knows and this file does not know yet
    why     TEXT NOT NULL,    -- JSON
    PRIMARY KEY (entity, id)
) STRICT, WITHOUT ROWID;

-- The batch that is under way: kept before it is sent, gone when its fate is known.
CREATE TABLE batch_in_flight (
    number  INTEGER PRIMARY KEY,
    token   BLOB NOT NULL, -- which batch with this number: a copy of the file counts the same numbers
    hash    BLOB NOT NULL,
    content BLOB NOT NULL
) STRICT;
