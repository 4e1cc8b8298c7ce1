/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_auth: reads credentials, makes and verifies secrets, matches addresses,
 * seals cursors. Whoever does not exist takes as long to refuse as whoever
 * does, and no error holds what the caller sent as a secret. Where users and
 * tokens come from is left to the store, who may do what to the access hook.
 */
#include "apid_auth.h"

#include <apr_encode.h>
#include <apr_lib.h>
#include <apr_md5.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#define BCRYPT_COST 10
#define BCRYPT_SALT 16
#define BCRYPT_SIZE 61 /* of its text, with the NUL */
#define MIN_PASSWORD 8
#define MAX_PASSWORD 72 /* bcrypt reads no more */
#define SECRET_SIZE 32
#define MAPPED "::ffff:" /* an IPv4 address in IPv6 */

struct apid_addresses_t {
    apr_array_header_t *subnets; /* apr_ipsubnet_t *, one at least */
};

/* of nobody's password, at the cost of everybody's */
static const char nobody[] =
    "$2y$10$KBCwKxOzLha2MUDgW0PjXeA3vqkjnQJaf5bnbvXjmx.EcjrFnG4ii";

static const char *const roles[] = {"caller", "viewer", "designer", "admin"};

static apid_err_t *refuse_credentials(apr_pool_t *pool)
{
    return apid_err_raise(pool, APID_ERR_INVALID_USER_CREDENTIALS,
                          "Invalid username or password");
}

/* What follows "Basic" and its blanks, or NULL. */
static const char *find_credentials(const char *header)
{
    if (!header || strncasecmp(header, "Basic ", 6) != 0) {
        return NULL;
    }
    header += 6;
    return header + strspn(header, " ");
}

static apid_err_t *fill_random(unsigned char *bytes, int len,
                               apr_pool_t *pool)
{
    if (RAND_bytes(bytes, len) == 1) {
        return NULL;
    }
    return apid_err_because(apid_err_raise(pool, APID_ERR_INTERNAL_ERROR,
                                           "Internal error"),
                            "the system gave no random bytes");
}

/* bcrypt only: apr would take weaker ones, and crypt(3) behind a lock. */
static int is_bcrypt(const char *hash)
{
    return hash && strncmp(hash, "$2", 2) == 0;
}

static apid_err_t *refuse_address(const char *entry, apr_pool_t *pool)
{
    return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                          "\"%s\" is neither an address nor a network "
                          "such as 192.0.2.0/24",
                          entry);
}

/* apr would take "10.1" and host names of digits too. */
static int is_address(const char *text)
{
    unsigned char bytes[16];

    return inet_pton(AF_INET, text, bytes) == 1
           || inet_pton(AF_INET6, text, bytes) == 1;
}

static int is_bits(const char *text)
{
    return *text && strlen(text) <= 3
           && strspn(text, "0123456789") == strlen(text);
}

static apr_status_t push_subnet(apr_array_header_t *subnets,
                                const char *address, const char *bits)
{
    apr_ipsubnet_t *subnet;
    apr_status_t status = apr_ipsubnet_create(&subnet, address, bits,
                                              subnets->pool);

    if (status == APR_SUCCESS) {
        APR_ARRAY_PUSH(subnets, apr_ipsubnet_t *) = subnet;
    }
    return status;
}

/* apr knows no network of 0 bits: both its halves are. */
static apr_status_t push_all(apr_array_header_t *subnets, const char *address)
{
    int six = strchr(address, ':') != NULL;
    apr_status_t status = push_subnet(subnets, six ? "::" : "0.0.0.0", "1");

    if (status == APR_SUCCESS) {
        status = push_subnet(subnets, six ? "8000::" : "128.0.0.0", "1");
    }
    return status;
}

static apid_err_t *push_entry(apr_array_header_t *subnets, const char *entry,
                              apr_pool_t *pool)
{
    char *address = apr_pstrdup(pool, entry);
    char *bits = strchr(address, '/');

    if (bits) {
        *bits++ = '\0';
    }
    if (strncasecmp(address, MAPPED, strlen(MAPPED)) == 0 && !bits) {
        address += strlen(MAPPED);
    }
    if (!is_address(address) || (bits && !is_bits(bits))) {
        return refuse_address(entry, pool);
    }
    apr_status_t status = bits && atoi(bits) == 0
                              ? push_all(subnets, address)
                              : push_subnet(subnets, address, bits);
    return status == APR_SUCCESS ? NULL : refuse_address(entry, pool);
}

/* Found by name once: OpenSSL 3 looks for it at each use of EVP_sha256(). */
static CRYPTO_ONCE fetched = CRYPTO_ONCE_STATIC_INIT;
static const EVP_MD *sha256;

static void fetch_sha256(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!sha256) {
        sha256 = EVP_sha256();
    }
}

static void sign(unsigned char mac[APID_DIGEST_SIZE], const unsigned char *key,
                 const void *data, apr_size_t len)
{
    unsigned size = APID_DIGEST_SIZE;

    HMAC(EVP_sha256(), key, APID_DIGEST_SIZE, data, len, mac, &size);
}

static apid_err_t *refuse_seal(apr_pool_t *pool)
{
    return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                          "must be a cursor that an earlier answer gave");
}

const char *apid_role_word(apid_role_e role)
{
    return roles[role];
}

apid_role_e apid_role_parse(const char *word)
{
    int role = 0;

    while (role < APID_ROLES && strcasecmp(roles[role], word) != 0) {
        role++;
    }
    return (apid_role_e)role;
}

