-- The central side of a catalogue: its three entities, and the machinery that tells every device what has changed.
--
-- Whoever applies this file puts the catalogue's name in place of {schema} and makes that schema the search path, so an
-- unqualified name here is a name in it. What stands inside a function is looked up later, by sessions with any search
-- path, and is qualified.
--
-- The tables are plain: any program may read and write them. What devices need to know about a change is recorded by
-- triggers, with no cooperation from the program that made it.

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
    -- The last migration that was applied here.
    schema_version integer NOT NULL DEFAULT 0,
    -- The transaction that opened the revision. The time is part of it, because transaction numbers begin anew in a
    -- server that a dump is restored into.
    opened_by xid8,
    opened_at timestamptz
);
INSERT INTO catalogue_head DEFAULT VALUES;

-- Which revision is which: a mark made by chance for each. After a restore from a backup the same numbers are given to other
-- transactions, and a device that has seen the old ones must not take the new ones for them. Marks tell, and they tell the last
-- revision that both have in common.
CREATE TABLE lineage (
    revision bigint PRIMARY KEY,
    mark uuid NOT NULL DEFAULT gen_random_uuid()
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
    device uuid
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
    last_batch bigint NOT NULL DEFAULT 0
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

-- Before each statement that writes.
CREATE FUNCTION open_statement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM "{schema}".open_revision();
    RETURN NULL;
END
$$;

-- Before each row that does not bear the revision yet. Those that our own push writes do, and cost nothing here.
-- It touches only the row, so it needs no rights but the session's own; and as it runs for every row of a foreign
-- writer, it does without the cost of setting a search path.
CREATE FUNCTION stamp_row() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.revision := pg_catalog.current_setting('colophon.{schema}_revision')::pg_catalog.int8;
    IF TG_OP = 'UPDATE' AND NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
        NEW.updated_at := pg_catalog.now();
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

-- After each DELETE: a tombstone, so that devices learn of it.
CREATE FUNCTION record_delete() RETURNS trigger
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

-- Gives a table the triggers of an entity. A migration that adds an entity, or a column to one, calls it at its end.
--
-- The entity's name goes along as an argument, because the table may bear another one where it is cut into shards.
-- The story of an update is written by a function made for the table: comparing the columns by name takes an eighth of
-- the time that comparing two JSON objects does.
CREATE FUNCTION track(entity name) RETURNS void
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

-- ---------------------------------------------------------------------------------------------------------------------
-- Rights. Roles belong to the whole server, so they bear the catalogue's name: the editors of one are not those of all.

-- Gives the catalogue's roles their rights, as far as the roles exist, and returns the names of those that do not.
-- Applied again after every migration, so a role that an administrator makes later gets its rights then.
CREATE FUNCTION grant_roles() RETURNS SETOF text
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

-- What can be called by name is for those who were granted it. Triggers need no such right.
REVOKE ALL ON FUNCTION open_revision(), expect(boolean), refuse_other_revision(text, bigint), purge(bigint), track(name), grant_roles() FROM PUBLIC;

-- ---------------------------------------------------------------------------------------------------------------------
-- The entities. The limits here are those of any program; our own rules are stricter, and are the app's. A limit on
-- notes keeps one row from filling every device, yet leaves room for what a person would not type.

CREATE TABLE author (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL CONSTRAINT author_name_check CHECK (char_length(name) BETWEEN 1 AND 500),
    sort_name text NOT NULL CONSTRAINT author_sort_name_check CHECK (char_length(sort_name) BETWEEN 1 AND 500),
    birth_year integer CONSTRAINT author_birth_year_check CHECK (birth_year BETWEEN -9999 AND 9999),
    death_year integer CONSTRAINT author_death_year_check CHECK (death_year BETWEEN -9999 AND 9999),
    email text CONSTRAINT author_email_check CHECK (char_length(email) <= 254),
    website text CONSTRAINT author_website_check CHECK (char_length(website) <= 2000),
    notes text CONSTRAINT author_notes_check CHECK (octet_length(notes) <= 67108864),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 0
);
CREATE INDEX author_revision_index ON author (revision);
SELECT track('author');

CREATE TABLE book (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    author_id uuid NOT NULL CONSTRAINT book_author_reference REFERENCES author (id) DEFERRABLE INITIALLY DEFERRED,
    title text NOT NULL CONSTRAINT book_title_check CHECK (char_length(title) BETWEEN 1 AND 500),
    subtitle text CONSTRAINT book_subtitle_check CHECK (char_length(subtitle) <= 500),
    -- Thirteen digits. Said in two tests, as a counted repetition takes the expression engine twice the time.
    isbn text CONSTRAINT book_isbn_check CHECK (octet_length(isbn) = 13 AND isbn ~ '^[0-9]+$')
        CONSTRAINT book_isbn_unique UNIQUE DEFERRABLE INITIALLY DEFERRED,
    publisher text CONSTRAINT book_publisher_check CHECK (char_length(publisher) <= 500),
    published_year integer CONSTRAINT book_published_year_check CHECK (published_year BETWEEN -9999 AND 9999),
    language text CONSTRAINT book_language_check CHECK (char_length(language) <= 35),
    page_count integer CONSTRAINT book_page_count_check CHECK (page_count BETWEEN 1 AND 100000),
    series text CONSTRAINT book_series_check CHECK (char_length(series) <= 500),
    series_position text CONSTRAINT book_series_position_check CHECK (char_length(series_position) <= 20),
    notes text CONSTRAINT book_notes_check CHECK (octet_length(notes) <= 67108864),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 0
);
CREATE INDEX book_author_index ON book (author_id);
CREATE INDEX book_revision_index ON book (revision);
SELECT track('book');

-- Further authors, translators, editors and illustrators of a book.
CREATE TABLE contribution (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    book_id uuid NOT NULL CONSTRAINT contribution_book_reference REFERENCES book (id) DEFERRABLE INITIALLY DEFERRED,
    author_id uuid NOT NULL CONSTRAINT contribution_author_reference REFERENCES author (id) DEFERRABLE INITIALLY DEFERRED,
    role text NOT NULL CONSTRAINT contribution_role_check CHECK (role IN ('author', 'translator', 'editor', 'illustrator')),
    position integer NOT NULL CONSTRAINT contribution_position_check CHECK (position >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 0
);
CREATE INDEX contribution_book_index ON contribution (book_id);
CREATE INDEX contribution_author_index ON contribution (author_id);
CREATE INDEX contribution_revision_index ON contribution (revision);
SELECT track('contribution');

-- What was parked because two people said different things. Travels like an entity, so anybody can see and settle it.
CREATE TABLE conflict (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    entity text NOT NULL,
    record_id uuid NOT NULL,
    kind text NOT NULL,
    -- The field in question; absent where the whole record is.
    field text,
    -- Values of any field, as JSON.
    base text,
    mine text,
    theirs text,
    -- Which of the two stands.
    stands text,
    -- The other record, where two want the same value.
    holder uuid,
    theirs_by text,
    theirs_at timestamptz,
    parked_by text NOT NULL DEFAULT session_user,
    settled_at timestamptz,
    settled_by text,
    settlement text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 0
);
CREATE INDEX conflict_record_index ON conflict (entity, record_id);
CREATE INDEX conflict_revision_index ON conflict (revision);
SELECT track('conflict');
