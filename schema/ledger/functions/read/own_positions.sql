-- Positions in [p_from, p_to) of events that the ledger wrote itself, of some kinds, in order.
CREATE OR REPLACE FUNCTION tally.own_positions(
    p_slot int, p_from bigint, p_to bigint, p_limit int, p_kinds int[]
) RETURNS SETOF bigint
    LANGUAGE sql STABLE
AS $$
    SELECT e.position FROM tally.event e
    WHERE e.slot = p_slot AND e.stream IS NULL
        AND e.position >= p_from AND e.position < p_to
        AND get_byte(e.leaf, 2) = ANY (p_kinds)
    ORDER BY e.position LIMIT p_limit
$$;

ALTER FUNCTION tally.own_positions OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.own_positions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.own_positions TO tally_reader;
