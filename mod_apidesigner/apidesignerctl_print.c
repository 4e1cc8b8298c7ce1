/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apidesignerctl_print: answers and errors for people, help from the table of
 * operations. What an operation answered is read as JSON and laid out by its
 * shape: a list is a table, an object is its members, a document is itself.
 */
#include "apidesignerctl.h"

#include <apr_strings.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COLUMNS 32
#define HELP_WIDTH 30 /* of what is explained */
#define TERMINAL 78
#define CONTINUED 10 /* what does not fit into the line of a command */

typedef struct json_object json_object;

/* clang-format off */
static const char intro[] =
    "apidesignerctl: designs REST APIs and webhooks over MySQL tables.\n"
    "\n"
    "usage: apidesignerctl [OPTION...] COMMAND [ARGUMENT...]\n"
    "\n"
    "options of every command:\n"
    "  --database URL              where our tables are (or the environment's\n"
    "                              APIDESIGNER_DATABASE), such as\n"
    "                              mysql://user@/crm?socket=/run/db.sock\n"
    "  --as NAME                   who changes (the system's user)\n"
    "  --modules DIR               check, plan, describe: module documents to\n"
    "                              use instead of those in the database\n"
    "  --json                      print JSON\n"
    "  --help                      explain the command\n"
    "  --version                   print the version of this program\n"
    "\n"
    "commands:\n";
static const char edit[] =
    "  module edit NAME\n"
    "      Opens the document of a module in $EDITOR, and applies it.\n";
static const char outro[] =
    "\n"
    "exit status: 0 done, 1 refused, 2 wrong usage, 3 no database.\n";
/* clang-format on */

