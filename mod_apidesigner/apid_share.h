/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_share: what all processes of a server count together, in one piece of
 * memory that they share: calls of whom a limit is for, failed sign-ins, what
 * was called and how long it took, the newest requests. Nothing here locks or
 * waits for the kernel: tables of a fixed size whose slots are found by hash,
 * taken by compare-and-swap and used again when they are out of date. A table
 * that is too small forgets who called least recently.
 */
#ifndef APID_SHARE_H
#define APID_SHARE_H

#include "apid_err.h"
#include "apid_ring.h"
#include "apid_window.h"

#include <apr_time.h>

#define APID_LATENCIES 16 /* bounds of apid_share_latency, and beyond */
#define APID_FAILURE_PARTS 10
#define APID_STATUSES 600
#define APID_STRIPES 8
#define APID_RECENT 1024   /* newest requests kept */
#define APID_REFUSALS 2048 /* refused ones that wait to be written */

/** Of what calls or failures are counted. The first four have limits; the
 * values are kept in the database. */
typedef enum apid_subject_e {
    APID_SUBJECT_DEFINITION = 1,
    APID_SUBJECT_USER,
    APID_SUBJECT_TOKEN,
    APID_SUBJECT_SERVER,
    APID_SUBJECT_ADDRESS, /* that failed */
    APID_SUBJECT_NAME,    /* that failed */
    APID_SUBJECT_FRIEND,  /* a name and an address that signed in */
    APID_SUBJECT_SESSION  /* that was signed out */
} apid_subject_e;

/** Every slot begins with whose it is, and when it was used last (seconds). */
typedef struct apid_slot_t {
    apid_word_t key;
    apid_word_t used;
} apid_slot_t;

/** Calls of a subject. */
typedef struct apid_counter_t {
    apid_slot_t slot;
    apid_part_t minute[APID_MINUTE_PARTS + 1];
    apid_part_t day[APID_DAY_PARTS + 1];
    apid_word_t others_minute; /* calls on other nodes, see apid_share_others */
    apid_word_t others_day;
    apid_word_t told; /* minute and day that were written last (apid_usage) */
} apid_counter_t;

/** Failures of a subject. */
typedef struct apid_failure_t {
    apid_slot_t slot;
    apid_part_t parts[APID_FAILURE_PARTS + 1];
} apid_failure_t;

/** What a line of activity is about. */
typedef struct apid_line_t {
    apr_int64_t minute; /* since 1970 */
    apr_int64_t definition, user, token; /* keys; 0: unknown or none */
    int version, status;
} apid_line_t;

/** Requests of a line. */
typedef struct apid_sum_t {
    apr_uint64_t calls, micros;
    apr_uint64_t latency[APID_LATENCIES];
} apid_sum_t;

/** A line of activity in the table. */
typedef struct apid_series_t {
    apid_slot_t slot;
    apid_word_t minute, definition, user, token, version, status;
    apid_word_t calls, micros;
    apid_word_t latency[APID_LATENCIES];
} apid_series_t;

/** A request, as the rings have it. Texts are cut to fit, and end with 0. */
typedef struct apid_event_t {
    apr_time_t at;
    apr_int64_t micros;
    apr_int64_t version;  /* 0: none */
    apr_int32_t status;
    apr_int32_t kind;     /* apid_err_e; APID_ERR_KINDS: no error */
    apr_int32_t webhook;
    char method[12];
    char name[192];       /* of the definition, "": unknown */
    char user[96];
    char address[48];
    char request_id[64];
    char reason[248];     /* why it was refused, for people who may know */
} apid_event_t;

typedef struct apid_slots_t {
    apr_size_t offset, stride; /* bytes */
    apr_int64_t idle; /* seconds until an unused slot is anybody's */
} apid_slots_t;

