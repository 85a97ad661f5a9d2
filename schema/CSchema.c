#include "CSchema.h"
#include <stddef.h>

// ledger

static const char ledger_manifest[] = {
#embed "ledger/manifest"
    , 0};

static const char ledger_roles[] = {
#embed "ledger/roles.sql"
    , 0};

static const char ledger_0001[] = {
#embed "ledger/migrations/0001-ledger.sql"
    , 0};

static const char ledger_0002[] = {
#embed "ledger/migrations/0002-bounds.sql"
    , 0};

static const char ledger_0003[] = {
#embed "ledger/migrations/0003-event-ids.sql"
    , 0};

static const char ledger_0004[] = {
#embed "ledger/migrations/0004-checked.sql"
    , 0};

static const char ledger_0005[] = {
#embed "ledger/migrations/0005-collation.sql"
    , 0};

static const char ledger_0006[] = {
#embed "ledger/migrations/0006-owners.sql"
    , 0};

static const char ledger_0007[] = {
#embed "ledger/migrations/0007-slots.sql"
    , 0};

static const char ledger_0008[] = {
#embed "ledger/migrations/0008-events.sql"
    , 0};

static const char ledger_0009[] = {
#embed "ledger/migrations/0009-projections.sql"
    , 0};

static const tally_migration ledger_migrations[] = {
    {"0001-ledger", ledger_0001},
    {"0002-bounds", ledger_0002},
    {"0003-event-ids", ledger_0003},
    {"0004-checked", ledger_0004},
    {"0005-collation", ledger_0005},
    {"0006-owners", ledger_0006},
    {"0007-slots", ledger_0007},
    {"0008-events", ledger_0008},
    {"0009-projections", ledger_0009},
    {NULL, NULL},
};

static const char ledger_functions[] = {
#embed "ledger/earlier.sql"
    ,
#include "ledger/functions.h"
#embed "ledger/guards.sql"
    , 0};

static const char ledger_facts[] = {
#embed "facts/ledger.txt"
    , 0};

static const tally_schema ledger = {
    ledger_manifest, ledger_roles, ledger_migrations, ledger_functions, ledger_facts,
};

// keys

static const char keys_manifest[] = {
#embed "keys/manifest"
    , 0};

static const char keys_roles[] = {
#embed "keys/roles.sql"
    , 0};

static const char keys_0001[] = {
#embed "keys/migrations/0001-keys.sql"
    , 0};

static const char keys_0002[] = {
#embed "keys/migrations/0002-bounds.sql"
    , 0};

static const char keys_0003[] = {
#embed "keys/migrations/0003-checked.sql"
    , 0};

static const char keys_0004[] = {
#embed "keys/migrations/0004-collation.sql"
    , 0};

static const tally_migration keys_migrations[] = {
    {"0001-keys", keys_0001},
    {"0002-bounds", keys_0002},
    {"0003-checked", keys_0003},
    {"0004-collation", keys_0004},
    {NULL, NULL},
};

static const char keys_functions[] = {
#embed "keys/earlier.sql"
    ,
#include "keys/functions.h"
#embed "keys/guards.sql"
    , 0};

static const char keys_facts[] = {
#embed "facts/keys.txt"
    , 0};

static const tally_schema keys = {
    keys_manifest, keys_roles, keys_migrations, keys_functions, keys_facts,
};

static const char question[] = {
#embed "facts/query.sql"
    , 0};

const tally_schema *tally_schema_ledger(void) { return &ledger; }

const tally_schema *tally_schema_keys(void) { return &keys; }

const char *tally_schema_question(void) { return question; }
