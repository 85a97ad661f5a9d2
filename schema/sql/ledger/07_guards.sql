-- Rows of the log never change: privilege refuses first, these triggers refuse whoever has more.

CREATE FUNCTION tally.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'events are immutable: % refused', TG_OP USING ERRCODE = 'TL007';
END
$$;

CREATE TRIGGER event_rows_are_immutable
    BEFORE UPDATE OR DELETE ON tally.event
    FOR EACH ROW EXECUTE FUNCTION tally.refuse_change();

CREATE TRIGGER event_is_never_truncated
    BEFORE TRUNCATE ON tally.event
    FOR EACH STATEMENT EXECUTE FUNCTION tally.refuse_change();
