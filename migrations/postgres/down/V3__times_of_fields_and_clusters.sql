-- Takes back V3: the functions of V2 as they were. Lost are the times of single fields; each story keeps the latest of its own.
-- The runner then gives every entity the triggers of V2 again. A cluster does not take those: there, nothing can be written until V3 is back.

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

CREATE OR REPLACE FUNCTION record_insert() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    opened bigint;
BEGIN
    PERFORM "{schema}".refuse_other_table(TG_RELID, TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[0]);
    SELECT head.revision INTO STRICT opened FROM "{schema}".catalogue_head AS head;
    IF EXISTS (SELECT FROM inserted WHERE inserted.revision IS DISTINCT FROM opened) THEN
        PERFORM "{schema}".refuse_other_revision(TG_ARGV[0], opened);
    END IF;
    DELETE FROM "{schema}".tombstone AS grave USING inserted
     WHERE grave.entity = TG_ARGV[0] AND grave.id = inserted.id;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION record_delete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    opened bigint;
    by_device uuid;
BEGIN
    PERFORM "{schema}".refuse_other_table(TG_RELID, TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[0]);
    by_device := "{schema}".writing_device();
    SELECT head.revision INTO STRICT opened FROM "{schema}".catalogue_head AS head;
    INSERT INTO "{schema}".tombstone AS grave (entity, id, revision, content, deleted_at, deleted_by, device)
    SELECT TG_ARGV[0], before.id, opened, to_jsonb(before.*) - 'revision', now(), session_user, by_device
      FROM before
        ON CONFLICT (entity, id) DO UPDATE
       SET revision = excluded.revision, content = excluded.content, deleted_at = excluded.deleted_at,
           deleted_by = excluded.deleted_by, device = excluded.device;
    INSERT INTO "{schema}".history (entity, id, revision, kind, old, changed_at, changed_by, device)
    SELECT TG_ARGV[0], before.id, opened, 'delete', to_jsonb(before.*) - 'revision', now(), session_user, by_device
      FROM before;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION all_have_come_as_far() RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT min("{schema}".come_as_far(device.id)) FROM "{schema}".device WHERE device.retired_at IS NULL
$$;

CREATE OR REPLACE FUNCTION purge(up_to bigint DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    floor bigint;
    forgotten bigint;
BEGIN
    -- No push is under way now that has seen the old floor.
    PERFORM FROM "{schema}".catalogue_head FOR UPDATE;
    SELECT least(head.revision, coalesce(up_to, "{schema}".all_have_come_as_far()))
      INTO STRICT floor FROM "{schema}".catalogue_head AS head;
    UPDATE "{schema}".catalogue_head AS head SET purge_floor = greatest(head.purge_floor, floor);
    DELETE FROM "{schema}".tombstone AS grave WHERE grave.revision <= floor;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;

CREATE OR REPLACE FUNCTION purge_history(before timestamptz) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    forgotten bigint;
BEGIN
    UPDATE "{schema}".catalogue_head AS head SET history_purged = greatest(head.history_purged, least(before, now()));
    DELETE FROM "{schema}".history AS story
     WHERE story.changed_at < before
       AND story.revision <= coalesce("{schema}".all_have_come_as_far(), story.revision);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;

CREATE OR REPLACE FUNCTION retire_device(which text) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found uuid[] := ARRAY(SELECT device.id FROM "{schema}".device
                           WHERE device.id::text = lower(which) OR (device.name = which AND device.retired_at IS NULL));
BEGIN
    IF cardinality(found) = 0 THEN
        RAISE EXCEPTION 'no device is called %', which USING ERRCODE = 'no_data_found';
    ELSIF cardinality(found) > 1 THEN
        RAISE EXCEPTION '% devices are called %; say which by its id: %', cardinality(found), which, array_to_string(found, ', ')
            USING ERRCODE = 'cardinality_violation';
    END IF;
    UPDATE "{schema}".device SET retired_at = coalesce(device.retired_at, now()) WHERE device.id = found[1];
    RETURN found[1];
END
$$;

CREATE OR REPLACE FUNCTION heal_undead() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    entity name;
    found bigint;
    total bigint := 0;
BEGIN
    IF "{schema}".count_undead() = 0 THEN
        RETURN 0;
    END IF;
    PERFORM set_config('colophon.device', '', true);
    FOR entity IN SELECT "{schema}".tracked() LOOP
        EXECUTE format('UPDATE "{schema}".%I AS it SET revision = "{schema}".open_revision() FROM "{schema}".tombstone AS grave
                         WHERE grave.entity = %L AND grave.id = it.id', entity, entity);
        EXECUTE format('DELETE FROM "{schema}".tombstone AS grave USING "{schema}".%I AS it WHERE grave.entity = %L AND grave.id = it.id',
                       entity, entity);
        GET DIAGNOSTICS found = ROW_COUNT;
        total := total + found;
    END LOOP;
    RETURN total;
END
$$;

DROP FUNCTION make_story_of_updates(name, regclass);
DROP FUNCTION bury(text, bigint, uuid, uuid[], jsonb[]);
DROP FUNCTION tell(text, text, bigint, uuid, uuid[], jsonb[], timestamptz[], jsonb[]);
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
