-- Raises TL002 where an event of a batch is ahead of the database's clock by more than a tenant's
-- own times make it be: what store_batch refuses for that reason is named so.
CREATE OR REPLACE FUNCTION tally.require_times(
    p_latest bigint, t_floors bigint[], t_firsts int[], e_tenants int[], e_leaves bytea[]
) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM unnest(e_tenants, e_leaves) WITH ORDINALITY e (q, leaf, o)
        WHERE substr(e.leaf, 28, 8)
            > int8send(greatest(p_latest, t_floors[e.q] + 1 + e.o - t_firsts[e.q])))
    THEN
        RAISE EXCEPTION 'an event more than two seconds ahead of the database clock'
            USING ERRCODE = 'TL002';
    END IF;
END
$$;

ALTER FUNCTION tally.require_times OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.require_times FROM PUBLIC;
