-- Further authors, translators, editors and illustrators of a book.

CREATE TABLE contribution (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    book_id uuid NOT NULL
        CONSTRAINT contribution_book_reference REFERENCES book (id) DEFERRABLE INITIALLY DEFERRED,
    author_id uuid NOT NULL
        CONSTRAINT contribution_author_reference REFERENCES author (id) DEFERRABLE INITIALLY DEFERRED,
    role text NOT NULL
        CONSTRAINT contribution_role_check CHECK (role IN ('author', 'translator', 'editor', 'illustrator')),
    position integer NOT NULL CONSTRAINT contribution_position_check CHECK (position >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 0
);
CREATE INDEX contribution_book_index ON contribution (book_id);
CREATE INDEX contribution_author_index ON contribution (author_id);
CREATE INDEX contribution_revision_index ON contribution (revision);
SELECT track('contribution');
