/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_db_rows: rows are decoded from the binary protocol where they lie in
 * the network buffer: nothing is copied or allocated per row, unless they
 * must be held until the outcome of all statements is known.
 */
#include "apid_db_parts.h"

#include <apr_strings.h>

#define DRAIN_MAX 128 /* unread rows it pays to read to keep a connection */
#define BINARY_CHARSET 63

/* Decoding: see "Binary Protocol Resultset Row" of the client/server
 * protocol. Numbers are little-endian. */

static apr_uint64_t take_number(unsigned char **at, int bytes)
{
    apr_uint64_t number = 0;
    int i;

    for (i = 0; i < bytes; i++)
        number |= (apr_uint64_t)(*at)[i] << (8 * i);
    *at += bytes;
    return number;
}

static apr_size_t take_length(unsigned char **at)
{
    unsigned char first = *(*at)++;

    switch (first) {
    case 0xfc:
        return take_number(at, 2);
    case 0xfd:
        return take_number(at, 3);
    case 0xfe:
        return take_number(at, 8);
    default:
        return first;
    }
}

static void take_integer(apid_value_t *value, const MYSQL_FIELD *field,
                         int bytes, unsigned char **at)
{
    apr_uint64_t number = take_number(at, bytes);
    int unused = 64 - 8 * bytes;

    if (field->flags & UNSIGNED_FLAG) {
        value->cls = APID_UINT;
        value->u.u = number;
        return;
    }
    value->cls = APID_INT;
    value->u.i = (apr_int64_t)(number << unused) >> unused;
}

static void take_float(apid_value_t *value, unsigned char **at)
{
    float number;

    memcpy(&number, *at, sizeof(number));
    *at += sizeof(number);
    value->cls = APID_FLOAT;
    value->u.d = number;
}

static void take_double(apid_value_t *value, unsigned char **at)
{
    value->cls = APID_DOUBLE;
    memcpy(&value->u.d, *at, sizeof(value->u.d));
    *at += sizeof(value->u.d);
}

/* Parts that are zero at the end are not sent. */
static int take_part(unsigned char **at, const unsigned char *end, int bytes)
{
    return *at < end ? (int)take_number(at, bytes) : 0;
}

static void take_date(apid_value_t *value, apid_time_e kind,
                      unsigned char **at)
{
    apid_time_t *t = &value->u.t;
    unsigned char *end = *at + 1 + **at;

    (*at)++;
    value->cls = APID_TIME;
    memset(t, 0, sizeof(*t));
    t->kind = kind;
    t->year = take_part(at, end, 2);
    t->month = take_part(at, end, 1);
    t->day = take_part(at, end, 1);
    t->hour = take_part(at, end, 1);
    t->minute = take_part(at, end, 1);
    t->second = take_part(at, end, 1);
    t->micro = take_part(at, end, 4);
}

static void take_clock(apid_value_t *value, unsigned char **at)
{
    apid_time_t *t = &value->u.t;
    unsigned char *end = *at + 1 + **at;
    int days;

    (*at)++;
    value->cls = APID_TIME;
    memset(t, 0, sizeof(*t));
    t->kind = APID_TIME_CLOCK;
    t->negative = take_part(at, end, 1);
    days = take_part(at, end, 4);
    t->hour = 24 * days + take_part(at, end, 1);
    t->minute = take_part(at, end, 1);
    t->second = take_part(at, end, 1);
    t->micro = take_part(at, end, 4);
}

/* Most significant byte first, unlike all else. */
static void take_bits(apid_value_t *value, unsigned char **at)
{
    apr_size_t len = take_length(at);

    value->cls = APID_UINT;
    for (value->u.u = 0; len > 0; len--)
        value->u.u = value->u.u << 8 | *(*at)++;
}

static void take_text(apid_value_t *value, apid_class_e cls,
                      unsigned char **at)
{
    value->cls = cls;
    value->u.u = 0;
    value->len = take_length(at);
    value->text = (const char *)*at;
    *at += value->len;
}

static apid_class_e class_of(const MYSQL_FIELD *field)
{
    return field->charsetnr == BINARY_CHARSET ? APID_BYTES : APID_TEXT;
}

static void take_value(apid_value_t *value, const MYSQL_FIELD *field,
                       unsigned char **at)
{
    switch (field->type) {
    case MYSQL_TYPE_TINY:
        take_integer(value, field, 1, at);
        return;
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_YEAR:
        take_integer(value, field, 2, at);
        return;
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
        take_integer(value, field, 4, at);
        return;
    case MYSQL_TYPE_LONGLONG:
        take_integer(value, field, 8, at);
        return;
    case MYSQL_TYPE_FLOAT:
        take_float(value, at);
        return;
    case MYSQL_TYPE_DOUBLE:
        take_double(value, at);
        return;
    case MYSQL_TYPE_DATE:
        take_date(value, APID_TIME_DATE, at);
        return;
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP:
        take_date(value, APID_TIME_DATETIME, at);
        return;
    case MYSQL_TYPE_TIME:
        take_clock(value, at);
        return;
    case MYSQL_TYPE_BIT:
        take_bits(value, at);
        return;
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
    case MYSQL_TYPE_JSON:
        take_text(value, APID_TEXT, at);
        return;
    default:
        take_text(value, class_of(field), at);
        value->u.u = (field->flags & (ENUM_FLAG | SET_FLAG)) != 0;
        return;
    }
}

static void take_column(void *data, unsigned int column, unsigned char **row)
{
    apid_prepared_t *prepared = data;
    apid_value_t *value = &prepared->row[column];

    if (row)
        take_value(value, &prepared->stmt->fields[column], row);
    else
        value->cls = APID_NULL;
}

