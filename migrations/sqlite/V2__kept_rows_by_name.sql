-- Rows that are kept for the sync name their columns, as the journal's do: a JSON object by column in place of an array in the order that
-- the columns had. So a row that was kept before a column was added or moved is read as what it is. The orders written here are those of V1.

UPDATE pending SET base = json_object(
    'id', base -> '$[0]', 'name', base -> '$[1]', 'sort_name', base -> '$[2]', 'birth_year', base -> '$[3]',
    'death_year', base -> '$[4]', 'email', base -> '$[5]', 'website', base -> '$[6]', 'notes', base -> '$[7]',
    'created_at', base -> '$[8]', 'updated_at', base -> '$[9]'
) WHERE entity = 'author' AND json_type(base) = 'array';

UPDATE deleted SET content = json_object(
    'id', content -> '$[0]', 'name', content -> '$[1]', 'sort_name', content -> '$[2]', 'birth_year', content -> '$[3]',
    'death_year', content -> '$[4]', 'email', content -> '$[5]', 'website', content -> '$[6]', 'notes', content -> '$[7]',
    'created_at', content -> '$[8]', 'updated_at', content -> '$[9]'
) WHERE entity = 'author' AND json_type(content) = 'array';

UPDATE pending SET base = json_object(
    'id', base -> '$[0]', 'author_id', base -> '$[1]', 'title', base -> '$[2]', 'subtitle', base -> '$[3]',
    'isbn', base -> '$[4]', 'publisher', base -> '$[5]', 'published_year', base -> '$[6]', 'language', base -> '$[7]',
    'page_count', base -> '$[8]', 'series', base -> '$[9]', 'series_position', base -> '$[10]', 'notes', base -> '$[11]',
    'created_at', base -> '$[12]', 'updated_at', base -> '$[13]'
) WHERE entity = 'book' AND json_type(base) = 'array';

UPDATE deleted SET content = json_object(
    'id', content -> '$[0]', 'author_id', content -> '$[1]', 'title', content -> '$[2]', 'subtitle', content -> '$[3]',
    'isbn', content -> '$[4]', 'publisher', content -> '$[5]', 'published_year', content -> '$[6]',
    'language', content -> '$[7]', 'page_count', content -> '$[8]', 'series', content -> '$[9]',
    'series_position', content -> '$[10]', 'notes', content -> '$[11]', 'created_at', content -> '$[12]',
    'updated_at', content -> '$[13]'
) WHERE entity = 'book' AND json_type(content) = 'array';

UPDATE pending SET base = json_object(
    'id', base -> '$[0]', 'book_id', base -> '$[1]', 'author_id', base -> '$[2]', 'role', base -> '$[3]',
    'position', base -> '$[4]', 'created_at', base -> '$[5]', 'updated_at', base -> '$[6]'
) WHERE entity = 'contribution' AND json_type(base) = 'array';

UPDATE deleted SET content = json_object(
    'id', content -> '$[0]', 'book_id', content -> '$[1]', 'author_id', content -> '$[2]', 'role', content -> '$[3]',
    'position', content -> '$[4]', 'created_at', content -> '$[5]', 'updated_at', content -> '$[6]'
) WHERE entity = 'contribution' AND json_type(content) = 'array';

UPDATE pending SET base = json_object(
    'id', base -> '$[0]', 'entity', base -> '$[1]', 'record_id', base -> '$[2]', 'kind', base -> '$[3]',
    'field', base -> '$[4]', 'base', base -> '$[5]', 'mine', base -> '$[6]', 'theirs', base -> '$[7]',
    'stands', base -> '$[8]', 'holder', base -> '$[9]', 'theirs_by', base -> '$[10]', 'theirs_at', base -> '$[11]',
    'parked_by', base -> '$[12]', 'settled_at', base -> '$[13]', 'settled_by', base -> '$[14]',
    'settlement', base -> '$[15]', 'created_at', base -> '$[16]', 'updated_at', base -> '$[17]'
) WHERE entity = 'conflict' AND json_type(base) = 'array';

UPDATE deleted SET content = json_object(
    'id', content -> '$[0]', 'entity', content -> '$[1]', 'record_id', content -> '$[2]', 'kind', content -> '$[3]',
    'field', content -> '$[4]', 'base', content -> '$[5]', 'mine', content -> '$[6]', 'theirs', content -> '$[7]',
    'stands', content -> '$[8]', 'holder', content -> '$[9]', 'theirs_by', content -> '$[10]',
    'theirs_at', content -> '$[11]', 'parked_by', content -> '$[12]', 'settled_at', content -> '$[13]',
    'settled_by', content -> '$[14]', 'settlement', content -> '$[15]', 'created_at', content -> '$[16]',
    'updated_at', content -> '$[17]'
) WHERE entity = 'conflict' AND json_type(content) = 'array';

