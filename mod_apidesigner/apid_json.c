/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_json: the streaming JSON writer. Every byte of an answer passes here
 * once: it is copied into a block, a full block becomes a bucket, and no block
 * is copied again. What comes out is well-formed UTF-8 whatever went in. Which
 * values make an answer is left to the representations.
 */
#include "apid_json.h"
#include "apid_value.h"

#include <apr_base64.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE (32 * 1024)
#define MAX_DEPTH 64
#define MAX_SCALAR 40 /* a comma, and a number, a word or an escape */
#define BASE64_STEP 3072 /* bytes encoded at a time, a multiple of 3 */

#define EVERY(byte) (0x0101010101010101u * (byte)) /* of a word */

struct apid_json_t {
    char *block;
    char *at;   /* where the next byte goes */
    char *end;  /* of the block */
    int comma;  /* what comes next is not the first of its list */
    int depth;
    char closers[MAX_DEPTH];
    apr_off_t passed; /* bytes that are in the brigade or were flushed */
    apr_size_t hold;
    int flushed;
    apr_bucket_brigade *brigade;
    apr_brigade_flush flush;
    void *ctx;
    apid_err_t *err; /* the first; nothing is passed on after it */
    apr_pool_t *pool;
};

/* clang-format off */
/* how long the character is that begins with this byte; 0: it does not stand
 * for itself in a JSON text */
static const unsigned char lengths[256] = {
    [0x20 ... 0x21] = 1, [0x23 ... 0x5B] = 1, [0x5D ... 0x7F] = 1,
    [0xC2 ... 0xDF] = 2, [0xE0 ... 0xEF] = 3, [0xF0 ... 0xF4] = 4
};

static const char letters[0x60] = {
    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
    ['"'] = '"', ['\\'] = '\\'
};
/* clang-format on */

static apr_status_t drop_block(void *data)
{
    apid_json_t *json = data;

    free(json->block);
    json->block = json->at = json->end = NULL;
    return APR_SUCCESS;
}

static void open_block(apid_json_t *json)
{
    json->block = malloc(BLOCK_SIZE);
    if (!json->block) {
        abort(); /* as pools do */
    }
    json->at = json->block;
    json->end = json->block + BLOCK_SIZE;
}

static void pass_block(apid_json_t *json)
{
    apr_size_t len = (apr_size_t)(json->at - json->block);
    apr_bucket *bucket = apr_bucket_heap_create(
        json->block, len, free, json->brigade->bucket_alloc);

    APR_BRIGADE_INSERT_TAIL(json->brigade, bucket);
    json->passed += (apr_off_t)len;
    json->block = NULL;
}

static void flush_brigade(apid_json_t *json)
{
    json->flushed = 1;
    apr_status_t status = json->flush(json->brigade, json->ctx);
    if (status != APR_SUCCESS) {
        char reason[120];
        apr_strerror(status, reason, sizeof reason);
        json->err = apid_err_because(
            apid_err_raise(json->pool, APID_ERR_INTERNAL_ERROR,
                           "The answer could not be sent"),
            "%s", reason);
    }
}

static void turn_block(apid_json_t *json)
{
    if (json->err) {
        json->passed += json->at - json->block;
        json->at = json->block;
        return;
    }
    pass_block(json);
    open_block(json);
    if (json->flush && json->passed > (apr_off_t)json->hold) {
        flush_brigade(json);
    }
}

/* Makes room for len bytes, which are far fewer than a block has. */
static void reserve(apid_json_t *json, apr_size_t len)
{
    if ((apr_size_t)(json->end - json->at) < len) {
        turn_block(json);
    }
}

static void copy(apid_json_t *json, const char *text, apr_size_t len)
{
    apr_size_t room = (apr_size_t)(json->end - json->at);

    while (len > room) {
        memcpy(json->at, text, room);
        json->at += room;
        text += room;
        len -= room;
        turn_block(json);
        room = BLOCK_SIZE;
    }
    memcpy(json->at, text, len);
    json->at += len;
}

/* After it there is room for a scalar. */
static void begin_value(apid_json_t *json)
{
    reserve(json, MAX_SCALAR);
    if (json->comma) {
        *json->at++ = ',';
    }
    json->comma = 1;
}

/* Where the first of eight bytes is that is no plain ASCII character of a
 * JSON text; 8: nowhere. A flag may be wrong only above one that is right. */
