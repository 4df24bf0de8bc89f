-- What the file remembers of the server's answers.

-- Values that the server has had from this file, and has turned into others by rules of its own.
CREATE TABLE rewritten (
    entity TEXT NOT NULL,
    id     BLOB NOT NULL,
    field  TEXT NOT NULL,
    value  TEXT NOT NULL, -- as it was sent, as JSON
    PRIMARY KEY (entity, id, field, value)
) STRICT, WITHOUT ROWID;
