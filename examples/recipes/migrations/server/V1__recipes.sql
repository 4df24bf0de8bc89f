CREATE TABLE recipe (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    title      text NOT NULL CONSTRAINT recipe_title_check CHECK (char_length(title) BETWEEN 1 AND 500),
    minutes    integer,
    kilograms  double precision,
    times_cooked bigint NOT NULL DEFAULT 0,
    tags       text NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision   bigint NOT NULL DEFAULT 0
);
CREATE INDEX recipe_revision_index ON recipe (revision);
SELECT track('recipe');

CREATE TABLE ingredient (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    recipe_id  uuid NOT NULL REFERENCES recipe (id) DEFERRABLE INITIALLY DEFERRED,
    what       text NOT NULL CONSTRAINT ingredient_what_check CHECK (char_length(what) BETWEEN 1 AND 500),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision   bigint NOT NULL DEFAULT 0
);
CREATE INDEX ingredient_recipe_index ON ingredient (recipe_id);
CREATE INDEX ingredient_revision_index ON ingredient (revision);
SELECT track('ingredient');
