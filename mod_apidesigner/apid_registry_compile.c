/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_registry_compile: compiles editions, once each, into the pool of their
 * page. An edition that does not fit the schema keeps an api of NULL and is
 * told of once.
 */
#include "apid_registry_parts.h"

#include <apr_strings.h>
#include <string.h>

static void compile_edition(apid_listed_t *listed, int i)
{
    apid_edition_t *edition = &listed->editions[i];
    const char *document = listed->slots[i].document;
    apid_api_t *api = NULL;
    apid_err_t *err = !document ? NULL : apid_api_stored(
        &api, document, listed->shown.name, listed->page->catalog,
        listed->page->pool);

    if (err) {
        apid_page_notice(listed->page, "'%s' version %d is broken: line %d: "
                                       "%s", listed->shown.name,
                         edition->version, err->line, err->text);
        return;
    }
    if (api)
        api->version = edition->version;
    edition->api = api;
}

void apid_listed_compile(apid_listed_t *listed, int i)
{
    apid_slot_t *slot = &listed->slots[i];

    if (atomic_load_explicit(&slot->compiled, memory_order_acquire))
        return;
    apr_thread_mutex_lock(listed->page->mutex);
    if (!atomic_load_explicit(&slot->compiled, memory_order_relaxed)) {
        compile_edition(listed, i);
        atomic_store_explicit(&slot->compiled, 1, memory_order_release);
    }
    apr_thread_mutex_unlock(listed->page->mutex);
}

void apid_page_notice(const apid_page_t *page, const char *fmt, ...)
{
    char line[1024];
    va_list args;

    if (!page->hear.notice)
        return;
    va_start(args, fmt);
    apr_vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    page->hear.notice(page->hear.ctx, line);
}
