-- Ends a restriction.
CREATE OR REPLACE FUNCTION tally.thaw(p_slot int, p_request uuid) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM tally.restore r JOIN tally.tenant t ON t.tenant_id = r.clone
        WHERE t.slot = p_slot AND r.state = 'applying')
    THEN
        RAISE EXCEPTION 'the clone is not whole yet: apply its restore, or abort it'
            USING ERRCODE = 'TL010';
    END IF;
    RETURN tally.set_state(p_slot, 0::smallint, 6, format(
        '{"request":"%s"}', encode(uuid_send(p_request), 'hex')));
END
$$;

ALTER FUNCTION tally.thaw OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.thaw FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.thaw TO tally_operator;
