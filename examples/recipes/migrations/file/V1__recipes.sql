CREATE TABLE recipe (
    id         BLOB NOT NULL PRIMARY KEY,
    title      TEXT NOT NULL,
    minutes    INTEGER,
    kilograms  REAL,
    times_cooked INTEGER NOT NULL DEFAULT 0,
    tags       TEXT NOT NULL DEFAULT '[]',
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    title_key  TEXT NOT NULL DEFAULT '', -- the title as it is searched; the server has none
    revision   INTEGER NOT NULL DEFAULT 0 -- the sync's
) STRICT;
CREATE INDEX recipe_by_title ON recipe (title_key);

CREATE TABLE ingredient (
    id         BLOB NOT NULL PRIMARY KEY,
    recipe_id  BLOB NOT NULL REFERENCES recipe (id),
    what       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX ingredient_of_recipe ON ingredient (recipe_id);
