-- Takes back V2: the functions of V1 as they were, and the sizes. Lost are which devices were retired, and when they were here.
-- The runner then gives every entity the triggers of V1 again.

CREATE OR REPLACE FUNCTION open_revision() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    opened bigint;
BEGIN
    UPDATE "{schema}".catalogue_head AS head
       SET revision = head.revision + 1, opened_by = pg_current_xact_id(), opened_at = now()
     WHERE head.opened_by IS DISTINCT FROM pg_current_xact_id() OR head.opened_at IS DISTINCT FROM now()
    RETURNING head.revision INTO opened;
    IF opened IS NULL THEN
        SELECT head.revision INTO STRICT opened FROM "{schema}".catalogue_head AS head;
    ELSE
        INSERT INTO "{schema}".lineage (revision) VALUES (opened);
    END IF;
    PERFORM set_config('colophon.{schema}_revision', opened::text, true);
    RETURN opened;
END
$$;

CREATE OR REPLACE FUNCTION open_statement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "{schema}".open_revision();
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION stamp_row() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.revision := pg_catalog.current_setting('colophon.{schema}_revision')::pg_catalog.int8;
    IF TG_OP = 'UPDATE' AND NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
        NEW.updated_at := pg_catalog.now();
    END IF;
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION record_insert() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    opened bigint;
BEGIN
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
    by_device uuid := nullif(current_setting('colophon.device', true), '')::uuid;
BEGIN
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

