/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ring: the newest records of many writers, in memory that threads and
 * processes share, without a lock. Records have a number each, from 1; the
 * newest n are there. A record is copied word by word and its slot numbered
 * before and after, so that a reader never takes half of one.
 */
#ifndef APID_RING_H
#define APID_RING_H

#include <apr.h>
#include <stdatomic.h>

typedef _Atomic apr_uint64_t apid_word_t;

/** Lies in the memory itself, its slots follow. */
typedef struct apid_ring_t {
    _Alignas(64) apid_word_t newest; /* number of the last record */
    apid_word_t lost;  /* records that found their slot in use */
    apr_uint64_t n;    /* slots */
    apr_uint64_t words; /* of a record */
} apid_ring_t;

typedef enum apid_ring_e {
    APID_RING_THERE,  /* the record was copied */
    APID_RING_COMING, /* it is being written, or its number is not yet given */
    APID_RING_GONE    /* a newer one took its place */
} apid_ring_e;

/** Bytes of a ring of n records of a size, a multiple of 8. */
apr_size_t apid_ring_size(apr_size_t n, apr_size_t record);

/** Lays out a ring in memory that is all zero and aligned to 64 bytes. */
apid_ring_t *apid_ring_open(void *memory, apr_size_t n, apr_size_t record);

/** Adds a record. */
void apid_ring_put(apid_ring_t *ring, const void *record);

/** Copies the record of a number. */
apid_ring_e apid_ring_get(void *record, const apid_ring_t *ring,
                          apr_uint64_t number);

#endif