static int find_in_word(apr_uint64_t word)
{
    apr_uint64_t quotes = word ^ EVERY('"'), slashes = word ^ EVERY('\\');
    apr_uint64_t flags = (word - EVERY(0x20)) | (quotes - EVERY(1))
                         | (slashes - EVERY(1)) | word;

    flags &= EVERY(0x80);
    return flags ? __builtin_ctzll(flags) / 8 : 8;
}

static apr_uint64_t load_word(const char *text)
{
    apr_uint64_t word;

    memcpy(&word, text, sizeof word);
    return le64toh(word);
}

/* Four to seven bytes, some of them twice. */
static apr_uint64_t load_short(const char *text, const char *end)
{
    apr_uint32_t first, last;

    memcpy(&first, text, sizeof first);
    memcpy(&last, end - sizeof last, sizeof last);
    return (apr_uint64_t)le32toh(last) << 32 | le32toh(first);
}

/* Skips plain ASCII; may stop before its end. */
static const char *skip_plain(const char *text, const char *end)
{
    while (end - text >= 8) {
        int n = find_in_word(load_word(text));
        text += n;
        if (n < 8) {
            return text;
        }
    }
    if (end - text >= 4 && find_in_word(load_short(text, end)) == 8) {
        return end;
    }
    return text;
}

/* Length of the character at text if it is well-formed UTF-8 (RFC 3629) and
 * need not be escaped, else 0. */
