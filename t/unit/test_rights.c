/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rights: what the rights of several groups add up to. A group is
 * written as "Module allow [own] [-hidden,...] [=readonly,...]", its rights
 * separated by "; "; allow has the first letters of create, read, update,
 * delete.
 */
#include "apid_rights.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <string.h>

static apr_pool_t *pool;

static const char *const *split(const char *text)
{
    apr_array_header_t *names = apr_array_make(pool, 4, sizeof(char *));
    char *last, *copy = apr_pstrdup(pool, text);

    for (char *name = apr_strtok(copy, ",", &last); name;
         name = apr_strtok(NULL, ",", &last))
        APR_ARRAY_PUSH(names, const char *) = name;
    APR_ARRAY_PUSH(names, const char *) = NULL;
    return (const char *const *)names->elts;
}

static apid_right_t read_right(char *text)
{
    char *last;
    apid_right_t right = {.module = apr_strtok(text, " ", &last)};

    for (char *word = apr_strtok(NULL, " ", &last); word;
         word = apr_strtok(NULL, " ", &last)) {
        if (*word == '-')
            right.hidden = split(word + 1);
        else if (*word == '=')
            right.readonly = split(word + 1);
        else if (!strcmp(word, "own"))
            right.own = 1;
        else
            for (; *word; word++)
                right.granted |= 1u << (strchr("crud", *word) - "crud");
    }
    return right;
}

static apid_group_t *read_group(const char *text)
{
    apr_array_header_t *rights
        = apr_array_make(pool, 4, sizeof(apid_right_t));
    apid_group_t *group = apr_pcalloc(pool, sizeof(*group));
    char *last, *copy = apr_pstrdup(pool, text);

    for (char *part = apr_strtok(copy, ";", &last); part;
         part = apr_strtok(NULL, ";", &last))
        APR_ARRAY_PUSH(rights, apid_right_t) = read_right(part);
    group->name = text;
    group->rights = (apid_right_t *)rights->elts;
    group->nrights = rights->nelts;
    return group;
}

static const apid_rights_t *add_up(const char *const *texts)
{
    apid_group_t *groups[3];
    int n = 0;

    for (; texts[n]; n++)
        groups[n] = read_group(texts[n]);
    return apid_rights_add_up((const apid_group_t *const *)groups, n, pool);
}

/* fields among a, b and c */
static const char *list_fields(const apid_permit_t *permit,
                               apid_access_e access,
                               int has(const apid_permit_t *, apid_access_e,
                                       const char *))
{
    const char *text = "";

    for (const char *const *name = split("a,b,c"); *name; name++)
        if (has(permit, access, *name))
            text = apr_pstrcat(pool, text, *name, NULL);
    return text;
}

/* "read own -ab =abc, update": hidden and kept fields of each access */
static const char *write_permit(const apid_permit_t *permit)
{
    const char *text = "";

    for (int i = 0; i < APID_ACCESSES; i++) {
        const char *hidden = list_fields(permit, i, apid_permit_hides);
        const char *kept = list_fields(permit, i, apid_permit_keeps);

        if (permit->granted & 1u << i)
            text = apr_pstrcat(pool, text, *text ? ", " : "",
                               apid_access_word(i),
                               permit->all & 1u << i ? "" : " own",
                               *hidden ? " -" : "", hidden,
                               *kept ? " =" : "", kept, NULL);
    }
    return text;
}

static void test_sums(void)
{
    /* clang-format off */
    static const struct {
        const char *groups[4];
        const char *sum, *name;
    } cases[] = {
        {{NULL}, "", "who is in no group may nothing"},
        {{"Other crud", NULL}, "", "nor may who has another module's right"},
        {{"M r", NULL}, "read", "what one group gives"},
        {{"M r", "M u", NULL}, "read, update", "groups add up"},
        {{"* crud", NULL}, "create, read, update, delete", "every module"},
        {{"* crud; M r", NULL}, "read",
         "a right of the module's own counts instead"},
        {{"* crud; M r", "* d", NULL}, "read, delete",
         "in that group only"},
        {{"* crud; M ", NULL}, "", "it may be none"},
        {{"M r own", NULL}, "read own", "own records"},
        {{"M r own", "M r", NULL}, "read", "all, if one group says all"},
        {{"M ru own", "M r", NULL}, "read, update own",
         "of that operation only"},
        {{"M r -a,b", NULL}, "read -ab =ab", "hidden fields are kept too"},
        {{"M r -a,b", "M r -b,c", NULL}, "read -b =b",
         "a field is hidden if all groups hide it"},
        {{"M r -a", "M r", NULL}, "read", "not if one does not"},
        {{"M r -a", "M u", NULL}, "read -a =a, update",
         "a group that does not grant the operation does not count"},
        {{"M u =a,b", "M u =b", "M u =b,c", NULL}, "update =b",
         "read-only fields likewise"},
        {{"M u -a", "M u =a", NULL}, "update =a",
         "hidden by one and read-only by the other: nobody lets it be "
         "written"},
        {{"M r -a", "* r -b", NULL}, "read",
         "a right in all modules adds up with one in this"},
    };
    /* clang-format on */

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        is(write_permit(apid_rights_permit(add_up(cases[i].groups), "M")),
           cases[i].sum, cases[i].name);
    is(write_permit(apid_rights_permit(NULL, "M")), "", "no rights at all");
    is(write_permit(apid_rights_permit(apid_rights_whole(), "M")),
       "create, read, update, delete", "an admin");
}

static int is_whole(const char *group, unsigned accesses)
{
    const char *const groups[] = {group, NULL};

    return apid_permit_whole(apid_rights_permit(add_up(groups), "M"),
                             accesses);
}

static void test_whole(void)
{
    unsigned read = 1u << APID_ACCESS_READ, update = 1u << APID_ACCESS_UPDATE;

    ok(is_whole("M r", read), "reading all");
    ok(!is_whole("M r", read | update), "not what is not granted");
    ok(!is_whole("M r own", read), "nor own records");
    ok(!is_whole("M r -a", read), "nor with a hidden field");
    ok(is_whole("M ru =a", read), "a read-only field is no matter to reading");
    ok(!is_whole("M ru =a", update), "but to writing");
}

static void test_words(void)
{
    is(apid_access_word(APID_ACCESS_DELETE), "delete", "a word");
    is_int(apid_access_parse("update"), APID_ACCESS_UPDATE, "and back");
    is_int(apid_access_parse("upsert"), APID_ACCESSES, "no such word");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_sums();
    test_whole();
    test_words();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
