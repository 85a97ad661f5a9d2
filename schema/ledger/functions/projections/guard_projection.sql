-- Row security and privileges of a projection's table.
CREATE OR REPLACE FUNCTION tally.guard_projection(p_home text, p_table text) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    c_reader CONSTANT text :=
        CASE p_home WHEN 'tally' THEN 'tally_reader' ELSE 'tally_table_reader' END;
    -- Tables of the application's are read by whoever knows tenants by their ids.
    c_own CONSTANT text := CASE p_home
        WHEN 'tally' THEN 'slot = nullif(current_setting(''tally.slot'', true), '''')::int'
        ELSE 'tenant_id = nullif(current_setting(''tally.tenant'', true), '''')::uuid' END;
BEGIN
    EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
        p_home, p_table);
    EXECUTE format('DROP POLICY IF EXISTS one_tenant ON %I.%I', p_home, p_table);
    EXECUTE format('CREATE POLICY one_tenant ON %I.%I TO tally_projector, %I USING (%s)',
        p_home, p_table, c_reader, c_own);
    EXECUTE format('GRANT SELECT ON %I.%I TO %I', p_home, p_table, c_reader);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO tally_projector',
        p_home, p_table);
END
$$;

ALTER FUNCTION tally.guard_projection OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.guard_projection FROM PUBLIC;
