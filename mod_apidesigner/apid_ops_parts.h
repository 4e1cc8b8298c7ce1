/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_parts: what the operations share: arguments, the catalog, and the
 * writing of rows; and their functions, which the table names.
 */
#ifndef APID_OPS_PARTS_H
#define APID_OPS_PARTS_H

#include "apid_diff.h"
#include "apid_ops.h"

/** A document that was given. */
typedef struct apid_ops_document_t {
    const char *name; /* of its file, without ".xml" */
    const char *text;
    const char *file; /* what errors call it, where names are not enough:
                       * several files may have one; or NULL */
} apid_ops_document_t;

/* Arguments; apid_ops_run has checked that they are there and of their
 * kind. */

/** Whether the arguments of a call are those of its operation. Else
 * INVALID_REQUEST, once for each that is missing, wrong or unknown. */
APID_CHECKED apid_err_t *apid_ops_check_args(const apid_ops_t *op,
                                             const apid_ops_call_t *call);

/** Whether an argument of this kind must be given. */
int apid_ops_needs(apid_ops_kind_e kind);

/** Whether a text holds control characters of ASCII. */
int apid_ops_has_control(const char *text);

/** A text, NULL if it was not given. */
const char *apid_ops_text(const apid_ops_call_t *call, const char *name);

/** A whole number, fallback if it was not given. */
apr_int64_t apid_ops_number(const apid_ops_call_t *call, const char *name,
                            apr_int64_t fallback);

/** The same of what is never so large: one that is stands for the largest
 * int, instead of for another number. */
int apid_ops_int(const apid_ops_call_t *call, const char *name, int fallback);

/** Whether a flag was given. */
int apid_ops_flag(const apid_ops_call_t *call, const char *name);

/** The names (const char *) of an argument that separates them by commas,
 * trimmed, each once; none if it was not given. */
apr_array_header_t *apid_ops_names(const apid_ops_call_t *call,
                                   const char *name);

/** Whether two documents are the same, but for newlines at their end: the tool
 * prints one, and a shell's $(...) drops all. */
int apid_ops_same(const char *one, const char *other);

/** The documents (apid_ops_document_t) of the argument "documents". */
apr_array_header_t *apid_ops_documents(const apid_ops_call_t *call);

/** The catalog of the call, read from the database if need be. */
APID_CHECKED apid_err_t *apid_ops_catalog(const apid_catalog_t **catalog,
                                          apid_ops_call_t *call);

/** The same, held against the tables as they are, if there is a database: what
 * does not fit them has a fault. */
APID_CHECKED apid_err_t *apid_ops_fitting(const apid_catalog_t **catalog,
                                          apid_ops_call_t *call);

/** Names the document that a chain of errors is about: its file, else its
 * name. Gives back err. */
APID_CHECKED apid_err_t *apid_ops_blame(apid_err_t *err,
                                        const apid_ops_document_t *document);

/** What errors call the document that had the key first, NULL if it is this
 * one. */
const char *apid_ops_first(apr_hash_t *seen, const char *key,
                           const apid_ops_document_t *document);

/* Writing. */

/** Writes a member: a text, NULL as null. */
void apid_ops_put(apid_ops_call_t *call, const char *key, const char *text);

/** Writes a member: a number. */
void apid_ops_put_int(apid_ops_call_t *call, const char *key,
                      apr_int64_t value);

/** Writes rows as an array of objects, and drops them. */
APID_CHECKED apid_err_t *apid_ops_write_rows(apid_ops_call_t *call,
                                       apid_rows_t *rows);

/** Writes the first cells of rows as an array of texts. */
APID_CHECKED apid_err_t *apid_ops_write_names(apid_ops_call_t *call,
                                              apid_rows_t *rows);

/** Writes a member: a cell of a row; of the key "changes" it is JSON. */
void apid_ops_put_cell(apid_ops_call_t *call, const char *key,
                       const apid_value_t *cell);

/** Writes the members of a row into the object that is open. */
void apid_ops_put_row(apid_ops_call_t *call, const apid_rows_t *rows,
                      const apid_value_t *row);

/** Writes the members of the first row into the object that is open. */
APID_CHECKED apid_err_t *apid_ops_write_row(apid_ops_call_t *call,
                                      apid_rows_t *rows);

