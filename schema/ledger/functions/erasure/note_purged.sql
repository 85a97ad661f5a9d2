-- Notes that the log holds nothing any more of what an erasure destroyed, and forgets the digests
-- of the requests that brought it: now projections follow.
CREATE OR REPLACE FUNCTION tally.note_purged(p_erasure uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure tally.erasure;
BEGIN
    UPDATE tally.erasure SET purged_at = tally.now_micros()
    WHERE erasure_id = p_erasure AND state = 'keysDestroyed' AND purged_at IS NULL
    RETURNING * INTO v_erasure;
    IF FOUND THEN
        UPDATE tally.erasure SET purged_requests = tally.forget_digests(
            v_erasure.tenant_id,
            CASE WHEN v_erasure.subject_tag <> decode(repeat('00', 16), 'hex') THEN ARRAY(
                SELECT position FROM tally.erasure_event
                WHERE erasure_id = p_erasure ORDER BY position) END)
        WHERE erasure_id = p_erasure;
    END IF;
END
$$;

ALTER FUNCTION tally.note_purged OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.note_purged FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.note_purged TO tally_executor;
