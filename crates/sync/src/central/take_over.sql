-- A catalogue that was restored without its owners (`pg_dump --no-owner`) belongs to the login that restored it. If that is this
-- login, and it may act as the catalogue's owners, it is handed to them, as if it had been made so.
DO $$
DECLARE
    new_owner regrole := pg_catalog.to_regrole('{schema}_owner');
    old_owner oid := (SELECT head.relowner FROM pg_catalog.pg_class AS head
                       WHERE head.oid = pg_catalog.to_regclass('"{schema}".catalogue_head'));
    it record;
BEGIN
    IF new_owner IS NULL OR old_owner IS NULL OR old_owner = new_owner::oid
        OR NOT pg_catalog.pg_has_role(current_user, old_owner, 'MEMBER') OR NOT pg_catalog.pg_has_role(current_user, new_owner::oid, 'MEMBER')
    THEN
        RETURN;
    END IF;
    FOR it IN SELECT held.oid::regclass AS name FROM pg_catalog.pg_class AS held
         WHERE held.relnamespace = pg_catalog.to_regnamespace('"{schema}"') AND held.relowner = old_owner
           AND held.relkind IN ('r', 'p', 'v', 'm', 'f')
    LOOP
        EXECUTE pg_catalog.format('ALTER TABLE %s OWNER TO %s', it.name, new_owner);
    END LOOP;
    FOR it IN SELECT held.oid::regprocedure AS name FROM pg_catalog.pg_proc AS held
         WHERE held.pronamespace = pg_catalog.to_regnamespace('"{schema}"') AND held.proowner = old_owner
    LOOP
        EXECUTE pg_catalog.format('ALTER ROUTINE %s OWNER TO %s', it.name, new_owner);
    END LOOP;
END
$$;