/** Writes a list as an array; under a key unless that is NULL. */
APID_CHECKED apid_err_t *apid_ops_write_list(apid_ops_call_t *call,
                                             const char *key,
                                             apid_list_e list,
                                             const char *name);

/* apid_ops_compile.c */

/** Compiles the document of a definition: its facts, in call->pool. api may be
 * NULL. Errors name the document. */
APID_CHECKED apid_err_t *apid_ops_compile(apid_facts_t *facts,
                                          apid_api_t **api,
                                          apid_ops_call_t *call,
                                          const apid_ops_document_t *document);

/** A document that compiles. */
typedef struct apid_candidate_t {
    const apid_ops_document_t *document;
    apid_facts_t facts;
    apid_api_t *api;
} apid_candidate_t;

/** Whether a candidate can be published beside what is there: nobody has its
 * path, and users and groups that it allows are known. Definitions whose names
 * are keys of going (or NULL) are published with it, and leave their paths.
 * Without a database all can. Errors name the document. */
APID_CHECKED apid_err_t *apid_ops_admit(apid_ops_call_t *call,
                                        const apid_candidate_t *candidate,
                                        apr_hash_t *going);

/** The documents of a call that compile, as candidates (apid_candidate_t); all
 * errors of all documents, what keeps them from each other too. */
APID_CHECKED apid_err_t *apid_ops_compile_all(apr_array_header_t **candidates,
                                              apid_ops_call_t *call);

/** Facts of a document that need not compile, for a draft. */
APID_CHECKED apid_err_t *apid_ops_sketch(apid_facts_t *facts,
                                         apid_ops_call_t *call,
                                         const apid_ops_document_t *document);

/* apid_ops_list.c */

/** A live definition that does not fit the catalog and the tables. */
typedef struct apid_broken_t {
    const char *name;
    const char *why; /* "line 2: ..." */
} apid_broken_t;

/** All of them (apid_broken_t), by name, as everything is stored now. */
APID_CHECKED apid_err_t *apid_ops_broken(apr_array_header_t **broken,
                                         apid_ops_call_t *call);

/** No error, if it is that a module cannot be read: that keeps nothing from
 * being listed, and such a module not from being dropped. */
APID_CHECKED apid_err_t *apid_ops_forgive(apid_err_t *err);

/* apid_ops_diff.c */

/** What differs from the document that was in force (NULL: none) to a version
 * that is to follow it, in call->pool: apid_difference_t. */
APID_CHECKED apid_err_t *apid_ops_compare(apr_array_header_t **differences,
                                          apid_ops_call_t *call,
                                          const apid_ops_document_t *before,
                                          const apid_api_t *after);

/** Writes the members "breaking" and "changes". */
void apid_ops_put_changes(apid_ops_call_t *call,
                          const apr_array_header_t *differences);

/* apid_ops_describe.c */

/** Writes what is known of a type as members of the object that is open. */
void apid_ops_put_domain(apid_ops_call_t *call, const apid_domain_t *domain);

/* apid_ops_fit.c */

/** Whether no table of a module is one of our own: who could write users
 * through an API could make an admin. */
APID_CHECKED apid_err_t *apid_ops_fit_owner(apid_ops_call_t *call,
                                            const apid_module_t *module);

/** Whether the tables (columns: of apid_tables_read) have what a module names,
 * and unique keys where it writes. All errors, at their places. */
APID_CHECKED apid_err_t *apid_ops_fit_columns(apid_ops_call_t *call,
                                              apr_hash_t *columns,
                                              const apid_module_t *module);

/** Whether columns are of the types of their fields, and defaults of references
 * are ids: of a module of a catalog, which knows what they refer to. */
APID_CHECKED apid_err_t *apid_ops_fit_types(apid_ops_call_t *call,
                                            apr_hash_t *columns,
                                            const apid_module_t *module);

/* apid_ops_warn.c */

/** Conditions (const apid_cond_t *) of a definition that no index serves; and
 * what to say of one. */
APID_CHECKED apid_err_t *apid_ops_slow(apr_array_header_t **conds,
                                       apid_ops_call_t *call,
                                       const apid_api_t *api);
const char *apid_ops_slow_text(apid_ops_call_t *call,
                               const apid_cond_t *cond);

/** The columns of the key of a table, quoted: "`a`, `b`". */
const char *apid_ops_list_keys(const apid_table_t *table, apr_pool_t *pool);