/* The byte after a text is the next column's first, which has been read by
 * now, or the client library's own NUL after the packet. */
static void end_texts(apid_prepared_t *prepared, int ncolumns)
{
    apid_value_t *value = prepared->row;
    int i;

    for (i = 0; i < ncolumns; i++, value++)
        if (value->cls == APID_TEXT || value->cls == APID_BYTES)
            ((char *)value->text)[value->len] = '\0';
}

static void make_room(apid_prepared_t *prepared, int ncolumns)
{
    if (ncolumns <= prepared->nvalues)
        return;
    prepared->row = apr_pcalloc(prepared->pool, sizeof(*prepared->row)
                                                    * (apr_size_t)ncolumns);
    prepared->nvalues = ncolumns;
}

static void hold_names(apid_rows_t *rows, const apid_prepared_t *prepared)
{
    int i, n = apid_prepared_columns(prepared);

    rows->ncolumns = n;
    rows->names = apr_palloc(rows->lease->pool,
                             sizeof(*rows->names) * (apr_size_t)n);
    for (i = 0; i < n; i++)
        rows->names[i] = apr_pstrdup(rows->lease->pool,
                                     prepared->stmt->fields[i].name);
}

static apid_value_t *copy_row(const apid_value_t *row, int ncolumns,
                              apr_pool_t *pool)
{
    apid_value_t *copy = apr_pmemdup(
        pool, row, sizeof(*row) * (apr_size_t)ncolumns);
    int i;

    for (i = 0; i < ncolumns; i++)
        if (copy[i].cls == APID_TEXT || copy[i].cls == APID_BYTES)
            copy[i].text = apr_pmemdup(pool, row[i].text, row[i].len + 1);
    return copy;
}

/* Reads what is left of the rows. In a transaction there is no other way to
 * go on; outside, many rows cost more than a new connection. */
static int drain(const apid_lease_t *lease)
{
    MYSQL_STMT *stmt = lease->rows.prepared->stmt;
    int i, rc = 0;

    for (i = 0; i < DRAIN_MAX || lease->conn->in_transaction; i++)
        if ((rc = mysql_stmt_fetch(stmt)) != 0)
            break;
    return rc == MYSQL_NO_DATA;
}

static const apid_value_t *next_held(apid_rows_t *rows)
{
    return rows->next < rows->held->nelts
        ? APR_ARRAY_IDX(rows->held, rows->next++, apid_value_t *)
        : NULL;
}

int apid_prepared_columns(const apid_prepared_t *prepared)
{
    return (int)mysql_stmt_field_count(prepared->stmt);
}

void apid_prepared_decode(apid_prepared_t *prepared)
{
    mysql_stmt_attr_set(prepared->stmt, STMT_ATTR_CB_USER_DATA, prepared);
    mysql_stmt_attr_set(prepared->stmt, STMT_ATTR_CB_RESULT,
                        (void *)take_column);
}

/* A row of an executed statement; *row is NULL after the last. */
static apid_err_t *fetch_row(const apid_value_t **row, apid_lease_t *lease,
                             apid_prepared_t *prepared)
{
    int rc, ncolumns = apid_prepared_columns(prepared);

    *row = NULL;
    make_room(prepared, ncolumns);
    rc = mysql_stmt_fetch(prepared->stmt);
    if (rc == MYSQL_NO_DATA)
        return NULL;
    if (rc)
        return apid_lease_raise_stmt(lease, prepared->stmt);
    end_texts(prepared, ncolumns);
    *row = prepared->row;
    return NULL;
}

apid_err_t *apid_lease_stream_rows(apid_lease_t *lease,
                                   apid_prepared_t *prepared)
{
    apid_rows_t *rows = &lease->rows;
    apid_err_t *err = fetch_row(&rows->first, lease, prepared);

    if (err)
        return err;
    rows->prepared = prepared;
    rows->open = rows->first != NULL;
    rows->ncolumns = apid_prepared_columns(prepared);
    return NULL;
}

apid_err_t *apid_lease_hold_rows(apid_lease_t *lease,
                                 apid_prepared_t *prepared)
{
    apid_rows_t *rows = &lease->rows;
    const apid_value_t *row;
    apid_err_t *err;

    hold_names(rows, prepared);
    rows->held = apr_array_make(lease->pool, 1, sizeof(apid_value_t *));
    for (;;) {
        err = fetch_row(&row, lease, prepared);
        if (err || !row)
            return err;
        APR_ARRAY_PUSH(rows->held, apid_value_t *) =
            copy_row(row, rows->ncolumns, lease->pool);
    }
}

void apid_lease_drop_rows(apid_lease_t *lease)
{
    if (lease->conn && lease->rows.open && !drain(lease)) {
        lease->fate = APID_FATE_DROP;
        apid_lease_drop(lease);
    }
    memset(&lease->rows, 0, sizeof(lease->rows));
    lease->rows.lease = lease;
}

apid_err_t *apid_db_next(const apid_value_t **row, apid_rows_t *rows)
{
    apid_err_t *err;

    *row = rows->first;
    rows->first = NULL;
    if (*row)
        return NULL;
    if (rows->held)
        *row = next_held(rows);
    if (!rows->open)
        return NULL;
    err = fetch_row(row, rows->lease, rows->prepared);
    rows->open = *row != NULL;
    if (err)
        apid_lease_abandon(rows->lease);
    return err;
}

int apid_db_columns(const apid_rows_t *rows)
{
    return rows->ncolumns;
}

const char *apid_db_column_name(const apid_rows_t *rows, int column)
{
    return rows->held ? rows->names[column]
                      : rows->prepared->stmt->fields[column].name;
}
