/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_write_parts: what the files of writing share: one operation of one
 * request, its values parsed.
 */
#ifndef APID_WRITE_PARTS_H
#define APID_WRITE_PARTS_H

#include "apid_updates.h"
#include "apid_write.h"

/** Whether the operation is to insert or to change what is there. */
typedef enum apid_way_e { APID_WAY_INSERT, APID_WAY_CHANGE } apid_way_e;

/** The value of one assign. */
typedef struct apid_assigned_t {
    apid_value_t value;
    int sent;  /* it is written */
    int blank; /* it was sent as an empty text */
    int zero;  /* it is empty in a column that takes no NULL: right where the
                * row holds a zero date or the like, which is left alone */
    int kept;  /* rows that are written hold it in a form of their own */
} apid_assigned_t;

typedef struct apid_job_t {
    apid_tx_t *tx;
    const apid_plan_t *plan;
    apid_assigned_t *values;   /* one per assign */
    apid_value_t key[APID_MAX_KEYS]; /* of a new record, unless the server
                                      * makes it */
    apr_array_header_t *stmts; /* apid_stmt_t, to be sent */
} apid_job_t;

/** Parses the values of all assigns; a chain of all that is wrong. */
APID_CHECKED apid_err_t *apid_job_parse(apid_job_t *job, apid_way_e way);

/** Refuses a value that is empty where the field of the assign must not be;
 * NULL otherwise. */
APID_CHECKED apid_err_t *apid_job_check_empty(const apid_value_t *value,
                                              const apid_assign_t *assign,
                                              apr_pool_t *pool);

/** What the caller knows the id by. */
const char *apid_job_id_param(const apid_job_t *job);

/** Leaves the fields alone that an upsert matched its rows by: what is there
 * is equal, if written otherwise. */
void apid_job_keep_matched(apid_job_t *job);

/** Writes what differs in locked rows (const apid_value_t *, as the plan's lock
 * reads them) and its history, reads the answer and commits. */
APID_CHECKED apid_err_t *apid_job_change(apid_written_t *written,
                                         apid_job_t *job,
                                         const apr_array_header_t *rows);

/** Adds what a change is addressed by: the job's key if by_id, the script's
 * conditions. An upsert by id looks at nothing else. The conditions must leave
 * some condition, since no request touches all rows because something was not
 * sent. */
APID_CHECKED apid_err_t *apid_job_address(const apid_job_t *job,
                                          apid_where_t *where, int by_id);

/** Adds the statement that locks what is addressed, one row more than a change
 * may touch. */
void apid_job_lock(apid_job_t *job, apid_where_t *where);

/** Adds the entry of a record that is made. */
void apid_job_entry_made(const apid_job_t *job, apr_array_header_t *entries);

/** Adds an entry of the history, of the record of a key; key NULL: of the one
 * that the server makes. */
apid_entry_t *apid_job_entry(const apid_job_t *job,
                             apr_array_header_t *entries, apid_op_e op,
                             const apid_value_t *key);

/** Tells in an entry what a field held and holds, in pool; NULL: there was, or
 * is, no record. */
void apid_job_tell(apid_entry_t *entry, const apid_field_t *field,
                   const apid_value_t *before, const apid_value_t *after,
                   apr_pool_t *pool);

/** Sends all statements of the operation; what they read is the answer. */
APID_CHECKED apid_err_t *apid_job_commit(apid_written_t *written,
                                         apid_job_t *job);

/** Whether the tags of the rows to be locked are needed: the request asks
 * something of the records that it changes. */
int apid_job_tagged(const apid_job_t *job);

/** Compares the tags of locked rows, which are made of their last columns, with
 * what the request asks: each must be in If-Match, none in If-None-Match.
 * PRECONDITION_FAILED. */
APID_CHECKED apid_err_t *apid_job_meet(const apid_job_t *job,
                                       const apr_array_header_t *rows);

/** Whether keys of the module are made by the server: apid_updates_key() is
 * the key of the record just made. */
int apid_job_server_key(const apid_module_t *module);

/** Adds the statements that insert a record into all tables of the module. */
void apid_job_insert(apid_job_t *job);

/** What an update writes: flags. */
typedef enum apid_part_e {
    APID_PART_VALUES = 1,
    APID_PART_CONSTANTS = 2, /* of the module, such as when it changed */
    APID_PART_BOTH = 3
} apid_part_e;

/** Adds the statements that write the values to locked rows
 * (const apid_value_t *, key columns first). */
void apid_job_update(apid_job_t *job, const apr_array_header_t *rows,
                     apid_part_e part);

/** Adds the statements that delete locked rows, or mark them deleted. */
void apid_job_delete(apid_job_t *job, const apr_array_header_t *rows);

/** Adds the reading of what locked rows hold now, as the plan's lock reads
 * them, in order of their keys. */
void apid_job_look(apid_job_t *job, const apr_array_header_t *rows);

/** Adds the reading of the answer: of the record just inserted. */
void apid_job_answer_made(apid_job_t *job);

/** Adds the reading of the answer: of locked rows, in order of their keys. */
void apid_job_answer(apid_job_t *job, const apr_array_header_t *rows);

/** Adds the writing of history entries (apid_entry_t); a dry run only notes
 * them. */
void apid_job_history(apid_job_t *job, const apr_array_header_t *entries);

/** Gives an error of the database the caller's name of the field that it is
 * about, where that is known. Gives back err; NULL stays NULL. */
APID_CHECKED apid_err_t *apid_job_fault(apid_err_t *err,
                                         const apid_job_t *job);

#endif
