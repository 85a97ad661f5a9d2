-- Positions in [p_from, p_to) whose leaf, body or link does not hold, found without any code of
-- ours outside this database.
CREATE OR REPLACE FUNCTION tally.verify_range(p_slot int, p_from bigint, p_to bigint)
    RETURNS TABLE (broken_position bigint, finding text)
    LANGUAGE sql STABLE
AS $$
    WITH excused AS MATERIALIZED (
        SELECT excused_position, array_agg(excused_index) AS indexes
        FROM tally.excused_parts(p_slot, p_from, p_to) GROUP BY excused_position
    )
    SELECT e.position, CASE
        WHEN substr(e.leaf, 4, 24) <> uuid_send(t.tenant_id) || int8send(e.position)
                OR substr(e.leaf, 36, 16) <> uuid_send(e.event_id)
            THEN 'swapped'
        WHEN j.body IS NOT NULL THEN j.body
        ELSE 'broken link'
    END
    FROM tally.event e
    JOIN tally.tenant t USING (slot)
    LEFT JOIN tally.event b ON b.slot = e.slot AND b.position = e.position - 1
    LEFT JOIN excused x ON x.excused_position = e.position
    CROSS JOIN LATERAL (
        SELECT CASE WHEN tally.part_digests(e.body) IS DISTINCT FROM substr(e.leaf, 85)
            THEN tally.judge_body(e.leaf, e.body, x.indexes) END AS body
    ) j
    WHERE e.slot = p_slot AND e.position >= p_from AND e.position < p_to
        AND NOT coalesce(
            substr(e.leaf, 4, 24) = uuid_send(t.tenant_id) || int8send(e.position)
            AND substr(e.leaf, 36, 16) = uuid_send(e.event_id)
            AND j.body IS NULL
            AND substr(e.leaf, 52, 32) = CASE WHEN e.position = 0
                THEN (SELECT tally.genesis_previous(l.ledger_id, t.tenant_id, t.slot)
                    FROM tally.ledger l)
                ELSE tally.leaf_hash(b.leaf) END, false)
    ORDER BY e.position
$$;

ALTER FUNCTION tally.verify_range OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.verify_range FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.verify_range TO tally_auditor;