static const char *write_arg(const apid_ops_arg_t *row, apr_pool_t *pool)
{
    char *name = apr_pstrdup(pool, row->name);

    for (char *c = name; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    switch (row->kind) {
    case APID_OPS_MAYBE:
        return apr_psprintf(pool, "[%s]", name);
    case APID_OPS_DOCUMENT:
        return "FILE";
    case APID_OPS_DOCUMENTS:
        return "FILE...";
    case APID_OPS_OPTION:
        return apr_psprintf(pool, "[--%s TEXT]", row->name);
    case APID_OPS_NUMBER:
        return apr_psprintf(pool, "[--%s N]", row->name);
    case APID_OPS_SECRET:
        return apr_psprintf(pool, "[--%s-file FILE]", row->name);
    case APID_OPS_FLAG:
        return apr_psprintf(pool, "[--%s]", row->name);
    default:
        return name;
    }
}

/* a word in a line of the width of a terminal that is column wide by now, or
 * in the next one; gives how wide it is then */
static int print_word(const char *word, int len, int column, int indent)
{
    if (column && column + 1 + len > TERMINAL) {
        printf("\n");
        column = 0;
    }
    printf("%*s%.*s", column ? 1 : indent, "", len, word);
    return column + (column ? 1 : indent) + len;
}

/* words of a text, after what is in the first line already */
static void print_wrapped(const char *text, int column, int indent)
{
    while (*text) {
        int len = (int)strcspn(text, " ");
        column = print_word(text, len, column, indent);
        text += len + strspn(text + len, " ");
    }
    printf("\n");
}

/* begun is in the line already */
static void print_synopsis(const apid_ops_t *op, int begun, apr_pool_t *pool)
{
    int column = begun + (int)strlen(op->words);

    printf("%s", op->words);
    for (int i = 0; i < APID_OPS_ARGS && op->args[i].kind; i++) {
        const char *arg = write_arg(&op->args[i], pool);
        column = print_word(arg, (int)strlen(arg), column, CONTINUED);
    }
    printf("\n");
}

static int count_characters(const char *text)
{
    int n = 0;

    for (; *text; text++)
        n += (*text & 0xC0) != 0x80;
    return n;
}

static const char *text_of(json_object *value)
{
    return value ? json_object_get_string(value) : "";
}

/* [{"field", "old", "new"}, ...] of an update */
static void add_changes(char *line, apr_size_t size, json_object *list)
{
    apr_size_t n = json_object_array_length(list), used = 0;

    line[0] = '\0';
    for (apr_size_t i = 0; i < n && used < size - 1; i++) {
        json_object *change = json_object_array_get_idx(list, i);
        json_object *before = json_object_object_get(change, "old");
        json_object *after = json_object_object_get(change, "new");
        apr_snprintf(line + used, size - used, "%s%s: %s -> %s",
                     i ? "; " : "",
                     text_of(json_object_object_get(change, "field")),
                     before ? text_of(before) : "NULL",
                     after ? text_of(after) : "NULL");
        used += strlen(line + used);
    }
}

/* texts, or the names of objects */
static void add_names(char *line, apr_size_t size, json_object *list)
{
    apr_size_t n = json_object_array_length(list), used = 0;

    line[0] = '\0';
    for (apr_size_t i = 0; i < n && used < size - 1; i++) {
        json_object *item = json_object_array_get_idx(list, i);
        if (json_object_is_type(item, json_type_object))
            item = json_object_object_get(item, "name");
        apr_snprintf(line + used, size - used, "%s%s", i ? ", " : "",
                     text_of(item));
        used += strlen(line + used);
    }
}

static int is_changes(json_object *list)
{
    json_object *first = json_object_array_get_idx(list, 0);

    return json_object_is_type(first, json_type_object)
        && json_object_object_get_ex(first, "old", NULL);
}

/* valid until the next call */
static const char *write_cell(json_object *row, const char *key)
{
    static char line[4096];
    json_object *value = json_object_object_get(row, key);

    if (!json_object_is_type(value, json_type_array))
        return text_of(value);
    if (is_changes(value))
        add_changes(line, sizeof(line), value);
    else
        add_names(line, sizeof(line), value);
    return line;
}

static void print_padded(const char *text, int width)
{
    printf("%s%*s", text, width > count_characters(text)
                              ? width - count_characters(text) : 0, "");
}

/* what is told below a table, not in it */
static int is_column(const char *key)
{
    return strcmp(key, "grants") != 0;
}

static int list_columns(const char *columns[], int widths[], json_object *rows)
{
    apr_size_t n = json_object_array_length(rows);
    int ncolumns = 0;

    json_object_object_foreach(json_object_array_get_idx(rows, 0), key, value)
    {
        (void)value;
        if (ncolumns < MAX_COLUMNS && is_column(key))
            columns[ncolumns++] = key;
    }
    for (int c = 0; c < ncolumns; c++) {
        widths[c] = count_characters(columns[c]);
        for (apr_size_t i = 0; i < n; i++) {
            int width = count_characters(
                write_cell(json_object_array_get_idx(rows, i), columns[c]));
            if (width > widths[c])
                widths[c] = width;
        }
    }
    return ncolumns;
}

static void print_table(json_object *rows)
{
    const char *columns[MAX_COLUMNS];
    int widths[MAX_COLUMNS];
    apr_size_t n = json_object_array_length(rows);
    int ncolumns = n ? list_columns(columns, widths, rows) : 0;

    for (int c = 0; c < ncolumns; c++)
        print_padded(columns[c], c + 1 < ncolumns ? widths[c] + 2 : 0);
    if (n)
        printf("\n");
    for (apr_size_t i = 0; i < n; i++) {
        json_object *row = json_object_array_get_idx(rows, i);
        for (int c = 0; c < ncolumns; c++)
            print_padded(write_cell(row, columns[c]),
                         c + 1 < ncolumns ? widths[c] + 2 : 0);
        printf("\n");
    }
}

static void print_document(const char *document)
{
    apr_size_t len = strlen(document);

    printf("%s%s", document, len && document[len - 1] == '\n' ? "" : "\n");
}

/* differences between versions, one sentence a line */
static void print_changes(json_object *list)
{
    for (apr_size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *change = json_object_array_get_idx(list, i);
        int breaking = json_object_get_boolean(
            json_object_object_get(change, "breaking"));
        printf("  %s%s\n", breaking ? "breaking: " : "",
               text_of(json_object_object_get(change, "text")));
    }
}

/* what `apply --check` says of each document */
static void print_reviews(json_object *list)
{
    for (apr_size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *review = json_object_array_get_idx(list, i);
        printf("%s: %s\n", text_of(json_object_object_get(review, "name")),
               text_of(json_object_object_get(review, "outcome")));
        print_changes(json_object_object_get(review, "changes"));
    }
}

/* of all modules that were stored, to be copied */
static void print_grants(json_object *rows)
{
    int n = 0;

    for (apr_size_t i = 0; i < json_object_array_length(rows); i++) {
        json_object *grants = json_object_object_get(
            json_object_array_get_idx(rows, i), "grants");
        apr_size_t count = grants ? json_object_array_length(grants) : 0;
        for (apr_size_t j = 0; j < count; j++)
            printf("%s  %s\n", n++ ? "" : "\ngrants:\n",
                   text_of(json_object_array_get_idx(grants, j)));
    }
}

/* texts one a line, objects as a table */
static void print_list(json_object *list)
{
    apr_size_t n = json_object_array_length(list);
    json_object *first = n ? json_object_array_get_idx(list, 0) : NULL;

    if (!json_object_is_type(first, json_type_object)) {
        for (apr_size_t i = 0; i < n; i++)
            printf("  %s\n", text_of(json_object_array_get_idx(list, i)));
        return;
    }
    if (json_object_object_get(first, "changes")
        && json_object_object_get(first, "breaking")) {
        print_reviews(list);
        return;
    }
    if (!json_object_object_get(first, "document")) {
        print_table(list);
        print_grants(list);
        return;
    }
    for (apr_size_t i = 0; i < n; i++)
        print_document(text_of(json_object_object_get(
            json_object_array_get_idx(list, i), "document")));
}

static void print_object(json_object *object)
{
    json_object *document = json_object_object_get(object, "document");

    if (document) {
        print_document(text_of(document));
        return;
    }
    if (json_object_object_get(object, "openapi")) { /* for programs alone */
        print_document(json_object_to_json_string_ext(
            object,
            JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
        return;
    }
    json_object_object_foreach(object, key, value)
    {
        if (!strcmp(key, "changes")) {
            print_changes(value);
        }
        else if (json_object_is_type(value, json_type_array)) {
            if (json_object_array_length(value))
                printf("\n%s:\n", key);
            print_list(value);
        }
        else if (!json_object_is_type(value, json_type_object)) {
            printf("%s: %s\n", key, text_of(value));
        }
    }
}

/* the commands that begin with a word, or all */
static void print_commands(const char *topic, apr_pool_t *pool)
{
    int n;
    const apid_ops_t *ops = apid_ops_table(&n);
    apr_size_t len = topic ? strlen(topic) : 0;

    for (int i = 0; i < n; i++) {
        if (topic && (strncmp(ops[i].words, topic, len)
                      || ops[i].words[len] != ' '))
            continue;
        printf("  ");
        print_synopsis(&ops[i], 2, pool);
        print_wrapped(ops[i].help, 0, 6);
    }
    if (!topic || !strcmp(topic, "module"))
        printf("%s", edit);
}

static void print_arg(const char *arg, const char *help)
{
    int width = printf("  %-*s", HELP_WIDTH - 1, arg);

    print_wrapped(help, width, HELP_WIDTH + 2);
}

static void print_command(const apid_ops_t *op, apr_pool_t *pool)
{
    static const char begin[] = "usage: apidesignerctl [OPTION...] ";

    printf("%s", begin);
    print_synopsis(op, (int)sizeof(begin) - 1, pool);
    printf("\n");
    print_wrapped(op->help, 0, 0);
    printf("\n");
    for (int i = 0; i < APID_OPS_ARGS && op->args[i].kind; i++)
        print_arg(write_arg(&op->args[i], pool), op->args[i].help);
    print_arg("[--json]", "print JSON");
}

void apid_print_help(const apid_command_t *command, apr_pool_t *pool)
{
    if (command->edit) {
        printf("%s", edit);
        return;
    }
    if (command->op) {
        print_command(command->op, pool);
        return;
    }
    if (!command->topic)
        printf("%s", intro);
    print_commands(command->topic, pool);
    if (!command->topic)
        printf("%s", outro);
}

/* how many bytes at text are one control character of ASCII or Latin 1 */
static int is_control(const unsigned char *text)
{
    if (*text == 0xC2 && text[1] >= 0x80 && text[1] < 0xA0)
        return 2;
    return *text < ' ' || *text == 0x7F;
}

/* Terminals obey control characters, whoever wrote them into a record or a
 * request; and a line of a table is one line. */
static void disarm_text(json_object *value)
{
    const char *text = json_object_get_string(value);
    apr_size_t len = strlen(text);
    char *safe = malloc(4 * len + 1), *to = safe;

    for (const unsigned char *c = (const unsigned char *)text; safe && *c;
         c++) {
        int n = is_control(c);
        const char *known = *c == '\n' ? "\\n" : *c == '\t' ? "\\t" : NULL;
        if (known)
            to += sprintf(to, "%s", known);
        else if (n)
            to += sprintf(to, "\\x%02x", c[n - 1]);
        else
            *to++ = (char)*c;
        c += n == 2;
    }
    if (safe)
        json_object_set_string_len(value, safe, (int)(to - safe));
    free(safe);
}

/* all texts but documents, which are printed as they are */
static void disarm(json_object *json)
{
    apr_size_t n = json_object_is_type(json, json_type_array)
        ? json_object_array_length(json) : 0;

    for (apr_size_t i = 0; i < n; i++)
        disarm(json_object_array_get_idx(json, i));
    if (json_object_is_type(json, json_type_string))
        disarm_text(json);
    if (!json_object_is_type(json, json_type_object)
        || json_object_object_get_ex(json, "openapi", NULL))
        return;
    json_object_object_foreach(json, key, value)
    {
        if (strcmp(key, "document") != 0)
            disarm(value);
    }
}

void apid_print_answer(const char *text)
{
    json_object *json = json_tokener_parse(text);

    disarm(json);
    if (json_object_is_type(json, json_type_array))
        print_list(json);
    else if (json_object_is_type(json, json_type_object))
        print_object(json);
    json_object_put(json);
}

/* errors name a document by either */
static const apid_file_t *find_file(const apr_array_header_t *files,
                                    const char *named)
{
    for (int i = 0; named && i < files->nelts; i++) {
        const apid_file_t *file = &APR_ARRAY_IDX(files, i, apid_file_t);
        if (!strcmp(file->path, named) || !strcmp(file->name, named))
            return file;
    }
    return NULL;
}

void apid_print_errors(const apid_err_t *err, const apr_array_header_t *files)
{
    for (; err; err = err->next) {
        const apid_file_t *file = find_file(files, err->field);
        const char *where = file ? file->path : err->field;
        fprintf(stderr, "%s", where ? where : "apidesignerctl");
        if (where && err->line)
            fprintf(stderr, ":%d:%d", err->line, err->column);
        fprintf(stderr, ": %s", err->text);
        if (err->cause)
            fprintf(stderr, " (%s)", err->cause);
        fprintf(stderr, "\n");
    }
}

static void put_error(apid_json_t *json, const apid_err_t *err,
                      const apid_file_t *file)
{
    apid_json_object(json);
    apid_json_key(json, "message");
    apid_json_string(json, err->text);
    if (err->cause) {
        apid_json_key(json, "cause");
        apid_json_string(json, err->cause);
    }
    apid_json_key(json, "name");
    apid_json_string(json, file ? file->name : err->field);
    if (file) {
        apid_json_key(json, "file");
        apid_json_string(json, file->path);
    }
    apid_json_key(json, "line");
    apid_json_int(json, err->line);
    apid_json_key(json, "column");
    apid_json_int(json, err->column);
    apid_json_end(json);
}

void apid_print_errors_json(const apid_err_t *err,
                            const apr_array_header_t *files, apr_pool_t *pool)
{
    apid_json_t *json = apid_json_memory(pool);

    apid_json_object(json);
    apid_json_key(json, "code");
    apid_json_string(json, apid_err_code(err->kind));
    if (err->current) {
        apid_json_key(json, "current");
        apid_json_raw(json, err->current, strlen(err->current));
    }
    apid_json_key(json, "errors");
    apid_json_array(json);
    for (; err; err = err->next)
        put_error(json, err, find_file(files, err->field));
    apid_json_end(json);
    apid_json_end(json);
    printf("%s\n", apid_json_print(json, pool));
}
