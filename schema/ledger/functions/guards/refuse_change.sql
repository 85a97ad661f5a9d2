-- Refuses a change of rows that hold what was recorded: privilege refuses first, this refuses
-- whoever has more.
CREATE OR REPLACE FUNCTION tally.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '% of tally.% refused: it holds what was recorded', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'TL007';
END
$$;

ALTER FUNCTION tally.refuse_change OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.refuse_change FROM PUBLIC;
