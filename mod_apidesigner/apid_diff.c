/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_diff: compares the settings of two versions: where and how they are
 * called, by whom, how often. What they do is compared by apid_diff_plan.
 */
#include "apid_diff_parts.h"

#include <apr_strings.h>

static const char *const words[APID_DIFF_KINDS] = {
#define APID_DIFF_WORD(kind, word) word,
    APID_DIFF_TABLE(APID_DIFF_WORD)
#undef APID_DIFF_WORD
};

/* callers do not see names of parts */
static void compare_path(apid_pair_t *pair)
{
    const char *was = pair->from->path, *is = pair->to->path;
    int moved = strcmp(apid_api_route(was, pair->pool),
                       apid_api_route(is, pair->pool)) != 0;

    if (strcmp(was, is))
        apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_PATH, "path", was,
            is), moved, "The path is '%s', it was '%s'%s.", is, was,
            moved ? "" : ": only names in it differ");
}

static void compare_address(apid_pair_t *pair)
{
    const apid_api_t *from = pair->from, *to = pair->to;
    const char *was = apid_method_word(from->method);
    const char *is = apid_method_word(to->method);

    if (from->kind != to->kind)
        apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_METHOD, "kind",
            from->kind == APID_KIND_API ? "api" : "webhook",
            to->kind == APID_KIND_API ? "api" : "webhook"), 1,
            "It is %s now: its address and its credentials are others.",
            to->kind == APID_KIND_API ? "an API" : "a webhook");
    else if (from->method != to->method)
        apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_METHOD, "method",
            was, is), 1, "The method is %s, it was %s.", is, was);
    compare_path(pair);
    if (from->vadl->inactive != to->vadl->inactive)
        apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_STATUS, "status",
            from->vadl->inactive ? "inactive" : "active",
            to->vadl->inactive ? "inactive" : "active"), to->vadl->inactive,
            to->vadl->inactive ? "It is switched off: callers get 404."
                               : "It is switched on.");
}

/* ---- lists of words */

/** Whether some word of a list is not in another. */
static int lacks(const char *const *list, const char *const *other)
{
    for (; list && *list; list++)
        if (!apid_rights_list_has(other, *list))
            return 1;
    return 0;
}

static const char *join_list(const char *const *list, apr_pool_t *pool)
{
    const char *text = NULL;

    for (; list && *list; list++)
        text = text ? apr_pstrcat(pool, text, ", ", *list, NULL) : *list;
    return text;
}

static const char *const *split_addresses(const char *text, apr_pool_t *pool)
{
    apr_array_header_t *list = apr_array_make(pool, 4, sizeof(char *));
    char *word, *last, *copy = text ? apr_pstrdup(pool, text) : NULL;

    for (word = copy ? apr_strtok(copy, ", \t\r\n", &last) : NULL; word;
         word = apr_strtok(NULL, ", \t\r\n", &last))
        APR_ARRAY_PUSH(list, const char *) = word;
    if (!list->nelts)
        return NULL;
    APR_ARRAY_PUSH(list, const char *) = NULL;
    return (const char *const *)list->elts;
}

/** Gives the difference of two lists, NULL if they hold the same. */
static apid_difference_t *note_list(apid_pair_t *pair, apid_diff_e kind,
                                    const char *name,
                                    const char *const *from,
                                    const char *const *to)
{
    if (!lacks(from, to) && !lacks(to, from))
        return NULL;
    return apid_pair_note(pair, kind, name, join_list(from, pair->pool),
                          join_list(to, pair->pool));
}

