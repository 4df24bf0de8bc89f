-- What a book is filed under (subjects, genres, shelves: all are tags), the other forms of an author's name, and what catalogues elsewhere call an
-- author or a book. The limits are the app's own.
--
-- compatible from: V1
--
-- Rows of these are a part of the record that they belong to. A program of before deletes an author or a book without knowing of them, so they go
-- with it here, and every device is told of each as of any deletion.

CREATE TABLE tag (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    -- Two tags may have one name: two people may make it without knowing, and are asked whether it is the same.
    name text NOT NULL CONSTRAINT tag_name_check CHECK (char_length(name) BETWEEN 1 AND 500),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 0
);
CREATE INDEX tag_revision_index ON tag (revision);
SELECT track('tag');

CREATE TABLE tagging (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    book_id uuid NOT NULL CONSTRAINT tagging_book_reference REFERENCES book (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    tag_id uuid NOT NULL CONSTRAINT tagging_tag_reference REFERENCES tag (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 0
);
CREATE INDEX tagging_book_index ON tagging (book_id);
CREATE INDEX tagging_tag_index ON tagging (tag_id);
CREATE INDEX tagging_revision_index ON tagging (revision);
SELECT track('tagging');

CREATE TABLE author_name (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    author_id uuid NOT NULL CONSTRAINT author_name_author_reference REFERENCES author (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    name text NOT NULL CONSTRAINT author_name_name_check CHECK (char_length(name) BETWEEN 1 AND 500),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 0
);
CREATE INDEX author_name_author_index ON author_name (author_id);
CREATE INDEX author_name_revision_index ON author_name (revision);
SELECT track('author_name');

CREATE TABLE identifier (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    -- It is of an author or of a book.
    author_id uuid CONSTRAINT identifier_author_reference REFERENCES author (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    book_id uuid CONSTRAINT identifier_book_reference REFERENCES book (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    -- A later version may know more schemes than this one, so any word may stand here.
    scheme text NOT NULL CONSTRAINT identifier_scheme_check CHECK (char_length(scheme) BETWEEN 1 AND 100),
    value text NOT NULL CONSTRAINT identifier_value_check CHECK (char_length(value) BETWEEN 1 AND 500),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 0,
    CONSTRAINT identifier_record_check CHECK (num_nonnulls(author_id, book_id) = 1)
);
CREATE INDEX identifier_author_index ON identifier (author_id);
CREATE INDEX identifier_book_index ON identifier (book_id);
CREATE INDEX identifier_value_index ON identifier (value, scheme);
CREATE INDEX identifier_revision_index ON identifier (revision);
SELECT track('identifier');