static int measure_character(const unsigned char *text, apr_size_t left)
{
    unsigned n = lengths[*text];

    if (n < 2) {
        return (int)n;
    }
    if (n > left) {
        return 0;
    }
    for (unsigned i = 1; i < n; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    if ((text[0] == 0xE0 && text[1] < 0xA0)
        || (text[0] == 0xED && text[1] > 0x9F)
        || (text[0] == 0xF0 && text[1] < 0x90)
        || (text[0] == 0xF4 && text[1] > 0x8F)) {
        return 0;
    }
    return (int)n;
}

/* Where the first byte is that cannot be copied as it is. */
static const char *find_special(const char *text, const char *end)
{
    while ((text = skip_plain(text, end)) < end) {
        do {
            int n = measure_character((const unsigned char *)text,
                                      (apr_size_t)(end - text));
            if (n == 0) {
                return text;
            }
            text += n;
        } while (text < end && (end - text < 4 || *text & 0x80));
    }
    return end;
}

/* Gives how many bytes it wrote, at most 6. */
static int write_special(char *to, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";

    if (c >= 0x80) {
        memcpy(to, "\xEF\xBF\xBD", 3);
        return 3;
    }
    to[0] = '\\';
    if (letters[c]) {
        to[1] = letters[c];
        return 2;
    }
    memcpy(to + 1, "u00", 3);
    to[4] = hex[c >> 4];
    to[5] = hex[c & 15];
    return 6;
}

static void write_text(apid_json_t *json, const char *text, apr_size_t len)
{
    const char *end = text + len;

    while (text < end) {
        const char *special = find_special(text, end);
        copy(json, text, (apr_size_t)(special - text));
        if (special == end) {
            return;
        }
        reserve(json, MAX_SCALAR);
        json->at += write_special(json->at, (unsigned char)*special);
        text = special + 1;
    }
}

static void put(apid_json_t *json, char c)
{
    reserve(json, 1);
    *json->at++ = c;
}

static void write_word(apid_json_t *json, const char *word, apr_size_t len)
{
    begin_value(json);
    memcpy(json->at, word, len);
    json->at += len;
}

static void write_number(apid_json_t *json, const apid_value_t *value)
{
    begin_value(json);
    json->at += apid_value_format(json->at, value, NULL, APID_STYLE_PLAIN);
}

static void open_list(apid_json_t *json, char opener, char closer)
{
    begin_value(json);
    *json->at++ = opener;
    json->comma = 0;
    if (json->depth < MAX_DEPTH) {
        json->closers[json->depth++] = closer;
    }
    else if (!json->err) {
        json->err = apid_err_raise(json->pool, APID_ERR_INTERNAL_ERROR,
                                   "The answer is nested too deeply");
    }
}

apid_json_t *apid_json_open(apr_bucket_brigade *brigade, apr_size_t hold,
                            apr_brigade_flush flush, void *ctx,
                            apr_pool_t *pool)
{
    apid_json_t *json = apr_pcalloc(pool, sizeof *json);

    open_block(json);
    apr_pool_cleanup_register(pool, json, drop_block, apr_pool_cleanup_null);
    json->brigade = brigade;
    json->hold = hold;
    json->flush = flush;
    json->ctx = ctx;
    json->pool = pool;
    return json;
}

apid_json_t *apid_json_memory(apr_pool_t *pool)
{
    apr_bucket_alloc_t *alloc = apr_bucket_alloc_create(pool);

    return apid_json_open(apr_brigade_create(pool, alloc), 0, NULL, NULL,
                          pool);
}

void apid_json_object(apid_json_t *json)
{
    open_list(json, '{', '}');
}

void apid_json_array(apid_json_t *json)
{
    open_list(json, '[', ']');
}

void apid_json_end(apid_json_t *json)
{
    if (json->depth > 0) {
        put(json, json->closers[--json->depth]);
    }
    json->comma = 1;
}

void apid_json_key(apid_json_t *json, const char *key)
{
    apid_json_string(json, key);
    put(json, ':');
    json->comma = 0;
}

void apid_json_quoted_key(apid_json_t *json, const char *quoted,
                          apr_size_t len)
{
    begin_value(json);
    copy(json, quoted, len);
    json->comma = 0;
}

const char *apid_json_quote(const char *key, apr_pool_t *pool)
{
    const char *end = key + strlen(key);
    char *quoted = apr_palloc(pool, (apr_size_t)(end - key) * 6 + 4);
    char *at = quoted;

    *at++ = '"';
    while (key < end) {
        const char *special = find_special(key, end);
        at = (char *)memcpy(at, key, (apr_size_t)(special - key))
             + (special - key);
        if (special < end) {
            at += write_special(at, (unsigned char)*special++);
        }
        key = special;
    }
    memcpy(at, "\":", 3);
    return quoted;
}

void apid_json_text(apid_json_t *json, const char *text, apr_size_t len)
{
    begin_value(json);
    *json->at++ = '"';
    write_text(json, text, len);
    put(json, '"');
}

void apid_json_string(apid_json_t *json, const char *text)
{
    if (text) {
        apid_json_text(json, text, strlen(text));
    }
    else {
        apid_json_null(json);
    }
}

void apid_json_int(apid_json_t *json, apr_int64_t value)
{
    apid_value_t number = apid_value_of_int(value);

    write_number(json, &number);
}

void apid_json_uint(apid_json_t *json, apr_uint64_t value)
{
    apid_value_t number = apid_value_of_uint(value);

    write_number(json, &number);
}

void apid_json_boolean(apid_json_t *json, int value)
{
    if (value) {
        write_word(json, "true", 4);
    }
    else {
        write_word(json, "false", 5);
    }
}

void apid_json_null(apid_json_t *json)
{
    write_word(json, "null", 4);
}

void apid_json_raw(apid_json_t *json, const char *text, apr_size_t len)
{
    begin_value(json);
    copy(json, text, len);
}

void apid_json_base64(apid_json_t *json, const void *bytes, apr_size_t len)
{
    const unsigned char *from = bytes;

    begin_value(json);
    *json->at++ = '"';
    while (len > 0) {
        int step = len < BASE64_STEP ? (int)len : BASE64_STEP;
        reserve(json, BASE64_STEP / 3 * 4 + 1); /* it writes a NUL */
        json->at += apr_base64_encode_binary(json->at, from, step) - 1;
        from += step;
        len -= (apr_size_t)step;
    }
    put(json, '"');
}

void apid_json_text_begin(apid_json_t *json)
{
    begin_value(json);
    *json->at++ = '"';
}

void apid_json_piece(apid_json_t *json, const char *text, apr_size_t len)
{
    write_text(json, text, len);
}

void apid_json_text_end(apid_json_t *json)
{
    put(json, '"');
}

int apid_json_flushed(const apid_json_t *json)
{
    return json->flushed;
}

apr_off_t apid_json_length(const apid_json_t *json)
{
    return json->passed + (json->at - json->block);
}

apid_err_t *apid_json_close(apid_json_t *json)
{
    if (!json->err && json->at > json->block) {
        pass_block(json);
    }
    apr_pool_cleanup_run(json->pool, json, drop_block);
    return json->err;
}

const char *apid_json_print(apid_json_t *json, apr_pool_t *pool)
{
    apr_size_t len = (apr_size_t)apid_json_length(json);
    char *text = apr_palloc(pool, len + 1);
    apid_err_t *err = apid_json_close(json);

    if (err) {
        len = 0;
    }
    apr_brigade_flatten(json->brigade, text, &len);
    apr_brigade_cleanup(json->brigade);
    text[len] = '\0';
    return text;
}
