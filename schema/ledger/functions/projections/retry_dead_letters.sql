-- Forgets what stopped a projection, so that it tries again.
CREATE OR REPLACE FUNCTION tally.retry_dead_letters(p_slot int, p_projection text) RETURNS bigint
    LANGUAGE sql VOLATILE
AS $$
    WITH gone AS (
        DELETE FROM tally.dead_letter
        WHERE slot = p_slot AND projection = p_projection AND skipped_by IS NULL
        RETURNING 1
    )
    SELECT count(*) FROM gone
$$;

ALTER FUNCTION tally.retry_dead_letters OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.retry_dead_letters FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.retry_dead_letters TO tally_projector;
