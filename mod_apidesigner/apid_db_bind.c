/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_db_bind: values to the parameters of a prepared statement, in the
 * binary type of their class, without copies of texts. What does not fit into
 * the server's packet is refused here, unsent.
 */
#include "apid_db_parts.h"

#include <apr_strings.h>

#include <errmsg.h>
#include <mysqld_error.h>

#define EXECUTE_OVERHEAD 1024 /* bytes of an execute besides the values */

static void bind_time(MYSQL_BIND *bind, MYSQL_TIME *time, const apid_time_t *t)
{
    static const enum enum_field_types types[] = {
        [APID_TIME_DATE] = MYSQL_TYPE_DATE,
        [APID_TIME_DATETIME] = MYSQL_TYPE_DATETIME,
        [APID_TIME_CLOCK] = MYSQL_TYPE_TIME
    };
    /* Hours travel as one byte. */
    int days = t->kind == APID_TIME_CLOCK ? t->hour / 24 : t->day;

    memset(time, 0, sizeof(*time));
    time->year = (unsigned int)t->year;
    time->month = (unsigned int)t->month;
    time->day = (unsigned int)days;
    time->hour = (unsigned int)(t->hour % 24);
    time->minute = (unsigned int)t->minute;
    time->second = (unsigned int)t->second;
    time->second_part = (unsigned long)t->micro;
    time->neg = t->negative != 0;
    bind->buffer_type = types[t->kind];
    bind->buffer = time;
}

static void bind_bytes(MYSQL_BIND *bind, const apid_value_t *value)
{
    bind->buffer_type =
        value->cls == APID_TEXT ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
    bind->buffer = (void *)value->text;
    bind->buffer_length = value->len;
}

static void bind_number(MYSQL_BIND *bind, apid_slot_t *slot,
                        const apid_value_t *value)
{
    bind->buffer = (void *)&value->u;
    bind->is_unsigned = value->cls == APID_UINT;
    bind->buffer_type = MYSQL_TYPE_LONGLONG;
    if (value->cls == APID_DOUBLE)
        bind->buffer_type = MYSQL_TYPE_DOUBLE;
    if (value->cls == APID_FLOAT) {
        slot->number = (float)value->u.d;
        bind->buffer_type = MYSQL_TYPE_FLOAT;
        bind->buffer = &slot->number;
    }
}

/* Gives the bytes it adds to the packet, beyond those of fixed size. */
static apr_size_t bind_value(MYSQL_BIND *bind, apid_slot_t *slot,
                             const apid_value_t *value)
{
    switch (value->cls) {
    case APID_NULL:
        bind->buffer_type = MYSQL_TYPE_NULL;
        return 0;
    case APID_TEXT:
    case APID_BYTES:
        bind_bytes(bind, value);
        return value->len;
    case APID_TIME:
        bind_time(bind, &slot->time, &value->u.t);
        return 0;
    default:
        bind_number(bind, slot, value);
        return 0;
    }
}

static int count_binds(const apid_stmt_t *stmts, int n)
{
    int i, nbinds = 0;

    for (i = 0; i < n; i++)
        nbinds += stmts[i].nbinds;
    return nbinds;
}

static apid_err_t *check_size(apid_lease_t *lease, int nbinds, apr_size_t size)
{
    size += EXECUTE_OVERHEAD + sizeof(MYSQL_TIME) * (apr_size_t)nbinds;
    return size < lease->conn->max_packet
        ? NULL
        : apid_lease_raise(lease, CR_NET_PACKET_TOO_LARGE,
                           apr_psprintf(lease->pool, "%" APR_SIZE_T_FMT
                                        " bytes are more than "
                                        "max_allowed_packet", size));
}

/* Gives what bind_value gives, for all. */
static apr_size_t bind_each(apid_prepared_t *prepared,
                            const apid_stmt_t *stmts, int n)
{
    apr_size_t size = 0;
    int i, j, k = 0;

    memset(prepared->binds, 0,
           sizeof(*prepared->binds) * (apr_size_t)prepared->nbinds);
    for (i = 0; i < n; i++)
        for (j = 0; j < stmts[i].nbinds; j++, k++)
            size += bind_value(&prepared->binds[k], &prepared->slots[k],
                               &stmts[i].binds[j]);
    return size;
}

static int is_text(const MYSQL_BIND *bind)
{
    return bind->buffer_type == MYSQL_TYPE_STRING
        || bind->buffer_type == MYSQL_TYPE_BLOB;
}

/* Once bound, parameters of the same types need not be described again to the
 * server: only their places change. */
static int rebind(const apid_prepared_t *prepared)
{
    MYSQL_BIND *bound = prepared->stmt->params;
    const MYSQL_BIND *binds = prepared->binds;
    int i, n = prepared->nbinds;

    for (i = 0; i < n; i++)
        if (!prepared->bound || binds[i].buffer_type != bound[i].buffer_type
            || binds[i].is_unsigned != bound[i].is_unsigned)
            return 0;
    for (i = 0; i < n; i++) {
        bound[i].buffer = binds[i].buffer;
        if (is_text(&binds[i]))
            bound[i].buffer_length = binds[i].buffer_length;
    }
    return 1;
}

apid_err_t *apid_prepared_bind(apid_lease_t *lease, apid_prepared_t *prepared,
                               const apid_stmt_t *stmts, int n)
{
    apr_size_t size;

    if (count_binds(stmts, n) != prepared->nbinds)
        return apid_lease_raise(lease, ER_WRONG_ARGUMENTS, prepared->sql);
    size = bind_each(prepared, stmts, n);
    if (!rebind(prepared)
        && mysql_stmt_bind_param(prepared->stmt, prepared->binds))
        return apid_lease_raise_stmt(lease, prepared->stmt);
    prepared->bound = 1;
    return check_size(lease, prepared->nbinds, size);
}
