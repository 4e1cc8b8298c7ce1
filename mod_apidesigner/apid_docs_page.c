/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_docs_page: the page: each definition with its parameters, a request to
 * copy and what comes back. Plain HTML that any browser and any screen reader
 * reads; every text of a definition is escaped.
 */
#include "apid_docs_parts.h"

#include <apr_escape.h>
#include <apr_strings.h>
#include <string.h>

/** A page in the making. */
typedef struct page_t {
    apr_bucket_brigade *out;
    const apid_docs_t *docs;
    apr_pool_t *pool;
} page_t;

static const char style[]
    = ":root { color-scheme: light dark; }\n"
      "body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto;\n"
      "    max-width: 60rem; padding: 1rem; }\n"
      "section { border-top: 1px solid; margin-top: 2rem; }\n"
      "pre { overflow-x: auto; padding: .75rem; border: 1px solid; }\n"
      "code, pre { font-family: ui-monospace, monospace; }\n"
      "table { border-collapse: collapse; width: 100%; }\n"
      "th, td { border-bottom: 1px solid; padding: .25rem .5rem;\n"
      "    text-align: left; vertical-align: top; }\n"
      "caption { font-weight: bold; text-align: left; }\n";

const char *apid_docs_style(void)
{
    return style;
}

/** Markup of ours. */
static void add(page_t *page, const char *markup)
{
    apr_brigade_puts(page->out, NULL, NULL, markup);
}

/** Text of theirs, between two pieces of markup. */
static void add_text(page_t *page, const char *before, const char *text,
                     const char *after)
{
    add(page, before);
    add(page, apr_pescape_entity(page->pool, text, 0));
    add(page, after);
}

static const char *name_place(apid_docs_place_e place)
{
    return place == APID_DOCS_PATH ? "path"
        : place == APID_DOCS_QUERY ? "query" : "body";
}

static const char *list_choices(const apid_domain_t *domain, apr_pool_t *pool)
{
    const char *list = ": ";

    for (int i = 0; i < domain->nchoices; i++)
        list = apr_pstrcat(pool, list, i ? ", " : "", domain->choices[i],
                           NULL);
    return domain->nchoices ? list : "";
}

static const char *write_kind(const apid_docs_use_t *use, apr_pool_t *pool)
{
    const apid_domain_t *domain = use->domain;
    int arity = use->cond ? apid_condition_arity(use->cond->test) : 1;
    const char *several = arity == 2 ? "two of: " : arity < 0 ? "list of: "
                                                              : "";

    if (use->number)
        return "a whole number";
    if (!domain)
        return "text";
    return apr_pstrcat(pool, several, apid_type_help(domain->type),
                       list_choices(domain, pool), NULL);
}

static void add_param(page_t *page, const apid_docs_item_t *item,
                      const char *method, int param)
{
    apid_docs_use_t use = apid_docs_use(item->entry.api, param, page->pool);
    apid_docs_place_e place = apid_docs_place(item, method, param);
    int needed = use.param->required || place == APID_DOCS_PATH;

    add_text(page, "<tr><th scope=\"row\"><code>", use.param->name,
             "</code></th><td>");
    add(page, name_place(place));
    add(page, needed ? "</td><td>yes</td>" : "</td><td>no</td>");
    add_text(page, "<td>", write_kind(&use, page->pool), "</td>");
    add_text(page, "<td>", use.purpose, "</td></tr>\n");
}

static void add_params(page_t *page, const apid_docs_item_t *item,
                       const char *method)
{
    if (!item->entry.api->nparams)
        return;
    add(page, "<table><caption>Parameters</caption><thead><tr>"
              "<th scope=\"col\">Name</th><th scope=\"col\">In</th>"
              "<th scope=\"col\">Required</th><th scope=\"col\">Value</th>"
              "<th scope=\"col\">What it is</th></tr></thead><tbody>\n");
    for (int i = 0; i < item->entry.api->nparams; i++)
        if (apid_docs_place(item, method, i) != APID_DOCS_NOWHERE)
            add_param(page, item, method, i);
    add(page, "</tbody></table>\n");
}

/* ---- a request to copy */

/** A word of the shell in single quotes. */
static const char *quote(const char *text, apr_pool_t *pool)
{
    const char *quoted = "'";

    while (*text) {
        apr_size_t plain = strcspn(text, "'");
        quoted = apr_pstrcat(pool, quoted, apr_pstrmemdup(pool, text, plain),
                             text[plain] ? "'\\''" : "", NULL);
        text += plain + (text[plain] == '\'');
    }
    return apr_pstrcat(pool, quoted, "'", NULL);
}

