// The few operations of PKCS#11 (Cryptoki 2.40) that KEKs need, on a module that is loaded when
// it is named. Nothing of Cryptoki's own types is visible here: Swift sees handles and bytes.
#pragma once

#include <stddef.h>

/// A loaded and initialised module. It stays loaded for the life of the process.
typedef struct tally_p11_module tally_p11_module;

/// A Cryptoki return value, or one of the two below.
typedef unsigned long tally_p11_status;

/// The module cannot be loaded, or is none.
#define TALLY_P11_NO_MODULE 0xfffffff1UL
/// No token has the label.
#define TALLY_P11_NO_TOKEN 0xfffffff2UL

/// What an object of an epoch is for.
typedef enum {
    /// An AES-256 key that never leaves the token.
    TALLY_P11_KEK,
    /// A data object: the KEK of this name was destroyed.
    TALLY_P11_MARK,
} tally_p11_kind;

/// A ciphertext's context: 12 bytes of nonce, and what the tag vouches for besides.
typedef struct {
    const unsigned char *nonce;
    const unsigned char *associated;
    size_t associated_length;
} tally_p11_context;

tally_p11_status tally_p11_load(const char *path, const tally_p11_module **module);

/// Opens a session as the user of the token with a label of 32 bytes, padded with spaces.
tally_p11_status tally_p11_open(const tally_p11_module *module, const unsigned char *label,
                                const unsigned char *pin, size_t pin_length,
                                unsigned long *session);

void tally_p11_close(const tally_p11_module *module, unsigned long session);

/// Finds up to `room` objects; keys that could leave the token are not found.
tally_p11_status tally_p11_find(const tally_p11_module *module, unsigned long session,
                                tally_p11_kind kind, const char *name, unsigned long *objects,
                                unsigned long room, unsigned long *count);

tally_p11_status tally_p11_create(const tally_p11_module *module, unsigned long session,
                                  tally_p11_kind kind, const char *name);

tally_p11_status tally_p11_destroy(const tally_p11_module *module, unsigned long session,
                                   unsigned long object);

/// Seals 32 bytes with AES-256-GCM to 48: ciphertext, then tag.
tally_p11_status tally_p11_seal(const tally_p11_module *module, unsigned long session,
                                unsigned long key, const tally_p11_context *context,
                                const unsigned char *plaintext, unsigned char *sealed);

/// Opens 48 bytes to 32.
tally_p11_status tally_p11_unseal(const tally_p11_module *module, unsigned long session,
                                  unsigned long key, const tally_p11_context *context,
                                  const unsigned char *sealed, unsigned char *plaintext);
