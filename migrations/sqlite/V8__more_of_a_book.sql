-- What a library and a bookshop say of a book besides its imprint. Nothing is said of it in the books that are there.

ALTER TABLE book ADD COLUMN original_title TEXT; -- of a translation, or of a new title of an old work
ALTER TABLE book ADD COLUMN edition TEXT;        -- "2nd, revised"
ALTER TABLE book ADD COLUMN place TEXT;          -- of publication
ALTER TABLE book ADD COLUMN original_year INTEGER;
ALTER TABLE book ADD COLUMN format TEXT;         -- one of the words of a choice
ALTER TABLE book ADD COLUMN shelf_mark TEXT;     -- where it stands
