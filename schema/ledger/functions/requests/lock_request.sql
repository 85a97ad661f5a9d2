-- Locks a request after its tenant's head, which is what every change of it appends to; the caller
-- reads it then.
CREATE OR REPLACE FUNCTION tally.lock_request(p_slot int, p_request uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tally.lock_head(p_slot);
    PERFORM FROM tally.request WHERE slot = p_slot AND request_id = p_request FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such request' USING ERRCODE = 'TL004';
    END IF;
END
$$;

ALTER FUNCTION tally.lock_request OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.lock_request FROM PUBLIC;
