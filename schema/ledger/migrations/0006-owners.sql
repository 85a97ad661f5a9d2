-- Tenants own their data, people have several keys, and passkeys sign. Bounds of what there is only
-- become wider, so no row has to be looked at.

-- All of them first: whoever waits for one then holds none.
LOCK TABLE tally.operator, tally.request, tally.approval, tally.erasure;

SET LOCAL ROLE tally_owner;

-- Whose a tenant's data is. A key in a file has 32 bytes, a passkey 65 or 98. Actions: 3 subject
-- erasure, 4 tenant erasure, 11 owner change. quorum is how many of them a decision needs, which
-- the first one's event says.
CREATE TABLE tally.owner (
    tenant_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    public_key bytea NOT NULL CHECK (octet_length(public_key) IN (32, 65, 98)),
    actions smallint[] NOT NULL CHECK (
        cardinality(actions) > 0 AND actions <@ ARRAY[3, 4, 11]::smallint[]),
    quorum smallint NOT NULL CHECK (quorum IN (1, 2)),
    added_at bigint NOT NULL CHECK (added_at >= 0),
    ended_at bigint CHECK (ended_at >= 0),
    PRIMARY KEY (tenant_id, owner_id)
);

-- person is the first key of the human being whose key it is.
ALTER TABLE tally.operator
    ADD COLUMN person uuid,
    DROP CONSTRAINT operator_public_key_check,
    ADD CONSTRAINT operator_public_key_check
        CHECK (octet_length(public_key) IN (32, 65, 98)) NOT VALID;
UPDATE tally.operator SET person = operator_id;
ALTER TABLE tally.operator ALTER COLUMN person SET NOT NULL;

-- subject_sealed is the subject's name under the tenant's data key, for whoever is asked to sign.
ALTER TABLE tally.request
    ADD COLUMN authority text NOT NULL DEFAULT 'operators'
        CHECK (authority IN ('operators', 'owner')),
    ADD COLUMN subject_sealed bytea CHECK (octet_length(subject_sealed) BETWEEN 1 AND 1024),
    DROP CONSTRAINT request_action_check,
    ADD CONSTRAINT request_action_check CHECK (action BETWEEN 1 AND 12) NOT VALID;
ALTER TABLE tally.request ALTER COLUMN authority DROP DEFAULT;

ALTER TABLE tally.approval
    DROP CONSTRAINT approval_signed_check,
    ADD CONSTRAINT approval_signed_check
        CHECK (octet_length(signed) = 247 OR octet_length(signed) BETWEEN 290 AND 1547) NOT VALID;

-- Before when an owner's erasure of a whole tenant is not carried out.
ALTER TABLE tally.erasure
    ADD COLUMN not_before bigint CHECK (not_before >= 0);

ALTER TABLE tally.operator VALIDATE CONSTRAINT operator_public_key_check;
ALTER TABLE tally.request VALIDATE CONSTRAINT request_action_check;
ALTER TABLE tally.approval VALIDATE CONSTRAINT approval_signed_check;

RESET ROLE;
