-- What a library and a bookshop say of a book besides its imprint. The limits are the app's own.
--
-- compatible from: V1

ALTER TABLE book
    ADD COLUMN original_title text CONSTRAINT book_original_title_check CHECK (char_length(original_title) <= 500),
    ADD COLUMN edition text CONSTRAINT book_edition_check CHECK (char_length(edition) <= 500),
    ADD COLUMN place text CONSTRAINT book_place_check CHECK (char_length(place) <= 500),
    ADD COLUMN original_year integer CONSTRAINT book_original_year_check CHECK (original_year BETWEEN -9999 AND 9999),
    -- A later version may know more formats than this one, so any word may stand here.
    ADD COLUMN format text CONSTRAINT book_format_check CHECK (char_length(format) <= 100),
    ADD COLUMN shelf_mark text CONSTRAINT book_shelf_mark_check CHECK (char_length(shelf_mark) <= 100);
