/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_value_number: whole numbers, decimals, floating point numbers and
 * booleans to values and back. Whole numbers and decimals never pass through
 * a double, and no locale changes how a number is read or written.
 */
#include "apid_value_parts.h"

#include <apr_strings.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DIGITS 65 /* of a DECIMAL, on either side of its point */
#define MAX_EXPONENT 100000
#define NPOWERS ((int)(sizeof powers / sizeof *powers))

/* A decimal number as written: sign, whole, '.', frac, 'e', exponent. Its
 * digits are those of whole and frac in a row; `first` is the place of the
 * first that is not 0, `end` the place after the last such, `point` the place
 * the point stands before once the exponent is applied. */
typedef struct decimal_t {
    int negative;
    const char *whole, *frac;
    long nwhole, nfrac;
    long first, end, point;
} decimal_t;

typedef struct integer_t {
    int negative;
    apr_uint64_t size;
} integer_t;

typedef struct word_t {
    const char *text;
    int truth;
} word_t;

/* clang-format off */
static const word_t truths[] = {
    {"true", 1}, {"1", 1}, {"yes", 1}, {"on", 1},
    {"false", 0}, {"0", 0}, {"no", 0}, {"off", 0}
};

static const char pairs[] =
    "00010203040506070809101112131415161718192021222324"
    "25262728293031323334353637383940414243444546474849"
    "50515253545556575859606162636465666768697071727374"
    "75767778798081828384858687888990919293949596979899";

static const double powers[] = { /* a double holds each exactly */
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13,
    1e14, 1e15, 1e16, 1e17, 1e18, 1e19
};
/* clang-format on */

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static long count_digits(const char *text, const char *end)
{
    long n = 0;

    while (text + n < end && is_digit(text[n])) {
        n++;
    }
    return n;
}

/* Gives what comes after a sign. */
static const char *scan_sign(int *negative, const char *text, const char *end)
{
    *negative = text < end && *text == '-';
    return text + (text < end && (*text == '-' || *text == '+'));
}

static char digit_at(const decimal_t *d, long place)
{
    if (place < 0 || place >= d->nwhole + d->nfrac) {
        return '0';
    }
    return place < d->nwhole ? d->whole[place] : d->frac[place - d->nwhole];
}

static void find_significant(decimal_t *d)
{
    d->first = 0;
    d->end = d->nwhole + d->nfrac;
    while (d->first < d->end && digit_at(d, d->first) == '0') {
        d->first++;
    }
    while (d->end > d->first && digit_at(d, d->end - 1) == '0') {
        d->end--;
    }
}

static int is_zero(const decimal_t *d)
{
    return d->first == d->end;
}

static int sign_of(const decimal_t *d)
{
    if (is_zero(d)) {
        return 0;
    }
    return d->negative ? -1 : 1;
}

/* Gives what comes after the exponent, or NULL if it is none. */
static const char *scan_exponent(decimal_t *d, const char *text,
                                 const char *end)
{
    int negative;
    long exponent = 0;

    if (text == end || (*text != 'e' && *text != 'E')) {
        return text;
    }
    text = scan_sign(&negative, text + 1, end);
    long n = count_digits(text, end);
    for (long i = 0; i < n && exponent < MAX_EXPONENT; i++) {
        exponent = exponent * 10 + (text[i] - '0');
    }
    d->point += negative ? -exponent : exponent;
    return n ? text + n : NULL;
}

static int scan_decimal(decimal_t *d, const char *text, apr_size_t len)
{
    const char *end = text + len;

    d->whole = scan_sign(&d->negative, text, end);
    d->nwhole = d->point = count_digits(d->whole, end);
    text = d->whole + d->nwhole;
    int pointed = text < end && *text == '.';
    d->frac = text + pointed;
    d->nfrac = pointed ? count_digits(d->frac, end) : 0;
    if (d->nwhole + d->nfrac == 0) {
        return 0;
    }
    text = scan_exponent(d, d->frac + d->nfrac, end);
    find_significant(d);
    if (is_zero(d)) { /* "0e99" has no more digits than "0" */
        d->point = d->first = d->end = d->nwhole;
    }
    return text == end;
}

