/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_tag: what changes an entity tag, how it is written, and which lists
 * name it.
 */
#include "apid_tag.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#define RECORD "0123456789abcdef"
#define ANSWER ".fedcba9876543210"

static const unsigned char key[] = "a key of 16 byte";
static const unsigned char other[] = "another of 16 by";

static const struct {
    const char *list;
    int match;
} lists[] = {
    {"*", 1},
    {" *", 1},
    {"\"" RECORD ANSWER "\"", 1},
    {"\"x\", \"" RECORD ".0\"", 1},
    {"\"x\"\t,,\"" RECORD ANSWER "\"", 1},
    {"\"a, b\", \"" RECORD ANSWER "\"", 1},
    {"W/\"" RECORD ANSWER "\"", 0},
    {"W/\"" RECORD ANSWER "\", \"" RECORD ANSWER "\"", 1},
    {"\"" RECORD "\"", 0},
    {"\"" RECORD "0.\"", 0},
    {"\"fedcba9876543210" ANSWER "\"", 0},
    {"\"\"", 0},
    {"\"" RECORD ANSWER, 0},
    {RECORD ANSWER, 0},
    {"x, \"" RECORD ANSWER "\"", 0},
    {"", 0},
};

/* the tag of pieces, of which the second may be NULL */
static const char *tag_of(const unsigned char *under, apr_pool_t *pool,
                          const char *first, const char *second)
{
    apid_tag_t tag;

    apid_tag_open(&tag, under);
    apid_tag_add(&tag, first, strlen(first));
    if (second)
        apid_tag_add(&tag, second, strlen(second));
    return apid_tag_write(&tag, NULL, pool);
}

static const char *record_of(const apid_value_t *value, apr_pool_t *pool)
{
    apid_tag_t tag;

    apid_tag_open(&tag, key);
    apid_tag_add_value(&tag, value);
    return apid_tag_record(&tag, pool);
}

static void differ(const char *a, const char *b, const char *what)
{
    ok(strcmp(a, b) != 0, what);
}

static void check_hash(apr_pool_t *pool)
{
    const char *tag = tag_of(key, pool, "0123456789abcdefg", NULL);

    is(tag_of(key, pool, "0123456789abcdefg", NULL), tag, "the same again");
    differ(tag_of(key, pool, "0123456789abcdefh", NULL), tag, "its end");
    differ(tag_of(key, pool, "1123456789abcdefg", NULL), tag, "its beginning");
    differ(tag_of(other, pool, "0123456789abcdefg", NULL), tag, "its key");
    differ(tag_of(key, pool, "0123456789abcdef", "g"), tag, "its pieces");
    differ(tag_of(key, pool, "a", ""), tag_of(key, pool, "a", NULL),
           "an empty piece");
    differ(tag_of(key, pool, "ab", "c"), tag_of(key, pool, "a", "bc"),
           "where it is cut");
    is_int(strlen(tag), 34, "32 hex digits in quotes");
    is_int(strspn(tag + 1, "0123456789abcdef"), 32, "and nothing else");
}

static void check_values(apr_pool_t *pool)
{
    apid_value_t null = apid_value_of_null(), empty = apid_value_of_text("");
    apid_value_t one = apid_value_of_int(1), two = apid_value_of_int(2);
    const char *record = record_of(&one, pool);

    is_int(strlen(record), 16, "the part of a record: 16 hex digits");
    is(record_of(&one, pool), record, "the same value");
    differ(record_of(&two, pool), record, "another value");
    differ(record_of(&null, pool), record_of(&empty, pool),
           "NULL is no empty text");
}

static void check_written(apr_pool_t *pool)
{
    apid_tag_t tag;
    const char *written;

    apid_tag_open(&tag, key);
    written = apid_tag_write(&tag, RECORD, pool);
    is(apr_pstrndup(pool, written, 18), "\"" RECORD ".",
       "a tag begins with the record's part");
    is_int(strlen(written), 35, "and has 16 digits of its own");
    ok(apid_tag_match(written, RECORD), "it matches");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    check_hash(pool);
    check_values(pool);
    check_written(pool);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        is_int(apid_tag_match(lists[i].list, RECORD), lists[i].match,
               lists[i].list);
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
