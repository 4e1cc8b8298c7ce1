/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_share: counters, activity and rings in one piece of memory: many
 * threads that meet in the same new slot, slots that are used again, lines
 * that are taken out, records that are read while they are written.
 */
#include "apid_share.h"
#include "tap.h"

#include <pthread.h>
#include <stdlib.h>

#define THREADS 8
#define NOW 1699999200

static apid_share_t *share;
static atomic_int through, torn, seen, writing;

static void begin(apr_size_t capacity)
{
    apr_size_t size = apid_share_size(capacity);
    void *memory = aligned_alloc(64, (size + 63) / 64 * 64);

    memset(memory, 0, size);
    share = apid_share_open(memory, capacity, 4711);
}

static apid_counter_t *user(apr_uint64_t id, apr_int64_t now)
{
    return apid_share_counter(share, APID_SUBJECT_USER, id, now);
}

static int take(apr_uint64_t id, apr_int64_t now)
{
    apid_counter_t *counter = user(id, now);

    return counter
        && apid_window_take(&apid_window_minute, counter->minute, now, 5);
}

static void run(void *(*each)(void *))
{
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, each, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void test_layout(void)
{
    begin(1000);
    is_int((long long)share->capacity, 1024, "1000 slots are made 1024");
    ok(apid_share_fits(share, 1000), "the memory is taken over");
    ok(!apid_share_fits(share, 2000), "but not for another capacity");
    is_int((long long)(share->counters.offset % 64), 0, "slots begin a line");
    is_int((long long)share->counters.stride, 384, "a counter has six lines");
    free(share);
}

static void test_counters(void)
{
    apid_subject_e subject;
    apr_uint64_t id, found = 0;

    begin(64);
    ok(user(7, NOW) == user(7, NOW + 1), "a user has one counter");
    ok(user(7, NOW) != user(8, NOW), "another has another");
    ok((void *)user(7, NOW)
           != (void *)apid_share_counter(share, APID_SUBJECT_TOKEN, 7, NOW),
       "and so has a token of the same number");
    for (apr_size_t i = 0; i < share->capacity; i++)
        if (apid_share_counter_at(&subject, &id, share, i)
            && subject == APID_SUBJECT_TOKEN)
            found = id;
    is_int((long long)found, 7, "all are found in the table");
    free(share);
}

static void test_others(void)
{
    apid_counter_t *counter;

    begin(64);
    counter = user(7, NOW);
    atomic_store(&share->round, 5);
    apid_share_tell(share, &counter->others_day, 40);
    is_int(apid_share_others(share, &counter->others_day), 40,
           "calls of other nodes count");
    atomic_store(&share->round, 6);
    is_int(apid_share_others(share, &counter->others_day), 40,
           "while the next round is under way");
    atomic_store(&share->round, 7);
    is_int(apid_share_others(share, &counter->others_day), 0,
           "and no longer, when they were told of no more");
    free(share);
}

static void test_crowd(void)
{
    int fresh = 0;

    begin(16);
    for (apr_uint64_t id = 1; id <= 16; id++)
        take(id, NOW + (apr_int64_t)id);
    is_int((long long)atomic_load(&share->crowded), 0, "sixteen fit");
    take(17, NOW + 20);
    is_int((long long)atomic_load(&share->crowded), 1,
           "the next takes the place of another");
    is_int(apid_window_count(&apid_window_minute, user(17, NOW + 20)->minute,
                             NOW + 20), 1, "and inherits nothing");
    user(2, NOW + 20);
    is_int((long long)atomic_load(&share->crowded), 1,
           "it was not the second, but who was first used");
    for (apr_uint64_t id = 101; id <= 116; id++)
        fresh += take(id, NOW + 26 * 3600);
    is_int(fresh, 16, "a day later all are free");
    is_int((long long)atomic_load(&share->crowded), 1, "without a crowd");
    free(share);
}

/* A process that ends while it clears a slot leaves it marked. */
static void test_left(void)
{
    apid_counter_t *left[16];

    begin(16);
    for (int i = 0; i < 16; i++)
        left[i] = user((apr_uint64_t)i, NOW);
    for (int i = 0; i < 16; i++)
        atomic_fetch_or(&left[i]->slot.key, APR_UINT64_C(1) << 63);
    ok(!user(99, NOW + 60), "slots that are being cleared are left alone");
    ok(user(99, NOW + 61) != NULL, "but for a minute only");
    free(share);
}

static void *hammer(void *unused)
{
    int mine = 0;

    for (int i = 0; i < 4000; i++)
        mine += take((apr_uint64_t)(i % 400), NOW);
    atomic_fetch_add(&through, mine);
    return unused;
}

static void test_threads(void)
{
    begin(4096);
    run(hammer);
    is_int(atomic_load(&through), 400 * 5,
           "eight threads, 400 new users of five a minute each");
    free(share);
}

static apid_line_t line(apr_int64_t minute, apr_int64_t user, int status)
{
    apid_line_t line = {minute, 3, user, 0, 2, status};

    return line;
}

static void *record(void *unused)
{
    apid_line_t a = line(100, 1, 200), b = line(100, 2, 404);

    for (int i = 0; i < 5000; i++) {
        apid_share_record(share, &a, 150, 1);
        apid_share_record(share, &b, 3000000, 2);
    }
    return unused;
}

static void test_activity(void)
{
    apr_uint64_t calls[2] = {0, 0}, micros[2] = {0, 0}, latency[2] = {0, 0};
    apid_line_t line;
    apid_sum_t sum;
    int n = 0, more = 0;

    begin(64);
    run(record);
    for (apr_size_t i = 0; i < share->capacity; i++) {
        if (!apid_share_drain(&line, &sum, share, i))
            continue;
        calls[line.status == 404] += sum.calls;
        micros[line.status == 404] += sum.micros;
        latency[line.status == 404] += sum.latency[line.status == 404 ? 14
                                                                      : 1];
        n++;
        if (line.status == 404)
            apid_share_restore(share, &line, &sum);
    }
    is_int(n, 2, "two lines");
    is_int((long long)calls[0], 40000, "calls of one");
    is_int((long long)micros[0], 40000 * 150, "their time");
    is_int((long long)latency[0], 40000, "all took 0.1 to 0.2 ms");
    is_int((long long)latency[1], 40000, "those of the other 2 to 5 s");
    is_int((long long)apid_share_total(share, 404), 40000, "a total");
    for (apr_size_t i = 0; i < share->capacity; i++)
        more += apid_share_drain(&line, &sum, share, i);
    is_int(more, 1, "what was taken is gone, what was given back is there");
    is_int((long long)sum.calls, 40000, "all of it");
    free(share);
}

typedef struct record_t {
    apr_uint64_t number, same[15];
} record_t;

/* a record is whole if all of its words are the same */
static void read_all(apid_ring_t *ring)
{
    apr_uint64_t newest = atomic_load(&ring->newest);
    record_t got;

    for (apr_uint64_t n = newest > 8 ? newest - 8 : 1; n <= newest; n++) {
        if (apid_ring_get(&got, ring, n) != APID_RING_THERE)
            continue;
        atomic_fetch_add(&seen, 1);
        for (int i = 0; i < 15; i++)
            atomic_fetch_add(&torn, got.same[i] != got.number);
    }
}

static apid_ring_t *ring;

static void *put_records(void *unused)
{
    record_t record;

    for (apr_uint64_t n = 1; n <= 3000; n++) {
        record.number = n;
        for (int i = 0; i < 15; i++)
            record.same[i] = n;
        apid_ring_put(ring, &record);
        read_all(ring);
    }
    atomic_fetch_sub(&writing, 1);
    return unused;
}

static void test_ring(void)
{
    apr_size_t size = apid_ring_size(16, sizeof(record_t));
    record_t got;

    ring = aligned_alloc(64, (size + 63) / 64 * 64);
    memset(ring, 0, size);
    apid_ring_open(ring, 16, sizeof(record_t));
    is_int(apid_ring_get(&got, ring, 1), APID_RING_COMING, "none is there");
    run(put_records);
    is_int((long long)atomic_load(&ring->newest), THREADS * 3000,
           "all records have a number");
    is_int(atomic_load(&torn), 0, "none was read that was half written");
    ok(atomic_load(&seen) > 1000, "though many were read");
    is_int(apid_ring_get(&got, ring, 1), APID_RING_GONE, "the first is gone");
    is_int(apid_ring_get(&got, ring, THREADS * 3000 + 1), APID_RING_COMING,
           "the next is not there");
    apid_ring_put(ring, &got);
    is_int(apid_ring_get(&got, ring, THREADS * 3000 + 1), APID_RING_THERE,
           "until it is");
    atomic_fetch_add((apid_word_t *)(ring + 1)
                         + (THREADS * 3000 + 1) % 16 * 18 + 3, 1);
    is_int(apid_ring_get(&got, ring, THREADS * 3000 + 1), APID_RING_GONE,
           "what was written over by one who was late is none");
    free(ring);
}

/* One who was late wrote all but the first word, which had been read by then;
 * what their first words differ by is what their numbers differ by. */
static void test_late(void)
{
    apr_size_t size = apid_ring_size(16, sizeof(record_t));
    apid_ring_t *late = aligned_alloc(64, (size + 63) / 64 * 64);
    record_t record = {2, {2}}, got;
    apid_word_t *to, *from;

    ring = aligned_alloc(64, (size + 63) / 64 * 64);
    memset(ring, 0, size);
    memset(late, 0, size);
    apid_ring_open(ring, 16, sizeof(record_t));
    apid_ring_open(late, 16, sizeof(record_t));
    apid_ring_put(late, &record);
    for (int i = 1; i <= 17; i++) {
        record.number = 1 ^ 2 ^ 17;
        apid_ring_put(ring, &record);
    }
    is_int(apid_ring_get(&got, ring, 17), APID_RING_THERE, "a whole record");
    to = (apid_word_t *)(ring + 1) + 18;
    from = (apid_word_t *)(late + 1) + 18;
    for (int i = 2; i < 18; i++)
        atomic_store(&to[i], atomic_load(&from[i]));
    is_int(apid_ring_get(&got, ring, 17), APID_RING_GONE,
           "written over but for its first word");
    free(ring);
    free(late);
}

static void test_text(void)
{
    char text[6];

    apid_event_text(text, sizeof(text), "abcdefgh");
    is(text, "abcde", "a text is cut to fit");
    apid_event_text(text, sizeof(text), "abcdé");
    is(text, "abcd", "at a character");
    apid_event_text(text, sizeof(text), NULL);
    is(text, "", "none is empty");
    begin(64);
    ok(apid_share_hash(share, "ann", 3) != apid_share_hash(share, "bob", 3),
       "texts have hashes");
    ok(apid_share_hash(share, "ann", 3) >> 56 == 0, "of 56 bits");
    free(share);
}

int main(void)
{
    test_layout();
    test_counters();
    test_others();
    test_crowd();
    test_left();
    test_threads();
    test_activity();
    test_ring();
    test_late();
    test_text();
    return tap_done();
}
