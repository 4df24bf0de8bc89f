-- What the store keeps beside the tables of an application: for the sync, the undo, and the age of edits.

-- What the server does not know yet, of rows it knows. A row with revision 0 needs no entry here.
CREATE TABLE pending (
    entity        TEXT NOT NULL,
    id            BLOB NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('update', 'delete')),
    base          TEXT,             -- the row as it was last seen on the server, a JSON object by column
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

-- From which edit of the journal on the clock on the wall and the one that nobody sets stood to each other as they did.
CREATE TABLE clock (
    since INTEGER PRIMARY KEY,                  -- the first such edit
    boot  BLOB NOT NULL CHECK (length(boot) = 16), -- which start of which machine
    ahead INTEGER NOT NULL                      -- what the wall was ahead of it, in microseconds
) STRICT;

-- What the server's clock is ahead of that of a start, as it was best measured.
CREATE TABLE boot (
    id       BLOB PRIMARY KEY CHECK (length(id) = 16),
    ahead    INTEGER NOT NULL, -- microseconds
    within   INTEGER NOT NULL, -- how far that may be off, microseconds
    measured INTEGER NOT NULL  -- when, by the clock of the start
) STRICT, WITHOUT ROWID;

-- What the file has forgotten of its own past.
CREATE TABLE pruned (
    only   INTEGER PRIMARY KEY CHECK (only = 1),
    acts   INTEGER NOT NULL DEFAULT 0, -- transactions that are not in the journal any more
    edits  INTEGER NOT NULL DEFAULT 0, -- and what was said in them: values set, records made and deleted
    before INTEGER,                    -- the time of the last of them, microseconds UTC
    place  INTEGER NOT NULL DEFAULT 0, -- up to which edit the journal was looked through this time
    at     INTEGER NOT NULL DEFAULT 0  -- when it was last looked through to its end, microseconds UTC
) STRICT;

INSERT INTO pruned(only) VALUES(1);

-- This installation, and how far it has come with its server.
CREATE TABLE device (
    only        INTEGER PRIMARY KEY CHECK (only = 1),
    id          BLOB NOT NULL CHECK (length(id) = 16),
    incarnation BLOB,                        -- the identity of the server's database
    cursor      INTEGER NOT NULL DEFAULT 0,  -- the revision up to which everything was taken from there
    batch       INTEGER NOT NULL DEFAULT 0   -- the number of the last batch that was sent
) STRICT;

-- Revisions of the server that this file was in step with, and the mark that each bore.
CREATE TABLE seen (
    revision INTEGER PRIMARY KEY,
    mark     BLOB NOT NULL CHECK (length(mark) = 16),
    at       INTEGER NOT NULL -- microseconds UTC
) STRICT;

-- When the server turned out to have been brought back from a backup.
CREATE TABLE restored (
    at INTEGER NOT NULL -- microseconds UTC
) STRICT;

-- The columns that this file was last in step with on its server.
CREATE TABLE in_step (
    entity TEXT NOT NULL,
    name   TEXT NOT NULL, -- of the column
    PRIMARY KEY (entity, name)
) STRICT, WITHOUT ROWID;

-- The rows that the server did not take, each with the reason. They hold up nothing else.
CREATE TABLE set_aside (
    entity   TEXT NOT NULL,
    id       BLOB NOT NULL,
    version  INTEGER NOT NULL, -- which content of the row: an edit makes it another one to try
    refused  INTEGER NOT NULL, -- 1: it waits for a person; 0: for what the server knows and this file does not know yet
    why      TEXT NOT NULL,    -- JSON
    tries    INTEGER NOT NULL DEFAULT 0,
    next_try INTEGER NOT NULL DEFAULT 0, -- microseconds UTC
    PRIMARY KEY (entity, id)
) STRICT, WITHOUT ROWID;

-- Rows of the server that this file could not keep. They are asked for again.
CREATE TABLE not_kept (
    entity   TEXT NOT NULL,
    id       BLOB NOT NULL,
    revision INTEGER NOT NULL, -- that it had on the server
    why      TEXT NOT NULL,    -- JSON
    tries    INTEGER NOT NULL,
    next_try INTEGER NOT NULL, -- microseconds UTC
    PRIMARY KEY (entity, id)
) STRICT, WITHOUT ROWID;

-- Values that the server has had from this file, and has turned into others by rules of its own.
CREATE TABLE rewritten (
    entity TEXT NOT NULL,
    id     BLOB NOT NULL,
    field  TEXT NOT NULL,
    value  TEXT NOT NULL, -- as it was sent, as JSON
    PRIMARY KEY (entity, id, field, value)
) STRICT, WITHOUT ROWID;

-- The batch that is under way: kept before it is sent, gone when its fate is known.
CREATE TABLE batch_in_flight (
    number  INTEGER PRIMARY KEY,
    token   BLOB NOT NULL, -- which batch with this number: a copy of the file counts the same numbers
    hash    BLOB NOT NULL,
    content BLOB NOT NULL
) STRICT;
