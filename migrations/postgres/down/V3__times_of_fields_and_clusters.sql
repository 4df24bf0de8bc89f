-- Takes back V3: `track` as V2 has it. Lost are the times of single fields; each story keeps the latest of its own.
-- The runner then gives every entity the triggers of V2 again.

CREATE OR REPLACE FUNCTION track(entity name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $track$
DECLARE
    target regclass := format('"{schema}".%I', entity)::regclass;
    changed_fields text;
    existing name;
BEGIN
    -- What is kept of a row is written as JSON, and a type may bring a cast of its own for that, which would run with the owner's rights.
    SELECT field.attname INTO existing FROM pg_attribute AS field JOIN pg_type AS kind ON kind.oid = field.atttypid
      JOIN pg_class AS it ON it.oid = field.attrelid
     WHERE field.attrelid = target AND field.attnum > 0 AND NOT field.attisdropped
       AND kind.typowner <> it.relowner AND NOT (SELECT rolsuper FROM pg_roles WHERE pg_roles.oid = kind.typowner);
    IF FOUND THEN
        RAISE EXCEPTION 'the type of %.% is somebody else''s, whose code would run with the rights of who owns the catalogue', entity, existing
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT string_agg(format(
               'CASE WHEN before.%1$I IS DISTINCT FROM after.%1$I THEN jsonb_build_object(%1$L, before.%1$I) ELSE ''{}'' END',
               field.attname), ' || ' ORDER BY field.attnum)
      INTO STRICT changed_fields
      FROM pg_attribute AS field
     WHERE field.attrelid = target AND field.attnum > 0 AND NOT field.attisdropped
       AND field.attname NOT IN ('id', 'updated_at', 'revision');
    EXECUTE format($update$
        CREATE OR REPLACE FUNCTION "{schema}".%2$I() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $record$
        DECLARE
            opened bigint;
            by_device uuid;
            -- What this server's clock is ahead of the device's. Nobody else's times are known to be those of an edit.
            clock_offset interval;
            -- An edit that was made before is one that it would have told then.
            was_here timestamptz;
        BEGIN
            PERFORM "{schema}".refuse_other_table(TG_RELID, TG_TABLE_SCHEMA, TG_TABLE_NAME, %1$L);
            by_device := "{schema}".writing_device();
            clock_offset := CASE WHEN by_device IS NOT NULL THEN
                nullif(current_setting('colophon.clock_offset', true), '')::float8 * interval '1 microsecond' END;
            was_here := (SELECT device.was_here FROM "{schema}".device WHERE device.id = by_device);
            SELECT head.revision INTO STRICT opened FROM "{schema}".catalogue_head AS head;
            IF EXISTS (SELECT FROM after WHERE after.revision IS DISTINCT FROM opened) THEN
                PERFORM "{schema}".refuse_other_revision(%1$L, opened);
            END IF;
            INSERT INTO "{schema}".history (entity, id, revision, kind, old, changed_at, changed_by, device)
            SELECT %1$L, story.id, opened, 'update', story.old, CASE WHEN clock_offset IS NULL THEN now() ELSE
                   least(now(), greatest(greatest(story.updated_at, '0001-01-01Z') + clock_offset, was_here)) END, session_user, by_device
              FROM (SELECT after.id, after.updated_at, %3$s AS old FROM before JOIN after ON after.id = before.id OFFSET 0) AS story
             WHERE story.old <> '{}';
            RETURN NULL;
        END
        $record$
        $update$, entity, 'record_update_' || entity, changed_fields);
    FOREACH existing IN ARRAY ARRAY['open_statement', 'refuse_new_id', 'stamp_row', 'record_insert', 'record_update', 'record_delete', 'refuse_truncate']
    LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s', existing, target);
    END LOOP;
    EXECUTE format('CREATE TRIGGER open_statement BEFORE INSERT OR UPDATE OR DELETE ON %s
        FOR EACH STATEMENT EXECUTE FUNCTION "{schema}".open_statement(%L)', target, entity);
    EXECUTE format('CREATE TRIGGER refuse_new_id BEFORE UPDATE OF id ON %s FOR EACH ROW
        WHEN (NEW.id IS DISTINCT FROM OLD.id) EXECUTE FUNCTION "{schema}".refuse_new_id(%L)', target, entity);
    EXECUTE format('CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON %s FOR EACH ROW
        WHEN (NEW.revision IS DISTINCT FROM nullif(current_setting(''colophon.{schema}_revision'', true), '''')::bigint
              OR current_setting(''colophon.{schema}_unnamed'', true) <> '''')
        EXECUTE FUNCTION "{schema}".stamp_row(%L)', target, entity);
    EXECUTE format('CREATE TRIGGER record_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS inserted
        FOR EACH STATEMENT EXECUTE FUNCTION "{schema}".record_insert(%L)', target, entity);
    EXECUTE format('CREATE TRIGGER record_update AFTER UPDATE ON %s REFERENCING OLD TABLE AS before NEW TABLE AS after
        FOR EACH STATEMENT EXECUTE FUNCTION "{schema}".%I(%L)', target, 'record_update_' || entity, entity);
    EXECUTE format('CREATE TRIGGER record_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS before
        FOR EACH STATEMENT EXECUTE FUNCTION "{schema}".record_delete(%L)', target, entity);
    EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s
        FOR EACH STATEMENT EXECUTE FUNCTION "{schema}".refuse_truncate(%L)', target, entity);
    PERFORM "{schema}".withdraw_from_public();
END
$track$;

DROP FUNCTION make_story_of_updates(name, regclass);
DROP FUNCTION unless_one(jsonb);
DROP FUNCTION latest_of(jsonb);
DROP FUNCTION times_of_fields(jsonb, jsonb, timestamptz, timestamptz);
DROP FUNCTION told_times();

ALTER TABLE history DROP COLUMN times;

CREATE OR REPLACE FUNCTION grant_roles() RETURNS SETOF text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    entity name;
BEGIN
    PERFORM "{schema}".withdraw_from_public();
    IF to_regrole('{schema}_owner') IS NULL THEN
        RETURN NEXT '{schema}_owner';
    END IF;
    IF to_regrole('{schema}_reader') IS NULL THEN
        RETURN NEXT '{schema}_reader';
    ELSE
        GRANT USAGE ON SCHEMA "{schema}" TO "{schema}_reader";
        GRANT SELECT ON ALL TABLES IN SCHEMA "{schema}" TO "{schema}_reader";
        GRANT EXECUTE ON FUNCTION "{schema}".come_as_far(uuid), "{schema}".tracked(), "{schema}".count_undead() TO "{schema}_reader";
    END IF;
    IF to_regrole('{schema}_editor') IS NULL THEN
        RETURN NEXT '{schema}_editor';
    ELSE
        GRANT USAGE ON SCHEMA "{schema}" TO "{schema}_editor";
        GRANT SELECT ON ALL TABLES IN SCHEMA "{schema}" TO "{schema}_editor";
        GRANT INSERT, UPDATE ON "{schema}".device TO "{schema}_editor";
        GRANT INSERT, DELETE ON "{schema}".batch TO "{schema}_editor";
        GRANT EXECUTE ON FUNCTION "{schema}".open_revision(), "{schema}".expect(boolean), "{schema}".come_as_far(uuid), "{schema}".tracked(),
            "{schema}".count_undead(), "{schema}".heal_undead() TO "{schema}_editor";
        FOR entity IN SELECT "{schema}".tracked() LOOP
            EXECUTE format('GRANT INSERT, UPDATE, DELETE ON "{schema}".%I TO "{schema}_editor"', entity);
        END LOOP;
    END IF;
END
$$;

DROP FUNCTION attempt(text[], text[], bigint[]);
