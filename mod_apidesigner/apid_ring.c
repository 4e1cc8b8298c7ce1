/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ring: a slot's first word is twice the number of its record, and odd
 * while that is written. Words are stored by release and read by acquire:
 * who reads a word of a newer record reads the newer number after it.
 */
#include "apid_ring.h"

#include <string.h>

static apid_word_t *find_slot(const apid_ring_t *ring, apr_uint64_t number)
{
    apid_word_t *slots = (apid_word_t *)(ring + 1);

    return slots + number % ring->n * (ring->words + 1);
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
    return sizeof(apid_ring_t) + n * (sizeof(apid_word_t) + record);
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

    if (!claim_slot(slot, ring, number)) {
        atomic_fetch_add(&ring->lost, 1);
        return;
    }
    for (apr_uint64_t i = 1; i <= ring->words; i++) {
        apr_uint64_t word;
        memcpy(&word, from, sizeof(word));
        from += sizeof(word);
        atomic_store_explicit(&slot[i], word, memory_order_release);
    }
    atomic_store(slot, 2 * number);
}

apid_ring_e apid_ring_get(void *record, const apid_ring_t *ring,
                          apr_uint64_t number)
{
    apid_word_t *slot = find_slot(ring, number);
    apr_uint64_t state = atomic_load(slot);
    char *to = record;

    if (state != 2 * number)
        return state / 2 > number ? APID_RING_GONE : APID_RING_COMING;
    for (apr_uint64_t i = 1; i <= ring->words; i++) {
        apr_uint64_t word
            = atomic_load_explicit(&slot[i], memory_order_acquire);
        memcpy(to, &word, sizeof(word));
        to += sizeof(word);
    }
    return atomic_load(slot) == state ? APID_RING_THERE : APID_RING_GONE;
}
