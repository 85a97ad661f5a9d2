-- Places a legal hold; settle_request calls it under the head's lock.
CREATE OR REPLACE FUNCTION tally.place_hold(p_slot int, p_hold uuid, p_plan jsonb)
    RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_review CONSTANT bigint := p_plan->>'review_at';
BEGIN
    -- Clear JSON has integers below 2^53, in one spelling.
    IF NOT coalesce(c_review > tally.now_micros() AND c_review < 9007199254740992
        AND octet_length(decode(p_plan->>'subject_tag', 'hex')) = 16, false)
    THEN
        RAISE EXCEPTION 'a hold without a subject and a review date to come'
            USING ERRCODE = 'TL001';
    END IF;
    INSERT INTO tally.hold (slot, hold_id, subject_tag, review_at, placed_at)
    VALUES (p_slot, p_hold, decode(p_plan->>'subject_tag', 'hex'), c_review,
        tally.now_micros());
    PERFORM tally.append_clear(p_slot, 8, format(
        '{"hold":"%s","review_at":%s}', tally.hex(p_hold), c_review));
END
$$;

ALTER FUNCTION tally.place_hold OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.place_hold FROM PUBLIC;
