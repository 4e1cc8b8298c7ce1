/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_import: reads a table's columns, keys and foreign keys, and writes the
 * document that a person would write. It guesses nothing that the database
 * does not say: what a column means is for its owner to edit.
 */
#include "apid_import.h"
#include "apid_tables.h"
#include "apid_xml.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

typedef struct column_t {
    const char *name;
    const char *type;    /* "varchar" */
    const char *full;    /* "varchar(40)", "enum('a','b')" */
    const char *extra;
    const char *comment;
    apr_int64_t length, precision, scale, fsp;
    int nullable, has_default;
    int key;             /* place in the primary key, from 1; 0: not in it */
    int json;            /* MariaDB: LONGTEXT that is checked to be JSON */
    int end;             /* MariaDB: when a row of the past ended; in keys it
                          * tells rows apart that are not there any more */
    const char *refers;  /* module */
    const char *field;   /* what it is called in the API */
} column_t;

typedef struct import_t {
    apid_store_t *store;
    apr_pool_t *pool;
    const char *table;
    apr_array_header_t *columns; /* column_t */
    apr_array_header_t *lines;   /* const char *: of the document */
    int nkeys;
    const column_t *bad_key; /* that cannot be in an id, so that there is none;
                              * or NULL */
    int view;
} import_t;

__attribute__((format(printf, 2, 3))) static void add(import_t *import,
                                                      const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    APR_ARRAY_PUSH(import->lines, const char *)
        = apr_pvsprintf(import->pool, fmt, args);
    va_end(args);
}

static const char *escape(import_t *import, const char *text)
{
    return apid_xml_escape(text, import->pool);
}

static int is_unsigned(const column_t *column)
{
    return strstr(column->full, " unsigned") != NULL;
}

/* what the type of the API leaves open; FLOAT(7,2) is rounded to in silence */
static void add_size(import_t *import, const column_t *column,
                     const apid_column_type_t *row)
{
    if (row->sized)
        add(import, " length=\"%" APR_INT64_T_FMT "\"", column->length);
    else if (row->type == APID_TYPE_DECIMAL
             || (row->type == APID_TYPE_DOUBLE && strchr(column->full, ',')
                 && column->precision <= 65))
        add(import, " precision=\"%" APR_INT64_T_FMT "\" scale=\"%"
            APR_INT64_T_FMT "\"", column->precision, column->scale);
    else if (row->type == APID_TYPE_BIT)
        add(import, " bits=\"%" APR_INT64_T_FMT "\"", column->precision);
    else if (column->fsp)
        add(import, " fsp=\"%" APR_INT64_T_FMT "\"", column->fsp);
    if (!strcmp(row->word, "float"))
        add(import, " float=\"true\"");
    else if (!strcmp(row->word, "set"))
        add(import, " set=\"true\"");
}

/* "first_name" is "First Name" */
static const char *make_label(const char *name, apr_pool_t *pool)
{
    char *label = apr_pstrdup(pool, name);

    for (char *c = label; *c; c++) {
        if (*c == '_')
            *c = ' ';
        if (c == label || c[-1] == ' ')
            *c = (char)apr_toupper(*c);
    }
    return label;
}

/* MySQL says DEFAULT_GENERATED of a default that is an expression */
static int is_made(const column_t *column)
{
    return strstr(column->extra, "auto_increment")
        || strstr(column->extra, "on update")
        || strstr(column->extra, "VIRTUAL GENERATED")
        || strstr(column->extra, "STORED GENERATED")
        || strstr(column->extra, "PERSISTENT");
}

static const char *type_word(const column_t *column,
                             const apid_column_type_t *row)
{
    if (column->refers)
        return "reference";
    if (column->json)
        return "json";
    if (!strncmp(column->full, "tinyint(1)", 10)
        || !strcmp(column->full, "bit(1)"))
        return "boolean";
    return apid_type_word(row->type);
}