static apid_err_t *refuse_digits(apr_pool_t *pool, int n, const char *side)
{
    if (n == 0 && *side == 'a') {
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "must be a whole number");
    }
    return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                          "may have at most %d digit%s %s the point", n,
                          n == 1 ? "" : "s", side);
}

static apid_err_t *refuse_negative(apr_pool_t *pool)
{
    return apid_err_raise(pool, APID_ERR_INVALID_VALUE, "must be at least 0");
}

static long larger(long a, long b)
{
    return a > b ? a : b;
}

static char *write_digits(char *at, const decimal_t *d, long from, long to)
{
    for (long i = from; i < to; i++) {
        *at++ = digit_at(d, i);
    }
    return at;
}

/* keep: digits after the point */
static void write_decimal(apid_value_t *value, const decimal_t *d, long keep,
                          apr_pool_t *pool)
{
    long whole = larger(d->point - d->first, 0);
    char *text = apr_palloc(pool, (apr_size_t)(whole + keep) + 4);
    char *at = text;

    if (sign_of(d) < 0) {
        *at++ = '-';
    }
    if (whole == 0) {
        *at++ = '0';
    }
    at = write_digits(at, d, d->point - whole, d->point);
    if (keep > 0) {
        *at++ = '.';
    }
    at = write_digits(at, d, d->point, d->point + keep);
    *at = '\0';
    *value = apid_value_of_text(text);
}

static int order_digits(const decimal_t *a, const decimal_t *b)
{
    long wa = a->point - a->first, wb = b->point - b->first;

    if (wa != wb) {
        return wa < wb ? -1 : 1;
    }
    long n = larger(a->end - a->first, b->end - b->first);
    for (long i = 0; i < n; i++) {
        int difference = digit_at(a, a->first + i) - digit_at(b, b->first + i);
        if (difference) {
            return difference;
        }
    }
    return 0;
}

/* Digits beyond 64 bits set *fits to 0. */
static int scan_integer(integer_t *number, int *fits, const apid_arg_t *arg)
{
    const char *end = arg->text + arg->len;
    const char *text = scan_sign(&number->negative, arg->text, end);
    long n = count_digits(text, end);

    number->size = 0;
    *fits = 1;
    for (long i = 0; i < n; i++) {
        apr_uint64_t digit = (apr_uint64_t)(text[i] - '0');
        if (__builtin_mul_overflow(number->size, 10u, &number->size)
            || __builtin_add_overflow(number->size, digit, &number->size)) {
            *fits = 0;
        }
    }
    return n > 0 && text + n == end;
}

static apr_uint64_t largest(const apid_domain_t *domain, int is_unsigned)
{
    int bits = domain->bits ? domain->bits : 64;

    return UINT64_MAX >> (64 - bits + (is_unsigned ? 0 : 1));
}

static apid_err_t *refuse_range(apr_uint64_t most, int is_unsigned,
                                apr_pool_t *pool)
{
    if (is_unsigned) {
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "must be between 0 and %" APR_UINT64_T_FMT,
                              most);
    }
    return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                          "must be between -%" APR_UINT64_T_FMT
                          " and %" APR_UINT64_T_FMT,
                          most + 1, most);
}

static void hold_integer(apid_value_t *value, const apid_domain_t *domain,
                         const integer_t *number)
{
    if (domain->cls == APID_UINT || domain->is_unsigned) {
        *value = apid_value_of_uint(number->size);
        return;
    }
    *value = apid_value_of_int((apr_int64_t)(number->negative
                                                 ? 0 - number->size
                                                 : number->size));
}

static double read_double(const char *text)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    double d = strtod_l(text, NULL, c);

    freelocale(c);
    return d;
}

/* As the database reads a text for a FLOAT column: as a double first. */
static int reads_back(double got, double d, apid_class_e cls)
{
    return cls == APID_FLOAT ? (float)got == (float)d : got == d;
}

/* Above it there are more digits than a double, or a float, can tell apart. */
static double most_digits(apid_class_e cls)
{
    return cls == APID_FLOAT ? 1e9 : 1e15;
}

/* digits / 10^n; the 1 before the digits after the point keeps their leading
 * zeros, and the point takes its place */
