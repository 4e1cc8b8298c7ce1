/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_catalog: modules and fields as data: which tables and columns a module
 * stands for, their types, how keys are made, what refers to what. A module is
 * kept as one XML document (its format is in README); a catalog is the
 * immutable set of them with references resolved. The only source of
 * identifiers for SQL.
 */
#ifndef APID_CATALOG_H
#define APID_CATALOG_H

#include "apid_value.h"

#include <apr_hash.h>
#include <apr_tables.h>

#define APID_MAX_TABLES 16   /* of one module */
#define APID_MAX_KEYS 4      /* columns of a composite key */
#define APID_MAX_FIELDS 1000 /* of one module */

typedef struct apid_module_t apid_module_t;

typedef enum apid_key_e {
    APID_KEY_AUTO,     /* AUTO_INCREMENT */
    APID_KEY_SEQUENCE, /* a table of one row: UPDATE t SET c = c + 1 */
    APID_KEY_UUID,     /* made by us */
    APID_KEY_CALLER,   /* sent by the caller in the field `id` */
    APID_KEY_NONE      /* no key: read only */
} apid_key_e;

/** A table of a module; the first is the main one, the others are joined 1:1
 * by their own key column to the main table's key. */
typedef struct apid_table_t {
    const char *name;    /* `name`, quoted for SQL */
    const char *alias;   /* "t0", "t1", ... */
    const char *columns[APID_MAX_KEYS]; /* key columns, quoted */
    int ncolumns;
    int required;        /* a record without this row does not exist: JOIN,
                          * not LEFT JOIN */
    int view; /* errors may call its columns otherwise; known to a catalog that
               * was held against the database */
    int line, column_no; /* place in the module's document */
} apid_table_t;

typedef enum apid_when_e {
    APID_WHEN_CREATE = 1,
    APID_WHEN_UPDATE = 2, /* flags */
    APID_WHEN_BOTH = 3
} apid_when_e;

typedef enum apid_constant_e {
    APID_CONSTANT_LITERAL,
    APID_CONSTANT_NOW,
    APID_CONSTANT_TODAY,
    APID_CONSTANT_USER_ID
} apid_constant_e;

/** A column that is written by the module, not by a field. */
typedef struct apid_constant_t {
    int table;
    const char *column; /* quoted */
    apid_constant_e source;
    const char *literal;
    int line, column_no; /* place in the module's document */
    apid_when_e when;
    int filter; /* literal: records without it are not of this module */
    const struct apid_field_t *field; /* created or modified: what a request
                                       * writes to it wins; or NULL */
} apid_constant_t;

typedef struct apid_field_t {
    const char *name;
    const char *label;
    int index;          /* place in module->fields */
    int table;          /* index in module->tables */
    const char *column; /* quoted */
    const char *raw_column; /* not quoted: as errors of the database say it */
    const char *sql;    /* "t0.`column`" */
    apid_domain_t domain;
    int mandatory;
    int unique;
    int readonly;
    int is_key;         /* over a column of its table's key: read-only, since
                         * the key is written as `id` */
    int exact;          /* compared as bytes after the match */
    const char *fallback; /* default on create, or NULL; "@today" and the like
                           * are what they stand for (apid_catalog_builtin) */
    const char *refers;   /* module a reference points to, or NULL */
    const apid_module_t *target; /* resolved; NULL: not in the catalog */
    const char *fault;    /* why it does not work with the tables as they are;
                           * NULL: it does, or nobody looked */
    int line, column_no;  /* place in the module's document */
} apid_field_t;

/** A unique index of the tables, for naming the fields a duplicate is in. */
typedef struct apid_unique_t {
    const char *index;         /* its name in the database */
    const char *const *fields; /* NULL-terminated */
} apid_unique_t;

/** A column, or what stands for its content, that entity tags are made of. */
typedef struct apid_mark_t {
    const char *sql;
    const apid_field_t *field; /* sql is its column; NULL: a digest of one */
} apid_mark_t;

struct apid_module_t {
    const char *name;
    const char *label;
    const char *fault;    /* as that of a field: nothing of it works */
    const char *unwritable; /* why it can only be read; NULL: it can be written,
                           * if it is not readonly */
    const char *document; /* the text it was parsed from */
    apid_table_t tables[APID_MAX_TABLES];
    int ntables;
    apid_key_e key;
    const char *sequence_table;  /* quoted */
    const char *sequence_column; /* quoted */
    apid_field_t id;      /* the field `id`: its column is the first key
                           * column of table 0; of type APID_TYPE_ID; its
                           * place is that of <key>, else of <module> */
    apid_domain_t key_domains[APID_MAX_KEYS]; /* one per key column, no
                           * prefix */
    const char *prefix;   /* of ids, such as "4x", or NULL */
    const apid_field_t *owner;    /* whose record it is: the caller's, unless
                           * a create says otherwise; or NULL, as the next */
    const apid_field_t *created;  /* written when a record is made */
    const apid_field_t *modified; /* and whenever it changes */
    int deleted_table;    /* soft delete: */
    const char *deleted_column; /* quoted, or NULL: rows are deleted */
    int deleted_line, deleted_column_no; /* its place */
    const char *deleted_value;
    const char *live_value;
    apid_field_t *fields; /* nfields of them, `id` not among them */
    int nfields;
    apid_constant_t *constants;
    int nconstants;
    apid_unique_t *uniques;
    int nuniques;
    const apid_field_t *version; /* with every change another, or NULL */
    const apid_mark_t *marks; /* what tells states of a record apart: its
                           * version, else all fields, of those that work;
                           * NULL: there is no key */
    int nmarks;
    unsigned mark_tables; /* that they need: 1 << index */
    int readonly;         /* no key, a view, or told so: selects only */
    apr_hash_t *by_name;  /* apid_field_t by name, `id` too */
};

