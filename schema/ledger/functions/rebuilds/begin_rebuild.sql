-- Begins the next version of a projection: empty tables without indexes beside the live ones, into
-- which COPY may write because no row security binds it yet. A table projection may be given
-- another definition with it. Gives the version.
CREATE OR REPLACE FUNCTION tally.begin_rebuild(p_projection text, p_definition text) RETURNS int
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_version int;
    v_table record;
BEGIN
    UPDATE tally.projection p SET latest = latest + 1
    WHERE p.name = p_projection AND removed_at IS NULL
        AND EXISTS (SELECT FROM tally.projection_tables(p_projection))
    RETURNING latest INTO v_version;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the ledger keeps no projection of that name' USING ERRCODE = 'TL004';
    END IF;
    FOR v_table IN SELECT * FROM tally.projection_tables(p_projection) LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I.%I', v_table.home, v_table.name || '_next');
        IF v_table.home = 'tally_tables' THEN
            PERFORM tally.create_table(p_projection, '_next', v_version, coalesce(p_definition, (
                SELECT d.definition FROM tally.table_definition d
                JOIN tally.projection p ON p.name = d.projection AND p.version = d.version
                WHERE d.projection = p_projection)));
        ELSE
            EXECUTE format(
                'CREATE TABLE tally.%I (LIKE tally.%I INCLUDING STORAGE INCLUDING CONSTRAINTS)',
                v_table.name || '_next', v_table.name);
        END IF;
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO tally_projector',
            v_table.home, v_table.name || '_next');
    END LOOP;
    RETURN v_version;
END
$$;

ALTER FUNCTION tally.begin_rebuild OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.begin_rebuild FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.begin_rebuild TO tally_projector;
