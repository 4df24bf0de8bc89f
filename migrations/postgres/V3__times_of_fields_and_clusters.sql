-- When each field was edited, and catalogues that are spread over a cluster. No column of an entity changes.
--
-- compatible from: V1

-- ---------------------------------------------------------------------------------------------------------------------
-- The times of fields.

-- Where the fields of a story were edited at different times: when each was, in microseconds UTC by this server's clock. `changed_at` is then
-- the latest of them.
ALTER TABLE history ADD COLUMN times jsonb;

-- What the device that writes says of the times of its edits (`colophon.times`): by record and field, microseconds UTC by this server's clock. Only
-- where a field's time is not its row's. Who says it may say anything: what is no such object says nothing, and stops no row.
CREATE FUNCTION told_times() RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said text := current_setting('colophon.times', true);
    told jsonb;
BEGIN
    IF said IS NULL OR said = '' THEN
        RETURN NULL;
    END IF;
    BEGIN
        told := said::jsonb;
    EXCEPTION WHEN OTHERS THEN
        RETURN NULL;
    END;
    RETURN CASE WHEN jsonb_typeof(told) = 'object' THEN told END;
END
$$;

-- The time of each field of a story: as it was told, but not before the device was last here and not after now; otherwise the row's.
CREATE FUNCTION times_of_fields(told jsonb, fields jsonb, of_row timestamptz, was_here timestamptz) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    latest bigint := extract(epoch FROM now()) * 1000000;
    earliest bigint := extract(epoch FROM least(now(), greatest(was_here, '0001-01-01Z'))) * 1000000;
    otherwise bigint := extract(epoch FROM of_row) * 1000000;
BEGIN
    -- As numbers without an end, for one that is told may have any size.
    RETURN (
        SELECT jsonb_object_agg(field, CASE WHEN jsonb_typeof(told -> field) = 'number'
                   THEN least(latest, greatest(earliest, (told ->> field)::numeric))::bigint ELSE otherwise END)
          FROM jsonb_object_keys(fields) AS field);
END
$$;

-- The latest of some times.
CREATE FUNCTION latest_of(times jsonb) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT max(timestamptz 'epoch' + value::bigint * interval '1 microsecond') FROM jsonb_each_text(times)
$$;

-- Those times, unless they are all the same.
CREATE FUNCTION unless_one(times jsonb) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN count(DISTINCT value) > 1 THEN times END FROM jsonb_each_text(times)
$$;

-- ---------------------------------------------------------------------------------------------------------------------
-- Clusters.
--
-- Where a catalogue is a schema of a Citus cluster, a statement has either tables of the catalogue in it or what a trigger was handed (`before`, `after`,
-- `inserted`), not both. So triggers gather first and write then, in parts, so that a statement of millions of rows needs no more memory than one of thousands.

