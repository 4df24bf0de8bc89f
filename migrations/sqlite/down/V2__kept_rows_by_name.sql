-- Rows that are kept for the sync lose the names of their columns again, and stand in the order that V1 has. What was kept of columns that V1
-- does not know goes.

DROP TABLE in_step;

UPDATE pending SET base = json_array(
    base -> '$.id', base -> '$.name', base -> '$.sort_name', base -> '$.birth_year', base -> '$.death_year',
    base -> '$.email', base -> '$.website', base -> '$.notes', base -> '$.created_at', base -> '$.updated_at'
) WHERE entity = 'author' AND json_type(base) = 'object';

UPDATE deleted SET content = json_array(
    content -> '$.id', content -> '$.name', content -> '$.sort_name', content -> '$.birth_year', content -> '$.death_year',
    content -> '$.email', content -> '$.website', content -> '$.notes', content -> '$.created_at', content -> '$.updated_at'
) WHERE entity = 'author' AND json_type(content) = 'object';

UPDATE pending SET base = json_array(
    base -> '$.id', base -> '$.author_id', base -> '$.title', base -> '$.subtitle', base -> '$.isbn',
    base -> '$.publisher', base -> '$.published_year', base -> '$.language', base -> '$.page_count', base -> '$.series',
    base -> '$.series_position', base -> '$.notes', base -> '$.created_at', base -> '$.updated_at'
) WHERE entity = 'book' AND json_type(base) = 'object';

UPDATE deleted SET content = json_array(
    content -> '$.id', content -> '$.author_id', content -> '$.title', content -> '$.subtitle', content -> '$.isbn',
    content -> '$.publisher', content -> '$.published_year', content -> '$.language', content -> '$.page_count',
    content -> '$.series', content -> '$.series_position', content -> '$.notes', content -> '$.created_at',
    content -> '$.updated_at'
) WHERE entity = 'book' AND json_type(content) = 'object';

UPDATE pending SET base = json_array(
    base -> '$.id', base -> '$.book_id', base -> '$.author_id', base -> '$.role', base -> '$.position',
    base -> '$.created_at', base -> '$.updated_at'
) WHERE entity = 'contribution' AND json_type(base) = 'object';

UPDATE deleted SET content = json_array(
    content -> '$.id', content -> '$.book_id', content -> '$.author_id', content -> '$.role', content -> '$.position',
    content -> '$.created_at', content -> '$.updated_at'
) WHERE entity = 'contribution' AND json_type(content) = 'object';

UPDATE pending SET base = json_array(
    base -> '$.id', base -> '$.entity', base -> '$.record_id', base -> '$.kind', base -> '$.field', base -> '$.base',
    base -> '$.mine', base -> '$.theirs', base -> '$.stands', base -> '$.holder', base -> '$.theirs_by',
    base -> '$.theirs_at', base -> '$.parked_by', base -> '$.settled_at', base -> '$.settled_by', base -> '$.settlement',
    base -> '$.created_at', base -> '$.updated_at'
) WHERE entity = 'conflict' AND json_type(base) = 'object';

UPDATE deleted SET content = json_array(
    content -> '$.id', content -> '$.entity', content -> '$.record_id', content -> '$.kind', content -> '$.field',
    content -> '$.base', content -> '$.mine', content -> '$.theirs', content -> '$.stands', content -> '$.holder',
    content -> '$.theirs_by', content -> '$.theirs_at', content -> '$.parked_by', content -> '$.settled_at',
    content -> '$.settled_by', content -> '$.settlement', content -> '$.created_at', content -> '$.updated_at'
) WHERE entity = 'conflict' AND json_type(content) = 'object';

UPDATE batch_in_flight AS batch SET (content, hash) = (
    SELECT rewritten, batch_checksum(rewritten) FROM (
        SELECT CAST(json_group_array(json(CASE json_type(sent.value, '$.v')
            WHEN 'object' THEN json_set(sent.value, '$.v', json(CASE sent.value ->> 'e'
                WHEN 'author' THEN json_array(
                    sent.value -> '$.v.id', sent.value -> '$.v.name', sent.value -> '$.v.sort_name',
                    sent.value -> '$.v.birth_year', sent.value -> '$.v.death_year', sent.value -> '$.v.email',
                    sent.value -> '$.v.website', sent.value -> '$.v.notes', sent.value -> '$.v.created_at',
                    sent.value -> '$.v.updated_at')
                WHEN 'book' THEN json_array(
                    sent.value -> '$.v.id', sent.value -> '$.v.author_id', sent.value -> '$.v.title',
                    sent.value -> '$.v.subtitle', sent.value -> '$.v.isbn', sent.value -> '$.v.publisher',
                    sent.value -> '$.v.published_year', sent.value -> '$.v.language', sent.value -> '$.v.page_count',
                    sent.value -> '$.v.series', sent.value -> '$.v.series_position', sent.value -> '$.v.notes',
                    sent.value -> '$.v.created_at', sent.value -> '$.v.updated_at')
                WHEN 'contribution' THEN json_array(
                    sent.value -> '$.v.id', sent.value -> '$.v.book_id', sent.value -> '$.v.author_id',
                    sent.value -> '$.v.role', sent.value -> '$.v.position', sent.value -> '$.v.created_at',
                    sent.value -> '$.v.updated_at')
                WHEN 'conflict' THEN json_array(
                    sent.value -> '$.v.id', sent.value -> '$.v.entity', sent.value -> '$.v.record_id',
                    sent.value -> '$.v.kind', sent.value -> '$.v.field', sent.value -> '$.v.base',
                    sent.value -> '$.v.mine', sent.value -> '$.v.theirs', sent.value -> '$.v.stands',
                    sent.value -> '$.v.holder', sent.value -> '$.v.theirs_by', sent.value -> '$.v.theirs_at',
                    sent.value -> '$.v.parked_by', sent.value -> '$.v.settled_at', sent.value -> '$.v.settled_by',
                    sent.value -> '$.v.settlement', sent.value -> '$.v.created_at', sent.value -> '$.v.updated_at')
            END))
            ELSE sent.value
        END)) AS BLOB) AS rewritten FROM json_each(CAST(batch.content AS TEXT)) AS sent
    )
) WHERE hash = batch_checksum(content);
