-- What a person has typed into the window and the catalogue does not have yet, so that a program that is killed takes nothing of it along. It is of this
-- device alone: nothing of it is an edit or is told to a server.

CREATE TABLE draft (
    slot    TEXT PRIMARY KEY CHECK (length(slot) BETWEEN 1 AND 200), -- the record and the field
    content TEXT NOT NULL                                            -- what was typed, in the window's own form
) STRICT, WITHOUT ROWID;
