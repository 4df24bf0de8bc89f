-- Who may do what, which programs may go on, and what is forgotten in time. No column of an entity changes.
--
-- compatible from: V1
--
-- The functions that run with their owner's rights are for the triggers of this catalogue's own tables, and for nobody else: none
-- can be called, or made the trigger of another table, by somebody who was not granted it, and each looks first at which table it runs for.

-- ---------------------------------------------------------------------------------------------------------------------
-- What is there.

-- The last migration that was applied here. `schema_version`, which the first programs compare with their own, is from now on the oldest version that may go on.
ALTER TABLE catalogue_head ADD COLUMN version integer NOT NULL DEFAULT 1;
-- Stories of edits before this time were purged.
ALTER TABLE catalogue_head ADD COLUMN history_purged timestamptz;

ALTER TABLE device
    -- When its last visit ended; contacts that follow each other closely are one. What it tells now, it cannot have been told before.
    ADD COLUMN was_here timestamptz NOT NULL DEFAULT now(),
    -- Nobody waits for it any more. If it comes back after all, it compares everything once.
    ADD COLUMN retired_at timestamptz;
UPDATE device SET was_here = last_seen;

ALTER TABLE lineage ADD COLUMN opened_at timestamptz NOT NULL DEFAULT now();

-- ---------------------------------------------------------------------------------------------------------------------
-- Rights of the machinery.