/** A sample as it stands in a URL: without the quotes of JSON; of a list the
 * first. */
static const char *write_plain(const char *sample, apr_pool_t *pool)
{
    apid_arg_t *arg;

    if (apid_arg_parse_json(&arg, sample, strlen(sample), pool))
        return sample;
    if (arg->kind == APID_ARG_ARRAY && arg->items)
        arg = arg->items;
    return arg->text;
}

static const char *write_sample(const apid_docs_item_t *item, int param,
                                apr_pool_t *pool)
{
    apid_docs_use_t use = apid_docs_use(item->entry.api, param, pool);

    return apr_pescape_path_segment(
        pool, write_plain(apid_docs_sample(&use, pool), pool));
}

/** The path with a sample in each part. */
static const char *fill_path(const apid_docs_item_t *item, apr_pool_t *pool)
{
    const char *path = "", *at = item->path;

    for (int i = 0; i < item->entry.api->nparams; i++) {
        const char *open = strchr(at, '{');
        if (!open || !item->entry.api->params[i].in_path)
            continue;
        path = apr_pstrcat(pool, path, apr_pstrmemdup(pool, at, open - at),
                           write_sample(item, i, pool), NULL);
        at = open + strcspn(open, "}") + 1;
    }
    return apr_pstrcat(pool, path, at, NULL);
}

/** NAME=SAMPLE; of a list of two, twice. */
static const char *write_pair(const apid_docs_item_t *item, int param,
                              apr_pool_t *pool)
{
    const apid_api_t *api = item->entry.api;
    apid_docs_use_t use = apid_docs_use(api, param, pool);
    const char *pair = apr_pstrcat(
        pool, apr_pescape_urlencoded(pool, api->params[param].name), "=",
        write_sample(item, param, pool), NULL);

    return use.cond && apid_condition_arity(use.cond->test) == 2
        ? apr_pstrcat(pool, pair, "&", pair, NULL) : pair;
}

static const char *write_query(const apid_docs_item_t *item,
                               const char *method, apr_pool_t *pool)
{
    const apid_api_t *api = item->entry.api;
    int token = api->kind == APID_KIND_WEBHOOK
        && api->token_in == APID_TOKEN_IN_QUERY;
    const char *query = token ? "?token=TOKEN" : "";

    for (int i = 0; i < api->nparams; i++)
        if (apid_docs_place(item, method, i) == APID_DOCS_QUERY)
            query = apr_pstrcat(pool, query, *query ? "&" : "?",
                                write_pair(item, i, pool), NULL);
    return query;
}

static const char *write_body(const apid_docs_item_t *item, apr_pool_t *pool)
{
    apid_json_t *json = apid_json_memory(pool);

    apid_docs_sample_body(json, item, "", pool);
    return apid_json_print(json, pool);
}

static const char *write_credentials(const apid_api_t *api)
{
    if (api->kind == APID_KIND_API)
        return " -u USER:KEY";
    return api->token_in == APID_TOKEN_IN_HEADER ? " -H 'Token: TOKEN'" : "";
}

static const char *write_curl(const page_t *page,
                              const apid_docs_item_t *item,
                              const char *method)
{
    apr_pool_t *pool = page->pool;
    char *word = apr_pstrdup(pool, method);
    const char *body = "";

    for (char *at = word; *at; at++)
        *at -= 'a' - 'A';
    if (apid_docs_count(item, method, APID_DOCS_BODY))
        body = apr_pstrcat(pool, " -H 'Content-Type: application/json' \\\n"
                                 "    -d ",
                           quote(write_body(item, pool), pool), NULL);
    return apr_pstrcat(pool, "curl -X ", word,
                       write_credentials(item->entry.api), body, " \\\n    ",
                       quote(apr_pstrcat(pool, page->docs->server,
                                         fill_path(item, pool),
                                         write_query(item, method, pool),
                                         NULL), pool), NULL);
}

/* ---- what comes back */

static const char *write_record(const page_t *page, const apid_plan_t *plan,
                                const char *indent)
{
    apid_docs_side_e side = page->docs->profile == APID_PROFILE_REST
        ? APID_DOCS_TYPED : APID_DOCS_STRINGS;
    const char *text = "", *comma = "\n  ";

    for (int i = 0; i < plan->nshown; i++) {
        const apid_column_t *column = &plan->columns[i];
        if (column->hidden)
            continue;
        text = apr_pstrcat(page->pool, text, comma, indent, column->quoted,
                           " ", apid_docs_example(column->domain, side,
                                                  page->pool), NULL);
        comma = ",\n  ";
    }
    return apr_pstrcat(page->pool, "{", text, "\n", indent, "}", NULL);
}

