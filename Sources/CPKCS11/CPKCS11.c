// PKCS#11 by its function list alone, so that no header of a vendor is needed. Declared here is
// what these calls use, in the layout of Cryptoki 2.40 on Unix.

// For explicit_bzero.
#define _DEFAULT_SOURCE

#include "CPKCS11.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long number;
typedef tally_p11_status status;
typedef void (*function)(void);

enum {
    OK = 0,
    USER_ALREADY_LOGGED_IN = 0x100,
    ALREADY_INITIALIZED = 0x191,

    OS_LOCKING = 2,
    READ_WRITE_SERIAL_SESSION = 6,
    USER = 1,

    CLASS_DATA = 0,
    CLASS_SECRET_KEY = 4,
    KEY_AES = 0x1f,

    A_CLASS = 0,
    A_TOKEN = 1,
    A_PRIVATE = 2,
    A_LABEL = 3,
    A_APPLICATION = 0x10,
    A_KEY_TYPE = 0x100,
    A_SENSITIVE = 0x103,
    A_ENCRYPT = 0x104,
    A_DECRYPT = 0x105,
    A_VALUE_LENGTH = 0x161,
    A_EXTRACTABLE = 0x162,

    M_AES_KEY_GEN = 0x1080,
    M_AES_GCM = 0x1087,

    KEY_BYTES = 32,
    NONCE_BYTES = 12,
    TAG_BYTES = 16,
};

// Places in the function list.
enum {
    INITIALIZE = 0,
    GET_SLOT_LIST = 4,
    GET_TOKEN_INFO = 6,
    OPEN_SESSION = 12,
    CLOSE_SESSION = 13,
    LOGIN = 18,
    CREATE_OBJECT = 20,
    DESTROY_OBJECT = 22,
    FIND_INIT = 26,
    FIND = 27,
    FIND_FINAL = 28,
    ENCRYPT_INIT = 29,
    ENCRYPT = 30,
    DECRYPT_INIT = 33,
    DECRYPT = 34,
    GENERATE_KEY = 58,
    FUNCTION_COUNT = 68,
};

struct tally_p11_module {
    unsigned char version[2];
    function functions[FUNCTION_COUNT];
};

struct initialize_args {
    function mutexes[4];
    number flags;
    void *reserved;
};

struct token_info {
    unsigned char label[32];
    unsigned char names[64];
    number counts[11];
    unsigned char versions[4];
    unsigned char time[16];
};

struct attribute {
    number type;
    void *value;
    number length;
};

struct mechanism {
    number type;
    void *parameter;
    number length;
};

struct gcm_parameters {
    unsigned char *nonce;
    number nonce_bytes;
    number nonce_bits;
    unsigned char *associated;
    number associated_bytes;
    number tag_bits;
};

#define CALL(module, place, types, ...) \
    (((status(*) types)(module)->functions[place])(__VA_ARGS__))

status tally_p11_load(const char *path, const tally_p11_module **module) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return TALLY_P11_NO_MODULE;
    status (*get)(const tally_p11_module **) =
        (status(*)(const tally_p11_module **))dlsym(library, "C_GetFunctionList");
    if (get == NULL || get(module) != OK || (*module)->version[0] < 2) return TALLY_P11_NO_MODULE;
    struct initialize_args arguments = {.flags = OS_LOCKING};
    status result = CALL(*module, INITIALIZE, (void *), &arguments);
    return result == ALREADY_INITIALIZED ? OK : result;
}

static status find_slot(const tally_p11_module *module, const unsigned char *label, number *slot) {
    number count = 0;
    status result =
        CALL(module, GET_SLOT_LIST, (unsigned char, number *, number *), 1, NULL, &count);
    if (result != OK) return result;
    number *slots = calloc(count + 1, sizeof(number));
    if (slots == NULL) return TALLY_P11_NO_TOKEN;
    result = CALL(module, GET_SLOT_LIST, (unsigned char, number *, number *), 1, slots, &count);
    bool is_found = false;
    for (number i = 0; result == OK && i < count && !is_found; i++) {
        struct token_info info;
        is_found = CALL(module, GET_TOKEN_INFO, (number, struct token_info *), slots[i], &info)
            == OK
            && memcmp(info.label, label, sizeof info.label) == 0;
        if (is_found) *slot = slots[i];
    }
    free(slots);
    return result != OK || is_found ? result : TALLY_P11_NO_TOKEN;
}

status tally_p11_open(const tally_p11_module *module, const unsigned char *label,
                      const unsigned char *pin, size_t pin_length, unsigned long *session) {
    number slot;
    status result = find_slot(module, label, &slot);
    if (result != OK) return result;
    result = CALL(module, OPEN_SESSION, (number, number, void *, void *, number *), slot,
                  READ_WRITE_SERIAL_SESSION, NULL, NULL, session);
    if (result != OK) return result;
    result = CALL(module, LOGIN, (number, number, const unsigned char *, number), *session, USER,
                  pin, pin_length);
    if (result == OK || result == USER_ALREADY_LOGGED_IN) return OK;
    tally_p11_close(module, *session);
    return result;
}

