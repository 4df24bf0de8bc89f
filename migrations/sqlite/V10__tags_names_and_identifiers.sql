-- What a book is filed under (subjects, genres, shelves: all are tags), the other forms of an author's name, and what catalogues elsewhere call an
-- author or a book. Rows of these are a part of the record that they belong to.

CREATE TABLE tag (
    id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name       TEXT NOT NULL CHECK (name <> ''), -- two tags may have one: two people may make it without knowing
    created_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    updated_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    name_key   TEXT NOT NULL DEFAULT '',
    revision   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX tag_name_key ON tag (name_key);
CREATE INDEX tag_unsynced ON tag (id) WHERE revision = 0;

CREATE TABLE tagging (
    id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    book_id    BLOB NOT NULL REFERENCES book (id),
    tag_id     BLOB NOT NULL REFERENCES tag (id),
    created_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    updated_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    revision   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX tagging_book ON tagging (book_id);
CREATE INDEX tagging_tag ON tagging (tag_id);
CREATE INDEX tagging_unsynced ON tagging (id) WHERE revision = 0;

CREATE TABLE author_name (
    id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    author_id  BLOB NOT NULL REFERENCES author (id),
    name       TEXT NOT NULL CHECK (name <> ''),
    created_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    updated_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    name_key   TEXT NOT NULL DEFAULT '',
    revision   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX author_name_author ON author_name (author_id);
CREATE INDEX author_name_name_key ON author_name (name_key);
CREATE INDEX author_name_unsynced ON author_name (id) WHERE revision = 0;

CREATE TABLE identifier (
    id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    author_id  BLOB REFERENCES author (id), -- it is of an author,
    book_id    BLOB REFERENCES book (id),   -- or of a book
    scheme     TEXT NOT NULL CHECK (scheme <> ''),
    value      TEXT NOT NULL CHECK (value <> ''),
    created_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    updated_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    revision   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX identifier_author ON identifier (author_id) WHERE author_id IS NOT NULL;
CREATE INDEX identifier_book ON identifier (book_id) WHERE book_id IS NOT NULL;
CREATE INDEX identifier_value ON identifier (value, scheme);
CREATE INDEX identifier_unsynced ON identifier (id) WHERE revision = 0;
