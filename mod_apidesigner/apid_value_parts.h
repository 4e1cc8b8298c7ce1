/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_value_parts: what the files of apid_value share: a parser per type,
 * writers of numbers and times, the order of decimals. Nobody else includes
 * it.
 */
#ifndef APID_VALUE_PARTS_H
#define APID_VALUE_PARTS_H

#include "apid_value.h"

/** Parses an argument that is neither null, nor empty where that means NULL,
 * nor a list where the type has none. Range and pattern are checked by the
 * caller. */
typedef apid_err_t *apid_value_parser_t(apid_value_t *value,
                                        const apid_domain_t *domain,
                                        const apid_arg_t *arg,
                                        apr_pool_t *pool);

/* apid_value_number.c */
apid_value_parser_t apid_value_parse_integer;
apid_value_parser_t apid_value_parse_boolean;
apid_value_parser_t apid_value_parse_bit;
apid_value_parser_t apid_value_parse_year;
apid_value_parser_t apid_value_parse_decimal;
apid_value_parser_t apid_value_parse_double;

/** Writes a whole number; at most 20 bytes. */
apr_size_t apid_value_format_uint(char *buffer, apr_uint64_t u);

/** As above with its sign. */
apr_size_t apid_value_format_int(char *buffer, apr_int64_t i);

/** Writes the shortest text that reads back equal, whatever the locale; cls
 * is APID_FLOAT or APID_DOUBLE. */
apr_size_t apid_value_format_real(char *buffer, double d, apid_class_e cls);

/** Whether held is given, rounded to some digit after the point. */
int apid_value_rounds(double held, double given);

/** Order of two texts that are decimal numbers: below, equal to, above 0. */
int apid_value_compare_decimal(const apid_value_t *a, const apid_value_t *b);

/* apid_value_time.c */
apid_value_parser_t apid_value_parse_date;
apid_value_parser_t apid_value_parse_datetime;
apid_value_parser_t apid_value_parse_clock;

/** Writes a time with scale digits of a second. */
apr_size_t apid_value_format_time(char *buffer, const apid_time_t *time,
                                  int scale, apid_style_e style);

/** Microseconds of a time on a scale of its own: good for comparing only. */
apr_int64_t apid_value_order_time(const apid_time_t *time);

/* apid_value_text.c */
apid_value_parser_t apid_value_parse_plain; /* STRING, TEXT */
apid_value_parser_t apid_value_parse_email;
apid_value_parser_t apid_value_parse_url;
apid_value_parser_t apid_value_parse_phone;
apid_value_parser_t apid_value_parse_uuid;
apid_value_parser_t apid_value_parse_binary;
apid_value_parser_t apid_value_parse_id; /* REFERENCE and OWNER too */

/* apid_value_list.c: what may be more than one value */
apid_value_parser_t apid_value_parse_picklist;
apid_value_parser_t apid_value_parse_multipicklist;
apid_value_parser_t apid_value_parse_json;

/** Joins what a SET column holds, joined by ',', as callers know it. */
void apid_value_join_set(apid_arg_t *arg, apr_pool_t *pool);

/** Whether two texts say the same as JSON: members in any order, numbers as
 * decimals. What cannot be read, having a key twice, is the same as nothing. */
int apid_value_same_json(const apid_value_t *a, const apid_value_t *b,
                         apr_pool_t *pool);

/** INVALID_VALUE "must be " and the words of the domain's type. */
APID_CHECKED apid_err_t *apid_value_refuse(const apid_domain_t *domain,
                                           apr_pool_t *pool);

/** Whether two texts differ but in case, in blanks at the end, or in how they
 * spell an address of IPv6. */
int apid_value_spelled_alike(const apid_value_t *a, const apid_value_t *b);

/** Makes value the text, if it is not longer than the domain allows. */
APID_CHECKED apid_err_t *apid_value_hold_text(apid_value_t *value,
                                              const apid_domain_t *domain,
                                              const char *text,
                                              apr_size_t len,
                                              apr_pool_t *pool);

#endif