/* apid_ops_setup.c */

/** Adds the GRANTs that Apache's user needs for a module (const char *), but
 * for those that are in seen, which gets them too. */
void apid_ops_add_grants(apr_array_header_t *grants, apr_hash_t *seen,
                         const apid_module_t *module);

/** Writes a member: such GRANTs. */
void apid_ops_put_grants(apid_ops_call_t *call, const char *key,
                         const apr_array_header_t *grants);

/* apid_ops_follow.c */

/** Lets the rights of groups in a module follow its fields to their new names;
 * old is what the module was before. */
APID_CHECKED apid_err_t *apid_ops_follow(apid_ops_call_t *call,
                                         const apid_module_t *old,
                                         const apid_module_t *module);

/* apid_ops_table.c */

/** Whether who calls may do all of accesses (1 << apid_access_e) in all modules
 * that a table is of; ACCESS_DENIED if not. */
APID_CHECKED apid_err_t *apid_ops_table_rights(apid_ops_call_t *call,
                                               const char *quoted,
                                               unsigned accesses);

/* apid_ops_definition.c */

/** The webhook that the argument "name" names; CONFLICT if it is none. */
APID_CHECKED apid_err_t *apid_ops_webhook(apid_stored_t **stored,
                                          apid_ops_call_t *call);

/* apid_ops_user.c */

/** The bcrypt of the argument "password"; if it was not given, of a random one
 * that is to be shown, else *shown is NULL. */
APID_CHECKED apid_err_t *apid_ops_password(const char **hash,
                                           const char **shown,
                                           apid_ops_call_t *call);

/** Gives a user a new access key, or the password that was given or a random
 * one; writes the answer, with what is to be shown once. */
APID_CHECKED apid_err_t *apid_ops_renew_key(apid_ops_call_t *call,
                                            const char *name);
APID_CHECKED apid_err_t *apid_ops_renew_password(apid_ops_call_t *call,
                                                 const char *name);

/** Whether the argument `name` can be that of a user, or of what else is
 * called so. */
APID_CHECKED apid_err_t *apid_ops_user_name(apid_ops_call_t *call,
                                            const char *what,
                                            const char *name);

/** Puts a user who was just added into the group everyone, if there is one. */
APID_CHECKED apid_err_t *apid_ops_user_join(apid_ops_call_t *call,
                                            const char *name);

/* The operations. */
apid_ops_fn apid_ops_setup, apid_ops_module_apply, apid_ops_module_import,
    apid_ops_module_export, apid_ops_module_list, apid_ops_module_show,
    apid_ops_module_drop;
apid_ops_fn apid_ops_check, apid_ops_plan, apid_ops_apply, apid_ops_export,
    apid_ops_definitions, apid_ops_diff, apid_ops_show, apid_ops_history,
    apid_ops_rollback, apid_ops_deprecate, apid_ops_retire, apid_ops_activate,
    apid_ops_deactivate, apid_ops_drop, apid_ops_owner;
apid_ops_fn apid_ops_draft_save, apid_ops_draft_show, apid_ops_draft_publish,
    apid_ops_draft_drop;
apid_ops_fn apid_ops_user_add, apid_ops_user_key, apid_ops_user_password,
    apid_ops_user_disable, apid_ops_user_enable, apid_ops_user_list,
    apid_ops_user_role, apid_ops_user_groups;
apid_ops_fn apid_ops_describe, apid_ops_skeleton, apid_ops_module_warnings,
    apid_ops_tables, apid_ops_table_preview, apid_ops_table_document;
apid_ops_fn apid_ops_self, apid_ops_records, apid_ops_record;
apid_ops_fn apid_ops_me, apid_ops_me_key, apid_ops_me_password;
apid_ops_fn apid_ops_group_list, apid_ops_group_add, apid_ops_group_drop,
    apid_ops_group_show, apid_ops_group_right, apid_ops_group_unright;
apid_ops_fn apid_ops_updates, apid_ops_openapi;
apid_ops_fn apid_ops_activity, apid_ops_activity_summary, apid_ops_refusals,
    apid_ops_recent, apid_ops_why, apid_ops_user_limits,
    apid_ops_token, apid_ops_token_limits, apid_ops_token_revoke;

#endif
