/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apidesignerctl: runs one operation of apid_ops on the database that
 * --database or APIDESIGNER_DATABASE names, with the role admin: whoever may
 * write our tables may do everything. Only the tool knows files, an editor and
 * exit codes.
 */
#include "apidesignerctl.h"
#include "apid_dsn.h"

#include <apr_env.h>
#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef APID_VERSION
#define APID_VERSION "0"
#endif
#define LEASE_SECONDS 5

static apid_exit_e exit_code(const apid_err_t *err)
{
    if (!err)
        return APID_EXIT_OK;
    switch (err->kind) {
    case APID_ERR_INVALID_REQUEST:
        return APID_EXIT_USAGE;
    case APID_ERR_DATABASE_UNAVAILABLE:
    case APID_ERR_LOCKED:
    case APID_ERR_OUTCOME_UNKNOWN:
    case APID_ERR_QUERY_TIMEOUT:
        return APID_EXIT_AWAY;
    default:
        return APID_EXIT_REFUSED;
    }
}

static const char *user_name(void)
{
    const struct passwd *user = getpwuid(getuid());

    return user ? user->pw_name : "unknown";
}

static apid_err_t *open_database(apid_db_t **db, apid_lease_t **lease,
                                 const apid_command_t *command,
                                 apr_pool_t *pool)
{
    const char *url = command->database;
    apid_db_config_t config;
    apid_err_t *err;

    if (!url && !(url = getenv("APIDESIGNER_DATABASE")))
        return apid_err_raise(pool, APID_ERR_INVALID_REQUEST,
                              "no database: say --database URL, or set "
                              "APIDESIGNER_DATABASE");
    apid_db_config_default(&config);
    config.min = 0;
    config.max = 2; /* call->db */
    config.keep = 1;
    config.acquire_timeout = apr_time_from_sec(LEASE_SECONDS);
    config.statement_timeout = 0;
    err = apid_dsn_parse(&config, url, pool);
    if (err)
        return apid_err_raise(pool, APID_ERR_INVALID_REQUEST, "%s",
                              err->text);
    err = apid_db_open(db, &config, pool);
    return err ? err : apid_db_lease(lease, *db, pool);
}

/* names: of the modules that there are, with their files */
static apid_err_t *add_module(apr_array_header_t *modules, apr_hash_t *names,
                              const char *file, apr_pool_t *pool)
{
    apid_module_t *module;
    const char *text, *first;
    apid_err_t *err = apid_command_read(&text, file, pool);

    if (err)
        return err;
    err = apid_module_parse(&module, text, strlen(text), pool);
    if (err)
        return apid_err_about(err, file);
    first = apr_hash_get(names, module->name, APR_HASH_KEY_STRING);
    if (first)
        return apid_err_field(apid_err_raise(
            pool, APID_ERR_CONFLICT, "module '%s' is in another document too: "
            "%s", module->name, first), file);
    apr_hash_set(names, module->name, APR_HASH_KEY_STRING, file);
    APR_ARRAY_PUSH(modules, apid_module_t *) = module;
    return NULL;
}

/* the modules of a directory */
static apid_err_t *read_modules(const apid_catalog_t **catalog,
                                const char *path, apr_pool_t *pool)
{
    apr_array_header_t *modules
        = apr_array_make(pool, 16, sizeof(apid_module_t *));
    apr_hash_t *names = apr_hash_make(pool);
    apr_dir_t *dir;
    apr_finfo_t entry;
    apid_err_t *err = NULL;

    if (apr_dir_open(&dir, path, pool))
        return apid_err_raise(pool, APID_ERR_INVALID_REQUEST,
                              "%s is no directory that can be read", path);
    while (!err && !apr_dir_read(&entry, APR_FINFO_NAME, dir)) {
        apr_size_t len = strlen(entry.name);
        if (len > 4 && !strcmp(entry.name + len - 4, ".xml"))
            err = add_module(modules, names,
                             apr_pstrcat(pool, path, "/", entry.name, NULL),
                             pool);
    }
    apr_dir_close(dir);
    if (!err)
        *catalog = apid_catalog_open(modules, pool);
    return err;
}

/* Trying again in a moment is for callers; who has the tool is told why. */
static apid_err_t *tell_why(apid_err_t *err, apr_pool_t *pool)
{
    return err && err->kind == APID_ERR_DATABASE_UNAVAILABLE && err->cause
        ? apid_err_raise(pool, err->kind, "no database: %s", err->cause) : err;
}

/* what an operation needs, and its answer as text */
static apid_err_t *run(const char **answer, const apid_command_t *command,
                       apid_store_t *store, apr_pool_t *pool)
{
    apid_ops_call_t call = {.pool = pool, .store = store,
                            .role = APID_ROLE_ADMIN, .args = command->args,
                            .out = apid_json_memory(pool)};
    apid_err_t *err = NULL;

    if (command->modules && command->op->effect != APID_OPS_CHECKS)
        return apid_err_raise(pool, APID_ERR_INVALID_REQUEST,
                              "--modules is for check, plan and describe: "
                              "'%s' works on the database",
                              command->op->words);
    if (command->modules)
        err = read_modules(&call.catalog, command->modules, pool);
    else
        err = open_database(&call.db, &store->lease, command, pool);
    if (!err)
        err = apid_ops_run(command->op, &call);
    if (!err)
        *answer = apid_json_print(call.out, pool);
    return tell_why(err, pool);
}

