/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_json: a streaming JSON writer into a bucket brigade. Text gathers in
 * blocks; a full block becomes a heap bucket. Until `hold` bytes were written
 * nothing is passed on, so that an answer that fits is sent whole and a
 * failure before that can still change the status line. The first error
 * sticks; apid_json_close asks for it once.
 */
#ifndef APID_JSON_H
#define APID_JSON_H

#include "apid_err.h"

#include <apr_buckets.h>

typedef struct apid_json_t apid_json_t;

/** A writer into brigade. When more than hold bytes have gathered, flush is
 * called with ctx and the brigade, and must pass its buckets on and leave it
 * empty (apr_brigade_cleanup); NULL: all is kept. Memory is in pool but for
 * the blocks, which the buckets own. */
apid_json_t *apid_json_open(apr_bucket_brigade *brigade, apr_size_t hold,
                            apr_brigade_flush flush, void *ctx,
                            apr_pool_t *pool);

/** Structure. Commas and colons are the writer's work. */
void apid_json_object(apid_json_t *json);
void apid_json_array(apid_json_t *json);
void apid_json_end(apid_json_t *json); /* closes the innermost of both */
void apid_json_key(apid_json_t *json, const char *key);

/** Writes a key made by apid_json_quote: no escaping at run time. */
void apid_json_quoted_key(apid_json_t *json, const char *quoted,
                          apr_size_t len);

/** `"key":` as apid_json_quoted_key takes it, in pool. */
const char *apid_json_quote(const char *key, apr_pool_t *pool);

/** Values. Text is UTF-8 of len bytes (a byte that is not UTF-8 is written as
 * U+FFFD); only what RFC 8259 asks for is escaped. raw is copied as it is. */
void apid_json_text(apid_json_t *json, const char *text, apr_size_t len);
void apid_json_string(apid_json_t *json, const char *text); /* NULL: null */
void apid_json_int(apid_json_t *json, apr_int64_t value);
void apid_json_uint(apid_json_t *json, apr_uint64_t value);
void apid_json_boolean(apid_json_t *json, int value);
void apid_json_null(apid_json_t *json);
void apid_json_raw(apid_json_t *json, const char *text, apr_size_t len);
void apid_json_base64(apid_json_t *json, const void *bytes, apr_size_t len);

/** Opens and closes a text whose content is written in pieces, each of whole
 * characters; between both only apid_json_piece. */
void apid_json_text_begin(apid_json_t *json);
void apid_json_piece(apid_json_t *json, const char *text, apr_size_t len);
void apid_json_text_end(apid_json_t *json);

/** Whether anything was passed on already. */
int apid_json_flushed(const apid_json_t *json);

/** Bytes written since open. */
apr_off_t apid_json_length(const apid_json_t *json);

/** Moves the last block into the brigade; gives the first error that
 * happened, or NULL. The brigade is not flushed: what is in it is the
 * caller's. */
APID_CHECKED apid_err_t *apid_json_close(apid_json_t *json);

/** A writer that keeps all, for apid_json_print. */
apid_json_t *apid_json_memory(apr_pool_t *pool);

/** What was written so far as one NUL-terminated text in pool, for a writer
 * opened without flush (the tool, the history). Closes the writer. */
const char *apid_json_print(apid_json_t *json, apr_pool_t *pool);

#endif
