/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_auth: reads credentials, verifies them, says what they may. Secrets of
 * callers are random (256 bits) and kept as SHA-256; passwords are bcrypt.
 * Comparisons take the same time whatever they find.
 */
#ifndef APID_AUTH_H
#define APID_AUTH_H

#include "apid_err.h"
#include "apid_rights.h"

#include <apr_network_io.h>

#define APID_DIGEST_SIZE 32 /* SHA-256, bytes */

typedef enum apid_role_e {
    APID_ROLE_CALLER, /* calls APIs; no console */
    APID_ROLE_VIEWER,
    APID_ROLE_DESIGNER,
    APID_ROLE_ADMIN,
    APID_ROLES
} apid_role_e;

/** A user, as the snapshot holds it. Immutable. */
typedef struct apid_user_t {
    const char *id; /* what @user.id is bound to */
    const char *name;
    apid_role_e role;
    int disabled;
    int has_key;
    unsigned char key[APID_DIGEST_SIZE]; /* of the access key */
    const char *password;                /* bcrypt, or NULL */
    const char *const *groups;           /* names, NULL-terminated */
    apr_int64_t number;                  /* key of its row */
    apr_int64_t minute, day;             /* calls it may make; 0: no limit */
    const apid_rights_t *rights;         /* of all groups; NULL: none */
} apid_user_t;

/** A list of addresses and networks. */
typedef struct apid_addresses_t apid_addresses_t;

/** The word of a role, such as "designer". */
const char *apid_role_word(apid_role_e role);

/** The role a word names, APID_ROLES if none. */
apid_role_e apid_role_parse(const char *word);

/** Reads an Authorization header of scheme Basic (RFC 7617): name and secret
 * in pool. INVALID_USER_CREDENTIALS if it is none. */
APID_CHECKED apid_err_t *apid_auth_parse_basic(const char **name,
                                               const char **secret,
                                               const char *header,
                                               apr_pool_t *pool);

/** SHA-256 of a secret. */
void apid_auth_digest(unsigned char digest[APID_DIGEST_SIZE],
                      const char *secret);

/** Whether the secret has that digest; constant time. */
int apid_auth_match_digest(const unsigned char digest[APID_DIGEST_SIZE],
                           const char *secret);

/** Whether a user (NULL: nobody, as slow as somebody) has this access key; one
 * that is disabled has none. */
int apid_auth_match_key(const apid_user_t *user, const char *key);

/** Whether a user (NULL: nobody) has this password; one that is disabled has
 * none. As slow as bcrypt. */
int apid_auth_match_password(const apid_user_t *user, const char *password);

/** The bcrypt text of a password. INVALID_VALUE if it is shorter than 8 bytes
 * or longer than the 72 that bcrypt reads. */
APID_CHECKED apid_err_t *apid_auth_hash_password(const char **hash,
                                                 const char *password,
                                                 apr_pool_t *pool);

/** A new random secret of 256 bits: 43 characters of base64url. */
APID_CHECKED apid_err_t *apid_auth_secret(const char **secret,
                                          apr_pool_t *pool);

/** Parses a list of addresses and CIDR networks, IPv4 and IPv6, separated by
 * commas or blanks. Empty: *addresses is NULL, which lets everybody in.
 * INVALID_VALUE naming the bad entry. */
APID_CHECKED apid_err_t *apid_auth_parse_addresses(
    apid_addresses_t **addresses, const char *text, apr_pool_t *pool);

/** Whether an address is on the list (an IPv4-mapped IPv6 address counts as
 * its IPv4 address). A list of NULL holds every address. */
int apid_auth_match_address(const apid_addresses_t *addresses,
                            apr_sockaddr_t *address);

/** Seals text with HMAC-SHA-256 under key (APID_DIGEST_SIZE bytes): an opaque
 * base64url text that apid_auth_unseal takes back. For cursors. */
const char *apid_auth_seal(const unsigned char *key, const void *data,
                           apr_size_t len, apr_pool_t *pool);

/** Opens a sealed text: data and its length in pool; INVALID_VALUE if it was
 * not sealed under this key. data is NUL-terminated. */
APID_CHECKED apid_err_t *apid_auth_unseal(const char **data, apr_size_t *len,
                                          const unsigned char *key,
                                          const char *sealed,
                                          apr_pool_t *pool);

#endif
