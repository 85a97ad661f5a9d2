-- Adds or ends an owner as a request's plan says, which is decided; the caller holds the tenant's
-- head. Operators end nobody.
CREATE OR REPLACE FUNCTION tally.change_owner(
    p_slot int, p_request uuid, p_plan jsonb
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_owner CONSTANT uuid := p_plan->>'owner';
BEGIN
    PERFORM tally.check_owner_plan(p_slot, p_plan);
    IF c_owner IS NULL THEN
        PERFORM tally.add_owner(p_slot, p_request, decode(p_plan->>'public_key', 'hex'),
            ARRAY(SELECT jsonb_array_elements_text(p_plan->'actions')::smallint), NULL);
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM tally.request
        WHERE slot = p_slot AND request_id = p_request AND authority = 'owner')
    THEN
        RAISE EXCEPTION 'owners are ended by owners' USING ERRCODE = 'TL010';
    END IF;
    PERFORM tally.append_clear(p_slot, 15, format(
        '{"action":"endOwner","request":"%s","target":"%s"}',
        tally.hex(p_request), tally.hex(c_owner)));
    UPDATE tally.owner o SET ended_at = h.recorded_at FROM tally.head h
    WHERE o.slot = p_slot AND o.owner_id = c_owner AND h.slot = p_slot;
END
$$;

ALTER FUNCTION tally.change_owner OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.change_owner FROM PUBLIC;
