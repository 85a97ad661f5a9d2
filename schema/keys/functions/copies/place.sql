-- Where this key store is, as far as its server tells: the cluster, its history (a promoted standby
-- and a recovered backup begin another timeline), its folder, and the database; NULL on a standby.
-- Whoever asks gets the same answer, because it is asked with the rights of the schema's owner.
CREATE OR REPLACE FUNCTION tally_keys.place() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_system text;
    v_folder text;
BEGIN
    IF pg_is_in_recovery() THEN
        RETURN NULL;
    END IF;
    BEGIN
        SELECT system_identifier INTO v_system FROM pg_control_system();
    EXCEPTION WHEN insufficient_privilege THEN
        v_system := '-';
    END;
    BEGIN
        v_folder := current_setting('data_directory');
    EXCEPTION WHEN insufficient_privilege THEN
        v_folder := '-';
    END;
    RETURN format('system %s timeline %s folder %s database %s', v_system,
        left(pg_walfile_name(pg_current_wal_lsn()), 8), v_folder,
        (SELECT oid FROM pg_database WHERE datname = current_database()));
END
$$;

ALTER FUNCTION tally_keys.place OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.place FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.place TO tally_key_keeper;