/* one of 'it''s','a\\b', from after its quote; *from goes to the other one */
static const char *take_choice(const char **from, apr_pool_t *pool)
{
    char *choice = apr_pstrdup(pool, *from), *to = choice;
    const char *c = *from;

    for (; *c && (*c != '\'' || c[1] == '\''); c++) {
        int escaped = *c == '\\';
        if ((escaped || *c == '\'') && c[1])
            c++;
        *to++ = escaped && *c == 'n' ? '\n' : *c;
    }
    *to = '\0';
    *from = c;
    return choice;
}

/* the choices of enum('a','it''s'); the empty one is no value to choose */
static void add_choices(import_t *import, const column_t *column)
{
    const char *from = strchr(column->full, '\'');

    while (from) {
        const char *choice;
        from++;
        choice = take_choice(&from, import->pool);
        if (*choice)
            add(import, "\n    <value>%s</value>", escape(import, choice));
        from = *from ? strchr(from + 1, '\'') : NULL;
    }
}

static void add_type(import_t *import, const column_t *column,
                     const apid_column_type_t *row)
{
    const char *word = type_word(column, row);

    add(import, " type=\"%s\"", word);
    if (column->refers)
        add(import, " refers=\"%s\"", escape(import, column->refers));
    if (!strcmp(word, "boolean"))
        return;
    if (row->bits && row->bits != 64)
        add(import, " bits=\"%d\"", row->bits);
    if (is_unsigned(column))
        add(import, " unsigned=\"true\"");
    if (!column->json)
        add_size(import, column, row);
}

/* ---- what columns are called */

static int is_taken(const import_t *import, const column_t *column,
                    const char *name)
{
    for (int i = 0; i < import->columns->nelts; i++) {
        const column_t *other = &APR_ARRAY_IDX(import->columns, i, column_t);
        if (other != column
            && (!strcmp(other->name, name)
                || (other->field && !strcmp(other->field, name))))
            return 1;
    }
    return 0;
}

/* a key of one column is the field `id`, which no other may be called; nor may
 * a name hold what dotted names, lists and parameters are written with */
static void name_field(import_t *import, column_t *column)
{
    char *name = apr_pstrdup(import->pool, column->name);

    for (char *c = name; (c = strpbrk(c, ".,@")); c++)
        *c = '_';
    if (!strcmp(name, "id"))
        name = apr_pstrdup(import->pool, "row_id");
    while (strcmp(name, column->name) && is_taken(import, column, name))
        name = apr_pstrcat(import->pool, name, "_", NULL);
    column->field = column->key && import->nkeys == 1 ? "id" : name;
}

static void name_fields(import_t *import)
{
    for (int i = 0; i < import->columns->nelts; i++)
        name_field(import, &APR_ARRAY_IDX(import->columns, i, column_t));
}

static const char *write_comment(import_t *import, const char *text)
{
    return apid_xml_comment(text, import->pool);
}

static void add_field(import_t *import, const column_t *column)
{
    const apid_column_type_t *row = apid_tables_type(column->type);
    int made = is_made(column) || column->key;
    int has_choices = row
        && (row->type == APID_TYPE_PICKLIST
            || row->type == APID_TYPE_MULTIPICKLIST);

    if (!row) {
        add(import, "  <!-- column %s has the type %s -->\n",
            write_comment(import, column->name),
            write_comment(import, column->type));
        return;
    }
    add(import, "  <field name=\"%s\" label=\"%s\" column=\"%s\"",
        escape(import, column->field),
        escape(import, *column->comment
               ? column->comment : make_label(column->name, import->pool)),
        escape(import, column->name));
    add_type(import, column, row);
    if (!column->nullable)
        add(import, " nullable=\"false\"");
    if (made)
        add(import, " readonly=\"true\"");
    else if (!column->nullable && !column->has_default)
        add(import, " mandatory=\"true\"");
    add(import, has_choices ? ">" : "/>\n");
    if (has_choices) {
        add_choices(import, column);
        add(import, "\n  </field>\n");
    }
}

