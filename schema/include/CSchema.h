// The SQL of both databases, embedded at build time so that a moved binary still has it.
#pragma once

/// One step of a schema's tables; once released it never changes.
typedef struct {
    /// Such as `0002-bounds`, after the file.
    const char *name;
    const char *script;
} tally_migration;

/// What makes one of the two databases.
typedef struct {
    /// Migrations and the edition of the functions with their digests, a line each.
    const char *manifest;
    /// The roles, which belong to the whole cluster.
    const char *roles;
    /// In the order of their numbers; the last one has no name.
    const tally_migration *migrations;
    /// Functions and guards, which replace those of earlier editions as a whole.
    const char *functions;
    /// What the database answers to ``tally_schema_question`` when nobody has changed it.
    const char *facts;
} tally_schema;

const tally_schema *tally_schema_ledger(void);
const tally_schema *tally_schema_keys(void);

/// The query of what a database says of our schemas, a row a fact.
const char *tally_schema_question(void);
