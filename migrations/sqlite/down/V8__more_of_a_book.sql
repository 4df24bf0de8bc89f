-- What the fields say goes with them.
ALTER TABLE book DROP COLUMN shelf_mark;
ALTER TABLE book DROP COLUMN format;
ALTER TABLE book DROP COLUMN original_year;
ALTER TABLE book DROP COLUMN place;
ALTER TABLE book DROP COLUMN edition;
ALTER TABLE book DROP COLUMN original_title;
