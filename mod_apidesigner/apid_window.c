/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_window: the arithmetic of rolling windows. A call is counted first and
 * the window is added up again: of two that are counted in different parts at
 * once, each sees the other, or one does; a few may be refused too early, none
 * is let through too much.
 */
#include "apid_window.h"

#define CALLS 0xffffffffu

const apid_window_t apid_window_minute = {APID_MINUTE_PARTS, 6};
const apid_window_t apid_window_day = {APID_DAY_PARTS, 3600};

static apr_int64_t find_number(apr_uint64_t word)
{
    return (apr_int64_t)(word >> 32);
}

static apr_uint64_t make_word(apr_int64_t number, apr_int64_t calls)
{
    return (apr_uint64_t)number << 32 | ((apr_uint64_t)calls & CALLS);
}

static apid_part_t *find_part(const apid_window_t *window, apid_part_t *parts,
                              apr_int64_t number)
{
    return &parts[number % (window->parts + 1)];
}

/* A part that is a little ahead was counted by somebody whose clock has gone
 * on, or before the clock was put back; one far ahead is of no use. */
static int is_ahead(const apid_window_t *window, apr_int64_t number,
                    apr_int64_t now)
{
    return number > now && number - now <= 2 * (window->parts + 1);
}

static int is_counted(const apid_window_t *window, apr_int64_t number,
                      apr_int64_t now)
{
    return (number <= now && now - number <= window->parts)
        || is_ahead(window, number, now);
}

/* What word is to become when calls are added to it in part now. */
static apr_uint64_t add_calls(const apid_window_t *window, apr_uint64_t word,
                              apr_int64_t now, apr_int64_t calls)
{
    apr_int64_t number = find_number(word);

    if (number == now || is_ahead(window, number, now))
        return word + (apr_uint64_t)calls;
    return make_word(now, calls);
}

static apr_int64_t count_parts(const apid_window_t *window,
                               const apid_part_t *parts, apr_int64_t now)
{
    apr_int64_t calls = 0;

    for (int i = 0; i <= window->parts; i++) {
        apr_uint64_t word = atomic_load(&parts[i]);
        if (is_counted(window, find_number(word), now))
            calls += (apr_int64_t)(word & CALLS);
    }
    return calls;
}

apr_int64_t apid_window_count(const apid_window_t *window,
                              const apid_part_t *parts, apr_int64_t now)
{
    return count_parts(window, parts, now / window->seconds);
}

/* The word is read first: if another call is counted in its part meanwhile,
 * the exchange fails. */
int apid_window_take(const apid_window_t *window, apid_part_t *parts,
                     apr_int64_t now, apr_int64_t limit)
{
    apr_int64_t number = now / window->seconds;
    apid_part_t *part = find_part(window, parts, number);
    apr_uint64_t word;

    do {
        word = atomic_load(part);
        if (count_parts(window, parts, number) >= limit)
            return 0;
    } while (!atomic_compare_exchange_weak(
        part, &word, add_calls(window, word, number, 1)));
    if (count_parts(window, parts, number) <= limit)
        return 1;
    apid_window_undo(window, parts, now);
    return 0;
}

void apid_window_undo(const apid_window_t *window, apid_part_t *parts,
                      apr_int64_t at)
{
    apr_int64_t number = at / window->seconds;
    apid_part_t *part = find_part(window, parts, number);
    apr_uint64_t word = atomic_load(part);

    while (is_counted(window, find_number(word), number) && word & CALLS
           && !atomic_compare_exchange_weak(part, &word, word - 1))
        ;
}

void apid_window_add(const apid_window_t *window, apid_part_t *parts,
                     apr_int64_t at, apr_int64_t calls)
{
    apr_int64_t number = at / window->seconds;
    apid_part_t *part = find_part(window, parts, number);
    apr_uint64_t word = atomic_load(part);

    while (!atomic_compare_exchange_weak(
        part, &word, add_calls(window, word, number, calls)))
        ;
}

/* The parts leave the window in the order of their numbers. */
apr_int64_t apid_window_wait(const apid_window_t *window,
                             const apid_part_t *parts, apr_int64_t now,
                             apr_int64_t limit)
{
    apr_int64_t number = now / window->seconds;
    apr_int64_t leave = count_parts(window, parts, number) - limit + 1;

    if (leave <= 0)
        return 0;
    for (apr_int64_t n = number - window->parts; n <= number; n++) {
        apr_uint64_t word
            = atomic_load(&parts[n % (window->parts + 1)]);
        if (find_number(word) == n)
            leave -= (apr_int64_t)(word & CALLS);
        if (leave <= 0)
            return (n + window->parts + 1) * window->seconds - now;
    }
    return (number + window->parts + 1) * window->seconds - now;
}
