-- Roles: who may do what, all without login; login roles are granted the ones they need.
-- Roles belong to the whole cluster, so a second database finds them there already; two that
-- migrate at once may collide, and the loser continues with the winner's.
DO $$
DECLARE
    c_installer CONSTANT boolean := (
        SELECT NOT rolsuper FROM pg_roles WHERE rolname = current_user);
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY[
        'tally_owner', 'tally_appender', 'tally_ledgerkinds', 'tally_writer', 'tally_operator',
        'tally_executor', 'tally_projector', 'tally_reader', 'tally_table_reader', 'tally_auditor',
        'tally_purger']
    LOOP
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
END
$$;
