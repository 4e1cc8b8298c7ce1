/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apidesignerctl_words: the command line to an operation and its arguments, by
 * the table of operations alone. Files are read here, so that what runs later
 * knows documents and secrets, not files.
 */
#include "apidesignerctl.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (16 * 1024 * 1024)

/* the words that are left */
typedef struct cursor_t {
    apid_command_t *command;
    const char *const *argv;
    int argc, at;
    int positionals; /* how many were taken */
    int plain;       /* "--" was there: options are over */
    int piped;       /* standard input was read */
    apr_pool_t *pool;
} cursor_t;

__attribute__((format(printf, 2, 3))) static apid_err_t *
refuse(cursor_t *cursor, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    const char *text = apr_pvsprintf(cursor->pool, fmt, args);
    va_end(args);
    return apid_err_raise(cursor->pool, APID_ERR_INVALID_REQUEST, "%s", text);
}

/* "dir/Create Contact.xml" is "Create Contact" */
static const char *base_name(const char *file, apr_pool_t *pool)
{
    const char *slash = strrchr(file, '/');
    const char *base = slash ? slash + 1 : file;
    apr_size_t len = strlen(base);

    if (len > 4 && !strcasecmp(base + len - 4, ".xml"))
        len -= 4;
    return apr_pstrmemdup(pool, base, len);
}

static apid_arg_t *make_text(const char *name, const char *text,
                             apr_pool_t *pool)
{
    apid_arg_t *arg = apid_arg_text(text, pool);

    arg->name = name;
    return arg;
}

static apid_err_t *read_all(apr_file_t *file, const char **text,
                            apr_pool_t *pool)
{
    char *buffer = malloc(MAX_FILE + 1);
    apr_size_t len = 0;
    apr_status_t rv = buffer
        ? apr_file_read_full(file, buffer, MAX_FILE + 1, &len) : APR_ENOMEM;
    char reason[128];

    *text = rv == APR_EOF ? apr_pstrmemdup(pool, buffer, len) : NULL;
    free(buffer);
    if (rv == APR_SUCCESS)
        return apid_err_raise(pool, APID_ERR_INVALID_REQUEST,
                              "the file is larger than %d MiB",
                              MAX_FILE / 1024 / 1024);
    if (rv != APR_EOF)
        return apid_err_raise(pool, APID_ERR_INVALID_REQUEST, "%s",
                              apr_strerror(rv, reason, sizeof(reason)));
    if (strlen(*text) != len)
        return apid_err_raise(pool, APID_ERR_INVALID_REQUEST,
                              "the file holds NUL bytes; expected UTF-8");
    return NULL;
}

static apid_err_t *read_file(const char **text, cursor_t *cursor,
                             const char *path)
{
    if (!strcmp(path, "-") && cursor->piped++)
        return refuse(cursor, "-: standard input can be read once only");
    return apid_command_read(text, path, cursor->pool);
}

static apid_err_t *read_document(const apid_file_t **file, const char **text,
                                 cursor_t *cursor, const char *path)
{
    apid_file_t *read = apr_array_push(cursor->command->files);

    *read = (apid_file_t){path, base_name(path, cursor->pool)};
    *file = read;
    return read_file(text, cursor, path);
}

static apid_err_t *take_document(cursor_t *cursor, const char *name,
                                 const char *path)
{
    const apid_file_t *file;
    const char *text;
    apid_err_t *err = read_document(&file, &text, cursor, path);

    if (err)
        return err;
    apid_args_add_text(cursor->command->args, name, text);
    apid_args_add_text(cursor->command->args, "name", file->name);
    return NULL;
}

static apid_err_t *take_documents(cursor_t *cursor, const char *path)
{
    const apid_file_t *file;
    const char *text;
    apid_err_t *err = read_document(&file, &text, cursor, path);

    if (!err)
        apid_command_document(cursor->command->args, file, text,
                              cursor->pool);
    return err;
}

static apid_err_t *take_secret(cursor_t *cursor, const char *name,
                               const char *file)
{
    const char *text;
    apid_err_t *err = read_file(&text, cursor, file);

    if (err)
        return err;
    apid_args_add_text(cursor->command->args, name,
                       apr_pstrmemdup(cursor->pool, text,
                                      strcspn(text, "\r\n")));
    return NULL;
}

static int is_option(apid_ops_kind_e kind)
{
    return kind == APID_OPS_OPTION || kind == APID_OPS_NUMBER
        || kind == APID_OPS_SECRET || kind == APID_OPS_FLAG;
}

