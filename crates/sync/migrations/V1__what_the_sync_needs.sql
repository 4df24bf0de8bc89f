-- What the sync needs on a server beside the tables of an application: the machinery that tells every device what has changed, and the conflicts.
--
-- Whoever applies this file puts the catalogue's name in place of {schema} and makes that schema the search path, so an
-- unqualified name here is a name in it. What stands inside a function is looked up later, by sessions with any search
-- path, and is qualified.
--
-- The application's tables are plain: any program may read and write them. What devices need to know about a change is recorded by
-- triggers, with no cooperation from the program that made it. A migration of the application gives them to a table with `SELECT track('recipe')`.
--
-- The functions that run with their owner's rights are for the triggers of this catalogue's own tables, and for nobody else: none
-- can be called, or made the trigger of another table, by somebody who was not granted it, and each looks first at which table it runs for.

-- ---------------------------------------------------------------------------------------------------------------------
-- The head: the revision of the catalogue.

CREATE TABLE catalogue_head (
    -- There is one head.
    singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT catalogue_head_singleton_check CHECK (singleton),
    -- Which central database this is. Made anew after a restore from a backup.
    incarnation uuid NOT NULL DEFAULT gen_random_uuid(),
    -- The revision of the last transaction that wrote. The lock on this row is held to the commit, so revisions become
    -- visible in their order, and a reader that has seen one has seen all before it.
    revision bigint NOT NULL DEFAULT 0,
    -- Tombstones of this and of earlier revisions may have been purged.
    purge_floor bigint NOT NULL DEFAULT 0,
    -- The oldest version of the application that may go on.
    schema_version integer NOT NULL DEFAULT 0,
    -- The transaction that opened the revision. The time is part of it, because transaction numbers begin anew in a
    -- server that a dump is restored into.
    opened_by xid8,
    opened_at timestamptz,
    -- The last of the application's migrations that was applied here.
    version integer NOT NULL DEFAULT 0,
    -- Stories of edits before this time were purged.
    history_purged timestamptz
);
INSERT INTO catalogue_head DEFAULT VALUES;

-- Which revision is which: a mark made by chance for each. After a restore from a backup the same numbers are given to other
-- transactions, and a device that has seen the old ones must not take the new ones for them. Marks tell, and they tell the last
-- revision that both have in common.
CREATE TABLE lineage (
    revision bigint PRIMARY KEY,
    mark uuid NOT NULL DEFAULT gen_random_uuid(),
    opened_at timestamptz NOT NULL DEFAULT now()
);

-- ---------------------------------------------------------------------------------------------------------------------
-- What is remembered of changes.

CREATE TABLE tombstone (
    entity text NOT NULL,
    id uuid NOT NULL,
    revision bigint NOT NULL,
    -- The row as it was last.
    content jsonb NOT NULL,
    deleted_at timestamptz NOT NULL,
    -- The login, and the device where it was one of ours.
    deleted_by text NOT NULL,
    device uuid,
    PRIMARY KEY (entity, id)
);
CREATE INDEX tombstone_revision_index ON tombstone (revision);

CREATE TABLE history (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entity text NOT NULL,
    id uuid NOT NULL,
    revision bigint NOT NULL,
    kind text NOT NULL CONSTRAINT history_kind_check CHECK (kind IN ('update', 'delete')),
    -- The fields that changed, with the values that they had before. Of a deletion, the whole row.
    old jsonb NOT NULL,
    -- When it was edited, by this server's clock. A device may have been away for long before it told.
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    device uuid,
    -- Where the fields of a story were edited at different times: when each was, in microseconds UTC by this server's clock. `changed_at` is then
    -- the latest of them.
    times jsonb
);
CREATE INDEX history_record_index ON history (id, revision);

CREATE TABLE device (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT device_name_check CHECK (char_length(name) BETWEEN 1 AND 500),
    username text NOT NULL DEFAULT session_user,
    app_version text NOT NULL CONSTRAINT device_app_version_check CHECK (char_length(app_version) <= 100),
    last_seen timestamptz NOT NULL DEFAULT now(),
    -- All revisions up to this one are in the device's file.
    acknowledged_revision bigint NOT NULL DEFAULT 0,
    -- The number of its last batch that was committed here.
    last_batch bigint NOT NULL DEFAULT 0,
    -- When its last visit ended; contacts that follow each other closely are one. What it tells now, it cannot have been told before.
    was_here timestamptz NOT NULL DEFAULT now(),
    -- Nobody waits for it any more. If it comes back after all, it compares everything once.
    retired_at timestamptz
);

