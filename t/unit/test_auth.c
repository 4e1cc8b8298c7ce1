/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_auth: credentials that are read, secrets and passwords that match or
 * not, addresses on lists, sealed texts.
 */
#include "apid_auth.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include <time.h>

typedef struct header_t {
    const char *header;
    const char *want; /* name and secret, or the error */
} header_t;

typedef struct address_t {
    const char *list, *address;
    int want;
} address_t;

typedef struct list_t {
    const char *list, *want; /* the bad entry */
} list_t;

/* clang-format off */
#define REFUSED "INVALID_USER_CREDENTIALS: Invalid username or password"

static const header_t headers[] = {
    {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin / open sesame"},
    {"bAsIc QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin / open sesame"},
    {"Basic   QWxhZGRpbjpvcGVuIHNlc2FtZQ", "Aladdin / open sesame"},
    {"Basic YStiQGMuZDp4OnkrLw==",         "a+b@c.d / x:y+/"},
    {"Basic dGVzdDoxMjPCow==",             "test / 123£"},
    {"Basic YTo=",                         "a / "},
    {"Basic OmI=",                         " / b"},
    {NULL,                                 REFUSED},
    {"",                                   REFUSED},
    {"Basic",                              REFUSED},
    {"Basic ",                             REFUSED},
    {"Basic YWI=",                         REFUSED}, /* no colon */
    {"Basic YQBiOmM=",                     REFUSED}, /* U+0000 */
    {"Basic YTpiAGM=",                     REFUSED}, /* in the secret */
    {"Basic YTpi IGM=",                    REFUSED},
    {"Basic !!!!",                         REFUSED},
    {"Bearer YTpi",                        REFUSED},
    {"BasicYTpi",                          REFUSED}
};

static const address_t addresses[] = {
    {"",                       "192.0.2.1",        1},
    {" , ",                    "192.0.2.1",        1},
    {"192.0.2.1",              "192.0.2.1",        1},
    {"192.0.2.1",              "192.0.2.2",        0},
    {"192.0.2.1",              "::ffff:192.0.2.1", 1},
    {"192.0.2.1",              "::ffff:192.0.2.2", 0},
    {"::ffff:192.0.2.1",       "192.0.2.1",        1},
    {"192.0.2.0/24",           "192.0.2.255",      1},
    {"192.0.2.0/24",           "192.0.3.0",        0},
    {"192.0.2.7/24",           "192.0.2.255",      1},
    {"192.0.2.0/24",           "2001:db8::1",      0},
    {"10.0.0.0/8,192.0.2.1",   "192.0.2.1",        1},
    {"10.0.0.0/8\t192.0.2.1",  "10.255.0.1",       1},
    {"10.0.0.0/8, 192.0.2.1",  "11.0.0.1",         0},
    {"2001:db8::/32",          "2001:db8:1::1",    1},
    {"2001:db8::/32",          "2001:db9::1",      0},
    {"2001:DB8::1",            "2001:db8:0::1",    1},
    {"2001:db8::1/128",        "2001:db8::2",      0},
    {"::1",                    "::1",              1},
    {"0.0.0.0/0",              "192.0.2.1",        1},
    {"0.0.0.0/0",              "10.0.0.1",         1},
    {"0.0.0.0/0",              "::1",              0},
    {"::/0",                   "::1",              1},
    {"::/0",                   "ffff::1",          1},
    {"::/0",                   "192.0.2.1",        0}
};

static const list_t bad_lists[] = {
    {"192.0.2.1, host.example", "host.example"},
    {"10.1",                    "10.1"},
    {"192.0.2.256",             "192.0.2.256"},
    {"192.0.2.0/33",            "192.0.2.0/33"},
    {"192.0.2.0/",              "192.0.2.0/"},
    {"192.0.2.0/-1",            "192.0.2.0/-1"},
    {"192.0.2.0/255.255.255.0", "192.0.2.0/255.255.255.0"},
    {"2001:db8::/129",          "2001:db8::/129"},
    {"::1 2001:db8:::1",        "2001:db8:::1"},
    {"fe80::1%eth0",            "fe80::1%eth0"}
};

/* SHA-256 of "abc", FIPS 180-4 */
static const unsigned char abc[APID_DIGEST_SIZE] = {
    0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
    0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
    0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
    0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad
};
/* clang-format on */

static apr_pool_t *pool;

static const char *describe(const apid_err_t *err)
{
    return err ? apr_psprintf(pool, "%s: %s", apid_err_code(err->kind),
                              err->text)
               : "no error";
}

static void test_roles(void)
{
    is(apid_role_word(APID_ROLE_CALLER), "caller", "the first role");
    is(apid_role_word(APID_ROLE_ADMIN), "admin", "the last role");
    is_int(apid_role_parse("Designer"), APID_ROLE_DESIGNER, "a role");
    is_int(apid_role_parse("root"), APID_ROLES, "no role");
}

static void test_basic(void)
{
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        const char *name, *secret;
        apid_err_t *err =
            apid_auth_parse_basic(&name, &secret, headers[i].header, pool);
        is(err ? describe(err) : apr_pstrcat(pool, name, " / ", secret, NULL),
           headers[i].want,
           apr_psprintf(pool, "header '%s'",
                        headers[i].header ? headers[i].header : "(none)"));
    }
}

