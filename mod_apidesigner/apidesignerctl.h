/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apidesignerctl: what the files of the tool share: the command line as it was
 * understood, and printing.
 */
#ifndef APIDESIGNERCTL_H
#define APIDESIGNERCTL_H

#include "apid_ops.h"

/** Exit codes. */
typedef enum apid_exit_e {
    APID_EXIT_OK,
    APID_EXIT_REFUSED, /* a bad document, not found, a conflict */
    APID_EXIT_USAGE,
    APID_EXIT_AWAY     /* no database: not reached, not set up */
} apid_exit_e;

/** A file of a document. */
typedef struct apid_file_t {
    const char *path;
    const char *name; /* without its directory and ".xml" */
} apid_file_t;

#define APID_COMMAND_EDIT "module edit"

/** The command line. */
typedef struct apid_command_t {
    const apid_ops_t *op;  /* NULL: help */
    const char *topic;     /* of which, "module": the commands that begin so;
                            * NULL: of all */
    const char *database;  /* URL, or NULL */
    const char *actor;
    const char *modules;   /* directory of module documents, or NULL */
    int edit;              /* `module edit`: op is `module export` */
    int json;
    int help;
    int version;
    apid_args_t *args;
    apr_array_header_t *files; /* apid_file_t: those of documents */
} apid_command_t;

/* apidesignerctl_words.c */

/** Understands the command line; reads the files that it names. On failure
 * INVALID_REQUEST with a sentence. */
APID_CHECKED apid_err_t *apid_command_parse(apid_command_t *command, int argc,
                                            const char *const *argv,
                                            apr_pool_t *pool);

/** Reads a file ("-": standard input), at most 16 MiB. INVALID_REQUEST. */
APID_CHECKED apid_err_t *apid_command_read(const char **text,
                                           const char *file,
                                           apr_pool_t *pool);

/** Adds a document to the argument "documents". */
void apid_command_document(apid_args_t *args, const apid_file_t *file,
                           const char *text, apr_pool_t *pool);

/* apidesignerctl_print.c */

/** Prints help: of the command, or of several if it has no op. */
void apid_print_help(const apid_command_t *command, apr_pool_t *pool);

/** Prints what an operation answered for people: an array of objects is a
 * table, an object is its members, a document is itself. */
void apid_print_answer(const char *json);

/** Prints a chain of errors to standard error, "FILE:LINE:COLUMN: TEXT" where
 * there are such. */
void apid_print_errors(const apid_err_t *err,
                       const apr_array_header_t *files);

/** The same as one JSON object, to standard output. */
void apid_print_errors_json(const apid_err_t *err,
                            const apr_array_header_t *files,
                            apr_pool_t *pool);

#endif