CREATE OR REPLACE FUNCTION purge(up_to bigint DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    floor bigint;
    forgotten bigint;
BEGIN
    -- No push is under way now that has seen the old floor.
    PERFORM FROM "{schema}".catalogue_head FOR UPDATE;
    SELECT least(head.revision, coalesce(up_to, (SELECT min(device.acknowledged_revision) FROM "{schema}".device)))
      INTO STRICT floor FROM "{schema}".catalogue_head AS head;
    UPDATE "{schema}".catalogue_head AS head SET purge_floor = greatest(head.purge_floor, floor);
    DELETE FROM "{schema}".tombstone AS grave WHERE grave.revision <= floor;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;

CREATE OR REPLACE FUNCTION track(entity name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $track$
DECLARE
    target regclass := format('"{schema}".%I', entity)::regclass;
    changed_fields text;
    existing name;
BEGIN
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
            by_device uuid := nullif(current_setting('colophon.device', true), '')::uuid;
            -- What this server's clock is ahead of the device's. Nobody else's times are known to be those of an edit.
            clock_offset interval := CASE WHEN by_device IS NOT NULL THEN
                nullif(current_setting('colophon.clock_offset', true), '')::float8 * interval '1 microsecond' END;
        BEGIN
            SELECT head.revision INTO STRICT opened FROM "{schema}".catalogue_head AS head;
            IF EXISTS (SELECT FROM after WHERE after.revision IS DISTINCT FROM opened) THEN
                PERFORM "{schema}".refuse_other_revision(%1$L, opened);
            END IF;
            INSERT INTO "{schema}".history (entity, id, revision, kind, old, changed_at, changed_by, device)
            SELECT %1$L, story.id, opened, 'update', story.old,
                   least(now(), greatest(story.updated_at, '0001-01-01Z') + clock_offset), session_user, by_device
              FROM (SELECT after.id, after.updated_at, %3$s AS old FROM before JOIN after ON after.id = before.id OFFSET 0) AS story
             WHERE story.old <> '{}';
            RETURN NULL;
        END
        $record$
        $update$, entity, 'record_update_' || entity, changed_fields);
    FOR existing IN SELECT tgname FROM pg_trigger
         WHERE tgrelid = target AND NOT tgisinternal
           AND tgfoid IN (SELECT oid FROM pg_proc WHERE pronamespace = '"{schema}"'::regnamespace)
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', existing, target);
    END LOOP;
    EXECUTE format('CREATE TRIGGER open_statement BEFORE INSERT OR UPDATE OR DELETE ON %s
        FOR EACH STATEMENT EXECUTE FUNCTION "{schema}".open_statement(%L)', target, entity);
    EXECUTE format('CREATE TRIGGER refuse_new_id BEFORE UPDATE OF id ON %s FOR EACH ROW
        WHEN (NEW.id IS DISTINCT FROM OLD.id) EXECUTE FUNCTION "{schema}".refuse_new_id(%L)', target, entity);
    EXECUTE format('CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON %s FOR EACH ROW
        WHEN (NEW.revision IS DISTINCT FROM nullif(current_setting(''colophon.{schema}_revision'', true), '''')::bigint)
        EXECUTE FUNCTION "{schema}".stamp_row(%L)', target, entity);
    EXECUTE format('CREATE TRIGGER record_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS inserted
        FOR EACH STATEMENT EXECUTE FUNCTION "{schema}".record_insert(%L)', target, entity);
    EXECUTE format('CREATE TRIGGER record_update AFTER UPDATE ON %s REFERENCING OLD TABLE AS before NEW TABLE AS after
        FOR EACH STATEMENT EXECUTE FUNCTION "{schema}".%I(%L)', target, 'record_update_' || entity, entity);
    EXECUTE format('CREATE TRIGGER record_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS before
        FOR EACH STATEMENT EXECUTE FUNCTION "{schema}".record_delete(%L)', target, entity);
    EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s
        FOR EACH STATEMENT EXECUTE FUNCTION "{schema}".refuse_truncate(%L)', target, entity);
END
$track$;

CREATE OR REPLACE FUNCTION grant_roles() RETURNS SETOF text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    entity regclass;
BEGIN
    IF to_regrole('{schema}_owner') IS NULL THEN
        RETURN NEXT '{schema}_owner';
    END IF;
    IF to_regrole('{schema}_reader') IS NULL THEN
        RETURN NEXT '{schema}_reader';
    ELSE
        GRANT USAGE ON SCHEMA "{schema}" TO "{schema}_reader";
        GRANT SELECT ON ALL TABLES IN SCHEMA "{schema}" TO "{schema}_reader";
    END IF;
    IF to_regrole('{schema}_editor') IS NULL THEN
        RETURN NEXT '{schema}_editor';
    ELSE
        GRANT USAGE ON SCHEMA "{schema}" TO "{schema}_editor";
        GRANT SELECT ON ALL TABLES IN SCHEMA "{schema}" TO "{schema}_editor";
        GRANT INSERT, UPDATE ON "{schema}".device TO "{schema}_editor";
        GRANT INSERT, DELETE ON "{schema}".batch TO "{schema}_editor";
        GRANT EXECUTE ON FUNCTION "{schema}".open_revision(), "{schema}".expect(boolean) TO "{schema}_editor";
        FOR entity IN SELECT tracked.tgrelid FROM pg_trigger AS tracked
             WHERE tracked.tgfoid = '"{schema}".open_statement()'::regprocedure
        LOOP
            EXECUTE format('GRANT INSERT, UPDATE, DELETE ON %s TO "{schema}_editor"', entity);
        END LOOP;
    END IF;
END
$$;

DROP TRIGGER guard_batch ON batch;
DROP TRIGGER guard_device ON device;
DROP FUNCTION heal_undead();
DROP FUNCTION count_undead();
DROP FUNCTION retire_device(text);
DROP FUNCTION purge_history(timestamptz);
DROP FUNCTION all_have_come_as_far();
DROP FUNCTION come_as_far(uuid);
DROP FUNCTION tracked();
DROP FUNCTION thin_lineage(bigint);
DROP FUNCTION withdraw_from_public();
DROP FUNCTION guard_batch();
DROP FUNCTION guard_device();
DROP FUNCTION writing_device();
DROP FUNCTION refuse_other_device(uuid);
DROP FUNCTION is_administrator();
DROP FUNCTION refuse_other_table(oid, name, name, text);

ALTER TABLE author DROP CONSTRAINT author_notes_check,
    ADD CONSTRAINT author_notes_check CHECK (octet_length(notes) <= 67108864);
ALTER TABLE book DROP CONSTRAINT book_notes_check,
    ADD CONSTRAINT book_notes_check CHECK (octet_length(notes) <= 67108864);
ALTER TABLE conflict DROP CONSTRAINT conflict_entity_check, DROP CONSTRAINT conflict_kind_check, DROP CONSTRAINT conflict_field_check,
    DROP CONSTRAINT conflict_base_check, DROP CONSTRAINT conflict_mine_check, DROP CONSTRAINT conflict_theirs_check,
    DROP CONSTRAINT conflict_stands_check, DROP CONSTRAINT conflict_theirs_by_check, DROP CONSTRAINT conflict_parked_by_check,
    DROP CONSTRAINT conflict_settled_by_check, DROP CONSTRAINT conflict_settlement_check;

ALTER TABLE lineage DROP COLUMN opened_at;
ALTER TABLE device DROP COLUMN was_here, DROP COLUMN retired_at;
ALTER TABLE catalogue_head DROP COLUMN version, DROP COLUMN history_purged;
