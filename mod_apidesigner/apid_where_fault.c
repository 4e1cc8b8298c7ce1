/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_where_fault: which condition an error of the database is about. Of a
 * character that a column's set lacks servers tell the collation at most; the
 * condition is known if no other was sent such a character.
 */
#include "apid_where.h"

/** The least first byte, in UTF-8, of characters that a set lacks. */
static const struct {
    const char *collation; /* how names of its collations begin */
    unsigned char byte;
} LACKING[] = {
    {"ascii_", 0x80}, {"latin1_", 0xc4}, {"utf8_", 0xf0}, {"utf8mb3_", 0xf0}
};

#define BEYOND_ASCII 0x80

int apid_where_lacking(const char *collation)
{
    apr_size_t i;

    for (i = 0; i < sizeof(LACKING) / sizeof(LACKING[0]); i++)
        if (!strncmp(collation, LACKING[i].collation,
                     strlen(LACKING[i].collation)))
            return LACKING[i].byte;
    return APID_NO_BYTE;
}

int apid_where_has_byte(const char *text, apr_size_t len, int least)
{
    apr_size_t i;

    for (i = 0; i < len; i++)
        if ((unsigned char)text[i] >= least)
            return 1;
    return 0;
}

static int arg_has_byte(const apid_arg_t *arg, int least)
{
    const apid_arg_t *item;

    if (!arg)
        return 0;
    if (arg->kind == APID_ARG_TEXT)
        return apid_where_has_byte(arg->text, arg->len, least);
    for (item = arg->items; item; item = item->next)
        if (arg_has_byte(item, least))
            return 1;
    return 0;
}

/** Conditions that were sent such a character: the name of their parameter,
 * and how many names there are. */
typedef struct suspects_t {
    const apid_scope_t *scope;
    apr_pool_t *pool;
    int least;
    const char *param;
    int n;
} suspects_t;

static void find_suspects(suspects_t *s, const apid_cond_t *group)
{
    const apid_cond_t *cond;

    for (cond = group ? group->first : NULL; cond; cond = cond->next) {
        if (cond->first)
            find_suspects(s, cond);
        else if (cond->field->domain.cls == APID_TEXT
                 && (!s->n || strcmp(s->param, cond->param))
                 && arg_has_byte(apid_where_arg(s->scope, &cond->binding,
                                                s->pool), s->least)) {
            s->param = cond->param;
            s->n++;
        }
    }
}

apid_err_t *apid_where_fault(apid_err_t *err, const apid_plan_t *plan,
                             const apid_scope_t *scope, apr_pool_t *pool)
{
    suspects_t s = {scope, pool, APID_NO_BYTE, NULL, 0};

    if (!err || err->kind != APID_ERR_INVALID_VALUE || err->field)
        return err;
    if (err->object)
        s.least = apid_where_lacking(err->object);
    if (s.least == APID_NO_BYTE)
        s.least = BEYOND_ASCII;
    find_suspects(&s, plan->where);
    return s.n == 1 ? apid_err_field(err, s.param) : err;
}
