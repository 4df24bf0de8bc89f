-- The sort name of an author follows from the name where a program leaves it out, or renames an author whose sort name was the one that follows. No column of
-- an entity changes.
--
-- compatible from: V1
--
-- Devices say both, and what they say stands. The rules are those of the app (crates/catalogue/src/person_name.rs); a test holds both alike.

-- Whether a word before a family name is part of it. A capitalised one is never so as the first word of the whole name: "Van Morrison" and "Ben Jonson" are
-- given names there.
CREATE FUNCTION belongs_to_family_name(word text, is_first boolean) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN word IN ('la', 'le', 'les', 'l''', 'l’', 'du', 'des', 'el', 'al', 'ibn', 'bin', 'ben', 'bint', 'abu', 'mac', 'ap', 'ter', 'ten', '’t', '''t')
            THEN true
        WHEN word IN ('van', 'von', 'vom', 'zu', 'zum', 'zur', 'de', 'den', 'der', 'da', 'das', 'do', 'dos', 'di', 'del', 'della', 'af', 'av')
            THEN is_first
        WHEN word IN ('La', 'Le', 'Les', 'L''', 'L’', 'Du', 'Des', 'De', 'Del', 'Dela', 'Della', 'Delle', 'Di', 'Da', 'Das', 'Do', 'Dos', 'El', 'Al', 'Ibn',
            'Bin', 'Ben', 'Abu', 'Abd', 'Mac', 'Mc', 'Van', 'Von', 'Vander', 'Der', 'Den', 'Ten', 'Ter', 'Zu', 'Zur', 'St.', 'St', 'Saint', 'Sainte', 'San',
            'Santa', 'Lo', 'Op')
            THEN NOT is_first
        ELSE false END
$$;

-- The sort name that follows from a name: "Last, First" where that is how the name is looked for, otherwise the name itself.
CREATE FUNCTION sort_name_of(name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    suffix CONSTANT text := '^(jr|sr|ii|iii|iv|phd|ph\.d|md|m\.d|esq|esquire)[.,]*$';
    -- The scripts in which the family name is put in front for sorting: Latin, Greek, Cyrillic, Armenian, Hebrew, Georgian; and punctuation.
    turned CONSTANT text :=
        '[\u0001-\u05ff\u10a0-\u10ff\u1c80-\u1cbf\u1d00-\u206f\u2c60-\u2c7f\ua640-\ua69f\ua720-\ua7ff\ufb00-\ufb4f]';
    words text[] := string_to_array(btrim(regexp_replace(name, '[\s\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+', ' ', 'g')), ' ');
    as_it_is text := array_to_string(words, ' ');
    brackets text := '';
    suffixes text := '';
    kept integer;
    family integer;
BEGIN
    -- What stands in brackets at the end: "Robert Galbraith (J. K. Rowling)".
    kept := (SELECT max(place) FROM unnest(words) WITH ORDINALITY AS part (word, place) WHERE starts_with(word, '('));
    IF kept > 1 AND words[cardinality(words)] LIKE '%)' THEN
        brackets := ' ' || array_to_string(words[kept:], ' ');
        words := words[:kept - 1];
    END IF;
    -- `Jr.`, `III`, `PhD` at the end, and the comma that may stand before them.
    kept := coalesce((SELECT max(place) FROM unnest(words) WITH ORDINALITY AS part (word, place) WHERE lower(word) !~ suffix), 0);
    IF kept > 0 AND kept < cardinality(words) THEN
        SELECT string_agg(', ' || rtrim(word, ','), '' ORDER BY place) INTO suffixes
          FROM unnest(words[kept + 1:]) WITH ORDINALITY AS part (word, place);
        words := words[:kept];
        words[kept] := regexp_replace(words[kept], ',$', '');
    END IF;
    -- Names that are looked for as they stand.
    IF kept = 0 OR cardinality(words) < 2 OR array_to_string(words, '') ~ '[,;/()0-9]'
        OR regexp_replace(array_to_string(words, ''), turned, '', 'g') <> ''
        OR words[2:] && ARRAY['the', 'of', 'and', '&', 'et', 'und', 'y', '+', 'with'] OR words[1] IN ('The', 'the')
        OR EXISTS (SELECT FROM unnest(words) AS word WHERE lower(rtrim(word, '.,')) IN (
            'academy', 'agency', 'archives', 'army', 'association', 'bank', 'board', 'books', 'brothers', 'bureau', 'church', 'club',
            'college', 'commission', 'committee', 'company', 'corporation', 'council', 'department', 'editors', 'foundation', 'government',
            'group', 'inc', 'institute', 'library', 'limited', 'llc', 'ltd', 'magazine', 'ministry', 'museum', 'national', 'network',
            'office', 'organization', 'press', 'publications', 'publishing', 'school', 'services', 'society', 'staff', 'studios', 'team',
            'university'))
    THEN
        RETURN as_it_is;
    END IF;
    family := cardinality(words);
    WHILE family > 1 AND "{schema}".belongs_to_family_name(words[family - 1], family = 2) LOOP
        family := family - 1;
    END LOOP;
    -- A name that begins with its particle ("van Gogh") is a family name alone, or one by which nobody is looked for.
    IF family = 1 OR lower(words[1]) ~ suffix THEN
        RETURN as_it_is;
    END IF;
    RETURN array_to_string(words[family:], ' ') || ', ' || array_to_string(words[:family - 1], ' ') || suffixes || brackets;
END
$$;

CREATE FUNCTION follow_name() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "{schema}".refuse_other_table(TG_RELID, TG_TABLE_SCHEMA, TG_TABLE_NAME, 'author');
    IF TG_OP = 'UPDATE' AND NEW.sort_name <> '' AND OLD.sort_name <> "{schema}".sort_name_of(OLD.name) THEN
        -- Somebody has said it.
        RETURN NEW;
    END IF;
    -- A name of the greatest length has no room for the comma.
    NEW.sort_name := left("{schema}".sort_name_of(NEW.name), 500);
    RETURN NEW;
END
$$;

CREATE TRIGGER follow_name_insert BEFORE INSERT ON author FOR EACH ROW
    WHEN ((NEW.sort_name IS NULL OR NEW.sort_name = '') AND coalesce(current_setting('colophon.device', true), '') = '')
    EXECUTE FUNCTION follow_name();
CREATE TRIGGER follow_name_update BEFORE UPDATE ON author FOR EACH ROW
    WHEN ((NEW.sort_name IS NULL OR NEW.sort_name = '' OR (NEW.name IS DISTINCT FROM OLD.name AND NEW.sort_name = OLD.sort_name))
          AND coalesce(current_setting('colophon.device', true), '') = '')
    EXECUTE FUNCTION follow_name();

SELECT withdraw_from_public();
