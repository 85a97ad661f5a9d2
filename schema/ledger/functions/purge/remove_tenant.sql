-- Removes everything that a built-in projection holds of a tenant; gives how many rows.
CREATE OR REPLACE FUNCTION tally.remove_tenant(p_projection text, p_slot int) RETURNS bigint
    LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_table text;
    v_count bigint;
    v_total bigint := 0;
BEGIN
    FOREACH v_table IN ARRAY CASE p_projection
        WHEN 'documents' THEN ARRAY['document', 'snapshot']
        WHEN 'trail' THEN ARRAY['event_tag', 'dictionary'] ELSE '{}' END
    LOOP
        EXECUTE format('DELETE FROM tally.%I WHERE slot = $1', v_table) USING p_slot;
        GET DIAGNOSTICS v_count = ROW_COUNT;
        v_total := v_total + v_count;
    END LOOP;
    RETURN v_total;
END
$$;

ALTER FUNCTION tally.remove_tenant OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.remove_tenant FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.remove_tenant TO tally_projector;
