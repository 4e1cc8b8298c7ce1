/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_docs: the OpenAPI document and the page of a definition that reads and
 * one that writes: what they must hold, what they must not.
 */
#include "apid_docs.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

static const char module[]
    = "<module name='People'><table name='secret_table' key='id'/>"
      "<field name='name' column='secret_column' type='string' length='80' "
      "mandatory='true' nullable='false'/>"
      "<field name='age' type='integer' min='0'/>"
      "<field name='steps' type='integer' bits='32' unsigned='true'/>"
      "<field name='pay' type='decimal' precision='9' scale='2'/>"
      "<field name='mail' type='email' length='80'/>"
      "<field name='sex' type='string' length='1'/>"
      "<field name='size' type='integer' bits='16'/>"
      "<field name='born' type='year'/>"
      "<field name='away' type='bit'/>"
      "<field name='debt' type='decimal' precision='9' scale='2' "
      "unsigned='true'/>"
      "<field name='boss' type='reference' refers='People'/></module>";

static const char *const documents[] = {
    "<api name='One' path='people/{id}'>"
    "<description>Reads &lt;one&gt; &amp; no more</description>"
    "<select module='People' one='true'><where>"
    "<field name='id' value='@id'/></where></select></api>",
    "<api name='Zwo' path='people/{key}'><select module='People'><where>"
    "<field name='id' value='@key'/></where></select></api>",
    "<api name='Add' method='post' path='people'><create module='People'>"
    "<record><field name='name' value='@name'/>"
    "<field name='age' value='@age'/></record></create></api>",
    "<api name='Aged' path='aged'><select module='People'><where>"
    "<field name='age' value='@from' condition='between'/>"
    "<field name='sex' value='@sex'/></where></select></api>",
    "<api name='Hire' method='post' path='staff'><create module='People'>"
    "<record><field name='pay' value='@who.pay'/>"
    "<field name='mail' value='@who.mail'/>"
    "<field name='size' value='@who.size'/>"
    "<field name='born' value='@who.born'/>"
    "<field name='debt' value='@who.debt'/>"
    "<field name='name' value='@who.name'/></record><return>"
    "<field name='steps'/><field name='boss.name' as='chief'/>"
    "<field name='mail' as='post'/><field name='away'/>"
    "<field name='boss.id' as='above'/></return></create></api>",
    NULL
};

/* each text, and whether the document and the page hold it */
static const struct {
    const char *text;
    int document, page;
} holds[] = {
    {"\"openapi\":\"3.1.0\"", 1, 0},
    {"https://www.example", 1, 1},
    {"/api/people/{id}", 1, 1},
    {"\"maxLength\":80", 1, 0},
    {"\"required\":[\"name\"]", 1, 0},
    {"\"required\":[\"who\"]", 1, 0},
    {"\"pay\":{\"type\":[\"string\",\"number\",\"null\"]", 1, 0},
    {"\"steps\":{\"type\":[\"integer\",\"null\"],\"format\":\"int64\"", 1,
     0},
    {"\"mail\":{\"type\":[\"string\",\"null\"],\"format\":\"email\"", 1, 0},
    {"\"post\":{\"type\":[\"string\",\"null\"],\"description\"", 1, 0},
    {"\"int32\",\"minimum\":-32768,\"maximum\":32767", 1, 0},
    {"\"minimum\":1901,\"maximum\":2155", 1, 0},
    {"?$\",\"minimum\":0,\"description\":\"Value of debt\"", 1, 0},
    {"\"chief\":{\"type\":[\"string\",\"null\"]", 1, 0},
    {"\"above\":{\"type\":[\"integer\",\"null\"]", 1, 0},
    {"Reads <one> & no more", 1, 0},
    {"Reads &lt;one&gt; &amp; no more", 0, 1},
    {"Zwo", 0, 1},
    {"/aged?from=0&amp;from=0&amp;sex=t'", 0, 1},
    {"\"away\":{\"type\":[\"boolean\",\"null\"]", 1, 0},
    {"&quot;away&quot;: true", 0, 1},
    {"secret_", 0, 0},
    {"<script", 0, 0},
};

static void add_all(apid_docs_t *docs, apr_pool_t *pool)
{
    apr_array_header_t *list = apr_array_make(pool, 1, sizeof(void *));
    apid_docs_entry_t entry = {NULL, "/api", 0, 0, 0};
    const apid_catalog_t *catalog;
    apid_err_t *err = apid_module_parse(apr_array_push(list), module,
                                        strlen(module), pool);

    is(err ? err->text : NULL, NULL, "a module");
    catalog = apid_catalog_open(list, pool);
    for (int i = 0; documents[i]; i++) {
        apid_api_t *api;

        err = apid_api_parse(&api, documents[i], catalog, pool);
        is(err ? err->text : NULL, NULL, "a definition");
        entry.api = api;
        apid_docs_add(docs, &entry);
    }
}

static const char *print_page(const apid_docs_t *docs, apr_pool_t *pool)
{
    apr_bucket_brigade *page
        = apr_brigade_create(pool, apr_bucket_alloc_create(pool));
    char *text;
    apr_size_t len;

    apid_docs_page(page, docs, "/docs");
    if (apr_brigade_pflatten(page, &text, &len, pool) != APR_SUCCESS)
        return NULL;
    return apr_pstrmemdup(pool, text, len);
}

static const char *print_document(const apid_docs_t *docs, apr_pool_t *pool)
{
    apr_bucket_brigade *brigade
        = apr_brigade_create(pool, apr_bucket_alloc_create(pool));
    apid_json_t *json = apid_json_open(brigade, 0, NULL, NULL, pool);

    apid_docs_write(json, docs);
    return apid_json_print(json, pool);
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    apid_docs_t *docs = apid_docs_open(APID_PROFILE_REST,
                                       "https://www.example", pool);
    add_all(docs, pool);
    const char *document = print_document(docs, pool);
    const char *page = print_page(docs, pool);
    for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++) {
        is_int(strstr(document, holds[i].text) != NULL, holds[i].document,
               apr_pstrcat(pool, "the document: ", holds[i].text, NULL));
        is_int(strstr(page, holds[i].text) != NULL, holds[i].page,
               apr_pstrcat(pool, "the page: ", holds[i].text, NULL));
    }
    ok(strstr(apid_docs_style(), "{") != NULL, "the stylesheet");
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
