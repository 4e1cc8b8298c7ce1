/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_share: layout, hashing, and the table that all three tables are. A key
 * is looked for in PROBES slots from where its hash points; the first free
 * one is taken, else the first that is out of date, else the one used least
 * recently. A slot that is being cleared has the key that it is for, marked;
 * of two who claimed one each for the same key, the first in order is kept.
 */
#include "apid_share.h"

#include <apr_thread_proc.h>
#include <string.h>

#define PROBES 16
#define CLAIMED ((apr_uint64_t)1 << 63) /* marks the key of a slot that
                                         * somebody is clearing for it */
#define VACANT 1 /* nobody's, though it was somebody's: looking goes on */
#define PATIENCE 64 /* times that somebody else is let run meanwhile, */
#define NAPS 20 /* and then milliseconds that are slept */
#define FORGET 60 /* seconds until a slot that stays so is free */
#define ALIGN(n) (((n) + 63) / 64 * 64)
#define HALF 32

static apr_uint64_t mix(apr_uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static apr_size_t round_up(apr_size_t capacity)
{
    apr_size_t n = PROBES;

    while (n < capacity)
        n *= 2;
    return n;
}

static apr_uint64_t fingerprint(void)
{
    return 0x61706964u + sizeof(apid_share_t) * 7 + sizeof(apid_counter_t) * 11
        + sizeof(apid_failure_t) * 13 + sizeof(apid_series_t) * 17
        + sizeof(apid_event_t) * 19 + APID_ERR_KINDS * 23
        + APID_RECENT * 29 + APID_REFUSALS * 31;
}

/* ---- a table */

static apid_slot_t *find_slot(const apid_share_t *share,
                              const apid_slots_t *table, apr_uint64_t i)
{
    return (apid_slot_t *)((char *)share + table->offset
                           + (i & (share->capacity - 1)) * table->stride);
}

static int is_kept(apr_uint64_t key)
{
    return key > VACANT && !(key & CLAIMED);
}

/* The key of a slot; if somebody is about to make it key, that is waited
 * for. */
static apr_uint64_t read_key(apid_slot_t *slot, apr_uint64_t key)
{
    apr_uint64_t found = atomic_load(&slot->key);

    for (int i = 0; found == (key | CLAIMED) && i < PATIENCE + NAPS; i++) {
        if (i < PATIENCE)
            apr_thread_yield();
        else
            apr_sleep(1000);
        found = atomic_load(&slot->key);
    }
    return found;
}

/* The slot of the key, or NULL. */
static apid_slot_t *look_up(const apid_share_t *share,
                            const apid_slots_t *table, apr_uint64_t key)
{
    apr_uint64_t start = mix(key);

    for (int i = 0; i < PROBES; i++) {
        apid_slot_t *slot = find_slot(share, table, start + i);
        apr_uint64_t found = read_key(slot, key);
        if (found == key)
            return slot;
        if (!found)
            return NULL;
    }
    return NULL;
}

/* What a slot is worth to whom it belongs to. */
typedef enum worth_e { FREE, IDLE, LIVE, BUSY } worth_e;

typedef struct choice_t {
    apid_slot_t *slot;
    apr_uint64_t key, used;
    worth_e worth;
} choice_t;

static choice_t judge(const apid_slots_t *table, apid_slot_t *slot,
                      apr_int64_t now)
{
    choice_t choice = {slot, atomic_load(&slot->key),
                       atomic_load(&slot->used), LIVE};
    apr_int64_t age = now - (apr_int64_t)choice.used;

    if (choice.key <= VACANT)
        choice.worth = FREE;
    else if (choice.key & CLAIMED)
        choice.worth = age > FORGET ? IDLE : BUSY;
    else if (age > table->idle)
        choice.worth = IDLE;
    return choice;
}

static int is_better(const choice_t *a, const choice_t *b)
{
    return a->worth < b->worth
        || (a->worth == LIVE && b->worth == LIVE && a->used < b->used);
}

/* The slot that is best given away. */
static choice_t choose(const apid_share_t *share, const apid_slots_t *table,
                       apr_uint64_t key, apr_int64_t now)
{
    apr_uint64_t start = mix(key);
    choice_t best = judge(table, find_slot(share, table, start), now);

    for (int i = 1; i < PROBES && best.worth != FREE; i++) {
        choice_t choice
            = judge(table, find_slot(share, table, start + i), now);
        if (is_better(&choice, &best))
            best = choice;
    }
    return best;
}

static void clear(apid_slot_t *slot, const apid_slots_t *table)
{
    apid_word_t *words = (apid_word_t *)(slot + 1);
    apr_size_t n = (table->stride - sizeof(*slot)) / sizeof(*words);

    for (apr_size_t i = 0; i < n; i++)
        atomic_store_explicit(&words[i], 0, memory_order_relaxed);
}

/* Whether the slot that was claimed for a key is the only one, else it is given
 * up. Whoever claimed later finds the other's; a slot before this one is kept,
 * one behind it is waited for: it is given up, or it was finished. */
static int settle(const apid_share_t *share, const apid_slots_t *table,
                  apid_slot_t *mine, apr_uint64_t key)
{
    apr_uint64_t start = mix(key), found;
    int behind = 0;

    for (int i = 0; i < PROBES; i++) {
        apid_slot_t *slot = find_slot(share, table, start + i);
        if (slot == mine) {
            behind = 1;
            continue;
        }
        found = behind ? read_key(slot, key) : atomic_load(&slot->key);
        if (found == key || (!behind && found == (key | CLAIMED))) {
            atomic_store(&mine->key, VACANT);
            return 0;
        }
    }
    return 1;
}

/* Takes a slot for a key that is nowhere; NULL if another was faster. The
 * caller writes what belongs to it, and then the key. The time is written
 * first: a slot that is being cleared must not look forgotten. */
static apid_slot_t *claim(apid_share_t *share, const apid_slots_t *table,
                          apr_uint64_t key, apr_int64_t now)
{
    choice_t choice = choose(share, table, key, now);

    if (choice.worth == BUSY)
        return NULL;
    atomic_store(&choice.slot->used, (apr_uint64_t)now);
    if (!atomic_compare_exchange_strong(&choice.slot->key, &choice.key,
                                        key | CLAIMED)
        || !settle(share, table, choice.slot, key))
        return NULL;
    if (choice.worth == LIVE)
        atomic_fetch_add(&share->crowded, 1);
    clear(choice.slot, table);
    return choice.slot;
}

/* The slot of a key, with its key not yet written if *fresh; NULL: no room. */
static apid_slot_t *find_or_claim(int *fresh, apid_share_t *share,
                                  const apid_slots_t *table, apr_uint64_t key,
                                  apr_int64_t now)
{
    apid_slot_t *slot;

    *fresh = 0;
    for (int i = 0; i < PROBES; i++) {
        slot = look_up(share, table, key);
        if (slot)
            break;
        slot = claim(share, table, key, now);
        *fresh = slot != NULL;
        if (slot)
            return slot;
    }
    if (!slot)
        atomic_fetch_add(&share->uncounted, 1);
    else if (atomic_load(&slot->used) != (apr_uint64_t)now)
        atomic_store(&slot->used, (apr_uint64_t)now);
    return slot;
}

static apr_uint64_t make_key(apid_subject_e subject, apr_uint64_t id)
{
    return (apr_uint64_t)subject << 56 | (id & (((apr_uint64_t)1 << 56) - 1));
}

static void *find_subject(apid_share_t *share, const apid_slots_t *table,
                          apr_uint64_t key, apr_int64_t now)
{
    int fresh;
    apid_slot_t *slot = find_or_claim(&fresh, share, table, key, now);

    if (fresh)
        atomic_store(&slot->key, key);
    return slot;
}

/* ---- the whole */

static apr_size_t place_table(apid_slots_t *table, apr_size_t offset,
                              apr_size_t capacity, apr_size_t stride)
{
    table->offset = offset;
    table->stride = ALIGN(stride);
    return offset + capacity * table->stride;
}

/* Gives the size of it all. */
static apr_size_t place(apid_share_t *share, apr_size_t capacity)
{
    apr_size_t at = ALIGN(sizeof(*share));

    share->capacity = capacity;
    at = place_table(&share->counters, at, capacity, sizeof(apid_counter_t));
    at = place_table(&share->failures, at, capacity, sizeof(apid_failure_t));
    at = place_table(&share->activity, at, capacity, sizeof(apid_series_t));
    share->recent = at;
    at += ALIGN(apid_ring_size(APID_RECENT, sizeof(apid_event_t)));
    share->refusals = at;
    return at + ALIGN(apid_ring_size(APID_REFUSALS, sizeof(apid_event_t)));
}

apr_size_t apid_share_size(apr_size_t capacity)
{
    apid_share_t share;

    return place(&share, round_up(capacity));
}

apid_share_t *apid_share_open(void *memory, apr_size_t capacity,
                              apr_uint64_t seed)
{
    apid_share_t *share = memory;

    place(share, round_up(capacity));
    share->layout = fingerprint();
    share->seed = seed;
    share->counters.idle = 25 * 3600;
    share->failures.idle = 3600;
    share->activity.idle = 180;
    apid_ring_open(apid_share_recent(share), APID_RECENT,
                   sizeof(apid_event_t));
    apid_ring_open(apid_share_refusals(share), APID_REFUSALS,
                   sizeof(apid_event_t));
    return share;
}

int apid_share_fits(const apid_share_t *share, apr_size_t capacity)
{
    return share->layout == fingerprint()
        && share->capacity == round_up(capacity);
}

int apid_share_warns(apid_share_t *share, apr_uint32_t generation,
                     apr_uint32_t process)
{
    apr_uint64_t mine = ((apr_uint64_t)generation + 1) << HALF | process;
    apr_uint64_t told = atomic_load(&share->warner);

    return told == mine
        || (told >> HALF != mine >> HALF
            && atomic_compare_exchange_strong(&share->warner, &told, mine));
}

apr_uint64_t apid_share_hash(const apid_share_t *share, const char *text,
                             apr_size_t len)
{
    apr_uint64_t hash = mix(share->seed ^ len);

    while (len) {
        apr_uint64_t word = 0;
        apr_size_t n = len < sizeof(word) ? len : sizeof(word);
        memcpy(&word, text, n);
        hash = mix(hash ^ word) + share->seed;
        text += n;
        len -= n;
    }
    return mix(hash) >> 8;
}

/* ---- counters and failures */

apid_counter_t *apid_share_counter(apid_share_t *share,
                                   apid_subject_e subject, apr_uint64_t id,
                                   apr_int64_t now)
{
    return find_subject(share, &share->counters, make_key(subject, id), now);
}

apid_counter_t *apid_share_counter_at(apid_subject_e *subject,
                                      apr_uint64_t *id,
                                      const apid_share_t *share,
                                      apr_size_t i)
{
    apid_slot_t *slot = find_slot(share, &share->counters, i);
    apr_uint64_t key = atomic_load(&slot->key);

    *subject = (apid_subject_e)(key >> 56);
    *id = key & (((apr_uint64_t)1 << 56) - 1);
    return is_kept(key) ? (apid_counter_t *)slot : NULL;
}

apr_int64_t apid_share_others(const apid_share_t *share,
                              const apid_word_t *of)
{
    apr_uint64_t word = atomic_load(of);
    apr_uint64_t round = atomic_load(&share->round);

    return round - (word >> HALF) <= 1 ? (apr_int64_t)(word & 0xffffffffu) : 0;
}

void apid_share_tell(const apid_share_t *share, apid_word_t *of,
                     apr_int64_t calls)
{
    atomic_store(of, atomic_load(&share->round) << HALF
                         | ((apr_uint64_t)calls & 0xffffffffu));
}

apid_failure_t *apid_share_failure(apid_share_t *share,
                                   apid_subject_e subject, apr_uint64_t id,
                                   apr_int64_t now)
{
    return find_subject(share, &share->failures, make_key(subject, id), now);
}

apid_failure_t *apid_share_failure_of(apid_share_t *share,
                                      apid_subject_e subject,
                                      apr_uint64_t id)
{
    return (apid_failure_t *)look_up(share, &share->failures,
                                     make_key(subject, id));
}

/* ---- activity */

/* clang-format off */
const apr_int64_t apid_share_latency[APID_LATENCIES - 1] = {
    100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000,
    500000, 1000000, 2000000, 5000000
};
/* clang-format on */

static apr_uint64_t make_line_key(const apid_line_t *line)
{
    apr_uint64_t key = mix((apr_uint64_t)line->minute);

    key = mix(key ^ (apr_uint64_t)line->definition);
    key = mix(key ^ (apr_uint64_t)line->user);
    key = mix(key ^ (apr_uint64_t)line->token);
    key = mix(key ^ ((apr_uint64_t)line->version << HALF
                     | (apr_uint64_t)line->status));
    key &= ~CLAIMED;
    return key > VACANT ? key : VACANT + 1;
}

static void write_line(apid_series_t *series, const apid_line_t *line)
{
    atomic_store(&series->minute, (apr_uint64_t)line->minute);
    atomic_store(&series->definition, (apr_uint64_t)line->definition);
    atomic_store(&series->user, (apr_uint64_t)line->user);
    atomic_store(&series->token, (apr_uint64_t)line->token);
    atomic_store(&series->version, (apr_uint64_t)line->version);
    atomic_store(&series->status, (apr_uint64_t)line->status);
}

static void read_line(apid_line_t *line, const apid_series_t *series)
{
    line->minute = (apr_int64_t)atomic_load(&series->minute);
    line->definition = (apr_int64_t)atomic_load(&series->definition);
    line->user = (apr_int64_t)atomic_load(&series->user);
    line->token = (apr_int64_t)atomic_load(&series->token);
    line->version = (int)atomic_load(&series->version);
    line->status = (int)atomic_load(&series->status);
}

static apid_series_t *find_series(apid_share_t *share,
                                  const apid_line_t *line)
{
    apr_uint64_t key = make_line_key(line);
    int fresh;
    apid_series_t *series = (apid_series_t *)find_or_claim(
        &fresh, share, &share->activity, key, line->minute * 60);

    if (fresh) {
        write_line(series, line);
        atomic_store(&series->slot.key, key);
    }
    return series;
}

static int find_latency(apr_int64_t micros)
{
    int i = 0;

    while (i < APID_LATENCIES - 1 && micros > apid_share_latency[i])
        i++;
    return i;
}

static void count(apid_word_t *word)
{
    atomic_fetch_add_explicit(word, 1, memory_order_relaxed);
}

void apid_share_record(apid_share_t *share, const apid_line_t *line,
                       apr_int64_t micros, unsigned stripe)
{
    apid_series_t *series = find_series(share, line);

    if (line->status >= 0 && line->status < APID_STATUSES)
        count(&share->totals[stripe % APID_STRIPES][line->status]);
    if (!series)
        return;
    atomic_fetch_add_explicit(&series->micros, (apr_uint64_t)micros,
                              memory_order_relaxed);
    count(&series->latency[find_latency(micros)]);
    count(&series->calls);
}

int apid_share_drain(apid_line_t *line, apid_sum_t *sum, apid_share_t *share,
                     apr_size_t i)
{
    apid_series_t *series
        = (apid_series_t *)find_slot(share, &share->activity, i);

    if (!is_kept(atomic_load(&series->slot.key))
        || !atomic_load(&series->calls))
        return 0;
    read_line(line, series);
    sum->calls = atomic_exchange(&series->calls, 0);
    sum->micros = atomic_exchange(&series->micros, 0);
    for (int each = 0; each < APID_LATENCIES; each++)
        sum->latency[each] = atomic_exchange(&series->latency[each], 0);
    return sum->calls > 0;
}

void apid_share_restore(apid_share_t *share, const apid_line_t *line,
                        const apid_sum_t *sum)
{
    apid_series_t *series = (apid_series_t *)look_up(
        share, &share->activity, make_line_key(line));

    if (!series)
        return;
    atomic_fetch_add(&series->micros, sum->micros);
    for (int each = 0; each < APID_LATENCIES; each++)
        atomic_fetch_add(&series->latency[each], sum->latency[each]);
    atomic_fetch_add(&series->calls, sum->calls);
}

apr_uint64_t apid_share_total(const apid_share_t *share, int status)
{
    apr_uint64_t sum = 0;

    for (int i = 0; i < APID_STRIPES; i++)
        sum += atomic_load(&share->totals[i][status]);
    return sum;
}

apid_ring_t *apid_share_recent(const apid_share_t *share)
{
    return (apid_ring_t *)((char *)share + share->recent);
}

apid_ring_t *apid_share_refusals(const apid_share_t *share)
{
    return (apid_ring_t *)((char *)share + share->refusals);
}

void apid_event_text(char *to, apr_size_t size, const char *text)
{
    apr_size_t len = text ? strlen(text) : 0;

    if (len >= size)
        len = size - 1;
    while (len && text[len] && (text[len] & 0xc0) == 0x80)
        len--;
    memcpy(to, text ? text : "", len);
    to[len] = '\0';
}
