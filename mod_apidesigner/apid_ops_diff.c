/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_diff: compares two documents of one definition, both compiled
 * against the catalog of today. One that was in force and fits the modules no
 * longer cannot be compared, which is no reason to refuse the next.
 */
#include "apid_ops_parts.h"

#include <apr_strings.h>

/** One side of a comparison. */
typedef struct side_t {
    int version; /* 0: the draft */
    apid_ops_document_t document;
} side_t;

static apr_array_header_t *say_unfit(apid_ops_call_t *call)
{
    apr_array_header_t *list
        = apr_array_make(call->pool, 1, sizeof(apid_difference_t));
    apid_difference_t *difference = apr_array_push(list);

    memset(difference, 0, sizeof(*difference));
    difference->kind = APID_DIFF_DOCUMENT;
    difference->name = "document";
    difference->text = "The version before fits the modules no longer: it "
                       "cannot be compared.";
    return list;
}

apid_err_t *apid_ops_compare(apr_array_header_t **differences,
                             apid_ops_call_t *call,
                             const apid_ops_document_t *before,
                             const apid_api_t *after)
{
    apid_facts_t facts;
    apid_api_t *api;

    *differences = apr_array_make(call->pool, 1, sizeof(apid_difference_t));
    if (!before->text)
        return NULL;
    if (apid_ops_compile(&facts, &api, call, before))
        *differences = say_unfit(call);
    else
        *differences = apid_diff(api, after, call->pool);
    return NULL;
}

static void put_difference(apid_ops_call_t *call,
                           const apid_difference_t *difference)
{
    apid_json_object(call->out);
    apid_ops_put(call, "kind", apid_diff_word(difference->kind));
    apid_ops_put(call, "name", difference->name);
    apid_ops_put(call, "old", difference->before);
    apid_ops_put(call, "new", difference->after);
    apid_json_key(call->out, "breaking");
    apid_json_boolean(call->out, difference->breaking);
    apid_ops_put(call, "text", difference->text);
    apid_json_end(call->out);
}

void apid_ops_put_changes(apid_ops_call_t *call,
                          const apr_array_header_t *differences)
{
    apid_json_key(call->out, "breaking");
    apid_json_boolean(call->out, apid_diff_breaks(differences));
    apid_json_key(call->out, "changes");
    apid_json_array(call->out);
    for (int i = 0; i < differences->nelts; i++)
        put_difference(call, &APR_ARRAY_IDX(differences, i,
                                            apid_difference_t));
    apid_json_end(call->out);
}

/* the version that was asked for, the draft or the live one */
static apid_err_t *find_side(side_t *side, apid_ops_call_t *call,
                             const apid_stored_t *stored, const char *which)
{
    int version = apid_ops_int(call, which, 0);

    side->version = version ? version : stored->live_version;
    side->document = (apid_ops_document_t){stored->name, stored->document};
    if (version)
        return apid_store_version(&side->document.text, call->store, stored,
                                  version, 1);
    if (!strcmp(which, "to") && stored->draft) {
        side->version = 0;
        side->document.text = stored->draft;
    }
    return side->document.text ? NULL
        : apid_err_raise(call->pool, APID_ERR_API_NOT_FOUND,
                         "'%s' was never published", stored->name);
}

static void put_side(apid_ops_call_t *call, const char *key,
                     const side_t *side)
{
    apid_json_key(call->out, key);
    apid_json_object(call->out);
    apid_ops_put_int(call, "version", side->version);
    apid_ops_put(call, "document", side->document.text);
    apid_json_end(call->out);
}

apid_err_t *apid_ops_diff(apid_ops_call_t *call)
{
    apr_array_header_t *differences;
    apid_stored_t *stored;
    side_t from, to;
    apid_facts_t facts;
    apid_api_t *api;
    apid_err_t *err = apid_store_definition(&stored, call->store,
                                            apid_ops_text(call, "name"));

    if (!err)
        err = find_side(&from, call, stored, "from");
    if (!err)
        err = find_side(&to, call, stored, "to");
    if (!err)
        err = apid_ops_compile(&facts, &api, call, &to.document);
    if (!err)
        err = apid_ops_compare(&differences, call, &from.document, api);
    if (err)
        return err;
    apid_json_object(call->out);
    put_side(call, "from", &from);
    put_side(call, "to", &to);
    apid_ops_put_changes(call, differences);
    apid_json_end(call->out);
    return NULL;
}