static const column_t *find_key(const import_t *import, int place)
{
    for (int i = 0; i < import->columns->nelts; i++) {
        const column_t *column = &APR_ARRAY_IDX(import->columns, i, column_t);
        if (column->key == place)
            return column;
    }
    return NULL;
}

/* the type of a key is one that has a text of its own; NULL: it has none */
static const char *key_word(const column_t *column)
{
    const apid_column_type_t *row = apid_tables_type(column->type);
    apid_type_e type = !row ? APID_TYPES
        : row->type == APID_TYPE_TEXT || row->type == APID_TYPE_PICKLIST
        ? APID_TYPE_STRING : row->type;

    return apid_module_takes_key(type) ? apid_type_word(type) : NULL;
}

/* what has no id can be read all the same */
static void check_key(import_t *import)
{
    for (int i = 1; i <= import->nkeys && !import->bad_key; i++)
        if (!key_word(find_key(import, i)) || i > APID_MAX_KEYS)
            import->bad_key = find_key(import, i);
    if (!import->bad_key)
        return;
    import->nkeys = 0;
    for (int i = 0; i < import->columns->nelts; i++)
        APR_ARRAY_IDX(import->columns, i, column_t).key = 0;
}

static const char *join_keys(const import_t *import, int types_too)
{
    const char *text = "";

    for (int i = 1; i <= import->nkeys; i++) {
        const column_t *column = find_key(import, i);
        text = apr_pstrcat(import->pool, text, i > 1 ? "," : "",
                           types_too ? key_word(column) : column->name, NULL);
    }
    return text;
}

/* of all its columns, for they are told as one */
static void add_key_fsp(import_t *import)
{
    apr_int64_t fsp = 0;

    for (int i = 1; i <= import->nkeys; i++)
        if (find_key(import, i)->fsp > fsp)
            fsp = find_key(import, i)->fsp;
    if (fsp)
        add(import, " fsp=\"%" APR_INT64_T_FMT "\"", fsp);
}

static void add_key(import_t *import)
{
    const column_t *column = find_key(import, 1);
    const apid_column_type_t *row
        = column ? apid_tables_type(column->type) : NULL;

    if (!row)
        return;
    add(import, "  <key made=\"%s\"",
        import->nkeys > 1 ? "caller"
        : strstr(column->extra, "auto_increment") ? "auto"
        : !strcmp(column->type, "uuid") ? "uuid" : "caller");
    if (import->nkeys > 1) {
        add(import, " types=\"%s\"", join_keys(import, 1));
    }
    else {
        add(import, " type=\"%s\"", key_word(column));
        if (row->bits)
            add(import, " bits=\"%d\"", row->bits);
        if (is_unsigned(column))
            add(import, " unsigned=\"true\"");
        if (row->sized)
            add_size(import, column, row);
    }
    add_key_fsp(import);
    add(import, "/>\n");
}

static apid_err_t *read_rows(apid_rows_t **rows, import_t *import,
                             const char *sql)
{
    apid_value_t table = apid_value_of_text(import->table);
    apid_stmt_t stmt = {.kind = APID_STMT_READ, .sql = sql,
                        .binds = &table, .nbinds = 1};

    return apid_db_execute(rows, import->store->lease, &stmt, 1);
}

static void take_column(import_t *import, const apid_value_t *row)
{
    column_t *column = apr_array_push(import->columns);
    apr_pool_t *pool = import->pool;

    memset(column, 0, sizeof(*column));
    column->name = apid_store_text(&row[0], pool);
    column->type = apid_store_text(&row[1], pool);
    column->full = apid_store_text(&row[2], pool);
    column->extra = apid_store_text(&row[3], pool);
    column->comment = apid_store_text(&row[4], pool);
    column->nullable = row[5].len == 3; /* "YES" */
    column->has_default = row[6].cls != APID_NULL;
    column->length = apid_store_int(&row[7]);
    column->precision = apid_store_int(&row[8]);
    column->scale = apid_store_int(&row[9]);
    column->fsp = apid_store_int(&row[10]);
    column->end = apid_store_int(&row[11]) != 0;
}

