/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_window: the arithmetic of rolling windows: what counts when, what is
 * refused, how long to wait; clocks that go back; threads that never get more
 * through than the limit.
 */
#include "apid_window.h"
#include "tap.h"

#include <pthread.h>

#define THREADS 8
#define START 1699999200 /* begins an hour, and so a part of both windows */

static apid_part_t parts[APID_DAY_PARTS + 1];
static const apid_window_t *window;
static int through[THREADS];

static void begin(const apid_window_t *which)
{
    window = which;
    for (int i = 0; i <= APID_DAY_PARTS; i++)
        atomic_init(&parts[i], 0);
}

/* calls that get through of n at a time */
static int take(int n, apr_int64_t at, int limit)
{
    int got = 0;

    while (n--)
        got += apid_window_take(window, parts, START + at, limit);
    return got;
}

static int count(apr_int64_t at)
{
    return (int)apid_window_count(window, parts, START + at);
}

static int await(apr_int64_t at, int limit)
{
    return (int)apid_window_wait(window, parts, START + at, limit);
}

static void test_minute(void)
{
    begin(&apid_window_minute);
    is_int(await(0, 5), 0, "an empty window has room");
    is_int(take(7, 0, 5), 5, "five a minute: five of seven get through");
    is_int(count(0), 5, "they are counted, the others are not");
    is_int(await(0, 5), 66, "the part of 6 s leaves 60 s after its end");
    is_int(await(65, 5), 1, "a second before that");
    is_int(take(1, 65, 5), 0, "and it still counts");
    is_int(take(6, 66, 5), 5, "then there is room for five again");
}

static void test_rolling(void)
{
    begin(&apid_window_minute);
    take(2, 3, 5);
    take(2, 20, 5);
    take(1, 59, 5);
    is_int(await(60, 5), 6, "the oldest two leave first: at 66");
    is_int(await(60, 2), 24, "for four of them to leave: at 84");
    is_int(take(5, 66, 5), 2, "two have left, two get through");
    is_int(count(84), 3, "two more have left at 84");
    is_int(count(126), 2, "those of 66 count until 132");
    is_int(count(132), 0, "and no longer");
}

static void test_day(void)
{
    begin(&apid_window_day);
    is_int(take(4, 0, 3), 3, "three a day");
    is_int(count(86400), 3, "a day later they count");
    is_int(take(1, 86400 + 3599, 3), 0, "to the end of the hour");
    is_int(await(86400, 3), 3600, "which is what there is to wait");
    is_int(take(1, 86400 + 3600, 3), 1, "an hour later there is room");
}

static void test_changes(void)
{
    begin(&apid_window_minute);
    take(5, 0, 5);
    is_int(take(1, 0, 3), 0, "a limit that was lowered is passed already");
    is_int(await(0, 3), 66, "and is waited for as the other");
    is_int(await(0, 0), 66, "so is a limit that has no room ever");
    apid_window_undo(window, parts, START);
    is_int(count(0), 4, "a call can be taken back");
    apid_window_undo(window, parts, START + 600);
    is_int(count(0), 4, "but not from a part that has none");
    apid_window_add(window, parts, START + 6, 100);
    is_int(count(6), 104, "calls are added whatever the limit");
}

static void test_clocks(void)
{
    begin(&apid_window_minute);
    take(3, 30, 5);
    is_int(count(0), 3, "a clock put back by half a minute finds the calls");
    is_int(take(5, 0, 5), 2, "and the limit holds");
    is_int(count(-7200), 0, "put back by two hours it finds none");
    is_int(take(5, -7200, 5), 5, "and does not lock anybody out");
}

static void *hammer(void *arg)
{
    int *mine = arg;

    for (int i = 0; i < 20000; i++)
        *mine += apid_window_take(window, parts, START + i / 4000 * 6, 1000);
    return NULL;
}

/* 20000 calls of each thread, over five parts of the same minute */
static void test_threads(void)
{
    pthread_t threads[THREADS];
    int sum = 0;

    begin(&apid_window_minute);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, hammer, &through[i]);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        sum += through[i];
    }
    is_int(sum, 1000, "eight threads get 1000 through, no more, no less");
    is_int(count(24), 1000, "and as many are counted");
}

int main(void)
{
    test_minute();
    test_rolling();
    test_day();
    test_changes();
    test_clocks();
    test_threads();
    return tap_done();
}
