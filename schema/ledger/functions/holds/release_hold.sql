-- Ends a legal hold; erasures that waited for it can be run.
CREATE OR REPLACE FUNCTION tally.release_hold(p_tenant uuid, p_request uuid, p_hold uuid)
    RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE tally.hold SET released_at = tally.now_micros()
    WHERE hold_id = p_hold AND tenant_id = p_tenant AND released_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such hold of this tenant, or released already' USING ERRCODE = 'TL004';
    END IF;
    UPDATE tally.erasure e SET due_from = tally.now_micros()
    WHERE e.tenant_id = p_tenant AND e.state = 'onHold'
        AND tally.hold_of(e.tenant_id, e.subject_tag) IS NULL;
    PERFORM tally.append_clear(p_tenant, 9, format(
        '{"hold":"%s","request":"%s"}', tally.hex(p_hold), tally.hex(p_request)));
END
$$;

ALTER FUNCTION tally.release_hold OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.release_hold FROM PUBLIC;
