-- Head, first and last position of a tenant in one snapshot: what a verifier must find.
CREATE OR REPLACE FUNCTION tally.read_extent(p_slot int)
    RETURNS TABLE (
        size bigint, last_leaf_hash bytea, recorded_at bigint, state smallint,
        first_position bigint, last_position bigint
    )
    LANGUAGE sql STABLE
AS $$
    SELECT h.size, h.last_leaf_hash, h.recorded_at, h.state,
        (SELECT min(e.position) FROM tally.event e WHERE e.slot = p_slot),
        (SELECT max(e.position) FROM tally.event e WHERE e.slot = p_slot)
    FROM tally.head h WHERE h.slot = p_slot
$$;

ALTER FUNCTION tally.read_extent OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.read_extent FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.read_extent TO tally_auditor;