-- The rows of a batch under way, `v`. A batch that is not as it was kept stays so, and is found to be.
UPDATE batch_in_flight AS batch SET (content, hash) = (
    SELECT rewritten, batch_checksum(rewritten) FROM (
        SELECT CAST(json_group_array(json(CASE json_type(sent.value, '$.v')
            WHEN 'array' THEN json_set(sent.value, '$.v', json(CASE sent.value ->> 'e'
                WHEN 'author' THEN json_object(
                    'id', sent.value -> '$.v[0]', 'name', sent.value -> '$.v[1]', 'sort_name', sent.value -> '$.v[2]',
                    'birth_year', sent.value -> '$.v[3]', 'death_year', sent.value -> '$.v[4]',
                    'email', sent.value -> '$.v[5]', 'website', sent.value -> '$.v[6]', 'notes', sent.value -> '$.v[7]',
                    'created_at', sent.value -> '$.v[8]', 'updated_at', sent.value -> '$.v[9]')
                WHEN 'book' THEN json_object(
                    'id', sent.value -> '$.v[0]', 'author_id', sent.value -> '$.v[1]', 'title', sent.value -> '$.v[2]',
                    'subtitle', sent.value -> '$.v[3]', 'isbn', sent.value -> '$.v[4]',
                    'publisher', sent.value -> '$.v[5]', 'published_year', sent.value -> '$.v[6]',
                    'language', sent.value -> '$.v[7]', 'page_count', sent.value -> '$.v[8]',
                    'series', sent.value -> '$.v[9]', 'series_position', sent.value -> '$.v[10]',
                    'notes', sent.value -> '$.v[11]', 'created_at', sent.value -> '$.v[12]',
                    'updated_at', sent.value -> '$.v[13]')
                WHEN 'contribution' THEN json_object(
                    'id', sent.value -> '$.v[0]', 'book_id', sent.value -> '$.v[1]', 'author_id', sent.value -> '$.v[2]',
                    'role', sent.value -> '$.v[3]', 'position', sent.value -> '$.v[4]',
                    'created_at', sent.value -> '$.v[5]', 'updated_at', sent.value -> '$.v[6]')
                WHEN 'conflict' THEN json_object(
                    'id', sent.value -> '$.v[0]', 'entity', sent.value -> '$.v[1]', 'record_id', sent.value -> '$.v[2]',
                    'kind', sent.value -> '$.v[3]', 'field', sent.value -> '$.v[4]', 'base', sent.value -> '$.v[5]',
                    'mine', sent.value -> '$.v[6]', 'theirs', sent.value -> '$.v[7]', 'stands', sent.value -> '$.v[8]',
                    'holder', sent.value -> '$.v[9]', 'theirs_by', sent.value -> '$.v[10]',
                    'theirs_at', sent.value -> '$.v[11]', 'parked_by', sent.value -> '$.v[12]',
                    'settled_at', sent.value -> '$.v[13]', 'settled_by', sent.value -> '$.v[14]',
                    'settlement', sent.value -> '$.v[15]', 'created_at', sent.value -> '$.v[16]',
                    'updated_at', sent.value -> '$.v[17]')
            END))
            ELSE sent.value
        END)) AS BLOB) AS rewritten FROM json_each(CAST(batch.content AS TEXT)) AS sent
    )
) WHERE hash = batch_checksum(content);

-- What this file was last in step with on its server: by name, because a program of another version may know other columns. A column that is here
-- and not among these has yet to be fetched, once the server has room for it.
CREATE TABLE in_step (
    entity TEXT NOT NULL,
    name   TEXT NOT NULL, -- of the column
    PRIMARY KEY (entity, name)
) STRICT, WITHOUT ROWID;

INSERT INTO in_step (entity, name)
VALUES ('author', 'id'), ('author', 'name'), ('author', 'sort_name'), ('author', 'birth_year'), ('author', 'death_year'),
       ('author', 'email'), ('author', 'website'), ('author', 'notes'), ('author', 'created_at'), ('author', 'updated_at'),
       ('book', 'id'), ('book', 'author_id'), ('book', 'title'), ('book', 'subtitle'), ('book', 'isbn'),
       ('book', 'publisher'), ('book', 'published_year'), ('book', 'language'), ('book', 'page_count'), ('book', 'series'),
       ('book', 'series_position'), ('book', 'notes'), ('book', 'created_at'), ('book', 'updated_at'),
       ('contribution', 'id'), ('contribution', 'book_id'), ('contribution', 'author_id'), ('contribution', 'role'),
       ('contribution', 'position'), ('contribution', 'created_at'), ('contribution', 'updated_at'), ('conflict', 'id'),
       ('conflict', 'entity'), ('conflict', 'record_id'), ('conflict', 'kind'), ('conflict', 'field'),
       ('conflict', 'base'), ('conflict', 'mine'), ('conflict', 'theirs'), ('conflict', 'stands'), ('conflict', 'holder'),
       ('conflict', 'theirs_by'), ('conflict', 'theirs_at'), ('conflict', 'parked_by'), ('conflict', 'settled_at'),
       ('conflict', 'settled_by'), ('conflict', 'settlement'), ('conflict', 'created_at'), ('conflict', 'updated_at');