-- Ends the statement unless a trigger of ours runs for a table of this catalogue: one of this schema, with the entity's name (or that of
-- a shard of it), that belongs to whom the head belongs. Where shards are hidden from the catalogs the schema and the name have to do.
CREATE FUNCTION refuse_other_table(relation oid, in_schema name, named name, entity text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF in_schema = '{schema}' AND (named = entity OR named ~ ('^' || entity || '_[0-9]+$')) AND NOT EXISTS (
        SELECT FROM pg_class AS it JOIN pg_class AS head ON head.oid = '"{schema}".catalogue_head'::regclass
         WHERE it.oid = relation AND it.relowner <> head.relowner)
    THEN
        RETURN;
    END IF;
    RAISE EXCEPTION 'permission denied: % is no table of the catalogue {schema} that this trigger is for', named
        USING ERRCODE = 'insufficient_privilege';
END
$$;

-- Whether this login runs the catalogue, and so may write what it wants.
CREATE FUNCTION is_administrator() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT pg_has_role(session_user, head.relowner, 'MEMBER') FROM pg_class AS head
     WHERE head.oid = '"{schema}".catalogue_head'::regclass
$$;

-- Ends the statement if a device is another login's. One that nobody has noted yet is whose who comes with it, and so is one whose login is
-- no more: logins are renamed and replaced, and the file goes on. The code is our own, so that the program knows what to do: it
-- becomes a device of its own.
CREATE FUNCTION refuse_other_device(which uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    owner_login text := (SELECT device.username FROM "{schema}".device WHERE device.id = which);
BEGIN
    IF owner_login <> session_user AND to_regrole(quote_ident(owner_login)) IS NOT NULL
        AND NOT "{schema}".is_administrator()
    THEN
        RAISE EXCEPTION 'permission denied: the device % is that of the login %', which, owner_login
            USING ERRCODE = 'KD001', HINT = 'Two people who share a file are two devices.';
    END IF;
END
$$;

-- The device that says it writes, if it is one of this login's.
CREATE FUNCTION writing_device() RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told uuid := nullif(current_setting('colophon.device', true), '')::uuid;
BEGIN
    IF told IS NOT NULL THEN
        PERFORM "{schema}".refuse_other_device(told);
    END IF;
    RETURN told;
END
$$;

-- A login writes the rows of its own devices, and the server says whose they are and when they were in touch.
CREATE FUNCTION guard_device() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    may_all boolean := "{schema}".is_administrator();
BEGIN
    PERFORM "{schema}".refuse_other_table(TG_RELID, TG_TABLE_SCHEMA, TG_TABLE_NAME, 'device');
    IF TG_OP = 'UPDATE' THEN
        PERFORM "{schema}".refuse_other_device(OLD.id);
        IF NEW.id <> OLD.id THEN
            RAISE EXCEPTION 'the id of a device cannot change' USING ERRCODE = 'restrict_violation';
        END IF;
        IF NOT may_all OR NEW.last_seen <> OLD.last_seen THEN
            NEW.was_here := CASE WHEN now() - OLD.last_seen > interval '10 minutes' THEN OLD.last_seen ELSE OLD.was_here END;
            NEW.retired_at := NULL;
        END IF;
    ELSIF NOT may_all THEN
        NEW.was_here := now();
        NEW.retired_at := NULL;
    END IF;
    IF NOT may_all THEN
        NEW.username := session_user;
        NEW.last_seen := now();
    END IF;
    RETURN NEW;
END
$$;

-- And those of its own batches, each at the revision that its transaction has opened.
CREATE FUNCTION guard_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "{schema}".refuse_other_table(TG_RELID, TG_TABLE_SCHEMA, TG_TABLE_NAME, 'batch');
    IF TG_OP = 'DELETE' THEN
        PERFORM "{schema}".refuse_other_device(OLD.device);
        RETURN OLD;
    END IF;
    PERFORM "{schema}".refuse_other_device(NEW.device);
    IF NEW.revision <> 0 AND NOT "{schema}".is_administrator() AND NOT EXISTS (
        SELECT FROM "{schema}".catalogue_head AS head WHERE head.revision = NEW.revision
           AND head.opened_by = pg_current_xact_id_if_assigned() AND head.opened_at = now())
    THEN
        RAISE EXCEPTION 'permission denied: revision % is not that of this transaction', NEW.revision
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_device BEFORE INSERT OR UPDATE ON device FOR EACH ROW EXECUTE FUNCTION guard_device();
CREATE TRIGGER guard_batch BEFORE INSERT OR UPDATE OR DELETE ON batch FOR EACH ROW EXECUTE FUNCTION guard_batch();

-- Takes from everybody the right to call what was just made: PostgreSQL gives it unasked. Those of others are theirs.
CREATE FUNCTION withdraw_from_public() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made regprocedure;
BEGIN
    FOR made IN SELECT routine.oid FROM pg_proc AS routine
         WHERE routine.pronamespace = '"{schema}"'::regnamespace AND routine.proowner = (SELECT role.oid FROM pg_roles AS role WHERE role.rolname = current_user)
           AND EXISTS (SELECT FROM aclexplode(coalesce(routine.proacl, acldefault('f', routine.proowner))) WHERE grantee = 0)
    LOOP
        EXECUTE format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', made);
    END LOOP;
END
$$;

-- ---------------------------------------------------------------------------------------------------------------------
-- The triggers of V1, each of which now looks at its table first.

-- The marks of 90 days are kept, for a device may ask for any that it has seen, and the newest thousand; before that one an hour, as devices keep theirs,
-- and what the server knows to be the last of a device.
CREATE FUNCTION thin_lineage(opened bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept_from bigint := (SELECT seen.revision FROM "{schema}".lineage AS seen
                          WHERE seen.opened_at >= now() - interval '90 days' ORDER BY seen.revision LIMIT 1);
BEGIN
    DELETE FROM "{schema}".lineage AS seen
     WHERE seen.revision < least(kept_from, opened - 1000)
       AND seen.revision NOT IN (SELECT min(of_hour.revision) FROM "{schema}".lineage AS of_hour
                                  WHERE of_hour.revision < kept_from GROUP BY date_trunc('hour', of_hour.opened_at))
       AND seen.revision NOT IN (SELECT device.acknowledged_revision FROM "{schema}".device)
       AND seen.revision NOT IN (SELECT batch.revision FROM "{schema}".batch);
END
$$;

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
        IF opened % 1000 = 0 THEN
            PERFORM "{schema}".thin_lineage(opened);
        END IF;
    END IF;
    PERFORM set_config('colophon.{schema}_revision', opened::text, true);
    RETURN opened;
END
$$;

-- Before each statement that writes. A device that writes names the columns that it knows (`colophon.columns`, one array for each entity); the first
-- programs do not, and know those of V1. If the table has others, their names are handed to the row trigger.
CREATE OR REPLACE FUNCTION open_statement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named jsonb;
    unnamed text[];
BEGIN
    PERFORM "{schema}".refuse_other_table(TG_RELID, TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[0]);
    PERFORM "{schema}".open_revision();
    IF TG_OP = 'INSERT' AND current_setting('colophon.device', true) <> '' THEN
        named := coalesce(nullif(current_setting('colophon.columns', true), ''), '{
            "author": ["id", "name", "sort_name", "birth_year", "death_year", "email", "website", "notes", "created_at", "updated_at"],
            "book": ["id", "author_id", "title", "subtitle", "isbn", "publisher", "published_year", "language", "page_count", "series",
                     "series_position", "notes", "created_at", "updated_at"],
            "contribution": ["id", "book_id", "author_id", "role", "position", "created_at", "updated_at"],
            "conflict": ["id", "entity", "record_id", "kind", "field", "base", "mine", "theirs", "stands", "holder", "theirs_by", "theirs_at",
                         "parked_by", "settled_at", "settled_by", "settlement", "created_at", "updated_at"]}')::jsonb -> TG_ARGV[0];
        SELECT array_agg(field.attname) INTO unnamed FROM pg_attribute AS field
         WHERE field.attrelid = TG_RELID AND field.attnum > 0 AND NOT field.attisdropped AND field.attgenerated = ''
           AND field.attname <> 'revision' AND NOT named ? field.attname;
    END IF;
    PERFORM set_config('colophon.{schema}_unnamed', coalesce(TG_ARGV[0] || unnamed::text, ''), true);
    RETURN NULL;
END
$$;

-- Before each row that does not bear the revision yet, and before each that may come back over a tombstone and lack what the device does not know:
-- the tombstone has kept it. It touches only the row, so it needs no rights but the session's own, and does without setting a search path.
CREATE OR REPLACE FUNCTION stamp_row() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    unnamed text := pg_catalog.current_setting('colophon.{schema}_unnamed', true);
    kept jsonb;
BEGIN
    NEW.revision := pg_catalog.current_setting('colophon.{schema}_revision')::pg_catalog.int8;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
            NEW.updated_at := pg_catalog.now();
        END IF;
    ELSIF pg_catalog.starts_with(unnamed, pg_catalog.concat(TG_ARGV[0], '{')) THEN
        SELECT pg_catalog.jsonb_object_agg(field.key, field.value) INTO kept
          FROM "{schema}".tombstone AS grave, pg_catalog.jsonb_each(grave.content) AS field
         WHERE grave.entity OPERATOR(pg_catalog.=) TG_ARGV[0] AND grave.id OPERATOR(pg_catalog.=) NEW.id
           AND field.key OPERATOR(pg_catalog.=) ANY (
               pg_catalog.substr(unnamed, pg_catalog.length(TG_ARGV[0]) OPERATOR(pg_catalog.+) 1)::pg_catalog.text[]);
        IF kept IS NOT NULL THEN
            NEW := pg_catalog.jsonb_populate_record(NEW, kept);
        END IF;
    END IF;
    RETURN NEW;
END
$$;

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

-- Gives a table the triggers of an entity; the runner calls it for each after every migration, up and down. Triggers of others stay.
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

-- The entities, by the triggers of their tables.
CREATE FUNCTION tracked() RETURNS SETOF name
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT DISTINCT split_part(encode(made.tgargs, 'escape'), '\000', 1)::name FROM pg_trigger AS made
     WHERE made.tgfoid = '"{schema}".open_statement()'::regprocedure
$$;

-- ---------------------------------------------------------------------------------------------------------------------
-- What is forgotten, and what is healed.

-- The revision up to which everything is known to be in a device's file: where it was when it last sent something, and on from there
-- as far as nobody but itself has written.
CREATE FUNCTION come_as_far(which uuid) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT device.acknowledged_revision + (
        SELECT count(*) FROM (
            SELECT sent.revision, row_number() OVER (ORDER BY sent.revision) AS step FROM "{schema}".batch AS sent
             WHERE sent.device = which AND sent.revision > device.acknowledged_revision) AS own
         WHERE own.revision = device.acknowledged_revision + own.step)
      FROM "{schema}".device WHERE device.id = which
$$;

-- Where the device is that has come least far of those that somebody still waits for.
CREATE FUNCTION all_have_come_as_far() RETURNS bigint
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

-- Forgets the stories of edits that were made before a time; returns how many. What a device that somebody still waits for has not heard of stays: it
-- is what tells it whose edit was the later one.
CREATE FUNCTION purge_history(before timestamptz) RETURNS bigint
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

-- Nobody waits any more for a device, told by its name or its id. Returns its id. It may come back: then it compares everything, once.
CREATE FUNCTION retire_device(which text) RETURNS uuid
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

-- Records that are there and have a tombstone as well, as a restore without triggers leaves them. Devices cannot believe both.
CREATE FUNCTION count_undead() RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    entity name;
    found bigint;
    total bigint := 0;
BEGIN
    FOR entity IN SELECT "{schema}".tracked() LOOP
        EXECUTE format('SELECT count(*) FROM "{schema}".tombstone AS grave JOIN "{schema}".%I AS it ON it.id = grave.id WHERE grave.entity = %L',
                       entity, entity) INTO found;
        total := total + found;
    END LOOP;
    RETURN total;
END
$$;

-- What is there is there: it is told to all devices anew, as it is, and its tombstone goes. Returns how many.
CREATE FUNCTION heal_undead() RETURNS bigint
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

-- ---------------------------------------------------------------------------------------------------------------------
-- Sizes: those of the app. A record that is there already and has more keeps what V1 let it have, whatever else of it is changed.

CREATE FUNCTION limit_text(entity name, field name, characters integer, bytes integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rule text := format('octet_length(%1$I) <= %2$s AND char_length(%1$I) <= %3$s', field, bytes, characters);
    larger uuid[];
BEGIN
    EXECUTE format('SELECT array_agg(id) FROM "{schema}".%I WHERE NOT (%s)', entity, rule) INTO larger;
    IF larger IS NOT NULL THEN
        rule := format('(%s) OR id = ANY (%L::uuid[])', rule, larger);
    END IF;
    EXECUTE format('ALTER TABLE "{schema}".%1$I DROP CONSTRAINT IF EXISTS %2$I, ADD CONSTRAINT %2$I CHECK (%3$s) NOT VALID',
                   entity, entity || '_' || field || '_check', rule);
END
$$;

SELECT limit_text('author', 'notes', 1000000, 4000000);
SELECT limit_text('book', 'notes', 1000000, 4000000);
-- A value as JSON: notes, each character escaped.
SELECT limit_text('conflict', field, 6000002, 6000002) FROM unnest(ARRAY['base', 'mine', 'theirs']) AS field;
-- Names of devices and of logins, and words of the program.
SELECT limit_text('conflict', field, 500, 2000)
  FROM unnest(ARRAY['entity', 'kind', 'field', 'stands', 'theirs_by', 'parked_by', 'settled_by', 'settlement']) AS field;
DROP FUNCTION limit_text(name, name, integer, integer);

-- ---------------------------------------------------------------------------------------------------------------------

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

SELECT withdraw_from_public();