static apid_err_t *read_columns(import_t *import)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = read_rows(
        &rows, import,
        "SELECT column_name, data_type, CAST(column_type AS CHAR), extra,"
        " column_comment, is_nullable,"
        " IF(column_default IS NULL, NULL, 1), character_maximum_length,"
        " numeric_precision, numeric_scale, datetime_precision,"
        " COALESCE(generation_expression = 'ROW END', 0)"
        " FROM information_schema.columns WHERE table_schema = DATABASE()"
        " AND table_name = ? ORDER BY ordinal_position");

    for (; !err && !(err = apid_db_next(&row, rows)) && row;)
        take_column(import, row);
    return err;
}

static column_t *find_named(import_t *import, const char *name)
{
    for (int i = 0; i < import->columns->nelts; i++) {
        column_t *column = &APR_ARRAY_IDX(import->columns, i, column_t);
        if (!strcasecmp(column->name, name))
            return column;
    }
    return NULL;
}

static column_t *find_column(import_t *import, const apid_value_t *cell)
{
    return find_named(import, apid_store_text(cell, import->pool));
}

static apid_err_t *read_key(import_t *import)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = read_rows(
        &rows, import,
        "SELECT column_name FROM information_schema.statistics"
        " WHERE table_schema = DATABASE() AND table_name = ?"
        " AND index_name = 'PRIMARY' ORDER BY seq_in_index");

    for (; !err && !(err = apid_db_next(&row, rows)) && row;) {
        column_t *column = find_column(import, &row[0]);
        if (column && !column->end)
            column->key = ++import->nkeys;
    }
    return err;
}

/* MariaDB's JSON is LONGTEXT with a check named after its column */
static apid_err_t *read_checks(import_t *import)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err;

    if (strcmp(apid_db_flavour(import->store->lease), "MariaDB"))
        return NULL;
    err = read_rows(&rows, import,
                    "SELECT constraint_name"
                    " FROM information_schema.check_constraints"
                    " WHERE constraint_schema = DATABASE()"
                    " AND table_name = ? AND check_clause"
                    " LIKE CONCAT('json\\_valid(`', constraint_name, '`)')");
    for (; !err && !(err = apid_db_next(&row, rows)) && row;) {
        column_t *column = find_column(import, &row[0]);
        if (column)
            column->json = 1;
    }
    return err;
}

/* the module whose main table and key are those that are pointed to */
static const char *find_module(const apr_array_header_t *modules,
                               const char *table, const char *column,
                               apr_pool_t *pool)
{
    const char *quoted = apid_catalog_quote(table, pool);
    const char *key = apid_catalog_quote(column, pool);

    for (int i = 0; i < modules->nelts; i++) {
        const apid_module_t *module
            = APR_ARRAY_IDX(modules, i, const apid_module_t *);
        if (module->tables[0].ncolumns == 1
            && !strcasecmp(module->tables[0].name, quoted)
            && !strcasecmp(module->tables[0].columns[0], key))
            return module->name;
    }
    return NULL;
}

static apid_err_t *read_references(import_t *import)
{
    apr_array_header_t *modules;
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_modules(&modules, import->store);

    if (!err)
        err = read_rows(
            &rows, import,
            "SELECT column_name, referenced_table_name,"
            " referenced_column_name FROM information_schema.key_column_usage"
            " WHERE table_schema = DATABASE() AND table_name = ?"
            " AND referenced_table_schema = DATABASE()");
    for (; !err && !(err = apid_db_next(&row, rows)) && row;) {
        column_t *column = find_column(import, &row[0]);
        if (column)
            column->refers = find_module(
                modules, apid_store_text(&row[1], import->pool),
                apid_store_text(&row[2], import->pool), import->pool);
    }
    return err;
}