typedef struct apid_catalog_t apid_catalog_t;

/** Parses a module's document (README, "module document"). A chain of
 * INVALID_DEFINITION errors with places on failure. References are not
 * resolved yet. */
APID_CHECKED apid_err_t *apid_module_parse(apid_module_t **module,
                                           const char *text, apr_size_t len,
                                           apr_pool_t *pool);

/** Fills the marks of a module whose fields are known, and again when faults
 * were found in them. */
void apid_module_mark(apid_module_t *module, apr_pool_t *pool);

/** Whether the key of a module may be of a type. */
int apid_module_takes_key(apid_type_e type);

/** The field of a name; `id` is one; NULL if none. Case matters. */
const apid_field_t *apid_module_field(const apid_module_t *module,
                                      const char *name);

/** The field whose column the database named, or NULL. */
const apid_field_t *apid_module_column(const apid_module_t *module,
                                       const char *column);

/** The first field of the unique index that the database named ("email",
 * "contacts.email", "PRIMARY"), or NULL. An index that no <unique> names is
 * taken for one over the column of its own name. */
const apid_field_t *apid_module_unique(const apid_module_t *module,
                                       const char *index);

/** The name nearest to one that is not there, `id` included; or NULL. */
const char *apid_module_nearest(const apid_module_t *module,
                                const char *name, apr_pool_t *pool);

/** A catalog of modules (apid_module_t *): copies nothing, resolves references
 * in them; the modules must live as long as it does. */
apid_catalog_t *apid_catalog_open(const apr_array_header_t *modules,
                                  apr_pool_t *pool);

/** A module by name, case matters; NULL if none, or it has a fault. */
const apid_module_t *apid_catalog_module(const apid_catalog_t *catalog,
                                         const char *name);

/** The fault of a module; NULL if it has none, or is not there. */
const char *apid_catalog_fault(const apid_catalog_t *catalog,
                               const char *name);

/** The name of a module nearest to one that is not there; or NULL. */
const char *apid_catalog_nearest(const apid_catalog_t *catalog,
                                 const char *name, apr_pool_t *pool);

/** All modules without a fault, sorted by name: apid_module_t *. */
const apr_array_header_t *apid_catalog_modules(const apid_catalog_t *catalog);

/** An identifier quoted for SQL in backquotes, in pool. */
const char *apid_catalog_quote(const char *identifier, apr_pool_t *pool);

/** The identifier that a quoted one stands for, in pool. */
const char *apid_catalog_unquote(const char *quoted, apr_pool_t *pool);

/** The id that callers see to key values, one per key column (their count is
 * tables[0].ncolumns): the prefix is taken off, composite ids are split at
 * ',' and percent-decoded. INVALID_ID_ATTRIBUTE if it cannot be one. */
APID_CHECKED apid_err_t *apid_catalog_parse_id(
    apid_value_t values[APID_MAX_KEYS], const apid_module_t *module,
    const apid_arg_t *arg, apr_pool_t *pool);

typedef enum apid_builtin_e {
    APID_BUILTIN_USER_ID,
    APID_BUILTIN_USER_NAME,
    APID_BUILTIN_NOW,
    APID_BUILTIN_TODAY
} apid_builtin_e;

/** What "@now" and the like stand for, in a binding and in a default. */
typedef struct apid_builtin_t {
    const char *name;
    apid_builtin_e which;
    const char *sample; /* a value of it */
} apid_builtin_t;

/** By its name without the '@'; NULL: there is none. */
const apid_builtin_t *apid_catalog_builtin(const char *name);

/** What a field's default stands for; NULL: for itself. */
const apid_builtin_t *apid_catalog_fallback(const apid_field_t *field);

/** INVALID_VALUE if no value of it fits a domain. */
APID_CHECKED apid_err_t *apid_catalog_fit(const apid_builtin_t *builtin,
                                          const apid_domain_t *domain,
                                          apr_pool_t *pool);

/** INVALID_VALUE, or the error of its type, if a field's default does not fit
 * its domain: of a reference, as a catalog knows it. */
APID_CHECKED apid_err_t *apid_catalog_fit_fallback(const apid_field_t *field,
                                                   apr_pool_t *pool);

/** Key values to what the history knows the record by, in pool: its id
 * without prefix, in one form whatever the column or the caller writes ("1.50"
 * is "1.5"). NULL if there is no key. */
const char *apid_catalog_write_record(const apid_module_t *module,
                                      const apid_value_t *values,
                                      apr_pool_t *pool);

#endif
