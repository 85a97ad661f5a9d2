-- Locks an erasure after its tenant's head and its request; the caller reads it then.
CREATE OR REPLACE FUNCTION tally.lock_erasure(p_slot int, p_erasure uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tally.lock_request(p_slot, p_erasure);
    PERFORM FROM tally.erasure WHERE slot = p_slot AND erasure_id = p_erasure FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such erasure' USING ERRCODE = 'TL004';
    END IF;
END
$$;

ALTER FUNCTION tally.lock_erasure OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.lock_erasure FROM PUBLIC;
