/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_value_text: values that are one text: plain text, addresses, UUIDs,
 * ids, base64. Text is well-formed UTF-8 when it comes here; it is checked,
 * never changed, but for what it is normalised to (a UUID's case, an id's
 * prefix).
 */
#include "apid_value_parts.h"

#include <apr_encode.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define UUID_LENGTH 36
#define BASE64 \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

static apr_size_t count_characters(const char *text, apr_size_t len)
{
    apr_size_t n = 0;

    for (apr_size_t i = 0; i < len; i++) {
        n += ((unsigned char)text[i] & 0xC0) != 0x80;
    }
    return n;
}

/* Whether there is a blank or a control character in it. */
static int has_blank(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text <= ' ' || *text == 0x7F) {
            return 1;
        }
    }
    return 0;
}

static apr_size_t count_unpadded(const apid_value_t *value)
{
    apr_size_t n = value->len;

    while (n > 0 && value->text[n - 1] == ' ') {
        n--;
    }
    return n;
}

static int is_address(const apid_value_t *value)
{
    return memchr(value->text, ':', value->len)
           && strspn(value->text, "0123456789abcdefABCDEF:.") == value->len;
}

static int is_email(const char *text)
{
    const char *at = strchr(text, '@');

    return at && at > text && at[1] && !strchr(at + 1, '@')
           && !has_blank(text);
}

static int is_phone(const char *text)
{
    int digits = 0;

    for (; *text; text++) {
        if (apr_iscntrl(*text)) {
            return 0;
        }
        digits += apr_isdigit(*text) != 0;
    }
    return digits > 0;
}

static int is_uuid(const char *text, apr_size_t len)
{
    if (len != UUID_LENGTH) {
        return 0;
    }
    for (int i = 0; i < UUID_LENGTH; i++) {
        int dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !apr_isxdigit(text[i])) {
            return 0;
        }
    }
    return 1;
}

/* RFC 4648: padded, and nothing but the alphabet; apr decodes more. */
static int is_base64(const char *text, apr_size_t len)
{
    apr_size_t n = strspn(text, BASE64);

    return len % 4 == 0 && len - n <= 2 && strspn(text + n, "=") == len - n;
}

static apid_err_t *hold_if(int legal, apid_value_t *value,
                           const apid_domain_t *domain, const apid_arg_t *arg,
                           apr_pool_t *pool)
{
    if (arg->len > 0 && !legal) {
        return apid_value_refuse(domain, pool);
    }
    return apid_value_hold_text(value, domain, arg->text, arg->len, pool);
}

static apid_err_t *refuse_id(apr_pool_t *pool)
{
    return apid_err_raise(pool, APID_ERR_INVALID_ID_ATTRIBUTE,
                          "must be the id of a record");
}

/* "12x345": how ids of modules with a prefix look. */
static int has_prefix(const char *text)
{
    apr_size_t n = strspn(text, "0123456789");

    return n > 0 && text[n] == 'x';
}

static apid_err_t *strip_prefix(apid_arg_t *arg, const char *prefix,
                                apr_pool_t *pool)
{
    apr_size_t len = strlen(prefix);

    if (arg->len > len && memcmp(arg->text, prefix, len) == 0) {
        arg->text += len;
        arg->len -= len;
        return NULL;
    }
    if (!has_prefix(arg->text)) {
        return NULL;
    }
    return apid_err_raise(pool, APID_ERR_INVALID_ID_ATTRIBUTE,
                          "must be an id that begins with \"%s\"", prefix);
}

apid_err_t *apid_value_refuse(const apid_domain_t *domain, apr_pool_t *pool)
{
    return apid_err_raise(pool, APID_ERR_INVALID_VALUE, "must be %s",
                          apid_type_help(domain->type));
}

apid_err_t *apid_value_hold_text(apid_value_t *value,
                                 const apid_domain_t *domain,
                                 const char *text, apr_size_t len,
                                 apr_pool_t *pool)
{
    if (domain->chars && len > domain->chars
        && count_characters(text, len) > domain->chars) {
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "must be at most %" APR_SIZE_T_FMT
                              " character%s",
                              domain->chars, domain->chars == 1 ? "" : "s");
    }
    value->cls = APID_TEXT;
    value->text = text;
    value->len = len;
    return NULL;
}

