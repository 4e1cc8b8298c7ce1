/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_tag: the hash multiplies blocks of 16 bytes into two lanes of 64 bits.
 * It is keyed, so that nobody can tell content by its tag.
 */
#include "apid_tag.h"

#include <apr_strings.h>
#include <string.h>

#define RECORD_SIZE 16 /* hex digits */

static apr_uint64_t fold(apr_uint64_t x, apr_uint64_t y)
{
    unsigned __int128 product = (unsigned __int128)x * y;

    return (apr_uint64_t)product ^ (apr_uint64_t)(product >> 64);
}

static void add_block(apid_tag_t *tag, const char *text)
{
    apr_uint64_t x, y;

    memcpy(&x, text, sizeof(x));
    memcpy(&y, text + sizeof(x), sizeof(y));
    tag->a = fold(x ^ tag->a, y ^ 0x9e3779b97f4a7c15u);
    tag->b = fold(y ^ tag->b, x ^ 0xc2b2ae3d27d4eb4fu);
}

void apid_tag_open(apid_tag_t *tag, const unsigned char *key)
{
    memcpy(tag, key, sizeof(*tag));
}

void apid_tag_add(apid_tag_t *tag, const char *text, apr_size_t len)
{
    char last[16] = {0};
    apr_size_t tail = len % sizeof(last);
    const char *end = text + len - tail;

    for (; text < end; text += sizeof(last))
        add_block(tag, text);
    memcpy(last, text, tail);
    add_block(tag, last);
    tag->a = fold(tag->a ^ len, 0xd6e8feb86659fd93u);
    tag->b = fold(tag->b ^ len, 0xa0761d6478bd642fu);
}

void apid_tag_add_value(apid_tag_t *tag, const apid_value_t *value)
{
    static const apid_domain_t domain
        = {.type = APID_TYPE_DATETIME, .scale = 6};
    char buffer[APID_VALUE_MAX];

    if (apid_value_is_null(value))
        add_block(tag, "NULL, not a text");
    else if (value->cls == APID_TEXT || value->cls == APID_BYTES)
        apid_tag_add(tag, value->text, value->len);
    else
        apid_tag_add(tag, buffer, apid_value_format(buffer, value, &domain,
                                                    APID_STYLE_PLAIN));
}

const char *apid_tag_record(const apid_tag_t *tag, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%016" APR_UINT64_T_HEX_FMT, tag->a ^ tag->b);
}

const char *apid_tag_write(const apid_tag_t *tag, const char *record,
                           apr_pool_t *pool)
{
    if (record)
        return apr_psprintf(pool, "\"%s.%016" APR_UINT64_T_HEX_FMT "\"",
                            record, tag->a ^ tag->b);
    return apr_psprintf(pool, "\"%016" APR_UINT64_T_HEX_FMT
                        "%016" APR_UINT64_T_HEX_FMT "\"", tag->a, tag->b);
}

/** Takes the next of a list of tags: its opaque text, NULL for a weak one. 0 at
 * the end, or where it is no list of tags. */
static int next_tag(const char **opaque, const char **list)
{
    const char *at = *list + strspn(*list, ", \t"), *end;
    int weak = !strncmp(at, "W/", 2);

    at += weak ? 2 : 0;
    end = *at == '"' ? strchr(at + 1, '"') : NULL;
    if (!end)
        return 0;
    *opaque = weak ? NULL : at + 1;
    *list = end + 1;
    return 1;
}

int apid_tag_match(const char *list, const char *record)
{
    const char *opaque;

    if (!strcmp(list + strspn(list, " \t"), "*"))
        return 1;
    while (next_tag(&opaque, &list))
        if (opaque && !strncmp(opaque, record, RECORD_SIZE)
            && opaque[RECORD_SIZE] == '.')
            return 1;
    return 0;
}