static void test_digest(void)
{
    unsigned char digest[APID_DIGEST_SIZE];

    apid_auth_digest(digest, "abc");
    is_int(memcmp(digest, abc, sizeof abc), 0, "SHA-256 of abc");
    is_int(apid_auth_match_digest(abc, "abc"), 1, "abc has it");
    is_int(apid_auth_match_digest(abc, "abd"), 0, "abd has not");
    is_int(apid_auth_match_digest(abc, ""), 0, "nothing has not");
}

static void test_key(void)
{
    apid_user_t user = {.id = "1", .name = "u", .has_key = 1};

    memcpy(user.key, abc, sizeof abc);
    is_int(apid_auth_match_key(&user, "abc"), 1, "the key");
    is_int(apid_auth_match_key(&user, "ABC"), 0, "another key");
    is_int(apid_auth_match_key(NULL, "abc"), 0, "a key of nobody");
    user.disabled = 1;
    is_int(apid_auth_match_key(&user, "abc"), 0, "a disabled user's key");
    user.disabled = 0;
    user.has_key = 0;
    is_int(apid_auth_match_key(&user, "abc"), 0, "a user without a key");
}

static void test_password(void)
{
    char long_one[74];
    apid_user_t user = {.id = "1", .name = "u"};
    apid_err_t *err =
        apid_auth_hash_password(&user.password, "correct horse", pool);

    ok(!err, "a password");
    is(apr_pstrmemdup(pool, user.password, 7), "$2y$10$", "as bcrypt");
    is_int(strlen(user.password), 60, "of 60 characters");
    is_int(apid_auth_match_password(&user, "correct horse"), 1, "matches");
    is_int(apid_auth_match_password(&user, "correct horsf"), 0, "no other");
    is_int(apid_auth_match_password(NULL, "correct horse"), 0, "nobody's");
    user.disabled = 1;
    is_int(apid_auth_match_password(&user, "correct horse"), 0, "disabled");
    user.disabled = 0;
    user.password = NULL;
    is_int(apid_auth_match_password(&user, "correct horse"), 0, "none set");
    user.password = "correct horse";
    is_int(apid_auth_match_password(&user, "correct horse"), 0,
           "what is not bcrypt matches nothing");
    memset(long_one, 'x', sizeof long_one);
    long_one[73] = '\0';
    err = apid_auth_hash_password(&user.password, long_one, pool);
    is(describe(err), "INVALID_VALUE: must be 8 to 72 bytes long",
       "73 bytes are too long");
    long_one[72] = '\0';
    err = apid_auth_hash_password(&user.password, long_one, pool);
    is(describe(err), "no error", "72 are not");
    is_int(apid_auth_match_password(&user, long_one), 1, "and match");
    long_one[72] = 'y';
    is_int(apid_auth_match_password(&user, long_one), 0,
           "a 73rd byte is not overlooked");
    err = apid_auth_hash_password(&user.password, "1234567", pool);
    is(describe(err), "INVALID_VALUE: must be 8 to 72 bytes long",
       "7 bytes are too short");
    err = apid_auth_hash_password(&user.password, "12345678", pool);
    is(describe(err), "no error", "8 are not");
}