/* the row of the n-th positional word; DOCUMENTS takes all further ones */
static const apid_ops_arg_t *find_positional(const apid_ops_t *op, int n)
{
    for (int i = 0; i < APID_OPS_ARGS && op->args[i].kind; i++) {
        if (is_option(op->args[i].kind))
            continue;
        if (op->args[i].kind == APID_OPS_DOCUMENTS || n-- == 0)
            return &op->args[i];
    }
    return NULL;
}

static apid_err_t *take_positional(cursor_t *cursor, const char *word)
{
    const apid_ops_arg_t *row = find_positional(cursor->command->op,
                                                cursor->positionals++);

    if (!row)
        return refuse(cursor, "'%s' is one word too many for '%s'", word,
                      cursor->command->edit ? APID_COMMAND_EDIT
                                            : cursor->command->op->words);
    if (row->kind == APID_OPS_DOCUMENTS)
        return take_documents(cursor, word);
    if (row->kind == APID_OPS_DOCUMENT)
        return take_document(cursor, row->name, word);
    apid_args_add_text(cursor->command->args, row->name, word);
    return NULL;
}

/* "--name=value" and "--name value" */
static apid_err_t *take_value(const char **value, cursor_t *cursor,
                              const char *option)
{
    const char *equals = strchr(option, '=');

    if (equals) {
        *value = equals + 1;
        return NULL;
    }
    if (cursor->at == cursor->argc)
        return refuse(cursor, "%s needs a value", option);
    *value = cursor->argv[cursor->at++];
    return NULL;
}

static int names(const char *option, const char *name)
{
    apr_size_t len = strlen(name);

    return !strncmp(option + 2, name, len)
        && (!option[2 + len] || option[2 + len] == '=');
}

static const apid_ops_arg_t *find_option(const cursor_t *cursor,
                                         const char *option)
{
    const apid_ops_t *op = cursor->command->op;

    for (int i = 0; op && i < APID_OPS_ARGS && op->args[i].kind; i++) {
        const apid_ops_arg_t *row = &op->args[i];
        const char *name = row->kind == APID_OPS_SECRET
            ? apr_pstrcat(cursor->pool, row->name, "-file", NULL)
            : row->name;
        if (is_option(row->kind) && names(option, name))
            return row;
    }
    return NULL;
}

/* the options of every command */
static const char **find_global(apid_command_t *command, const char *option)
{
    if (names(option, "database"))
        return &command->database;
    if (names(option, "as"))
        return &command->actor;
    if (names(option, "modules"))
        return &command->modules;
    return NULL;
}

static int take_flag(apid_command_t *command, const char *option)
{
    command->help |= !strcmp(option, "--help");
    command->version |= !strcmp(option, "--version");
    return !strcmp(option, "--json") || !strcmp(option, "--help")
        || !strcmp(option, "--version");
}

static apid_err_t *take_option(cursor_t *cursor, const char *option)
{
    const apid_ops_arg_t *row = find_option(cursor, option);
    const char **global = row ? NULL : find_global(cursor->command, option);
    const char *value = NULL;
    apid_err_t *err;

    if (!row && take_flag(cursor->command, option))
        return NULL;
    if (row && row->kind == APID_OPS_FLAG && !strchr(option, '=')) {
        apid_args_add_text(cursor->command->args, row->name, "true");
        return NULL;
    }
    if (!row && !global)
        return refuse(cursor, "unknown option %s; see --help", option);
    err = take_value(&value, cursor, option);
    if (err)
        return err;
    if (global && !*value)
        return refuse(cursor, "%s needs a value", option);
    if (row && apid_args_find(cursor->command->args, row->name))
        return refuse(cursor, "--%s is there twice", row->name);
    if (global)
        *global = value;
    else if (row->kind == APID_OPS_SECRET)
        return take_secret(cursor, row->name, value);
    else
        apid_args_add_text(cursor->command->args, row->name, value);
    return NULL;
}

static apid_err_t *refuse_words(cursor_t *cursor, const char *words)
{
    int n;
    const apid_ops_t *ops = apid_ops_table(&n);
    const char *known[n];

    for (int i = 0; i < n; i++)
        known[i] = ops[i].words;

    const char *nearest = apid_err_nearest(words, known, n);
    return refuse(cursor, "there is no command '%s'%s%s%s", words,
                  nearest ? "; did you mean '" : "; see --help",
                  nearest ? nearest : "", nearest ? "'?" : "");
}

/* "module" is the first word of several commands */
static int is_topic(const char *word)
{
    int n;
    const apid_ops_t *ops = apid_ops_table(&n);
    apr_size_t len = strlen(word);

    while (n-- > 0)
        if (!strncmp(ops[n].words, word, len) && ops[n].words[len] == ' ')
            return 1;
    return 0;
}