apid_err_t *apid_auth_parse_basic(const char **name, const char **secret,
                                  const char *header, apr_pool_t *pool)
{
    const char *encoded = find_credentials(header), *text = NULL;
    apr_size_t len = 0;

    *name = *secret = NULL;
    if (encoded) {
        text = apr_pdecode_base64(pool, encoded, APR_ENCODE_STRING,
                                  APR_ENCODE_NONE, &len);
    }
    const char *colon = text ? strchr(text, ':') : NULL;
    if (!colon || strlen(text) != len) {
        return refuse_credentials(pool);
    }
    *name = apr_pstrmemdup(pool, text, (apr_size_t)(colon - text));
    *secret = colon + 1;
    return NULL;
}

void apid_auth_digest(unsigned char digest[APID_DIGEST_SIZE],
                      const char *secret)
{
    (void)CRYPTO_THREAD_run_once(&fetched, fetch_sha256);
    EVP_Digest(secret, strlen(secret), digest, NULL, sha256, NULL);
}

int apid_auth_match_digest(const unsigned char digest[APID_DIGEST_SIZE],
                           const char *secret)
{
    unsigned char got[APID_DIGEST_SIZE];

    apid_auth_digest(got, secret);
    return CRYPTO_memcmp(got, digest, APID_DIGEST_SIZE) == 0;
}

int apid_auth_match_key(const apid_user_t *user, const char *key)
{
    static const unsigned char nothing[APID_DIGEST_SIZE];
    int known = user && user->has_key && !user->disabled;

    return apid_auth_match_digest(known ? user->key : nothing, key) && known;
}

int apid_auth_match_password(const apid_user_t *user, const char *password)
{
    int known = user && is_bcrypt(user->password) && !user->disabled;
    apr_status_t status = apr_password_validate(
        password, known ? user->password : nobody);

    return status == APR_SUCCESS && known && strlen(password) <= MAX_PASSWORD;
}

apid_err_t *apid_auth_hash_password(const char **hash, const char *password,
                                    apr_pool_t *pool)
{
    unsigned char salt[BCRYPT_SALT];
    apr_size_t len = strlen(password);

    *hash = NULL;
    if (len < MIN_PASSWORD || len > MAX_PASSWORD) {
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "must be %d to %d bytes long", MIN_PASSWORD,
                              MAX_PASSWORD);
    }
    apid_err_t *err = fill_random(salt, sizeof salt, pool);
    if (err) {
        return err;
    }
    char *text = apr_palloc(pool, BCRYPT_SIZE);
    apr_bcrypt_encode(password, BCRYPT_COST, salt, sizeof salt, text,
                      BCRYPT_SIZE);
    *hash = text;
    return NULL;
}

apid_err_t *apid_auth_secret(const char **secret, apr_pool_t *pool)
{
    unsigned char bytes[SECRET_SIZE];

    *secret = NULL;
    apid_err_t *err = fill_random(bytes, sizeof bytes, pool);
    if (!err) {
        *secret = apr_pencode_base64_binary(pool, bytes, sizeof bytes,
                                            APR_ENCODE_BASE64URL, NULL);
    }
    return err;
}

apid_err_t *apid_auth_parse_addresses(apid_addresses_t **addresses,
                                      const char *text, apr_pool_t *pool)
{
    apr_array_header_t *subnets =
        apr_array_make(pool, 4, sizeof(apr_ipsubnet_t *));
    char *rest = apr_pstrdup(pool, text ? text : ""), *last;
    const char *entry = apr_strtok(rest, ", \t\r\n", &last);

    *addresses = NULL;
    for (; entry; entry = apr_strtok(NULL, ", \t\r\n", &last)) {
        apid_err_t *err = push_entry(subnets, entry, pool);
        if (err) {
            return err;
        }
    }
    if (subnets->nelts > 0) {
        *addresses = apr_palloc(pool, sizeof **addresses);
        (*addresses)->subnets = subnets;
    }
    return NULL;
}

int apid_auth_match_address(const apid_addresses_t *addresses,
                            apr_sockaddr_t *address)
{
    if (!addresses) {
        return 1;
    }
    for (int i = 0; i < addresses->subnets->nelts; i++) {
        apr_ipsubnet_t *subnet =
            APR_ARRAY_IDX(addresses->subnets, i, apr_ipsubnet_t *);
        if (apr_ipsubnet_test(subnet, address)) {
            return 1;
        }
    }
    return 0;
}

const char *apid_auth_seal(const unsigned char *key, const void *data,
                           apr_size_t len, apr_pool_t *pool)
{
    unsigned char *sealed = apr_palloc(pool, APID_DIGEST_SIZE + len);

    sign(sealed, key, data, len);
    memcpy(sealed + APID_DIGEST_SIZE, data, len);
    return apr_pencode_base64_binary(pool, sealed,
                                     (apr_ssize_t)(APID_DIGEST_SIZE + len),
                                     APR_ENCODE_BASE64URL, NULL);
}

apid_err_t *apid_auth_unseal(const char **data, apr_size_t *len,
                             const unsigned char *key, const char *sealed,
                             apr_pool_t *pool)
{
    unsigned char mac[APID_DIGEST_SIZE];
    apr_size_t size = 0;
    const char *bytes = apr_pdecode_base64(pool, sealed, APR_ENCODE_STRING,
                                           APR_ENCODE_NONE, &size);

    *data = NULL;
    *len = 0;
    if (!bytes || size < APID_DIGEST_SIZE) {
        return refuse_seal(pool);
    }
    size -= APID_DIGEST_SIZE;
    sign(mac, key, bytes + APID_DIGEST_SIZE, size);
    if (CRYPTO_memcmp(mac, bytes, APID_DIGEST_SIZE) != 0) {
        return refuse_seal(pool);
    }
    *data = bytes + APID_DIGEST_SIZE;
    *len = size;
    return NULL;
}
