/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_tag: entity tags (RFC 9110, 8.8.3). The tag of an answer is a keyed hash
 * of its bytes. That of one record begins with a part that is made from the
 * record itself, the same whatever a definition shows of it, which is what
 * If-Match is compared with: "RECORD.ANSWER", 16 hex digits each.
 */
#ifndef APID_TAG_H
#define APID_TAG_H

#include "apid_value.h"

/** A hash in the making: 128 bits, keyed. */
typedef struct apid_tag_t {
    apr_uint64_t a, b;
} apid_tag_t;

/** Begins a hash under key (16 bytes at least). */
void apid_tag_open(apid_tag_t *tag, const unsigned char *key);

/** Adds a piece; how a text is cut into pieces changes the hash. */
void apid_tag_add(apid_tag_t *tag, const char *text, apr_size_t len);

/** Adds a column's value. */
void apid_tag_add_value(apid_tag_t *tag, const apid_value_t *value);

/** What was added as the part of a record, in pool. */
const char *apid_tag_record(const apid_tag_t *tag, apr_pool_t *pool);

/** The tag of an answer as ETag says it, quotes and all, in pool; record is
 * the part of the record that it shows, or NULL. */
const char *apid_tag_write(const apid_tag_t *tag, const char *record,
                           apr_pool_t *pool);

/** Whether a list of tags such as If-Match has (`*`, or tags in quotes; a weak
 * one counts for nothing) names a record by its part. */
int apid_tag_match(const char *list, const char *record);

#endif
