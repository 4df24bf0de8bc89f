-- What the file has forgotten of its own past, so that whoever adds it up can say so.

CREATE TABLE pruned (
    only   INTEGER PRIMARY KEY CHECK (only = 1),
    acts   INTEGER NOT NULL DEFAULT 0, -- transactions that are not in the journal any more
    edits  INTEGER NOT NULL DEFAULT 0, -- and what was said in them: values set, records made and deleted
    before INTEGER,                    -- the time of the last of them, microseconds UTC
    place  INTEGER NOT NULL DEFAULT 0, -- up to which edit the journal was looked through this time
    at     INTEGER NOT NULL DEFAULT 0  -- when it was last looked through to its end, microseconds UTC
) STRICT;

INSERT INTO pruned(only) VALUES(1);
