-- Stores tags of events and the words behind new ones.
CREATE OR REPLACE FUNCTION tally.put_tags(
    p_events oid, p_words oid, p_slot int, p_tags bytea[], p_positions bigint[],
    p_word_tags bytea[], p_words_sealed bytea[]
) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    EXECUTE format('INSERT INTO %s (slot, tag, position) SELECT $1, t.* '
        'FROM unnest($2, $3) t ON CONFLICT DO NOTHING', p_events::regclass)
        USING p_slot, p_tags, p_positions;
    EXECUTE format('INSERT INTO %s (slot, tag, word_sealed) SELECT $1, w.* '
        'FROM unnest($2, $3) w ON CONFLICT DO NOTHING', p_words::regclass)
        USING p_slot, p_word_tags, p_words_sealed;
END
$$;

ALTER FUNCTION tally.put_tags OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.put_tags FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.put_tags TO tally_projector;
