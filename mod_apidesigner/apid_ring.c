/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ring: a slot's first word is twice the number of its record, and odd
 * while that is written. Words are stored by release and read by acquire:
 * who reads a word of a newer record reads the newer number after it. A writer
 * that was held up for two rounds may still write over a newer record: the sum
 * behind the words, which takes in the number, tells.
 */
#include "apid_ring.h"

#include <string.h>

static apid_word_t *find_slot(const apid_ring_t *ring, apr_uint64_t number)
{
    apid_word_t *slots = (apid_word_t *)(ring + 1);

    return slots + number % ring->n * (ring->words + 2);
}

static apr_uint64_t add_up(apr_uint64_t sum, apr_uint64_t word)
{
    sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
    return sum ^ sum >> 29;
}

/* mixed before the first word is: two numbers that are near each other could
 * make up for what differs in that */
static apr_uint64_t begin_sum(apr_uint64_t number)
{
    return add_up(0, number);
}

/* A slot left odd by a process that died is taken again two rounds later. */
static int claim_slot(apid_word_t *slot, const apid_ring_t *ring,
                      apr_uint64_t number)
{
    apr_uint64_t old = atomic_load(slot);

    if (old / 2 >= number || (old & 1 && old / 2 + 2 * ring->n > number))
        return 0;
    return atomic_compare_exchange_strong(slot, &old, 2 * number + 1);
}

apr_size_t apid_ring_size(apr_size_t n, apr_size_t record)
{
    return sizeof(apid_ring_t) + n * (2 * sizeof(apid_word_t) + record);
}

apid_ring_t *apid_ring_open(void *memory, apr_size_t n, apr_size_t record)
{
    apid_ring_t *ring = memory;

    ring->n = n;
    ring->words = record / sizeof(apid_word_t);
    return ring;
}

void apid_ring_put(apid_ring_t *ring, const void *record)
{
    apr_uint64_t number = atomic_fetch_add(&ring->newest, 1) + 1;
    apid_word_t *slot = find_slot(ring, number);
    const char *from = record;
    apr_uint64_t sum = begin_sum(number), claimed = 2 * number + 1;

    if (!claim_slot(slot, ring, number)) {
        atomic_fetch_add(&ring->lost, 1);
        return;
    }
    for (apr_uint64_t i = 1; i <= ring->words; i++) {
        apr_uint64_t word;
        memcpy(&word, from, sizeof(word));
        from += sizeof(word);
        sum = add_up(sum, word);
        atomic_store_explicit(&slot[i], word, memory_order_release);
    }
    atomic_store_explicit(&slot[ring->words + 1], sum, memory_order_release);
    atomic_compare_exchange_strong(slot, &claimed, 2 * number);
}

apid_ring_e apid_ring_get(void *record, const apid_ring_t *ring,
                          apr_uint64_t number)
{
    apid_word_t *slot = find_slot(ring, number);
    apr_uint64_t state = atomic_load(slot), sum = begin_sum(number);
    char *to = record;

    if (state != 2 * number)
        return state / 2 > number ? APID_RING_GONE : APID_RING_COMING;
    for (apr_uint64_t i = 1; i <= ring->words; i++) {
        apr_uint64_t word
            = atomic_load_explicit(&slot[i], memory_order_acquire);
        memcpy(to, &word, sizeof(word));
        to += sizeof(word);
        sum = add_up(sum, word);
    }
    if (atomic_load_explicit(&slot[ring->words + 1], memory_order_acquire)
        != sum)
        return APID_RING_GONE;
    return atomic_load(slot) == state ? APID_RING_THERE : APID_RING_GONE;
}
