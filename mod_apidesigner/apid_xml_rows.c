/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_xml_rows: fills structs from elements by tables of their attributes,
 * and gathers what is wrong with a document. Every wrong word is answered with
 * the nearest that is right, or with all of them. The tables themselves belong
 * to the languages.
 */
#include "apid_xml.h"

#include <apr_cstr.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <limits.h>
#include <string.h>

static int count_words(const char *const *words)
{
    int n = 0;

    while (words[n])
        n++;
    return n;
}

/* "a", "a or b", "a, b or c" */
static const char *list_words(const char *const *words, apr_pool_t *pool)
{
    int n = count_words(words);
    const char *list = words[0];

    for (int i = 1; i < n; i++)
        list = apr_pstrcat(pool, list, i < n - 1 ? ", " : " or ", words[i],
                           NULL);
    return list;
}

static void refuse_value(apid_xml_errs_t *errs, const apid_xml_t *element,
                         const apid_xml_row_t *row, const char *value)
{
    static const char *const must[] = {
        [APID_XML_FLAG] = "true or false",
        [APID_XML_WHOLE] = "a whole number",
        [APID_XML_COUNT] = "a whole number above 0",
    };

    apid_xml_complain(errs, element, "%s '%s' of <%s> must be %s", row->name,
                      value, element->name, must[row->kind]);
}

static int read_flag(int *flag, const char *value)
{
    *flag = apr_cstr_casecmp(value, "true") == 0;
    return *flag || apr_cstr_casecmp(value, "false") == 0;
}

static int read_number(int *number, const char *value, int least)
{
    apr_int64_t n = apr_isdigit(*value) ? apr_atoi64(value) : -1;

    if (value[strspn(value, "0123456789")] || n < least || n > INT_MAX)
        return 0;
    *number = (int)n;
    return 1;
}

static void read_word(apid_xml_errs_t *errs, int *index,
                      const apid_xml_t *element, const apid_xml_row_t *row,
                      const char *value)
{
    int i = apid_xml_find_word(row->words, value);

    if (row->words[i])
        *index = i;
    else
        apid_xml_refuse(errs, element,
                        apr_psprintf(errs->pool, "unknown %s '%s' in <%s>",
                                     row->name, value, element->name),
                        value, row->words);
}

static void read_value(apid_xml_errs_t *errs, void *member,
                       const apid_xml_t *element, const apid_xml_row_t *row,
                       const char *value)
{
    int fine = 1;

    switch (row->kind) {
    case APID_XML_NEEDED:
    case APID_XML_NAME:
        if (!*value)
            apid_xml_complain(errs, element, "%s of <%s> is empty", row->name,
                              element->name);
        /* fall through */
    case APID_XML_TEXT:
        *(const char **)member = value;
        break;
    case APID_XML_FLAG:
        fine = read_flag(member, value);
        break;
    case APID_XML_WHOLE:
        fine = read_number(member, value, 0);
        break;
    case APID_XML_COUNT:
        fine = read_number(member, value, 1);
        break;
    case APID_XML_WORD:
        read_word(errs, member, element, row, value);
        break;
    }
    if (!fine)
        refuse_value(errs, element, row, value);
}

static const char *const *row_names(const apid_xml_row_t *rows,
                                    apr_pool_t *pool)
{
    const char **names;
    int n = 0;

    while (rows[n].name)
        n++;
    names = apr_pcalloc(pool, (n + 1) * sizeof(*names));
    for (int i = 0; i < n; i++)
        names[i] = rows[i].name;
    return names;
}

static void refuse_attr(apid_xml_errs_t *errs, const apid_xml_t *element,
                        const char *name, const apid_xml_row_t *rows)
{
    const char *const *names = row_names(rows, errs->pool);
    const char *known = names[apid_xml_find_word(names, name)];

    if (!names[0])
        apid_xml_complain(errs, element, "<%s> takes no attribute '%s'",
                          element->name, name);
    else if (known)
        apid_xml_complain(errs, element, "%s of <%s> is given twice", known,
                          element->name);
    else
        apid_xml_refuse(errs, element,
                        apr_psprintf(errs->pool,
                                     "unknown attribute '%s' in <%s>", name,
                                     element->name),
                        name, names);
}

const char *apid_xml_attr(apid_xml_t *element, const char *name)
{
    for (int i = 0; i < element->nattrs; i++)
        if (apr_cstr_casecmp(element->attrs[i].name, name) == 0) {
            element->attrs[i].used = 1;
            return element->attrs[i].value;
        }
    return NULL;
}

void apid_xml_read(apid_xml_errs_t *errs, void *target, apid_xml_t *element,
                   const apid_xml_row_t *rows)
{
    for (const apid_xml_row_t *row = rows; row->name; row++) {
        const char *value = apid_xml_attr(element, row->name);

        if (value)
            read_value(errs, (char *)target + row->offset, element, row,
                       value);
        else if (row->kind == APID_XML_NEEDED)
            apid_xml_complain(errs, element, "<%s> needs the attribute '%s'",
                              element->name, row->name);
    }
    for (int i = 0; i < element->nattrs; i++)
        if (!element->attrs[i].used &&
            strncmp(element->attrs[i].name, "xmlns", 5) != 0)
            refuse_attr(errs, element, element->attrs[i].name, rows);
}

void apid_xml_note(apid_xml_errs_t *errs, apid_err_t *err)
{
    if (!err)
        return;
    if (errs->last)
        errs->last->next = err;
    else
        errs->first = err;
    while (err->next)
        err = err->next;
    errs->last = err;
}

void apid_xml_complain(apid_xml_errs_t *errs, const apid_xml_t *element,
                       const char *fmt, ...)
{
    va_list args;
    const char *text;

    va_start(args, fmt);
    text = apr_pvsprintf(errs->pool, fmt, args);
    va_end(args);
    apid_xml_note(errs,
                  apid_err_at(apid_err_raise(errs->pool,
                                             APID_ERR_INVALID_DEFINITION,
                                             "%s", text),
                              element->line, element->column));
}

void apid_xml_refuse(apid_xml_errs_t *errs, const apid_xml_t *element,
                     const char *what, const char *near,
                     const char *const *expected)
{
    const char *nearest = near ? apid_err_nearest(near, expected,
                                                  count_words(expected))
                               : NULL;

    if (nearest)
        apid_xml_complain(errs, element, "%s; did you mean '%s'?", what,
                          nearest);
    else
        apid_xml_complain(errs, element, "%s; expected %s", what,
                          list_words(expected, errs->pool));
}

int apid_xml_find_word(const char *const *words, const char *word)
{
    int i = 0;

    while (words[i] && apr_cstr_casecmp(words[i], word) != 0)
        i++;
    return i;
}
