-- Whether an epoch can be: they are counted from 1, and at most 100,000 live at a time.
CREATE OR REPLACE FUNCTION tally.is_epoch(p_epoch bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(p_epoch BETWEEN 1 AND 100000
        + (SELECT coalesce(max(epoch), 0) FROM tally.epoch_receipt), false)
$$;

ALTER FUNCTION tally.is_epoch OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.is_epoch FROM PUBLIC;
