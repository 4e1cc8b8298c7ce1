/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_value_time: dates, date-times and times of day from text and to text.
 * What is parsed is a day that exists (no zero dates, no 30 February, no leap
 * second), in UTC, and no digit of a second is ever dropped.
 */
#include "apid_value_parts.h"

#include <string.h>

#define DAY_MINUTES (24 * 60)
#define MAX_HOURS 838 /* of a TIME, on either side of 0 */

typedef struct scan_t {
    const char *at;
    const char *end;
} scan_t;

static const int month_days[] = {31, 28, 31, 30, 31, 30,
                                 31, 31, 30, 31, 30, 31};

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int take(scan_t *in, char c)
{
    if (in->at == in->end || *in->at != c) {
        return 0;
    }
    in->at++;
    return 1;
}

/* From min to max digits, as many as there are. */
static int take_digits(scan_t *in, int *number, int min, int max)
{
    int n = 0;

    *number = 0;
    while (n < max && in->at < in->end && is_digit(*in->at)) {
        *number = *number * 10 + (*in->at++ - '0');
        n++;
    }
    return n >= min;
}

static int days_of(int year, int month)
{
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month_days[month - 1] + (month == 2 && leap);
}

static int is_day(const apid_time_t *time)
{
    return time->year >= 1 && time->year <= 9999 && time->month >= 1
           && time->month <= 12 && time->day >= 1
           && time->day <= days_of(time->year, time->month);
}

static int take_date(scan_t *in, apid_time_t *time)
{
    return take_digits(in, &time->year, 4, 4) && take(in, '-')
           && take_digits(in, &time->month, 2, 2) && take(in, '-')
           && take_digits(in, &time->day, 2, 2) && is_day(time);
}

/* ":mm:ss" */
static int take_minutes(scan_t *in, apid_time_t *time)
{
    return take(in, ':') && take_digits(in, &time->minute, 2, 2)
           && take(in, ':') && take_digits(in, &time->second, 2, 2)
           && time->minute <= 59 && time->second <= 59;
}

/* ".ffffff" or nothing; *places becomes how many digits it needs. */
static int take_fraction(scan_t *in, apid_time_t *time, int *places)
{
    int unit = 100000, n = 0;

    if (!take(in, '.')) {
        return 1;
    }
    for (; in->at < in->end && is_digit(*in->at); in->at++) {
        n++;
        time->micro += (*in->at - '0') * unit;
        unit /= 10;
        if (*in->at != '0') {
            *places = n;
        }
    }
    return n > 0;
}

/* "Z", "+hh:mm", "-hh:mm" or nothing; in minutes east of UTC. */
static int take_offset(scan_t *in, int *offset)
{
    int west, hours, minutes;

    *offset = 0;
    if (in->at == in->end || take(in, 'Z') || take(in, 'z')) {
        return 1;
    }
    west = take(in, '-');
    if ((!west && !take(in, '+')) || !take_digits(in, &hours, 2, 2)
        || !take(in, ':') || !take_digits(in, &minutes, 2, 2) || hours > 23
        || minutes > 59) {
        return 0;
    }
    *offset = (hours * 60 + minutes) * (west ? -1 : 1);
    return 1;
}

static void step_back(apid_time_t *time)
{
    if (--time->day > 0) {
        return;
    }
    if (--time->month == 0) {
        time->month = 12;
        time->year--;
    }
    time->day = days_of(time->year, time->month);
}

static void step_forward(apid_time_t *time)
{
    if (++time->day <= days_of(time->year, time->month)) {
        return;
    }
    time->day = 1;
    if (++time->month > 12) {
        time->month = 1;
        time->year++;
    }
}

static void shift_to_utc(apid_time_t *time, int offset)
{
    int minutes = time->hour * 60 + time->minute - offset;

    if (minutes < 0) {
        minutes += DAY_MINUTES;
        step_back(time);
    }
    else if (minutes >= DAY_MINUTES) {
        minutes -= DAY_MINUTES;
        step_forward(time);
    }
    time->hour = minutes / 60;
    time->minute = minutes % 60;
}

/* A date alone is its midnight. */
static int take_datetime(scan_t *in, apid_time_t *time, int *places)
{
    int offset;

    *places = 0;
    if (!take_date(in, time)) {
        return 0;
    }
    if (in->at == in->end) {
        return 1;
    }
    if (!(take(in, ' ') || take(in, 'T') || take(in, 't'))
        || !take_digits(in, &time->hour, 2, 2) || time->hour > 23
        || !take_minutes(in, time) || !take_fraction(in, time, places)
        || !take_offset(in, &offset)) {
        return 0;
    }
    shift_to_utc(time, offset);
    return in->at == in->end && is_day(time);
}

static int take_clock(scan_t *in, apid_time_t *time, int *places)
{
    time->negative = take(in, '-');
    return take_digits(in, &time->hour, 1, 3) && take_minutes(in, time)
           && take_fraction(in, time, places) && in->at == in->end;
}

