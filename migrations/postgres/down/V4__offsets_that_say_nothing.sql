-- Takes back V4: a session that says something else than a number for its clock cannot write again. Nothing is lost.
-- The runner then gives every entity the story of V3 again.

DO $$
DECLARE
    was pg_catalog.text := pg_catalog.pg_get_functiondef('"{schema}".make_story_of_updates(name, regclass)'::pg_catalog.regprocedure);
    reads pg_catalog.text := $read$nullif(current_setting('colophon.clock_offset', true), '')::float8 * interval '1 microsecond'$read$;
BEGIN
    EXECUTE pg_catalog.replace(was, '"{schema}".told_offset()', reads);
END
$$;

DROP FUNCTION told_offset();