static apid_err_t *read_kind(import_t *import)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = read_rows(
        &rows, import,
        "SELECT table_type LIKE '%VIEW' FROM information_schema.tables"
        " WHERE table_schema = DATABASE() AND table_name = ?");

    if (!err)
        err = apid_db_next(&row, rows);
    if (err)
        return err;
    if (!row)
        return apid_err_raise(import->pool, APID_ERR_RECORD_NOT_FOUND,
                              "there is no table '%s' in the database",
                              import->table);
    import->view = apid_store_int(&row[0]) != 0;
    return NULL;
}

static apid_err_t *add_uniques(import_t *import)
{
    apr_array_header_t *indexes;
    apid_err_t *err = apid_tables_uniques(
        &indexes, apid_catalog_quote(import->table, import->pool),
        import->store->lease, import->pool);

    for (int i = 0; !err && i < indexes->nelts; i++) {
        const apid_index_t *index = &APR_ARRAY_IDX(indexes, i, apid_index_t);
        add(import, "  <unique index=\"%s\" fields=\"",
            escape(import, index->name));
        for (int j = 0; j < index->columns->nelts; j++)
            add(import, "%s%s", j ? "," : "", escape(import, find_named(
                import,
                APR_ARRAY_IDX(index->columns, j, const char *))->field));
        add(import, "\"/>\n");
    }
    return err;
}

static apid_err_t *read_table(import_t *import)
{
    apid_err_t *err = read_kind(import);

    if (!err)
        err = read_columns(import);
    if (!err)
        err = read_key(import);
    if (!err)
        err = read_checks(import);
    if (!err)
        err = read_references(import);
    check_key(import);
    name_fields(import);
    return err;
}

/* the server itself gives such a column another value with each change */
static const char *write_version(import_t *import)
{
    for (int i = 0; import->nkeys && i < import->columns->nelts; i++) {
        const column_t *column = &APR_ARRAY_IDX(import->columns, i, column_t);
        if (strstr(column->extra, "on update") && column->fsp == 6)
            return apr_psprintf(import->pool, " version=\"%s\"",
                                escape(import, column->field));
    }
    return "";
}

static void add_head(import_t *import, const char *name)
{
    add(import, "<module name=\"%s\" label=\"%s\"%s%s>\n",
        escape(import, name), escape(import, make_label(name, import->pool)),
        write_version(import),
        import->view || !import->nkeys ? " readonly=\"true\"" : "");
    add(import, "  <table name=\"%s\"", escape(import, import->table));
    if (import->nkeys)
        add(import, " key=\"%s\"", escape(import, join_keys(import, 0)));
    add(import, "/>\n");
    if (import->bad_key)
        add(import, "  <!-- read only: the key cannot be written as an id, for "
            "its column %s %s -->\n",
            write_comment(import, import->bad_key->name),
            key_word(import->bad_key)
                ? "is one too many"
                : apr_pstrcat(import->pool, "has the type ",
                              write_comment(import, import->bad_key->type),
                              NULL));
    add_key(import);
}

apid_err_t *apid_import_table(const char **document, apid_store_t *store,
                              const char *table, const char *name)
{
    import_t import = {
        .store = store, .pool = store->pool, .table = table,
        .columns = apr_array_make(store->pool, 32, sizeof(column_t)),
        .lines = apr_array_make(store->pool, 256, sizeof(const char *))
    };
    apid_err_t *err = read_table(&import);

    if (err)
        return err;
    add_head(&import, name);
    for (int i = 0; i < import.columns->nelts; i++) {
        const column_t *column = &APR_ARRAY_IDX(import.columns, i, column_t);
        if (!column->key || import.nkeys > 1)
            add_field(&import, column);
    }
    err = add_uniques(&import);
    add(&import, "</module>\n");
    *document = apr_array_pstrcat(store->pool, import.lines, '\0');
    return err;
}