static apr_size_t write_scaled(char *buffer, apr_uint64_t digits, int n)
{
    apr_uint64_t unit = (apr_uint64_t)powers[n];
    apr_size_t len = apid_value_format_uint(buffer, digits / unit);

    if (n > 0) {
        apr_size_t point = len;
        len += apid_value_format_uint(buffer + len, unit + digits % unit);
        buffer[point] = '.';
    }
    return len;
}

static int is_plain(double size, apid_class_e cls)
{
    return size >= 1e-4 && size < most_digits(cls);
}

/* Most numbers of a table are a few digits. digits / 10^n is correctly
 * rounded, so what reads back equal here is what strtod would read. Gives 0
 * if it takes more digits, or an exponent. */
static apr_size_t write_few_digits(char *buffer, double d, apid_class_e cls)
{
    double size = fabs(d), digits = 0;

    if (size != 0 && !is_plain(size, cls)) {
        return 0;
    }
    for (int n = 0; n < NPOWERS && digits < most_digits(cls); n++) {
        digits = rint(size * powers[n]);
        if (reads_back(digits / powers[n], size, cls)) {
            *buffer = '-';
            buffer += d < 0;
            return (d < 0) + write_scaled(buffer, (apr_uint64_t)digits, n);
        }
    }
    return 0;
}

apid_err_t *apid_value_parse_integer(apid_value_t *value,
                                     const apid_domain_t *domain,
                                     const apid_arg_t *arg, apr_pool_t *pool)
{
    int is_unsigned = domain->is_unsigned || domain->cls == APID_UINT;
    apr_uint64_t most = largest(domain, is_unsigned);
    integer_t number;
    int fits = 1;

    if (arg->kind == APID_ARG_BOOLEAN) {
        number.negative = 0;
        number.size = *arg->text == 't';
    }
    else if (!scan_integer(&number, &fits, arg)) {
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "must be a whole number");
    }
    apr_uint64_t least = is_unsigned ? 0 : most + 1;
    if (!fits || number.size > (number.negative ? least : most)) {
        return refuse_range(most, is_unsigned, pool);
    }
    hold_integer(value, domain, &number);
    return NULL;
}

apid_err_t *apid_value_parse_boolean(apid_value_t *value,
                                     const apid_domain_t *domain,
                                     const apid_arg_t *arg, apr_pool_t *pool)
{
    for (apr_size_t i = 0; i < sizeof truths / sizeof *truths; i++) {
        if (strcasecmp(arg->text, truths[i].text) == 0) {
            integer_t number = {0, (apr_uint64_t)truths[i].truth};
            if (domain->cls == APID_TEXT) { /* a column of text */
                *value = apid_value_of_text(truths[i].truth ? "1" : "0");
                return NULL;
            }
            hold_integer(value, domain, &number);
            return NULL;
        }
    }
    return apid_value_refuse(domain, pool);
}

/* One bit is answered as true or false, and taken as what it is answered. */
apid_err_t *apid_value_parse_bit(apid_value_t *value,
                                 const apid_domain_t *domain,
                                 const apid_arg_t *arg, apr_pool_t *pool)
{
    if (domain->bits == 1
        && !apid_value_parse_boolean(value, domain, arg, pool)) {
        return NULL;
    }
    return apid_value_parse_integer(value, domain, arg, pool);
}

apid_err_t *apid_value_parse_year(apid_value_t *value,
                                  const apid_domain_t *domain,
                                  const apid_arg_t *arg, apr_pool_t *pool)
{
    integer_t number;
    int fits;

    if (!scan_integer(&number, &fits, arg)) {
        return apid_value_refuse(domain, pool);
    }
    if (!fits || (number.size && number.negative)
        || (number.size && (number.size < 1901 || number.size > 2155))) {
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "must be a year between 1901 and 2155");
    }
    hold_integer(value, domain, &number);
    return NULL;
}

static apid_err_t *check_digits(const decimal_t *d,
                                const apid_domain_t *domain, apr_pool_t *pool)
{
    int before = domain->precision - domain->scale;

    if (d->end - d->point > domain->scale) {
        return refuse_digits(pool, domain->scale, "after");
    }
    return d->point - d->first > before
               ? refuse_digits(pool, before, "before") : NULL;
}