/** Lies at the beginning of the memory. */
typedef struct apid_share_t {
    apr_uint64_t layout;   /* what it was laid out by */
    apr_uint64_t capacity; /* slots of each table, a power of two */
    apr_uint64_t seed;     /* of apid_share_hash */
    apid_slots_t counters, failures, activity;
    apr_size_t recent, refusals; /* offsets of the rings */
    _Alignas(64) apid_word_t round; /* of the exchange with other nodes */
    apid_word_t warner;    /* see apid_share_warns */
    apid_word_t resumed;   /* the calls of before a restart are counted */
    apid_word_t swept;     /* when old rows were dropped last, seconds */
    apid_word_t next;      /* when somebody looks again, without mod_watchdog */
    apid_word_t written;   /* number of the last refusal that was kept */
    apid_word_t crowded;   /* times that a slot in use was taken away */
    apid_word_t uncounted; /* requests that found no slot */
    _Alignas(64) apid_word_t totals[APID_STRIPES][APID_STATUSES];
} apid_share_t;

/** Bytes for tables of a capacity, which is made a power of two. */
apr_size_t apid_share_size(apr_size_t capacity);

/** Lays out memory that is all zero. seed is random. */
apid_share_t *apid_share_open(void *memory, apr_size_t capacity,
                              apr_uint64_t seed);

/** Whether memory was laid out for that capacity by this very code. */
int apid_share_fits(const apid_share_t *share, apr_size_t capacity);

/** Whether this process is the one of its generation (from one restart to the
 * next) that warns of the settings: the first that asks. */
int apid_share_warns(apid_share_t *share, apr_uint32_t generation,
                     apr_uint32_t process);

/** A number of 56 bits for a text, hard to guess for others. */
apr_uint64_t apid_share_hash(const apid_share_t *share, const char *text,
                             apr_size_t len);

/* Counters. */

/** The counter of a subject at now (seconds), made if need be; NULL if there
 * was no room. */
apid_counter_t *apid_share_counter(apid_share_t *share,
                                   apid_subject_e subject, apr_uint64_t id,
                                   apr_int64_t now);

/** Counter i of the table; NULL if nobody uses that slot. *subject and *id are
 * whose it is. */
apid_counter_t *apid_share_counter_at(apid_subject_e *subject,
                                      apr_uint64_t *id,
                                      const apid_share_t *share,
                                      apr_size_t i);

/** Calls that other nodes told of in the last round of exchange or the one
 * before; of is others_minute or others_day. */
apr_int64_t apid_share_others(const apid_share_t *share,
                              const apid_word_t *of);

/** Keeps what others told in this round. */
void apid_share_tell(const apid_share_t *share, apid_word_t *of,
                     apr_int64_t calls);

/* Failures. */

/** As apid_share_counter. */
apid_failure_t *apid_share_failure(apid_share_t *share,
                                   apid_subject_e subject, apr_uint64_t id,
                                   apr_int64_t now);

/** The same, but NULL if there is none: nothing is made. */
apid_failure_t *apid_share_failure_of(apid_share_t *share,
                                      apid_subject_e subject,
                                      apr_uint64_t id);

/* Activity. */

/** Upper bounds of the latencies, microseconds; the last is without. */
extern const apr_int64_t apid_share_latency[APID_LATENCIES - 1];

/** Counts a request. stripe is any number of the process. */
void apid_share_record(apid_share_t *share, const apid_line_t *line,
                       apr_int64_t micros, unsigned stripe);

/** Takes what line i of the table has gathered; gives whether it had. */
int apid_share_drain(apid_line_t *line, apid_sum_t *sum, apid_share_t *share,
                     apr_size_t i);

/** Gives back what could not be kept elsewhere, if its line is still there. */
void apid_share_restore(apid_share_t *share, const apid_line_t *line,
                        const apid_sum_t *sum);

/** Requests answered with a status since the server started. */
apr_uint64_t apid_share_total(const apid_share_t *share, int status);

/** The newest requests; those that were refused. */
apid_ring_t *apid_share_recent(const apid_share_t *share);
apid_ring_t *apid_share_refusals(const apid_share_t *share);

/** Copies a text into a member of an event, cut at a character. */
void apid_event_text(char *to, apr_size_t size, const char *text);

#endif
