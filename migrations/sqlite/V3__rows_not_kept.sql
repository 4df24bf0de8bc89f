-- Rows of the server that this file could not keep, and when what was not taken on either side is tried again.

-- A row of the server, or a deletion there, that cannot be read here or breaks a rule of this file. It holds up nothing else: what is
-- here of the record stays as it was, and the row is asked for again.
CREATE TABLE not_kept (
    entity   TEXT NOT NULL,
    id       BLOB NOT NULL,
    revision INTEGER NOT NULL, -- that it had on the server
    why      TEXT NOT NULL,    -- JSON
    tries    INTEGER NOT NULL,
    next_try INTEGER NOT NULL, -- microseconds UTC
    PRIMARY KEY (entity, id)
) STRICT, WITHOUT ROWID;

ALTER TABLE set_aside ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE set_aside ADD COLUMN next_try INTEGER NOT NULL DEFAULT 0; -- microseconds UTC