static void compare_security(apid_pair_t *pair)
{
    const apid_api_t *from = pair->from, *to = pair->to;
    const char *const *was
        = split_addresses(from->vadl->addresses, pair->pool);
    const char *const *is = split_addresses(to->vadl->addresses, pair->pool);
    apid_difference_t *found;

    if (from->token_in != to->token_in)
        apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_SECURITY,
            "token-in", from->token_in == APID_TOKEN_IN_QUERY ? "query"
                                                              : "header",
            to->token_in == APID_TOKEN_IN_QUERY ? "query" : "header"), 1,
            "The token is sent in the %s now.",
            to->token_in == APID_TOKEN_IN_QUERY ? "query" : "header");
    found = note_list(pair, APID_DIFF_SECURITY, "addresses", was, is);
    if (found)
        apid_pair_say(pair, found, is && (!was || lacks(was, is)),
                      "It may be called from %s, before from %s.",
                      is ? found->after : "everywhere",
                      was ? found->before : "everywhere");
    found = note_list(pair, APID_DIFF_SECURITY, "origins", from->origins,
                      to->origins);
    if (found)
        apid_pair_say(pair, found, lacks(from->origins, to->origins)
                          && !apid_rights_list_has(to->origins, "*"),
                      "Pages of %s may call it, before those of %s.",
                      found->after ? found->after : "no other site",
                      found->before ? found->before : "no other site");
}

/* ---- allow, limits */

static void compare_rights(apid_pair_t *pair)
{
    const apid_api_t *from = pair->from, *to = pair->to;
    int was = from->users || from->groups, is = to->users || to->groups;
    int narrower = is && (!was || lacks(from->users, to->users)
                          || lacks(from->groups, to->groups));
    apid_difference_t *found
        = note_list(pair, APID_DIFF_RIGHTS, "users", from->users, to->users);

    if (found)
        apid_pair_say(pair, found, narrower,
                      "The users that it allows are: %s; before: %s.",
                      found->after ? found->after : "none by name",
                      found->before ? found->before : "none by name");
    found = note_list(pair, APID_DIFF_RIGHTS, "groups", from->groups,
                      to->groups);
    if (found)
        apid_pair_say(pair, found, narrower,
                      "The groups that it allows are: %s; before: %s.",
                      found->after ? found->after : "none by name",
                      found->before ? found->before : "none by name");
}

static const char *write_limit(int limit, apr_pool_t *pool)
{
    return limit ? apr_itoa(pool, limit) : NULL;
}

static void compare_limit(apid_pair_t *pair, const char *name, int from,
                          int to, const char *what)
{
    if (from != to)
        apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_LIMITS, name,
            write_limit(from, pair->pool), write_limit(to, pair->pool)),
            to && (!from || to < from), "At most %s %s, before %s.",
            to ? write_limit(to, pair->pool) : "any number of", what,
            from ? write_limit(from, pair->pool) : "any number");
}

const char *apid_diff_word(apid_diff_e kind)
{
    return words[kind];
}

apr_array_header_t *apid_diff(const apid_api_t *from, const apid_api_t *to,
                              apr_pool_t *pool)
{
    apid_pair_t pair = {pool, from, to,
                        apr_array_make(pool, 8, sizeof(apid_difference_t))};

    compare_address(&pair);
    apid_pair_plans(&pair);
    compare_security(&pair);
    compare_limit(&pair, "minute", from->minute, to->minute,
                  "calls a minute");
    compare_limit(&pair, "day", from->day, to->day, "calls a day");
    if (from->writes && to->writes)
        compare_limit(&pair, "max-affected", from->max_affected,
                      to->max_affected, "records changed by one request");
    compare_rights(&pair);
    return pair.found;
}

int apid_diff_breaks(const apr_array_header_t *differences)
{
    int i;

    for (i = 0; i < differences->nelts; i++)
        if (APR_ARRAY_IDX(differences, i, apid_difference_t).breaking)
            return 1;
    return 0;
}

apid_difference_t *apid_pair_note(apid_pair_t *pair, apid_diff_e kind,
                                  const char *name, const char *before,
                                  const char *after)
{
    apid_difference_t *difference = apr_array_push(pair->found);

    difference->kind = kind;
    difference->name = name;
    difference->before = before;
    difference->after = after;
    return difference;
}

void apid_pair_say(apid_pair_t *pair, apid_difference_t *difference,
                   int breaking, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    difference->text = apr_pvsprintf(pair->pool, fmt, args);
    va_end(args);
    difference->breaking = breaking;
}