static apid_err_t *take_command(cursor_t *cursor)
{
    const char *one = cursor->argv[cursor->at];
    const char *two = cursor->at + 1 < cursor->argc
        ? cursor->argv[cursor->at + 1] : "";
    const char *both = apr_pstrcat(cursor->pool, one, " ", two, NULL);
    apid_command_t *command = cursor->command;

    command->edit = !strcmp(both, APID_COMMAND_EDIT);
    command->op = apid_ops_find(command->edit ? "module export" : both);
    cursor->at += command->op ? 2 : 1;
    if (!command->op)
        command->op = apid_ops_find(one);
    if (!command->op && !strcmp(one, "help"))
        command->help = 1;
    else if (!command->op && (!*two || *two == '-') && is_topic(one))
        command->topic = one;
    else if (!command->op && *one == '-')
        return refuse(cursor, "unknown option %s; see --help", one);
    else if (!command->op)
        return refuse_words(cursor, *two && *two != '-' ? both : one);
    return NULL;
}

apid_err_t *apid_command_read(const char **text, const char *name,
                              apr_pool_t *pool)
{
    apr_file_t *file;
    apr_status_t rv = strcmp(name, "-")
        ? apr_file_open(&file, name, APR_READ | APR_BINARY, 0, pool)
        : apr_file_open_stdin(&file, pool);
    char reason[128];

    if (rv)
        return apid_err_raise(pool, APID_ERR_INVALID_REQUEST, "%s: %s", name,
                              apr_strerror(rv, reason, sizeof(reason)));

    apid_err_t *err = read_all(file, text, pool);
    apr_file_close(file);
    return err ? apid_err_raise(pool, APID_ERR_INVALID_REQUEST, "%s: %s",
                                name, err->text)
               : NULL;
}

void apid_command_document(apid_args_t *args, const apid_file_t *file,
                           const char *text, apr_pool_t *pool)
{
    apid_arg_t *list = (apid_arg_t *)apid_args_find(args, "documents");
    apid_arg_t *item = apr_pcalloc(pool, sizeof(*item));
    apid_arg_t **end;

    if (!list) {
        list = apr_pcalloc(pool, sizeof(*list));
        list->name = "documents";
        list->kind = APID_ARG_ARRAY;
        apid_args_add(args, list);
    }
    item->kind = APID_ARG_OBJECT;
    item->nitems = 3;
    item->items = make_text("name", file->name, pool);
    item->items->next = make_text("document", text, pool);
    item->items->next->next = make_text("file", file->path, pool);
    for (end = &list->items; *end; end = &(*end)->next)
        ;
    *end = item;
    list->nitems++;
}

static apid_err_t *take_word(cursor_t *cursor)
{
    apid_command_t *command = cursor->command;
    const char *word = cursor->argv[cursor->at];

    if (!cursor->plain && word[0] == '-' && word[1] == '-') {
        cursor->at++;
        cursor->plain = !word[2];
        return cursor->plain ? NULL : take_option(cursor, word);
    }
    if (!command->op && !command->topic)
        return take_command(cursor);
    cursor->at++;
    return command->op ? take_positional(cursor, word)
                       : refuse_words(cursor, apr_pstrcat(
                             cursor->pool, command->topic, " ", word, NULL));
}

/* by the name that help has for it */
static apid_err_t *check_file(cursor_t *cursor)
{
    const apid_command_t *command = cursor->command;

    for (int i = 0; command->op && i < APID_OPS_ARGS; i++) {
        const apid_ops_arg_t *row = &command->op->args[i];
        if ((row->kind == APID_OPS_DOCUMENT || row->kind == APID_OPS_DOCUMENTS)
            && !command->help && !apid_args_find(command->args, row->name))
            return refuse(cursor, "FILE is missing: %s", row->help);
    }
    return NULL;
}

apid_err_t *apid_command_parse(apid_command_t *command, int argc,
                               const char *const *argv, apr_pool_t *pool)
{
    cursor_t cursor = {.command = command, .argv = argv, .argc = argc,
                       .at = 1, .pool = pool};
    apid_err_t *err = NULL;

    /* what is wrong with a word is told as JSON, wherever that is asked for */
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        command->json |= !strcmp(argv[i], "--json");
    command->args = apid_args_open(pool);
    command->files = apr_array_make(pool, 8, sizeof(apid_file_t));
    while (!err && cursor.at < argc)
        err = take_word(&cursor);
    return err ? err : check_file(&cursor);
}
