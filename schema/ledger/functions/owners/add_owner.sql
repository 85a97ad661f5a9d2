-- Writes that a tenant's data is somebody's: because of a request, or with the tenant itself. The
-- caller holds the tenant's head. p_quorum is NULL but for the first.
CREATE OR REPLACE FUNCTION tally.add_owner(
    p_slot int, p_request uuid, p_public_key bytea, p_actions smallint[], p_quorum int
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_id CONSTANT uuid := encode(substr(sha256(p_public_key), 1, 16), 'hex')::uuid;
    c_actions CONSTANT smallint[] := ARRAY(SELECT DISTINCT a FROM unnest(p_actions) a ORDER BY a);
BEGIN
    PERFORM tally.append_clear(p_slot, 15, format(
        '{"action":"addOwner","actions":[%s],"public_key":"%s"%s,"request":"%s","target":"%s"}',
        array_to_string(c_actions, ','), encode(p_public_key, 'hex'),
        CASE WHEN p_quorum IS NULL THEN '' ELSE format(',"quorum":%s', p_quorum) END,
        coalesce(tally.hex(p_request), repeat('0', 32)), tally.hex(c_id)));
    INSERT INTO tally.owner (slot, owner_id, public_key, actions, quorum, added_at)
    SELECT p_slot, c_id, p_public_key, c_actions,
        coalesce(p_quorum, (SELECT min(o.quorum) FROM tally.owner o WHERE o.slot = p_slot),
            1), h.recorded_at
    FROM tally.head h WHERE h.slot = p_slot;
END
$$;

ALTER FUNCTION tally.add_owner OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.add_owner FROM PUBLIC;