static clock_t time_password(const apid_user_t *user)
{
    clock_t start = clock();

    (void)apid_auth_match_password(user, "correct horse");
    return clock() - start;
}

/* bcrypt of cost 10 takes tens of ms: a shortcut would take none. */
static void test_password_time(void)
{
    apid_user_t user = {.id = "1", .name = "u"};
    clock_t somebody = 1 << 30, nobody = 1 << 30;
    apid_err_t *err =
        apid_auth_hash_password(&user.password, "correct horse", pool);

    ok(!err, "a password to measure");
    for (int i = 0; i < 3; i++) {
        clock_t took = time_password(&user);
        somebody = took < somebody ? took : somebody;
        took = time_password(NULL);
        nobody = took < nobody ? took : nobody;
    }
    ok(nobody > somebody / 3, "nobody takes as long as somebody");
}

static void test_secret(void)
{
    const char *a, *b;
    apid_err_t *err = apid_auth_secret(&a, pool);

    ok(!err, "a secret");
    err = apid_auth_secret(&b, pool);
    ok(!err && strcmp(a, b) != 0, "and another");
    is_int(strlen(a), 43, "of 43 characters");
    is_int(strspn(a, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                     "0123456789-_"),
           43, "of base64url");
}

static void test_addresses(void)
{
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        const address_t *row = addresses + i;
        apid_addresses_t *list;
        apr_sockaddr_t *address;
        apid_err_t *err = apid_auth_parse_addresses(&list, row->list, pool);
        apr_status_t status = apr_sockaddr_info_get(
            &address, row->address, APR_UNSPEC, 0, 0, pool);
        int got = err || status ? -1 : apid_auth_match_address(list, address);
        is_int(got, row->want,
               apr_psprintf(pool, "%s on '%s'", row->address, row->list));
    }
}

static void test_bad_lists(void)
{
    for (size_t i = 0; i < sizeof bad_lists / sizeof *bad_lists; i++) {
        apid_addresses_t *list;
        apid_err_t *err =
            apid_auth_parse_addresses(&list, bad_lists[i].list, pool);
        is(describe(err),
           apr_psprintf(pool,
                        "INVALID_VALUE: \"%s\" is neither an address nor a "
                        "network such as 192.0.2.0/24",
                        bad_lists[i].want),
           apr_psprintf(pool, "list '%s'", bad_lists[i].list));
    }
}

static const char *unseal(const unsigned char *key, const char *sealed)
{
    const char *data;
    apr_size_t len;
    apid_err_t *err = apid_auth_unseal(&data, &len, key, sealed, pool);

    return err ? describe(err)
               : apr_psprintf(pool, "%d: %s", (int)len, data);
}

static void test_seal(void)
{
    static const char refused[] =
        "INVALID_VALUE: must be a cursor that an earlier answer gave";
    unsigned char key[APID_DIGEST_SIZE] = {1}, other[APID_DIGEST_SIZE] = {2};
    const char *sealed = apid_auth_seal(key, "[1,\"a\"]", 7, pool);
    char *changed = apr_pstrdup(pool, sealed);
    int bad = 0;

    is(unseal(key, sealed), "7: [1,\"a\"]", "a seal opens");
    is(unseal(other, sealed), refused, "not with another key");
    is(unseal(key, ""), refused, "nothing was never sealed");
    is(unseal(key, "abc"), refused, "nor was this");
    is(unseal(key, "[1,\"a\"]"), refused, "nor plain text");
    is(unseal(key, apid_auth_seal(key, "", 0, pool)), "0: ", "empty data");
    is(unseal(key, apr_pstrndup(pool, sealed, 42)), refused,
       "31 bytes, one less than a signature has");
    for (char *at = changed; at[1]; at++) {
        char was = *at;
        *at = was == 'A' ? 'B' : 'A';
        bad += strcmp(unseal(key, changed), refused) != 0;
        *at = was;
    }
    is_int(bad, 0, "no character of it can be changed");
    is_int(strcspn(sealed, "+/="), strlen(sealed), "fit for a URL");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_roles();
    test_basic();
    test_digest();
    test_key();
    test_password();
    test_password_time();
    test_secret();
    test_addresses();
    test_bad_lists();
    test_seal();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
