-- Takes back V5: what the fields say goes with them.
ALTER TABLE book
    DROP COLUMN original_title,
    DROP COLUMN edition,
    DROP COLUMN place,
    DROP COLUMN original_year,
    DROP COLUMN format,
    DROP COLUMN shelf_mark;