-- Puts stories into the history.
CREATE FUNCTION tell(which text, kind text, opened bigint, by_device uuid, ids uuid[], olds jsonb[], moments timestamptz[], times jsonb[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
BEGIN
    INSERT INTO "{schema}".history (entity, id, revision, kind, old, changed_at, changed_by, device, times)
    SELECT which, story.id, opened, tell.kind, story.old, coalesce(story.moment, now()), session_user, by_device, story.times
      FROM unnest(ids, olds, moments, tell.times) AS story (id, old, moment, times);
END
$$;

-- Writes tombstones, and the stories of the same deletions.
CREATE FUNCTION bury(which text, opened bigint, by_device uuid, ids uuid[], contents jsonb[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
BEGIN
    INSERT INTO "{schema}".tombstone AS grave (entity, id, revision, content, deleted_at, deleted_by, device)
    SELECT which, gone.id, opened, gone.content, now(), session_user, by_device FROM unnest(ids, contents) AS gone (id, content)
        ON CONFLICT (entity, id) DO UPDATE
       SET revision = excluded.revision, content = excluded.content, deleted_at = excluded.deleted_at,
           deleted_by = excluded.deleted_by, device = excluded.device;
    PERFORM "{schema}".tell(which, 'delete', opened, by_device, ids, contents, NULL, NULL);
END
$$;

CREATE OR REPLACE FUNCTION record_insert() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    opened bigint;
    ids uuid[];
BEGIN
    PERFORM "{schema}".refuse_other_table(TG_RELID, TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[0]);
    SELECT head.revision INTO STRICT opened FROM "{schema}".catalogue_head AS head;
    IF EXISTS (SELECT FROM inserted WHERE inserted.revision IS DISTINCT FROM opened) THEN
        PERFORM "{schema}".refuse_other_revision(TG_ARGV[0], opened);
    END IF;
    ids := ARRAY(SELECT inserted.id FROM inserted);
    DELETE FROM "{schema}".tombstone AS grave USING unnest(ids) AS here (id)
     WHERE grave.entity = TG_ARGV[0] AND grave.id = here.id;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION record_delete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    opened bigint;
    by_device uuid;
    gone uuid;
    content jsonb;
    ids uuid[] := '{}';
    contents jsonb[] := '{}';
    bytes integer := 0;
BEGIN
    PERFORM "{schema}".refuse_other_table(TG_RELID, TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[0]);
    by_device := "{schema}".writing_device();
    SELECT head.revision INTO STRICT opened FROM "{schema}".catalogue_head AS head;
    FOR gone, content IN SELECT before.id, to_jsonb(before.*) - 'revision' FROM before LOOP
        ids := ids || gone;
        contents := contents || content;
        bytes := bytes + pg_column_size(content);
        IF bytes > 1000000 THEN
            PERFORM "{schema}".bury(TG_ARGV[0], opened, by_device, ids, contents);
            ids := '{}'; contents := '{}'; bytes := 0;
        END IF;
    END LOOP;
    IF bytes > 0 THEN
        PERFORM "{schema}".bury(TG_ARGV[0], opened, by_device, ids, contents);
    END IF;
    RETURN NULL;
END
$$;

-- What is asked within a question is one question, and what is called within a statement is called before it.

CREATE OR REPLACE FUNCTION all_have_come_as_far() RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT min(device.acknowledged_revision + coalesce(own.steps, 0)) FROM "{schema}".device LEFT JOIN (
        SELECT sent.device, count(*) AS steps FROM (
            SELECT batch.device, batch.revision - known.acknowledged_revision AS ahead,
                   row_number() OVER (PARTITION BY batch.device ORDER BY batch.revision) AS step
              FROM "{schema}".batch JOIN "{schema}".device AS known ON known.id = batch.device AND batch.revision > known.acknowledged_revision) AS sent
         WHERE sent.ahead = sent.step GROUP BY sent.device) AS own ON own.device = device.id
     WHERE device.retired_at IS NULL
$$;

CREATE OR REPLACE FUNCTION purge(up_to bigint DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wanted bigint := coalesce(up_to, "{schema}".all_have_come_as_far());
    floor bigint;
    forgotten bigint;
BEGIN
    -- No push is under way now that has seen the old floor.
    PERFORM FROM "{schema}".catalogue_head FOR UPDATE;
    SELECT least(head.revision, wanted) INTO STRICT floor FROM "{schema}".catalogue_head AS head;
    UPDATE "{schema}".catalogue_head AS head SET purge_floor = greatest(head.purge_floor, floor);
    DELETE FROM "{schema}".tombstone AS grave WHERE grave.revision <= floor;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;

CREATE OR REPLACE FUNCTION purge_history(before timestamptz) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    heard_of bigint := "{schema}".all_have_come_as_far();
    until timestamptz := least(before, now());
    forgotten bigint;
BEGIN
    UPDATE "{schema}".catalogue_head AS head SET history_purged = greatest(head.history_purged, until);
    DELETE FROM "{schema}".history AS story
     WHERE story.changed_at < before AND (heard_of IS NULL OR story.revision <= heard_of);
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
    UPDATE "{schema}".device SET retired_at = now() WHERE device.id = found[1] AND device.retired_at IS NULL;
    RETURN found[1];
END
$$;

CREATE OR REPLACE FUNCTION heal_undead() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    entity name;
    opened bigint;
    found bigint;
    total bigint := 0;
BEGIN
    IF "{schema}".count_undead() = 0 THEN
        RETURN 0;
    END IF;
    PERFORM set_config('colophon.device', '', true);
    opened := "{schema}".open_revision();
    FOR entity IN SELECT "{schema}".tracked() LOOP
        EXECUTE format('UPDATE "{schema}".%I AS it SET revision = $1 FROM "{schema}".tombstone AS grave
                         WHERE grave.entity = %L AND grave.id = it.id', entity, entity) USING opened;
        EXECUTE format('DELETE FROM "{schema}".tombstone AS grave USING "{schema}".%I AS it WHERE grave.entity = %L AND grave.id = it.id',
                       entity, entity);
        GET DIAGNOSTICS found = ROW_COUNT;
        total := total + found;
    END LOOP;
    RETURN total;
END
$$;

-- Makes the function that writes the story of an update of an entity, column by column.
CREATE FUNCTION make_story_of_updates(entity name, target regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $make$
DECLARE
    changed_fields text;
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
            by_device uuid;
            -- What this server's clock is ahead of the device's. Nobody else's times are known to be those of an edit.
            clock_offset interval;
            -- An edit that was made before is one that it would have told then.
            was_here timestamptz;
            -- By record and field, where a device has told them.
            told jsonb;
            changed uuid;
            was jsonb;
            moment timestamptz;
            times_told jsonb;
            ids uuid[] := '{}';
            olds jsonb[] := '{}';
            moments timestamptz[] := '{}';
            times jsonb[] := '{}';
            bytes integer := 0;
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
            IF by_device IS NOT NULL THEN
                told := "{schema}".told_times();
            END IF;
            FOR changed, was, moment, times_told IN
                SELECT timed.id, timed.old, CASE WHEN timed.times IS NULL THEN timed.at ELSE "{schema}".latest_of(timed.times) END,
                       CASE WHEN timed.times IS NOT NULL THEN "{schema}".unless_one(timed.times) END
                  FROM (SELECT story.*, CASE WHEN told ? story.id::text
                                   THEN "{schema}".times_of_fields(told -> story.id::text, story.old, story.at, was_here) END AS times
                          FROM (SELECT after.id, CASE WHEN clock_offset IS NULL THEN now() ELSE
                                           least(now(), greatest(greatest(after.updated_at, '0001-01-01Z') + clock_offset, was_here)) END AS at,
                                       %3$s AS old
                                  FROM before JOIN after ON after.id = before.id OFFSET 0) AS story
                         WHERE story.old <> '{}' OFFSET 0) AS timed
            LOOP
                ids := ids || changed;
                olds := olds || was;
                moments := moments || moment;
                times := times || times_told;
                bytes := bytes + pg_column_size(was);
                IF bytes > 1000000 THEN
                    PERFORM "{schema}".tell(%1$L, 'update', opened, by_device, ids, olds, moments, times);
                    ids := '{}'; olds := '{}'; moments := '{}'; times := '{}'; bytes := 0;
                END IF;
            END LOOP;
            IF bytes > 0 THEN
                PERFORM "{schema}".tell(%1$L, 'update', opened, by_device, ids, olds, moments, times);
            END IF;
            RETURN NULL;
        END
        $record$
        $update$, entity, 'record_update_' || entity, changed_fields);
END
$make$;

-- Gives a table the triggers of an entity; the runner calls it for each after every migration, up and down. Triggers of others stay.
CREATE OR REPLACE FUNCTION track(entity name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $track$
DECLARE
    target regclass := format('"{schema}".%I', entity)::regclass;
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
    PERFORM "{schema}".make_story_of_updates(entity, target);
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

-- ---------------------------------------------------------------------------------------------------------------------
-- A batch that may clash.

-- Opens the revision and runs statements, each with the rows that are its own as $1, a list in JSON; true if each came to as many rows as it has to and no
-- rule between rows is broken in the end. Otherwise nothing of them stays, the revision neither, and nothing is written into the server's
-- log: that somebody was faster is nobody's error. Anything else that goes wrong is one.
--
-- The statements are the caller's, and so are the rights that they run with: alone they could be sent as well. So is the path by which they, and the triggers
-- of others that they set off, find what they name.
CREATE FUNCTION attempt(statements text[], rows text[], counts bigint[]) RETURNS boolean
LANGUAGE plpgsql SET jit = off AS $$
DECLARE
    touched pg_catalog.int8;
BEGIN
    PERFORM "{schema}".open_revision();
    FOR number IN 1 .. pg_catalog.cardinality(statements) LOOP
        EXECUTE statements[number] USING rows[number]::pg_catalog.json;
        GET DIAGNOSTICS touched = ROW_COUNT;
        IF touched OPERATOR(pg_catalog.<>) counts[number] THEN
            RAISE assert_failure;
        END IF;
    END LOOP;
    -- Here and not at the commit, where it would be too late to catch what they say.
    SET CONSTRAINTS ALL IMMEDIATE;
    RETURN true;
EXCEPTION WHEN assert_failure OR integrity_constraint_violation THEN
    RETURN false;
END
$$;

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
        GRANT EXECUTE ON FUNCTION "{schema}".open_revision(), "{schema}".expect(boolean), "{schema}".attempt(text[], text[], bigint[]),
            "{schema}".come_as_far(uuid), "{schema}".tracked(),
            "{schema}".count_undead(), "{schema}".heal_undead() TO "{schema}_editor";
        FOR entity IN SELECT "{schema}".tracked() LOOP
            EXECUTE format('GRANT INSERT, UPDATE, DELETE ON "{schema}".%I TO "{schema}_editor"', entity);
        END LOOP;
    END IF;
END
$$;

-- ---------------------------------------------------------------------------------------------------------------------

SELECT withdraw_from_public();
