/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tap: the Test Anything Protocol for the unit tests in C: ok, is, is_int and
 * the closing plan. A test that fails prints what it got and what it wanted.
 */
#ifndef TAP_H
#define TAP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failed;

static inline int tap_ok(int pass, const char *name, const char *file,
                         int line)
{
    printf("%sok %d - %s\n", pass ? "" : "not ", ++tap_count, name);
    if (!pass) {
        tap_failed++;
        printf("#   at %s line %d\n", file, line);
    }
    return pass;
}

static inline void tap_is(const char *got, const char *want, const char *name,
                          const char *file, int line)
{
    int same = got && want ? strcmp(got, want) == 0 : got == want;
    if (!tap_ok(same, name, file, line))
        printf("#   got:  %s\n#   want: %s\n", got ? got : "(null)",
               want ? want : "(null)");
}

static inline void tap_is_int(long long got, long long want, const char *name,
                              const char *file, int line)
{
    if (!tap_ok(got == want, name, file, line))
        printf("#   got:  %lld\n#   want: %lld\n", got, want);
}

#define ok(pass, name) tap_ok(!!(pass), name, __FILE__, __LINE__)
#define is(got, want, name) tap_is(got, want, name, __FILE__, __LINE__)
#define is_int(got, want, name) tap_is_int(got, want, name, __FILE__, __LINE__)

/** Prints the plan; gives main's exit status. */
static inline int tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
