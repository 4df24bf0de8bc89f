-- Before the migrations: the catalogue's roles and its schema, as far as this login may make them. What it may not is
-- reported after the migrations, when the rights are granted.
DO $$
DECLARE
    wanted text;
    is_cluster boolean := EXISTS (SELECT FROM pg_extension WHERE extname = 'citus');
BEGIN
    FOREACH wanted IN ARRAY ARRAY['{schema}_owner', '{schema}_editor', '{schema}_reader'] LOOP
        IF to_regrole(wanted) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION
                WHEN insufficient_privilege THEN NULL;
                -- Somebody else made it a moment ago.
                WHEN duplicate_object OR unique_violation THEN NULL;
            END;
        END IF;
    END LOOP;
    -- The servers of a cluster sign in to each other as whoever is at work. Without a password nobody else signs in as this role.
    IF is_cluster AND EXISTS (SELECT FROM pg_roles WHERE rolname = '{schema}_owner' AND NOT rolcanlogin) THEN
        BEGIN
            ALTER ROLE "{schema}_owner" LOGIN;
        EXCEPTION
            WHEN insufficient_privilege THEN NULL;
        END;
    END IF;
    IF to_regnamespace('{schema}') IS NULL THEN
        CREATE SCHEMA "{schema}";
    END IF;
    IF to_regrole('{schema}_owner') IS NOT NULL THEN
        -- With the right to hand the usage on, to the other roles.
        IF NOT has_schema_privilege('{schema}_owner', '{schema}', 'CREATE WITH GRANT OPTION') THEN
            BEGIN
                GRANT USAGE, CREATE ON SCHEMA "{schema}" TO "{schema}_owner" WITH GRANT OPTION;
            EXCEPTION
                WHEN insufficient_privilege THEN NULL;
            END;
        END IF;
        BEGIN
            SET LOCAL ROLE "{schema}_owner";
            RESET ROLE;
        EXCEPTION
            WHEN insufficient_privilege THEN
                -- Who made the role may also join it.
                BEGIN
                    EXECUTE format('GRANT "{schema}_owner" TO %I', current_user);
                EXCEPTION
                    WHEN insufficient_privilege THEN NULL;
                END;
        END;
    END IF;
END
$$;
