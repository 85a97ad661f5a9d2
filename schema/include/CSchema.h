// The SQL of both databases, embedded at build time so that a moved binary still has it.
#pragma once

/// The ledger's schema, version 1, as one script.
const char *tally_schema_ledger(void);

/// The key store's schema, version 1, as one script.
const char *tally_schema_keys(void);