static apid_err_t *check_places(int places, const apid_domain_t *domain,
                                apr_pool_t *pool)
{
    if (places <= domain->scale) {
        return NULL;
    }
    if (domain->scale <= 0) {
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "must be in whole seconds");
    }
    return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                          "may have at most %d digit%s after the second",
                          domain->scale, domain->scale == 1 ? "" : "s");
}

static void open_time(apid_value_t *value, apid_time_e kind)
{
    memset(value, 0, sizeof *value);
    value->cls = APID_TIME;
    value->u.t.kind = kind;
}

static char *write_two(char *at, int n)
{
    *at++ = (char)('0' + n / 10 % 10);
    *at++ = (char)('0' + n % 10);
    return at;
}

static char *write_date(char *at, const apid_time_t *time)
{
    at = write_two(at, time->year / 100);
    at = write_two(at, time->year % 100);
    *at++ = '-';
    at = write_two(at, time->month);
    *at++ = '-';
    return write_two(at, time->day);
}

static char *write_clock(char *at, const apid_time_t *time, int scale)
{
    if (time->negative) {
        *at++ = '-';
    }
    if (time->hour > 99) {
        *at++ = (char)('0' + time->hour / 100 % 10);
    }
    at = write_two(at, time->hour);
    *at++ = ':';
    at = write_two(at, time->minute);
    *at++ = ':';
    at = write_two(at, time->second);
    if (scale > 0) {
        *at++ = '.';
    }
    for (int i = 0, unit = 100000; i < scale && i < 6; i++, unit /= 10) {
        *at++ = (char)('0' + time->micro / unit % 10);
    }
    return at;
}

apid_err_t *apid_value_parse_date(apid_value_t *value,
                                  const apid_domain_t *domain,
                                  const apid_arg_t *arg, apr_pool_t *pool)
{
    scan_t in = {arg->text, arg->text + arg->len};

    open_time(value, APID_TIME_DATE);
    if (!take_date(&in, &value->u.t) || in.at != in.end) {
        return apid_value_refuse(domain, pool);
    }
    return NULL;
}

apid_err_t *apid_value_parse_datetime(apid_value_t *value,
                                      const apid_domain_t *domain,
                                      const apid_arg_t *arg, apr_pool_t *pool)
{
    scan_t in = {arg->text, arg->text + arg->len};
    int places;

    open_time(value, APID_TIME_DATETIME);
    if (!take_datetime(&in, &value->u.t, &places)) {
        return apid_err_raise(
            pool, APID_ERR_INVALID_VALUE,
            "must be a date and time yyyy-mm-dd hh:mm:ss");
    }
    return check_places(places, domain, pool);
}

apid_err_t *apid_value_parse_clock(apid_value_t *value,
                                   const apid_domain_t *domain,
                                   const apid_arg_t *arg, apr_pool_t *pool)
{
    scan_t in = {arg->text, arg->text + arg->len};
    apid_time_t *time = &value->u.t;
    int places = 0;

    open_time(value, APID_TIME_CLOCK);
    if (!take_clock(&in, time, &places)) {
        return apid_value_refuse(domain, pool);
    }
    if (time->hour > MAX_HOURS) {
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "must be between -%d:59:59 and %d:59:59",
                              MAX_HOURS, MAX_HOURS);
    }
    time->negative = apid_value_order_time(time) != 0 && time->negative;
    return check_places(places, domain, pool);
}

apr_size_t apid_value_format_time(char *buffer, const apid_time_t *time,
                                  int scale, apid_style_e style)
{
    char *at = buffer;

    if (time->kind == APID_TIME_CLOCK) {
        return (apr_size_t)(write_clock(at, time, scale) - buffer);
    }
    at = write_date(at, time);
    if (time->kind == APID_TIME_DATETIME) {
        *at++ = style == APID_STYLE_RFC3339 ? 'T' : ' ';
        at = write_clock(at, time, scale);
        if (style == APID_STYLE_RFC3339) {
            *at++ = 'Z';
        }
    }
    return (apr_size_t)(at - buffer);
}

apr_int64_t apid_value_order_time(const apid_time_t *time)
{
    apr_int64_t days = (time->year * 13 + time->month) * 32 + time->day;
    apr_int64_t hours = days * 24 + time->hour;
    apr_int64_t seconds = (hours * 60 + time->minute) * 60 + time->second;
    apr_int64_t all = seconds * 1000000 + time->micro;

    return time->negative ? -all : all;
}

apid_value_t apid_value_now(apid_time_e kind, apr_time_t now)
{
    apid_value_t value;
    apr_time_exp_t parts;

    apr_time_exp_gmt(&parts, now);
    open_time(&value, kind);
    value.u.t.year = parts.tm_year + 1900;
    value.u.t.month = parts.tm_mon + 1;
    value.u.t.day = parts.tm_mday;
    if (kind == APID_TIME_DATETIME) {
        value.u.t.hour = parts.tm_hour;
        value.u.t.minute = parts.tm_min;
        value.u.t.second = parts.tm_sec;
        value.u.t.micro = parts.tm_usec;
    }
    return value;
}
