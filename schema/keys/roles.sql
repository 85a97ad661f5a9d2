-- Roles of the key store: who may make and find keys, who may replace and destroy them, and who
-- owns it all. None can log in; logins are granted the ones they need. Roles belong to the whole
-- cluster, so a second database finds them there already.
DO $$
DECLARE
    c_installer CONSTANT boolean := (
        SELECT NOT rolsuper FROM pg_roles WHERE rolname = current_user);
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY['tally_key_owner', 'tally_key_writer', 'tally_key_keeper'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = v_role) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
        -- On a managed server whoever installs is no superuser, and works with the rights of these
        -- roles.
        IF c_installer AND NOT pg_has_role(current_user, v_role, 'USAGE') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', v_role);
        END IF;
    END LOOP;
    -- Where a key store's files are tells it from its copies; only some may know it.
    IF NOT pg_has_role('tally_key_owner', 'pg_read_all_settings', 'USAGE') THEN
        BEGIN
            GRANT pg_read_all_settings TO tally_key_owner;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE NOTICE 'tally_key_owner may not see where the key store''s files are';
        END;
    END IF;
END
$$;
