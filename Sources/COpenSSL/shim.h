// OpenSSL 3's EVP interface as the system installs it (libssl-dev), and functions in the place of
// the macros that Swift cannot import, and of the calls that keep a pointer for a later one: Swift
// lends a pointer for one call only.
#pragma once
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <string.h>

static inline int tally_gcm_set_tag(EVP_CIPHER_CTX *context, int length, void *tag) {
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, length, tag);
}

static inline int tally_gcm_get_tag(EVP_CIPHER_CTX *context, int length, void *tag) {
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, length, tag);
}

/// Begins HMAC-SHA-256. The parameters hold pointers to their names until they are read.
static inline int tally_hmac_begin(EVP_MAC_CTX *context, const unsigned char *key, size_t length) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA2-256", 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_init(context, key, length, parameters);
}

/// Keeps OpenSSL from asking for a passphrase on the terminal.
static inline int tally_no_passphrase(char *buffer, int size, int is_writing, void *context) {
    (void)buffer, (void)size, (void)is_writing, (void)context;
    return 0;
}

/// Reads a public key in PEM form; NULL where there is none. A memory BIO keeps the text's pointer.
static inline EVP_PKEY *tally_read_public_key(const unsigned char *pem, int length) {
    BIO *text = BIO_new_mem_buf(pem, length);
    if (!text) return NULL;
    EVP_PKEY *key = PEM_read_bio_PUBKEY(text, NULL, tally_no_passphrase, NULL);
    BIO_free(text);
    return key;
}

/// Reads an unencrypted private key in PEM form; NULL where there is none.
static inline EVP_PKEY *tally_read_private_key(const unsigned char *pem, int length) {
    BIO *text = BIO_new_mem_buf(pem, length);
    if (!text) return NULL;
    EVP_PKEY *key = PEM_read_bio_PrivateKey(text, NULL, tally_no_passphrase, NULL);
    BIO_free(text);
    return key;
}

/// The key of an uncompressed point of P-256; NULL for bytes that are none. The parameters hold
/// pointers until they are read.
static inline EVP_PKEY *tally_p256_key(const unsigned char *point, size_t length) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)"prime256v1", 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point, length),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    if (context && EVP_PKEY_fromdata_init(context) == 1)
        (void)EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
    EVP_PKEY_CTX_free(context);
    return key;
}

/// Writes the 65 bytes of a key's uncompressed point; 0 for a key of another curve.
static inline int tally_p256_point(const EVP_PKEY *key, unsigned char *point) {
    char group[32];
    BIGNUM *x = NULL, *y = NULL;
    int done = EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1
        && strcmp(group, "prime256v1") == 0
        && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1
        && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1
        && BN_bn2binpad(x, point + 1, 32) == 32 && BN_bn2binpad(y, point + 33, 32) == 32;
    point[0] = 4;
    BN_free(x);
    BN_free(y);
    return done;
}
