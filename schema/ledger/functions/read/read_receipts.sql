-- What was stored at some positions, for the receipts of a known request.
CREATE OR REPLACE FUNCTION tally.read_receipts(p_tenant uuid, p_first bigint, p_count int)
    RETURNS TABLE (event_position bigint, event_version int, event_leaf bytea)
    LANGUAGE sql STABLE
AS $$
    SELECT e.position, e.version, e.leaf FROM tally.event e
    WHERE e.tenant_id = p_tenant AND e.position >= p_first AND e.position < p_first + p_count
    ORDER BY e.position
$$;

ALTER FUNCTION tally.read_receipts OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.read_receipts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.read_receipts TO tally_writer;
