-- Refuses the plan of an owner change that could not be carried out: who is asked to sign it sees
-- that first. As many who decide about owners remain as a decision needs. p_slot is not the
-- ledger's own.
CREATE OR REPLACE FUNCTION tally.check_owner_plan(p_slot int, p_plan jsonb) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_key CONSTANT bytea := decode(p_plan->>'public_key', 'hex');
    c_owner CONSTANT uuid := p_plan->>'owner';
BEGIN
    IF NOT coalesce(CASE WHEN p_plan ? 'public_key'
        THEN octet_length(c_key) IN (32, 65, 98) AND jsonb_array_length(p_plan->'actions') > 0
            AND p_plan->'actions' <@ '[3, 4, 11]'
        ELSE c_owner IS NOT NULL END, false)
    THEN
        RAISE EXCEPTION 'a plan without an owner''s key and actions, or an owner'
            USING ERRCODE = 'TL001';
    END IF;
    IF EXISTS (SELECT FROM tally.owner o WHERE o.slot = p_slot
        AND o.owner_id = encode(substr(sha256(c_key), 1, 16), 'hex')::uuid)
    THEN
        RAISE EXCEPTION 'this key is or was an owner''s' USING ERRCODE = 'TL005';
    END IF;
    IF c_owner IS NOT NULL AND NOT EXISTS (SELECT FROM tally.owner o
        WHERE o.slot = p_slot AND o.owner_id = c_owner AND o.ended_at IS NULL)
    THEN
        RAISE EXCEPTION 'no such owner, or ended already' USING ERRCODE = 'TL004';
    END IF;
    IF c_owner IS NOT NULL AND NOT (
        SELECT count(*) FILTER (WHERE o.owner_id <> c_owner AND o.ended_at IS NULL
            AND 11 = ANY (o.actions)) >= min(o.quorum)
        FROM tally.owner o WHERE o.slot = p_slot)
    THEN
        RAISE EXCEPTION 'then too few owners would be left to decide about owners'
            USING ERRCODE = 'TL010';
    END IF;
END
$$;

ALTER FUNCTION tally.check_owner_plan OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.check_owner_plan FROM PUBLIC;
