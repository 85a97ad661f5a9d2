-- Gives the next version its indexes, so that events can be applied to it one page at a time.
CREATE OR REPLACE FUNCTION tally.index_rebuild(p_projection text, p_version int) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_table record;
BEGIN
    PERFORM tally.require_newest(p_projection, p_version);
    FOR v_table IN SELECT * FROM tally.projection_tables(p_projection) LOOP
        IF v_table.home = 'tally_tables' THEN
            PERFORM tally.index_table(p_projection, '_next', p_version);
        ELSE
            EXECUTE format('ALTER TABLE tally.%I ADD PRIMARY KEY (%s)', v_table.name || '_next',
                CASE v_table.name WHEN 'document' THEN 'slot, stream'
                    WHEN 'event_tag' THEN 'slot, tag, position' ELSE 'slot, tag' END);
        END IF;
        IF v_table.name = 'document' THEN
            ALTER TABLE tally.document_next ALTER COLUMN slot SET STATISTICS 0;
            CREATE INDEX ON tally.document_next (slot, collection_tag, stream);
        END IF;
        EXECUTE format('ANALYZE %I.%I', v_table.home, v_table.name || '_next');
    END LOOP;
END
$$;

ALTER FUNCTION tally.index_rebuild OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.index_rebuild FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.index_rebuild TO tally_projector;
