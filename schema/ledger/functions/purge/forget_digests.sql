-- A digest of what was submitted confirms a guess about it: those of the requests that brought some
-- events go, without positions all of a tenant's. A retry of the same id still gets its receipt.
-- Gives how many went. Few events are looked up one by one; for many it is cheaper to go through
-- the tenant's requests once, of which there are those of 30 days. Positions come in their order.
CREATE OR REPLACE FUNCTION tally.forget_digests(p_tenant uuid, p_positions bigint[]) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
DECLARE
    v_position bigint;
    v_count bigint;
    v_total bigint := 0;
BEGIN
    IF cardinality(p_positions) <= 100 THEN
        FOREACH v_position IN ARRAY p_positions LOOP
            v_total := v_total + tally.forget_digest(p_tenant, v_position);
        END LOOP;
        RETURN v_total;
    END IF;
    UPDATE tally.append_request SET digest = NULL
    WHERE tenant_id = p_tenant AND digest IS NOT NULL
        AND (p_positions IS NULL
            OR width_bucket(first_position + event_count - 1, p_positions)
                > width_bucket(first_position - 1, p_positions));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

ALTER FUNCTION tally.forget_digests OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.forget_digests FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.forget_digests TO tally_ledgerkinds;