static const char *write_answer(const page_t *page, const apid_plan_t *plan)
{
    apr_pool_t *pool = page->pool;
    apid_shape_e shape = apid_api_shape(plan, page->docs->profile);
    int wrapped = page->docs->profile == APID_PROFILE_VTIGER;
    const char *indent = wrapped ? "  " : "", *text;

    if (shape == APID_SHAPE_NONE)
        return "204 No Content";
    if (shape == APID_SHAPE_STATUS)
        text = "{\"status\": \"successful\"}";
    else if (shape == APID_SHAPE_OBJECT)
        text = write_record(page, plan, indent);
    else
        text = apr_pstrcat(pool, "[", write_record(page, plan, indent), "]",
                           NULL);
    if (!wrapped)
        return text;
    return apr_pstrcat(pool, "{\n  \"success\": true,\n  \"result\": ", text,
                       "\n}", NULL);
}

/* ---- all of it */

static void add_about(page_t *page, const apid_docs_item_t *item)
{
    const apid_docs_entry_t *entry = &item->entry;
    const char *terms = apid_docs_terms(entry->api, page->pool);

    if (entry->api->description)
        add_text(page, "<p>", entry->api->description, "</p>\n");
    add_text(page, "<p>Version ",
             apr_itoa(page->pool, entry->api->version), ".");
    add_text(page, entry->deprecated ? " <strong>Deprecated.</strong>" : "",
             terms, "</p>\n");
    if (entry->sunset)
        add_text(page, "<p>It ends on <time>",
                 apid_docs_time(entry->sunset, page->pool), "</time>.</p>\n");
}

static void add_item(page_t *page, const apid_docs_item_t *item, int number)
{
    const char *methods[2];
    const char *method;

    apid_docs_methods(methods, item->entry.api);
    method = methods[1] ? methods[1] : methods[0];
    add_text(page, "<section aria-labelledby=\"d",
             apr_itoa(page->pool, number), "\">\n");
    add_text(page, "<h2 id=\"d", apr_itoa(page->pool, number), "\">");
    add_text(page, "", item->entry.api->name, "</h2>\n");
    add_text(page, "<p><code>", methods[1] ? "get or post" : method, " ");
    add_text(page, "", item->path, "</code></p>\n");
    add_about(page, item);
    add_params(page, item, method);
    add_text(page, "<h3>Request</h3>\n<pre tabindex=\"0\"><code>",
             write_curl(page, item, method), "</code></pre>\n");
    add_text(page, "<h3>Answer</h3>\n<pre tabindex=\"0\"><code>",
             write_answer(page, apid_docs_answer(item->entry.api)),
             "</code></pre>\n</section>\n");
}

static void add_contents(page_t *page, const apr_array_header_t *items)
{
    add(page, "<nav aria-label=\"Contents\"><ul>\n");
    for (int i = 0; i < items->nelts; i++) {
        const apid_docs_item_t *item
            = &APR_ARRAY_IDX(items, i, apid_docs_item_t);
        add_text(page, "<li><a href=\"#d", apr_itoa(page->pool, i), "\">");
        add_text(page, "", item->entry.api->name, "</a></li>\n");
    }
    add(page, "</ul></nav>\n<main>\n");
}

void apid_docs_page(apr_bucket_brigade *out, const apid_docs_t *docs,
                    const char *at)
{
    apr_array_header_t *items = apid_docs_sorted(docs);
    page_t page = {.out = out, .docs = docs};

    add(&page, "<!DOCTYPE html>\n<html lang=\"en\"><head>"
               "<meta charset=\"utf-8\"><title>APIs and webhooks</title>"
               "<meta name=\"viewport\" content=\"width=device-width\">\n");
    apr_pool_create(&page.pool, docs->pool);
    add_text(&page, "<link rel=\"stylesheet\" href=\"", at,
             "/style.css\"></head>\n<body><header><h1>APIs and webhooks</h1>");
    add_text(&page, "<p><a href=\"", at, "/openapi.json\">OpenAPI document"
                                         "</a></p></header>\n");
    add_contents(&page, items);
    for (int i = 0; i < items->nelts; i++) {
        add_item(&page, &APR_ARRAY_IDX(items, i, apid_docs_item_t), i);
        apr_pool_clear(page.pool);
    }
    add(&page, "</main></body></html>\n");
}
