-- What a session says of a clock, and is none, stops no write. No column of an entity changes.
--
-- compatible from: V1

-- What the device that writes says this server's clock is ahead of its own (`colophon.clock_offset`), in microseconds. Who says it may say anything: what is
-- no such number, or more than three thousand years, says nothing.
CREATE FUNCTION told_offset() RETURNS interval
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said text := current_setting('colophon.clock_offset', true);
BEGIN
    RETURN CASE WHEN said ~ '^-?[0-9]{1,17}$' THEN said::bigint * interval '1 microsecond' END;
END
$$;

-- The rest of the function is as V3 made it. The runner then has it make those of every entity anew.
DO $$
DECLARE
    was pg_catalog.text := pg_catalog.pg_get_functiondef('"{schema}".make_story_of_updates(name, regclass)'::pg_catalog.regprocedure);
    reads pg_catalog.text := $read$nullif(current_setting('colophon.clock_offset', true), '')::float8 * interval '1 microsecond'$read$;
BEGIN
    IF pg_catalog.strpos(was, reads) OPERATOR(pg_catalog.=) 0 THEN
        RAISE EXCEPTION 'make_story_of_updates is not as V3 made it';
    END IF;
    EXECUTE pg_catalog.replace(was, reads, '"{schema}".told_offset()');
END
$$;

SELECT withdraw_from_public();
