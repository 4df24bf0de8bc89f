-- What the file remembers of the server's answers and of its own clock.

-- Values that the server has had from this file, and has turned into others by rules of its own.
CREATE TABLE rewritten (
    entity TEXT NOT NULL,
    id     BLOB NOT NULL,
    field  TEXT NOT NULL,
    value  TEXT NOT NULL, -- as it was sent, as JSON
    PRIMARY KEY (entity, id, field, value)
) STRICT, WITHOUT ROWID;

-- How the computer's clock was set while edits were made. One row for each time that it was found set otherwise, or started anew.
CREATE TABLE clock (
    since INTEGER PRIMARY KEY, -- the first edit that was made under it
    boot  TEXT NOT NULL,       -- which start of the computer
    zero  INTEGER NOT NULL,    -- what the clock would have shown at that start, in microseconds UTC
    ahead INTEGER              -- what the server's clock was ahead of it, when that was last measured, in microseconds
) STRICT;
