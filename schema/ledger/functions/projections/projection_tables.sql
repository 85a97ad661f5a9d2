-- The tables that the ledger keeps for a projection, and their schema; none for one of the
-- application's own.
CREATE OR REPLACE FUNCTION tally.projection_tables(p_projection text)
    RETURNS TABLE (home text, name text)
    LANGUAGE sql STABLE
AS $$
    SELECT 'tally', t FROM unnest(CASE p_projection
        WHEN 'documents' THEN ARRAY['document']
        WHEN 'trail' THEN ARRAY['event_tag', 'dictionary'] END) t
    UNION
    SELECT 'tally_tables', d.projection FROM tally.table_definition d
    WHERE d.projection = p_projection
$$;

ALTER FUNCTION tally.projection_tables OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.projection_tables FROM PUBLIC;
