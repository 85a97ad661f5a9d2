#include "CSchema.h"

static const char ledger[] = {
#embed "sql/ledger/01_roles.sql"
    ,
#embed "sql/ledger/02_tables.sql"
    ,
#embed "sql/ledger/03_format.sql"
    ,
#embed "sql/ledger/04_append.sql"
    ,
#embed "sql/ledger/05_ledger_kinds.sql"
    ,
#embed "sql/ledger/06_read.sql"
    ,
#embed "sql/ledger/07_projections.sql"
    ,
#embed "sql/ledger/decisions/08_operators.sql"
    ,
#embed "sql/ledger/decisions/09_erasure.sql"
    ,
#embed "sql/ledger/decisions/10_purge.sql"
    ,
#embed "sql/ledger/decisions/11_restore.sql"
    ,
#embed "sql/ledger/12_rebuilds.sql"
    ,
#embed "sql/ledger/13_tables.sql"
    ,
#embed "sql/ledger/14_guards.sql"
    ,
#embed "sql/ledger/15_grants.sql"
    , 0};

static const char keys[] = {
#embed "sql/keys/01_tables.sql"
    ,
#embed "sql/keys/02_functions.sql"
    ,
#embed "sql/keys/03_restore.sql"
    ,
#embed "sql/keys/04_copies.sql"
    , 0};

static const char facts[] = {
#embed "sql/check/facts.sql"
    , 0};

static const char ledger_facts[] = {
#embed "facts/ledger.txt"
    , 0};

static const char keys_facts[] = {
#embed "facts/keys.txt"
    , 0};

const char *tally_schema_facts(void) { return facts; }

const char *tally_schema_ledger_facts(void) { return ledger_facts; }

const char *tally_schema_keys_facts(void) { return keys_facts; }

const char *tally_schema_ledger(void) { return ledger; }

const char *tally_schema_keys(void) { return keys; }
