-- The restore that a connection's purpose names; NULL for anything else.
CREATE OR REPLACE FUNCTION tally.purposed_restore(p_purpose text) RETURNS uuid
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN p_purpose ~ '^restore:[0-9a-f]{32}$' THEN substr(p_purpose, 9)::uuid END;

ALTER FUNCTION tally.purposed_restore OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.purposed_restore FROM PUBLIC;
