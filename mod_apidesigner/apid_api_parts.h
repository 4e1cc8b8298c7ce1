/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_api_parts: what the files of the compiler share: the compilation of one
 * document and the draft of one operation. SQL text is made when all
 * operations are known, since a later one may ask an earlier one for a
 * further column.
 */
#ifndef APID_API_PARTS_H
#define APID_API_PARTS_H

#include "apid_api.h"

#define APID_MAX_HOPS 3 /* dots in a dotted name */

/** One operation while it is compiled. */
typedef struct apid_draft_t {
    const apid_vadl_op_t *op;
    apid_plan_t *plan;
    const apid_module_t *module;
    unsigned used;               /* tables of the module needed */
    apr_array_header_t *refs;    /* apid_ref_t */
    apr_array_header_t *columns; /* apid_column_t */
} apid_draft_t;

/** One document while it is compiled. Errors gather in err. */
typedef struct apid_compile_t {
    apr_pool_t *pool;
    const apid_vadl_t *vadl;
    const apid_catalog_t *catalog;
    apid_api_t *api;
    apr_array_header_t *params; /* apid_param_t */
    apr_hash_t *by_name;        /* name to int *: index in params */
    apid_draft_t *drafts;
    int ndrafts; /* those that later operations may refer to */
    int at;      /* the operation that is compiled */
    apid_err_t *err;
} apid_compile_t;

/** A field found by its plain or dotted name. */
typedef struct apid_located_t {
    const apid_field_t *field; /* NULL: not found, the error is noted */
    const apid_module_t *module;
    int ref;         /* as in apid_cond_t */
    const char *sql; /* NULL: the id of a composite key in a condition */
} apid_located_t;

/** Notes an error at a place of the document. */
void apid_compile_error(apid_compile_t *c, apid_place_t place,
                        const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** Whether a field works with the tables as they are; if not, that is noted. */
int apid_compile_works(apid_compile_t *c, const apid_module_t *module,
                       const apid_field_t *field, apid_place_t place);

/** A field of a module by its plain name; NULL: the error is noted. */
const apid_field_t *apid_compile_field(apid_compile_t *c,
                                       const apid_module_t *module,
                                       const char *name, apid_place_t place);

/** A field of the draft's own module; its table is joined. */
apid_located_t apid_compile_own(apid_compile_t *c, apid_draft_t *draft,
                                const apid_field_t *field);

/** Notes that something is missing, unless the document could be read in part
 * only. */
void apid_compile_missing(apid_compile_t *c, apid_place_t place,
                          const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** Finds a field, joins what it needs. */
apid_located_t apid_compile_locate(apid_compile_t *c, apid_draft_t *draft,
                                   const char *name, apid_place_t place);

/** The index of a column in the draft's columns: one that is there, or a new
 * one at the end. */
int apid_compile_column(apid_compile_t *c, apid_draft_t *draft,
                        const apid_located_t *located, const char *name);

/** Compiles "@name", "@@literal" or a literal, which is not checked here. */
apid_binding_t apid_compile_binding(apid_compile_t *c, const char *text,
                                    const apid_field_t *field,
                                    apid_place_t place);

/** Notes what is wrong with a literal that is bound to a field of a module. */
void apid_compile_literal(apid_compile_t *c, const apid_module_t *module,
                          const apid_field_t *field,
                          const apid_vadl_field_t *bound,
                          const apid_arg_t *literal);

/** Notes that no value of "@now" and the like, if that is what is bound, fits
 * the field. */
void apid_compile_fit(apid_compile_t *c, const apid_binding_t *binding,
                      const apid_vadl_field_t *bound,
                      const apid_field_t *field);

/** Compiles a where to a group. */
apid_cond_t *apid_compile_where(apid_compile_t *c, apid_draft_t *draft,
                                const apid_vadl_where_t *where);

/** Compiles an operation but for its SQL text. */
void apid_compile_op(apid_compile_t *c, apid_draft_t *draft);

/** Ends the compilation of a draft: what it reads from is known, and its SQL
 * text is made. */
void apid_compile_sql(apid_compile_t *c, apid_draft_t *draft);

#endif