void tally_p11_close(const tally_p11_module *module, unsigned long session) {
    CALL(module, CLOSE_SESSION, (number), session);
}

static number class_data = CLASS_DATA, class_key = CLASS_SECRET_KEY, key_aes = KEY_AES;
static number key_bytes = KEY_BYTES;
static unsigned char yes = 1, no = 0;

/// The attributes by which an object is found, and with which it is made.
static number describe(tally_p11_kind kind, const char *name, struct attribute *attributes) {
    number count = 0;
    bool is_key = kind == TALLY_P11_KEK;
    attributes[count++] =
        (struct attribute){A_CLASS, is_key ? &class_key : &class_data, sizeof(number)};
    attributes[count++] = (struct attribute){A_LABEL, (void *)name, strlen(name)};
    attributes[count++] = (struct attribute){A_TOKEN, &yes, 1};
    attributes[count++] = (struct attribute){A_PRIVATE, &yes, 1};
    if (!is_key) return count;
    attributes[count++] = (struct attribute){A_KEY_TYPE, &key_aes, sizeof(number)};
    attributes[count++] = (struct attribute){A_SENSITIVE, &yes, 1};
    attributes[count++] = (struct attribute){A_EXTRACTABLE, &no, 1};
    attributes[count++] = (struct attribute){A_ENCRYPT, &yes, 1};
    attributes[count++] = (struct attribute){A_DECRYPT, &yes, 1};
    return count;
}

status tally_p11_find(const tally_p11_module *module, unsigned long session, tally_p11_kind kind,
                      const char *name, unsigned long *objects, unsigned long room,
                      unsigned long *count) {
    struct attribute attributes[12];
    number length = describe(kind, name, attributes);
    status result =
        CALL(module, FIND_INIT, (number, struct attribute *, number), session, attributes, length);
    if (result != OK) return result;
    result = CALL(
        module, FIND, (number, number *, number, number *), session, objects, room, count);
    CALL(module, FIND_FINAL, (number), session);
    return result;
}

status tally_p11_create(const tally_p11_module *module, unsigned long session, tally_p11_kind kind,
                        const char *name) {
    struct attribute attributes[12];
    number length = describe(kind, name, attributes);
    number object;
    if (kind == TALLY_P11_MARK) {
        attributes[length++] = (struct attribute){A_APPLICATION, "tallystick", 10};
        return CALL(module, CREATE_OBJECT, (number, struct attribute *, number, number *), session,
                    attributes, length, &object);
    }
    attributes[length++] = (struct attribute){A_VALUE_LENGTH, &key_bytes, sizeof(number)};
    struct mechanism generation = {M_AES_KEY_GEN, NULL, 0};
    return CALL(module, GENERATE_KEY,
                (number, struct mechanism *, struct attribute *, number, number *), session,
                &generation, attributes, length, &object);
}

status tally_p11_destroy(const tally_p11_module *module, unsigned long session,
                         unsigned long object) {
    return CALL(module, DESTROY_OBJECT, (number, number), session, object);
}

/// Runs one of the two operations; the output must come out exactly as long as foreseen.
static status crypt(const tally_p11_module *module, unsigned long session, unsigned long key,
                    const tally_p11_context *context, int start, int run,
                    const unsigned char *input, number input_length, unsigned char *output,
                    number output_length) {
    struct gcm_parameters parameters = {
        (unsigned char *)context->nonce,      NONCE_BYTES,                NONCE_BYTES * 8,
        (unsigned char *)context->associated, context->associated_length, TAG_BYTES * 8,
    };
    struct mechanism gcm = {M_AES_GCM, &parameters, sizeof parameters};
    status result = CALL(module, start, (number, struct mechanism *, number), session, &gcm, key);
    if (result != OK) return result;
    // Some modules ask for room for a whole tag more than they write.
    unsigned char buffer[KEY_BYTES + 2 * TAG_BYTES];
    number written = sizeof buffer;
    result = CALL(module, run, (number, const unsigned char *, number, unsigned char *, number *),
                  session, input, input_length, buffer, &written);
    // CKR_FUNCTION_FAILED: whatever came out is not what was asked for.
    if (result == OK && written != output_length) result = 6;
    if (result == OK) memcpy(output, buffer, output_length);
    explicit_bzero(buffer, sizeof buffer);
    return result;
}

status tally_p11_seal(const tally_p11_module *module, unsigned long session, unsigned long key,
                      const tally_p11_context *context, const unsigned char *plaintext,
                      unsigned char *sealed) {
    return crypt(module, session, key, context, ENCRYPT_INIT, ENCRYPT, plaintext, KEY_BYTES, sealed,
                 KEY_BYTES + TAG_BYTES);
}

status tally_p11_unseal(const tally_p11_module *module, unsigned long session, unsigned long key,
                        const tally_p11_context *context, const unsigned char *sealed,
                        unsigned char *plaintext) {
    return crypt(module, session, key, context, DECRYPT_INIT, DECRYPT, sealed,
                 KEY_BYTES + TAG_BYTES, plaintext, KEY_BYTES);
}