static apid_err_t *call_editor(const char *file, apr_pool_t *pool)
{
    const char *editor = getenv("VISUAL");

    if (!editor || !*editor)
        editor = getenv("EDITOR");
    /* as git does: the variable may hold arguments, the file is quoted */
    setenv("APIDESIGNER_EDIT", file, 1);
    if (system(apr_pstrcat(pool, editor && *editor ? editor : "vi",
                           " \"$APIDESIGNER_EDIT\"", NULL)))
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "the editor failed; nothing is changed");
    return NULL;
}

/* The file stays, named by *file, until it is removed. */
static apid_err_t *edit_text(const char **text, const char **file,
                             const char *before, apr_pool_t *pool)
{
    const char *dir = "/tmp";
    char *name;
    apr_size_t len = strlen(before);
    apr_file_t *made;
    apid_err_t *err;

    apr_temp_dir_get(&dir, pool);
    name = apr_pstrcat(pool, dir, "/apidesignerctl.XXXXXX", NULL);
    if (apr_file_mktemp(&made, name, APR_READ | APR_WRITE | APR_CREATE
                                         | APR_EXCL, pool)
        || apr_file_write_full(made, before, len, NULL))
        return apid_err_raise(pool, APID_ERR_INVALID_REQUEST,
                              "%s cannot be written", name);
    *file = name;
    err = call_editor(name, pool);
    /* one that crashed may have saved something */
    apid_err_t *unread = apid_command_read(text, name, pool);
    return err ? err : unread;
}

/* Makes the command one that puts a changed document over the one that was
 * edited, and over no other. */
static void change_to_apply(apid_command_t *command, const char *text,
                            const char *before)
{
    apr_pool_t *pool = command->files->pool;
    const apid_file_t *file
        = &APR_ARRAY_IDX(command->files, 0, apid_file_t);

    command->op = apid_ops_find("module apply");
    command->args = apid_args_open(pool);
    apid_command_document(command->args, file, text, pool);
    apid_args_add_text(command->args, "base", before);
}

/* `module edit`: export, editor, apply. A text that is not taken is kept. */
static apid_err_t *edit(const char **answer, apid_command_t *command,
                        apid_store_t *store, apr_pool_t *pool)
{
    const apid_arg_t *name = apid_args_find(command->args, "name");
    const char *before = NULL, *text = NULL, *file = NULL;
    apid_err_t *err = run(answer, command, store, pool);

    if (!err)
        err = apid_store_module(&before, store, name ? name->text : NULL);
    if (!err)
        err = edit_text(&text, &file, before, pool);
    if (!err) {
        apid_db_close(store->lease);
        APR_ARRAY_PUSH(command->files, apid_file_t)
            = (apid_file_t){file, name->text};
        change_to_apply(command, text, before);
        err = run(answer, command, store, pool);
    }
    if (file && err && text && strcmp(text, before))
        fprintf(stderr, "your text is kept in %s\n", file);
    else if (file)
        apr_file_remove(file, pool);
    return err;
}

static void print(const apid_command_t *command, const apid_err_t *err,
                  const char *answer, apr_pool_t *pool)
{
    if (err && command->json)
        apid_print_errors_json(err, command->files, pool);
    if (err)
        apid_print_errors(err, command->files);
    else if (command->json)
        printf("%s\n", answer);
    else
        apid_print_answer(answer);
}

/* what could not be written was not told: a file is cut short, a secret lost */
static int finish(int code)
{
    if (!fflush(stdout) && !ferror(stdout))
        return code;
    perror("apidesignerctl: the answer cannot be written");
    return APID_EXIT_REFUSED;
}

/* what is closed would be opened as something else, and answers go there */
static void keep_streams(void)
{
    int fd = open("/dev/null", O_RDWR);

    while (fd >= 0 && fd <= STDERR_FILENO)
        fd = dup(fd);
    if (fd >= 0)
        close(fd);
}

int main(int argc, const char *const *argv)
{
    apid_command_t command = {.actor = user_name()};
    const char *answer = NULL;
    apr_pool_t *pool;

    keep_streams();
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);

    apid_err_t *err = apid_command_parse(&command, argc, argv, pool);
    if (!err && command.version) {
        printf("apidesignerctl %s\n", APID_VERSION);
        return finish(APID_EXIT_OK);
    }
    if (!err && (command.help || !command.op)) {
        apid_print_help(&command, pool);
        return finish(command.help ? APID_EXIT_OK : APID_EXIT_USAGE);
    }
    apid_store_t store = {.pool = pool, .actor = command.actor};
    if (!err)
        err = command.edit ? edit(&answer, &command, &store, pool)
                           : run(&answer, &command, &store, pool);
    print(&command, err, answer, pool);
    return finish(exit_code(err));
}
