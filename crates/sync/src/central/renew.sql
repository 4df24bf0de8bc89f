-- After each migration, up and down: every entity gets the triggers and the story that fit its columns now, so that no script has to
-- remember it. Nothing that was made may be called by everybody.
DO $$
DECLARE
    entity text;
    made regprocedure;
BEGIN
    -- The last way down takes everything away.
    IF pg_catalog.to_regprocedure('"{schema}".track(name)') IS NULL THEN
        RETURN;
    END IF;
    FOR entity IN
        SELECT DISTINCT pg_catalog.split_part(pg_catalog.encode(made.tgargs, 'escape'), '\000', 1)
          FROM pg_catalog.pg_trigger AS made
         WHERE made.tgfoid = pg_catalog.to_regprocedure('"{schema}".open_statement()')
    LOOP
        PERFORM "{schema}".track(entity::name);
    END LOOP;
    FOR made IN SELECT routine.oid FROM pg_catalog.pg_proc AS routine
         WHERE routine.pronamespace = pg_catalog.to_regnamespace('"{schema}"')
           AND routine.proowner = (SELECT role.oid FROM pg_catalog.pg_roles AS role WHERE role.rolname = current_user)
    LOOP
        EXECUTE pg_catalog.format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', made);
    END LOOP;
END
$$;