int apid_value_spelled_alike(const apid_value_t *a, const apid_value_t *b)
{
    apr_size_t n = count_unpadded(a);

    return (n == count_unpadded(b) && strncasecmp(a->text, b->text, n) == 0)
        || (is_address(a) && is_address(b));
}

apid_err_t *apid_value_parse_plain(apid_value_t *value,
                                   const apid_domain_t *domain,
                                   const apid_arg_t *arg, apr_pool_t *pool)
{
    return apid_value_hold_text(value, domain, arg->text, arg->len, pool);
}

apid_err_t *apid_value_parse_email(apid_value_t *value,
                                   const apid_domain_t *domain,
                                   const apid_arg_t *arg, apr_pool_t *pool)
{
    return hold_if(is_email(arg->text), value, domain, arg, pool);
}

apid_err_t *apid_value_parse_url(apid_value_t *value,
                                 const apid_domain_t *domain,
                                 const apid_arg_t *arg, apr_pool_t *pool)
{
    return hold_if(!has_blank(arg->text), value, domain, arg, pool);
}

apid_err_t *apid_value_parse_phone(apid_value_t *value,
                                   const apid_domain_t *domain,
                                   const apid_arg_t *arg, apr_pool_t *pool)
{
    return hold_if(is_phone(arg->text), value, domain, arg, pool);
}

apid_err_t *apid_value_parse_uuid(apid_value_t *value,
                                  const apid_domain_t *domain,
                                  const apid_arg_t *arg, apr_pool_t *pool)
{
    if (!is_uuid(arg->text, arg->len)) {
        return apid_value_refuse(domain, pool);
    }
    char *text = apr_pstrmemdup(pool, arg->text, arg->len);
    for (char *at = text; *at; at++) {
        *at = (char)apr_tolower(*at);
    }
    *value = apid_value_of_text(text);
    return NULL;
}

apid_err_t *apid_value_parse_binary(apid_value_t *value,
                                    const apid_domain_t *domain,
                                    const apid_arg_t *arg, apr_pool_t *pool)
{
    const char *bytes = NULL;
    apr_size_t len = 0;

    if (is_base64(arg->text, arg->len)) {
        bytes = apr_pdecode_base64(pool, arg->text, (apr_ssize_t)arg->len,
                                   APR_ENCODE_NONE, &len);
    }
    if (!bytes) {
        return apid_value_refuse(domain, pool);
    }
    if (domain->chars && len > domain->chars) {
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "must be at most %" APR_SIZE_T_FMT " byte%s",
                              domain->chars, domain->chars == 1 ? "" : "s");
    }
    *value = apid_value_of_bytes(bytes, len);
    return NULL;
}

/* a number that its column holds as text */
static apid_err_t *parse_digits(apid_value_t *value,
                                const apid_domain_t *domain,
                                const apid_arg_t *arg, apr_pool_t *pool)
{
    apid_domain_t number = *domain;
    apid_err_t *err;

    number.type = APID_TYPE_INTEGER;
    number.cls = domain->is_unsigned ? APID_UINT : APID_INT;
    number.prefix = NULL;
    err = apid_value_parse_integer(value, &number, arg, pool);
    if (!err) {
        *value = apid_value_of_text(apid_value_text(value, &number, pool));
    }
    return err;
}

apid_err_t *apid_value_parse_id(apid_value_t *value,
                                const apid_domain_t *domain,
                                const apid_arg_t *arg, apr_pool_t *pool)
{
    apid_arg_t key = *arg;
    apid_err_t *err = NULL;

    if (arg->kind == APID_ARG_BOOLEAN) {
        return refuse_id(pool);
    }
    if (domain->prefix) {
        err = strip_prefix(&key, domain->prefix, pool);
    }
    if (err) {
        return err;
    }
    if (domain->digits) {
        err = parse_digits(value, domain, &key, pool);
    }
    else if (domain->cls == APID_TEXT) {
        err = apid_value_hold_text(value, domain, key.text, key.len, pool);
    }
    else {
        err = apid_value_parse_integer(value, domain, &key, pool);
    }
    return err ? refuse_id(pool) : NULL;
}
