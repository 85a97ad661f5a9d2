-- Rows of the log never change: privilege refuses first, these triggers refuse whoever has more.

CREATE FUNCTION tally.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '% of tally.% refused: it holds what was recorded', TG_OP, TG_TABLE_NAME USING ERRCODE = 'TL007';
END
$$;

CREATE TRIGGER event_rows_are_immutable
    BEFORE UPDATE OR DELETE ON tally.event
    FOR EACH ROW EXECUTE FUNCTION tally.refuse_change();

-- Row security does not bind TRUNCATE, and owners always have it.
DO $$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY[
        'ledger', 'tenant', 'head', 'event', 'append_request', 'key_fence']
    LOOP
        EXECUTE format('CREATE TRIGGER %1$I_is_never_truncated BEFORE TRUNCATE ON tally.%1$I '
            'FOR EACH STATEMENT EXECUTE FUNCTION tally.refuse_change()', v_table);
    END LOOP;
END
$$;
