-- By which clock the edits of this file were made. The clock on the wall may be put right, or wrong, between an edit and the day when the server hears
-- of it; the one that counts since the machine was started may not.

-- From which edit of the journal on the two clocks stood to each other as they did. A line more when either was changed.
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