-- Written in the transaction that wrote the batch's rows, so a device whose connection broke at the commit can ask.
CREATE TABLE batch (
    device uuid NOT NULL CONSTRAINT batch_device_reference REFERENCES device (id),
    number bigint NOT NULL CONSTRAINT batch_number_check CHECK (number > 0),
    -- Made by chance when the batch was. A copy of a device's file counts the same numbers for other batches.
    token uuid NOT NULL,
    revision bigint NOT NULL,
    -- The rows that were not accepted, each with its reason. All others were. JSON's null where the device has asked for a
    -- batch that was not here: it is written so that it never comes.
    result jsonb NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (device, number)
);
-- From the revision of a row to the device that wrote it.
CREATE INDEX batch_revision_index ON batch (revision);

-- ---------------------------------------------------------------------------------------------------------------------
-- Triggers.

-- Opens the revision of this transaction, once, and returns it. From here to its end the transaction is the only writer
-- of the catalogue.
--
-- The head alone says whether the revision is open. The setting only carries it to the row trigger and is written anew
-- by every statement: a session that sets it by hand gains nothing, and a savepoint that is rolled back takes the
-- head's row and the setting back together.
CREATE FUNCTION open_revision() RETURNS bigint
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

-- Ends the transaction unless what it relies on holds: for statements that are sent together, before any answer is known.
CREATE FUNCTION expect(holds boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF holds IS NOT TRUE THEN
        RAISE EXCEPTION 'the catalogue is not as the device has seen it' USING ERRCODE = 'assert_failure';
    END IF;
END
$$;

-- Before each statement that writes. A device that writes names the columns that it knows (`colophon.columns`, one array for each entity).
-- If the table has others, their names are handed to the row trigger.
CREATE FUNCTION open_statement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named jsonb;
    unnamed text[];
BEGIN
    PERFORM "{schema}".refuse_other_table(TG_RELID, TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[0]);
    PERFORM "{schema}".open_revision();
    IF TG_OP = 'INSERT' AND current_setting('colophon.device', true) <> '' THEN
        named := nullif(current_setting('colophon.columns', true), '')::jsonb -> TG_ARGV[0];
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
CREATE FUNCTION stamp_row() RETURNS trigger
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

-- The id is how devices know a record: with another id it would be a record that vanished.
CREATE FUNCTION refuse_new_id() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the id of % % cannot change', TG_ARGV[0], OLD.id
        USING ERRCODE = 'restrict_violation',
              HINT = 'Insert a record with the new id, let others refer to it, then delete the old one.';
END
$$;

-- Called after each INSERT and UPDATE when a row does not bear the revision that the head has: a setting changed in the
-- middle of a statement, or somebody's trigger that runs after ours, would hide that row from every device.
CREATE FUNCTION refuse_other_revision(entity text, opened bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a row of % was written with a revision other than %: no device would learn of it', entity, opened
        USING ERRCODE = 'restrict_violation',
              HINT = 'Leave the column revision and the settings named colophon.* alone; triggers keep them.';
END
$$;

-- After each INSERT: who is here again is no longer remembered as deleted.
CREATE FUNCTION record_insert() RETURNS trigger
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

-- After each DELETE: a tombstone, so that devices learn of it.
CREATE FUNCTION record_delete() RETURNS trigger
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

CREATE FUNCTION refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'TRUNCATE of % is refused: no device would learn that its records are gone', TG_ARGV[0]
        USING ERRCODE = 'restrict_violation', HINT = 'Use DELETE FROM, which leaves a tombstone for each record.';
END
$$;

-- Forgets deletions up to a revision, for whoever runs the server; returns how many. A device that has not come as far compares
-- everything when it is next in touch, and loses nothing. Without a revision it goes as far as all devices have come that
-- ever sent something. By revision and never by age: how long a device is away is nobody's guess.
CREATE FUNCTION purge(up_to bigint DEFAULT NULL) RETURNS bigint
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

-- Gives a table the triggers of an entity; the runner calls it for each after every migration, up and down. Triggers of others stay.
CREATE FUNCTION track(entity name) RETURNS void
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
-- Rights. Roles belong to the whole server, so they bear the catalogue's name: the editors of one are not those of all.

-- Gives the catalogue's roles their rights, as far as the roles exist, and returns the names of those that do not.
-- Applied again after every migration, so a role that an administrator makes later gets its rights then.
CREATE FUNCTION grant_roles() RETURNS SETOF text
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
-- What is remembered.

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
    SELECT min(device.acknowledged_revision + coalesce(own.steps, 0)) FROM "{schema}".device LEFT JOIN (
        SELECT sent.device, count(*) AS steps FROM (
            SELECT batch.device, batch.revision - known.acknowledged_revision AS ahead,
                   row_number() OVER (PARTITION BY batch.device ORDER BY batch.revision) AS step
              FROM "{schema}".batch JOIN "{schema}".device AS known ON known.id = batch.device AND batch.revision > known.acknowledged_revision) AS sent
         WHERE sent.ahead = sent.step GROUP BY sent.device) AS own ON own.device = device.id
     WHERE device.retired_at IS NULL
$$;

-- Forgets the stories of edits that were made before a time; returns how many. What a device that somebody still waits for has not heard of stays: it
-- is what tells it whose edit was the later one.
CREATE FUNCTION purge_history(before timestamptz) RETURNS bigint
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
    UPDATE "{schema}".device SET retired_at = now() WHERE device.id = found[1] AND device.retired_at IS NULL;
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

-- ---------------------------------------------------------------------------------------------------------------------
-- The times of fields.

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
                "{schema}".told_offset() END;
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

-- ---------------------------------------------------------------------------------------------------------------------
-- Conflicts, the one entity that every application has.

-- What was parked because two people said different things. Travels like an entity, so anybody can see and settle it.
CREATE TABLE conflict (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    entity text NOT NULL CONSTRAINT conflict_entity_check CHECK (octet_length(entity) <= 2000 AND char_length(entity) <= 500),
    record_id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT conflict_kind_check CHECK (octet_length(kind) <= 2000 AND char_length(kind) <= 500),
    -- The field in question; absent where the whole record is.
    field text CONSTRAINT conflict_field_check CHECK (octet_length(field) <= 2000 AND char_length(field) <= 500),
    -- Values of any field, as JSON.
    base text CONSTRAINT conflict_base_check CHECK (octet_length(base) <= 6000002 AND char_length(base) <= 6000002),
    mine text CONSTRAINT conflict_mine_check CHECK (octet_length(mine) <= 6000002 AND char_length(mine) <= 6000002),
    theirs text CONSTRAINT conflict_theirs_check CHECK (octet_length(theirs) <= 6000002 AND char_length(theirs) <= 6000002),
    -- Which of the two stands.
    stands text CONSTRAINT conflict_stands_check CHECK (octet_length(stands) <= 2000 AND char_length(stands) <= 500),
    -- The other record, where two want the same value.
    holder uuid,
    theirs_by text CONSTRAINT conflict_theirs_by_check CHECK (octet_length(theirs_by) <= 2000 AND char_length(theirs_by) <= 500),
    theirs_at timestamptz,
    parked_by text NOT NULL DEFAULT session_user CONSTRAINT conflict_parked_by_check CHECK (octet_length(parked_by) <= 2000 AND char_length(parked_by) <= 500),
    settled_at timestamptz,
    settled_by text CONSTRAINT conflict_settled_by_check CHECK (octet_length(settled_by) <= 2000 AND char_length(settled_by) <= 500),
    settlement text CONSTRAINT conflict_settlement_check CHECK (octet_length(settlement) <= 2000 AND char_length(settlement) <= 500),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 0
);
CREATE INDEX conflict_record_index ON conflict (entity, record_id);
CREATE INDEX conflict_revision_index ON conflict (revision);
SELECT track('conflict');

SELECT withdraw_from_public();
