/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_password: passwords that were right a moment ago. bcrypt is
 * slow on purpose, and mod_auth_form asks at every request of a session. What
 * is kept is a keyed hash of the password together with the stored bcrypt: a
 * new password, or none, ends the old one at once. The key dies with the
 * process.
 */
#include "mod_apidesigner.h"

#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#define SLOTS 256
#define LIFE apr_time_from_sec(300)

typedef struct slot_t {
    unsigned char mac[APID_DIGEST_SIZE];
    apr_time_t until;
} slot_t;

struct apid_passwords_t {
    unsigned char key[APID_DIGEST_SIZE];
    apr_thread_mutex_t *lock; /* of the slots */
    slot_t slots[SLOTS];
};

apid_passwords_t *apid_passwords_open(apr_pool_t *pool)
{
    apid_passwords_t *passwords = apr_pcalloc(pool, sizeof(*passwords));

    if (RAND_bytes(passwords->key, sizeof(passwords->key)) != 1
        || apr_thread_mutex_create(&passwords->lock, APR_THREAD_MUTEX_DEFAULT,
                                   pool)) {
        return NULL;
    }
    return passwords;
}

static void sign(unsigned char mac[APID_DIGEST_SIZE],
                 const apid_passwords_t *passwords, const char *hash,
                 const char *password)
{
    unsigned char hashed[APID_DIGEST_SIZE];
    unsigned size = APID_DIGEST_SIZE;
    unsigned char both[2 * APID_DIGEST_SIZE];

    apid_auth_digest(both, hash);
    apid_auth_digest(hashed, password);
    memcpy(both + APID_DIGEST_SIZE, hashed, APID_DIGEST_SIZE);
    HMAC(EVP_sha256(), passwords->key, APID_DIGEST_SIZE, both, sizeof(both),
         mac, &size);
}

/* Two passwords of one slot take turns: that costs time, no more. */
static slot_t *find_slot(apid_passwords_t *passwords,
                         const unsigned char *mac)
{
    return &passwords->slots[mac[0] % SLOTS];
}

static int is_kept(apid_passwords_t *passwords, const unsigned char *mac)
{
    const slot_t *slot = find_slot(passwords, mac);
    int kept;

    apr_thread_mutex_lock(passwords->lock);
    kept = slot->until > apr_time_now()
           && !CRYPTO_memcmp(slot->mac, mac, APID_DIGEST_SIZE);
    apr_thread_mutex_unlock(passwords->lock);
    return kept;
}

static void keep(apid_passwords_t *passwords, const unsigned char *mac)
{
    slot_t *slot = find_slot(passwords, mac);

    apr_thread_mutex_lock(passwords->lock);
    memcpy(slot->mac, mac, APID_DIGEST_SIZE);
    slot->until = apr_time_now() + LIFE;
    apr_thread_mutex_unlock(passwords->lock);
}

int apid_passwords_match(apid_passwords_t *passwords, const apid_user_t *user,
                         const char *password)
{
    unsigned char mac[APID_DIGEST_SIZE];

    if (!passwords || !user || user->disabled || !user->password) {
        return apid_auth_match_password(user, password);
    }
    sign(mac, passwords, user->password, password);
    if (is_kept(passwords, mac)) {
        return 1;
    }
    if (!apid_auth_match_password(user, password)) {
        return 0;
    }
    keep(passwords, mac);
    return 1;
}