apid_err_t *apid_value_parse_decimal(apid_value_t *value,
                                     const apid_domain_t *domain,
                                     const apid_arg_t *arg, apr_pool_t *pool)
{
    static const apid_domain_t any
        = {.precision = 2 * MAX_DIGITS, .scale = MAX_DIGITS};
    const apid_domain_t *size = domain->precision ? domain : &any;
    decimal_t d;

    if (!scan_decimal(&d, arg->text, arg->len)) {
        return apid_value_refuse(domain, pool);
    }
    if (sign_of(&d) < 0 && domain->is_unsigned) {
        return refuse_negative(pool);
    }
    apid_err_t *err = check_digits(&d, size, pool);
    if (err) {
        return err;
    }
    long given = larger(d.nwhole + d.nfrac - d.point, 0);
    write_decimal(value, &d, given < size->scale ? given : size->scale,
                  pool);
    return NULL;
}

apid_err_t *apid_value_parse_double(apid_value_t *value,
                                    const apid_domain_t *domain,
                                    const apid_arg_t *arg, apr_pool_t *pool)
{
    int single = domain->scale < 0 || domain->cls == APID_FLOAT;
    decimal_t d;

    if (!scan_decimal(&d, arg->text, arg->len)) {
        return apid_value_refuse(domain, pool);
    }
    value->cls = single ? APID_FLOAT : APID_DOUBLE;
    value->u.d = read_double(arg->text);
    if (single) {
        value->u.d = (double)(float)value->u.d;
    }
    if (!isfinite(value->u.d)) {
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "must be between -%s and %s",
                              single ? "3.4e38" : "1.7e308",
                              single ? "3.4e38" : "1.7e308");
    }
    if (domain->is_unsigned && value->u.d < 0) {
        return refuse_negative(pool);
    }
    return domain->precision ? check_digits(&d, domain, pool) : NULL;
}

apr_size_t apid_value_format_uint(char *buffer, apr_uint64_t u)
{
    char digits[20];
    char *at = digits + sizeof digits;

    while (u >= 100) {
        at -= 2;
        memcpy(at, pairs + u % 100 * 2, 2);
        u /= 100;
    }
    if (u >= 10) {
        at -= 2;
        memcpy(at, pairs + u * 2, 2);
    }
    else {
        *--at = (char)('0' + u);
    }
    apr_size_t len = (apr_size_t)(digits + sizeof digits - at);
    memcpy(buffer, at, len);
    return len;
}

apr_size_t apid_value_format_int(char *buffer, apr_int64_t i)
{
    if (i >= 0) {
        return apid_value_format_uint(buffer, (apr_uint64_t)i);
    }
    *buffer = '-';
    return 1 + apid_value_format_uint(buffer + 1, 0 - (apr_uint64_t)i);
}

apr_size_t apid_value_format_real(char *buffer, double d, apid_class_e cls)
{
    int most = cls == APID_FLOAT ? 9 : 17; /* digits that always read back */
    apr_size_t len = write_few_digits(buffer, d, cls);
    if (len) {
        return len;
    }

    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = uselocale(c);
    int digits = is_plain(fabs(d), cls) ? most - 1 : most - 3;
    do {
        len = (apr_size_t)snprintf(buffer, APID_VALUE_MAX, "%.*g", digits, d);
    } while (digits++ < most && !reads_back(strtod(buffer, NULL), d, cls));
    uselocale(before);
    freelocale(c);
    return len;
}

int apid_value_rounds(double held, double given)
{
    for (int i = 0; i < NPOWERS; i++) {
        double whole = rint(held * powers[i]);
        if (fabs(held * powers[i] - whole) < 1e-3 /* a float is not exact */
            && fabs(given * powers[i] - whole) < 0.501) {
            return 1;
        }
    }
    return 0;
}

int apid_value_compare_decimal(const apid_value_t *a, const apid_value_t *b)
{
    decimal_t x, y;

    if (!scan_decimal(&x, a->text, a->len)
        || !scan_decimal(&y, b->text, b->len)) {
        return -1;
    }
    int sx = sign_of(&x), sy = sign_of(&y);
    if (sx != sy || sx == 0) {
        return sx - sy;
    }
    return sx * order_digits(&x, &y);
}
