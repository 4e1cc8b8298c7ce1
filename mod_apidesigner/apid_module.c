/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_module: reads a module's document: its constants, soft delete and unique
 * indexes; apid_module_keys reads tables and key, apid_module_fields the
 * fields. Everything is checked against everything else in the document;
 * whether the tables exist is left to who has a database. Parts are read in
 * passes, so that their order in the document does not matter.
 */
#include "apid_module_parts.h"

#include <apr_cstr.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define MAX_SIZE (1024 * 1024)
#define MAX_DEPTH 8

typedef struct module_doc_t {
    const char *name, *label, *prefix, *owner, *created, *modified,
        *version;
    int readonly;
} module_doc_t;

typedef struct constant_doc_t {
    const char *table, *column, *value;
    int when, filter;
} constant_doc_t;

typedef struct softdelete_doc_t {
    const char *table, *column, *value, *live;
} softdelete_doc_t;

typedef struct unique_doc_t {
    const char *index, *fields;
} unique_doc_t;

typedef struct part_t {
    const char *name;
    int pass;
    int once;
    void (*read)(apid_build_t *b, apid_xml_t *element);
} part_t;

#define ROW(name, kind, doc, member, words) \
    { name, APID_XML_##kind, offsetof(doc, member), words }

/* clang-format off */
static const char *const whens[] = { "create", "update", "both", NULL };
static const char *const sources[] = { /* apid_constant_e from 1 */
    "@now", "@today", "@user.id", NULL
};

static const apid_xml_row_t module_rows[] = {
    ROW("name",     NEEDED, module_doc_t, name,     NULL),
    ROW("label",    TEXT,   module_doc_t, label,    NULL),
    ROW("prefix",   NAME,   module_doc_t, prefix,   NULL),
    ROW("owner",    NAME,   module_doc_t, owner,    NULL),
    ROW("created",  NAME,   module_doc_t, created,  NULL),
    ROW("modified", NAME,   module_doc_t, modified, NULL),
    ROW("version",  NAME,   module_doc_t, version,  NULL),
    ROW("readonly", FLAG,   module_doc_t, readonly, NULL),
    { 0 }
};
static const apid_xml_row_t constant_rows[] = {
    ROW("table",  NAME,   constant_doc_t, table,  NULL),
    ROW("column", NEEDED, constant_doc_t, column, NULL),
    ROW("value",  TEXT,   constant_doc_t, value,  NULL),
    ROW("on",     WORD,   constant_doc_t, when,   whens),
    ROW("filter", FLAG,   constant_doc_t, filter, NULL),
    { 0 }
};
static const apid_xml_row_t softdelete_rows[] = {
    ROW("table",  NAME,   softdelete_doc_t, table,  NULL),
    ROW("column", NEEDED, softdelete_doc_t, column, NULL),
    ROW("value",  TEXT,   softdelete_doc_t, value,  NULL),
    ROW("live",   TEXT,   softdelete_doc_t, live,   NULL),
    { 0 }
};
static const apid_xml_row_t unique_rows[] = {
    ROW("index",  NEEDED, unique_doc_t, index,  NULL),
    ROW("fields", NEEDED, unique_doc_t, fields, NULL),
    { 0 }
};
/* clang-format on */

#undef ROW

static char *trim(char *text)
{
    char *end;

    while (apr_isspace(*text))
        text++;
    end = text + strlen(text);
    while (end > text && apr_isspace(end[-1]))
        end--;
    *end = '\0';
    return text;
}

static void set_source(apid_build_t *b, const apid_xml_t *element,
                       apid_constant_t *constant, const char *value)
{
    int i = apid_xml_find_word(sources, value);

    constant->literal = value[0] == '@' ? value + 1 : value;
    if (value[0] != '@' || value[1] == '@')
        constant->source = APID_CONSTANT_LITERAL;
    else if (sources[i])
        constant->source = i + 1;
    else
        apid_xml_refuse(&b->errs, element,
                        apr_psprintf(b->pool,
                                     "unknown value '%s' in <constant>",
                                     value),
                        value, sources);
    if (constant->source != APID_CONSTANT_LITERAL)
        constant->literal = NULL;
}

static void read_constant(apid_build_t *b, apid_xml_t *element)
{
    apid_module_t *module = b->module;
    apid_constant_t *constant = &module->constants[module->nconstants];
    constant_doc_t doc = { 0 };

    apid_xml_read(&b->errs, &doc, element, constant_rows);
    apid_module_refuse_children(b, element);
    constant->table = apid_module_find_table(b, element, doc.table);
    if (!doc.value)
        apid_xml_complain(&b->errs, element,
                          "<constant> needs the attribute 'value'");
    if (!doc.column || !doc.value || constant->table < 0)
        return;
    constant->line = element->line;
    constant->column_no = element->column;
    set_source(b, element, constant, doc.value);
    if (doc.filter && constant->source != APID_CONSTANT_LITERAL)
        apid_xml_complain(&b->errs, element,
                          "only a literal value can be a filter, not '%s'",
                          doc.value);
    constant->column = apid_catalog_quote(doc.column, b->pool);
    constant->when = doc.when + 1;
    constant->filter = doc.filter;
    module->nconstants++;
}

static void read_softdelete(apid_build_t *b, apid_xml_t *element)
{
    softdelete_doc_t doc = { .value = "1", .live = "0" };
    apid_module_t *module = b->module;

    apid_xml_read(&b->errs, &doc, element, softdelete_rows);
    apid_module_refuse_children(b, element);
    module->deleted_table = apid_module_find_table(b, element, doc.table);
    if (doc.column)
        module->deleted_column = apid_catalog_quote(doc.column, b->pool);
    module->deleted_line = element->line;
    module->deleted_column_no = element->column;
    module->deleted_value = doc.value;
    module->live_value = doc.live;
    if (strcmp(doc.value, doc.live) == 0)
        apid_xml_complain(&b->errs, element,
                          "value and live of <softdelete> are both '%s'",
                          doc.value);
}

static const apid_field_t *find_field(apid_build_t *b,
                                      const apid_xml_t *element,
                                      const char *what, const char *name)
{
    const apid_field_t *field = apid_module_field(b->module, name);
    const char *nearest;

    if (field)
        return field;
    nearest = apid_module_nearest(b->module, name, b->pool);
    apid_xml_complain(&b->errs, element, "unknown field '%s' in %s%s%s%s",
                      name, what, nearest ? "; did you mean '" : "",
                      nearest ? nearest : "", nearest ? "'?" : "");
    return NULL;
}

static void read_unique(apid_build_t *b, apid_xml_t *element)
{
    apid_module_t *module = b->module;
    apid_unique_t *unique = &module->uniques[module->nuniques];
    unique_doc_t doc = { 0 };
    const apid_field_t *field;
    const char **names;
    int n;

    apid_xml_read(&b->errs, &doc, element, unique_rows);
    apid_module_refuse_children(b, element);
    if (!doc.index || !doc.fields)
        return;
    names = apid_module_split(doc.fields, &n, b->pool);
    if (!n)
        apid_xml_complain(&b->errs, element, "fields of <unique> is empty");
    for (int i = 0; i < n; i++)
        find_field(b, element, "<unique>", names[i]);
    field = n == 1 ? apid_module_field(module, names[0]) : NULL;
    if (field && field != &module->id)
        module->fields[field->index].unique = 1;
    unique->index = doc.index;
    unique->fields = names;
    module->nuniques++;
}

#define PART(name, pass, once, read) { name, pass, once, read },
#define PART_NAME(name, pass, once, read) name,

/* clang-format off */
#define PART_TABLE(ROW) \
    ROW("table",      1, 0, apid_module_read_table) \
    ROW("key",        2, 1, apid_module_read_key) \
    ROW("constant",   3, 0, read_constant) \
    ROW("softdelete", 3, 1, read_softdelete) \
    ROW("field",      3, 0, apid_module_read_field) \
    ROW("unique",     4, 0, read_unique)
/* clang-format on */

static const part_t parts[] = { PART_TABLE(PART) };
static const char *const part_names[] = { PART_TABLE(PART_NAME) NULL };

static int count_children(const apid_xml_t *root, const char *name)
{
    int n = 0;

    for (const apid_xml_t *e = root->first; e; e = e->next)
        n += strcmp(e->name, name) == 0;
    return n;
}

/* Reads the parts of a pass; unknown ones are noted in the first. */
static void read_pass(apid_build_t *b, const apid_xml_t *root, int pass)
{
    unsigned seen = 0;

    for (apid_xml_t *e = root->first; e; e = e->next) {
        int i = apid_xml_find_word(part_names, e->name);

        if (!part_names[i] && pass == 1)
            apid_module_find_child(b, root, e, part_names);
        if (!part_names[i] || parts[i].pass != pass)
            continue;
        if (parts[i].once && seen & 1u << i)
            apid_xml_complain(&b->errs, e, "<%s> is given twice", e->name);
        else
            parts[i].read(b, e);
        seen |= 1u << i;
    }
}

static void open_parts(apid_build_t *b, const apid_xml_t *root)
{
    apid_module_t *module = b->module;
    apr_pool_t *pool = b->pool;

    module->fields = apr_pcalloc(pool, count_children(root, "field") *
                                           sizeof(*module->fields));
    /* and two more: created and modified */
    module->constants = apr_pcalloc(pool,
                                    (count_children(root, "constant") + 2) *
                                        sizeof(*module->constants));
    module->uniques = apr_pcalloc(pool, count_children(root, "unique") *
                                            sizeof(*module->uniques));
    module->by_name = apr_hash_make(pool);
}

static void check_counts(apid_build_t *b, const apid_xml_t *root)
{
    if (!b->module->ntables)
        apid_xml_complain(&b->errs, root, "<module> needs a <table>");
    if (b->module->nfields > APID_MAX_FIELDS)
        apid_xml_complain(&b->errs, root, "more than %d fields",
                          APID_MAX_FIELDS);
}

static const apid_field_t *find_role(apid_build_t *b, const apid_xml_t *root,
                                     const char *role, const char *name)
{
    return name ? find_field(b, root, role, name) : NULL;
}

static int has_constant(const apid_module_t *module, const apid_field_t *field)
{
    for (int i = 0; i < module->nconstants; i++)
        if (module->constants[i].table == field->table
            && !strcmp(module->constants[i].column, field->column))
            return 1;
    return 0;
}

/* What the document says of the column itself wins, here and below. */
static void stamp(apid_build_t *b, const apid_xml_t *root,
                  const apid_field_t *field, apid_when_e when)
{
    apid_module_t *module = b->module;
    apid_constant_t *constant = &module->constants[module->nconstants];

    if (!field || has_constant(module, field))
        return;
    if (field->domain.type != APID_TYPE_DATE
        && field->domain.type != APID_TYPE_DATETIME) {
        apid_xml_complain(&b->errs, root, "field '%s' is no date: it cannot "
                          "tell when a record was %s", field->name,
                          when == APID_WHEN_CREATE ? "created" : "modified");
        return;
    }
    constant->table = field->table;
    constant->column = field->column;
    constant->line = field->line;
    constant->column_no = field->column_no;
    constant->source = field->domain.type == APID_TYPE_DATE
        ? APID_CONSTANT_TODAY : APID_CONSTANT_NOW;
    constant->when = when;
    constant->field = field;
    module->nconstants++;
}

static void set_owner(apid_build_t *b, const apid_xml_t *root)
{
    const apid_field_t *owner = b->module->owner;

    if (owner == &b->module->id)
        apid_xml_complain(&b->errs, root, "'id' cannot be the owner");
    else if (owner && !owner->fallback && !has_constant(b->module, owner))
        b->module->fields[owner->index].fallback = "@user.id";
}

static void read_roles(apid_build_t *b, const apid_xml_t *root,
                       const module_doc_t *doc)
{
    apid_module_t *module = b->module;

    module->owner = find_role(b, root, "owner of <module>", doc->owner);
    module->created = find_role(b, root, "created of <module>", doc->created);
    module->modified = find_role(b, root, "modified of <module>",
                                 doc->modified);
    set_owner(b, root);
    stamp(b, root, module->created, APID_WHEN_CREATE);
    stamp(b, root, module->modified, APID_WHEN_BOTH);
}

static void read_module(apid_build_t *b, apid_xml_t *root)
{
    apid_module_t *module = b->module;
    module_doc_t doc = { 0 };

    apid_xml_read(&b->errs, &doc, root, module_rows);
    module->name = doc.name;
    module->label = doc.label ? doc.label : doc.name;
    module->prefix = doc.prefix;
    module->key = APID_KEY_NONE;
    open_parts(b, root);
    read_pass(b, root, 1);
    read_pass(b, root, 2);
    if (!count_children(root, "key"))
        apid_module_default_key(b, root);
    apid_module_set_id(b);
    read_pass(b, root, 3);
    check_counts(b, root);
    read_pass(b, root, 4);
    read_roles(b, root, &doc);
    apid_module_set_tag(b, root, find_role(b, root, "version of <module>",
                                           doc.version));
    module->readonly = doc.readonly || module->key == APID_KEY_NONE;
}

const char **apid_module_split(const char *text, int *n, apr_pool_t *pool)
{
    const char **items = apr_pcalloc(pool, (strlen(text) / 2 + 2) *
                                               sizeof(*items));
    char *rest, *item = apr_strtok(apr_pstrdup(pool, text), ",", &rest);

    for (*n = 0; item; item = apr_strtok(NULL, ",", &rest))
        if (*trim(item))
            items[(*n)++] = trim(item);
    return items;
}

int apid_module_find_table(apid_build_t *b, const apid_xml_t *element,
                           const char *name)
{
    int i = name ? apid_xml_find_word(b->tables, name) : 0;

    if (!name || b->tables[i])
        return i;
    if (b->tables[0])
        apid_xml_refuse(&b->errs, element,
                        apr_psprintf(b->pool, "unknown table '%s' in <%s>",
                                     name, element->name),
                        name, b->tables);
    return -1;
}

int apid_module_find_child(apid_build_t *b, const apid_xml_t *parent,
                           const apid_xml_t *child,
                           const char *const *allowed)
{
    int i = apid_xml_find_word(allowed, child->name);

    if (allowed[i])
        return i;
    if (allowed[0])
        apid_xml_refuse(&b->errs, child,
                        apr_psprintf(b->pool, "unknown element '%s' in <%s>",
                                     child->name, parent->name),
                        child->name, allowed);
    else
        apid_xml_complain(&b->errs, child, "<%s> may not hold <%s>",
                          parent->name, child->name);
    return -1;
}

void apid_module_refuse_children(apid_build_t *b, const apid_xml_t *element)
{
    static const char *const none[] = { NULL };

    for (const apid_xml_t *e = element->first; e; e = e->next)
        apid_module_find_child(b, element, e, none);
}

apid_err_t *apid_module_parse(apid_module_t **module, const char *text,
                              apr_size_t len, apr_pool_t *pool)
{
    static const apid_xml_limits_t limits = { MAX_SIZE, MAX_DEPTH };
    apid_build_t b = { .pool = pool, .errs = { pool, NULL, NULL } };
    apid_xml_t *root;
    apid_err_t *err = apid_xml_parse(&root, text, len, &limits, pool);

    *module = NULL;
    if (err)
        return err;
    b.module = apr_pcalloc(pool, sizeof(*b.module));
    b.module->document = apr_pstrmemdup(pool, text, len);
    if (strcmp(root->name, "module") != 0)
        apid_xml_complain(&b.errs, root,
                          "unknown root element '%s'; expected module",
                          root->name);
    else
        read_module(&b, root);
    if (!b.errs.first)
        *module = b.module;
    return b.errs.first;
}
