// The SQL of both databases, embedded at build time so that a moved binary still has it.
#pragma once

/// The ledger's schema, version 1, as one script.
const char *tally_schema_ledger(void);

/// The key store's schema, version 1, as one script.
const char *tally_schema_keys(void);

/// The query of what a database says of our schemas, a row a fact.
const char *tally_schema_facts(void);

/// What it answers where the ledger's schema is as this build makes it, a line a fact.
const char *tally_schema_ledger_facts(void);

/// The same of the key store's schema.
const char *tally_schema_keys_facts(void);
