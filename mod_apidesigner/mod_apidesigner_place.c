/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_place: the Location that APIDesignerServe is in: whether what
 * is served can be served there, when the line is read, and whether all that it
 * refers to is there, when all are.
 */
#include "mod_apidesigner.h"

#include <apr_fnmatch.h>
#include <apr_strings.h>

/* The <Location> or <LocationMatch> a directive is in, or NULL. */
static const ap_directive_t *find_location(const cmd_parms *cmd)
{
    const ap_directive_t *section = cmd->directive->parent;

    while (section && ap_cstr_casecmpn(section->directive, "<Location", 9)) {
        section = section->parent;
    }
    return section;
}

/* A Location that is no plain prefix does not tell where a path begins. */
static int is_pattern(const ap_directive_t *location, const char *path)
{
    return !ap_cstr_casecmp(location->directive, "<LocationMatch")
           || location->args[strspn(location->args, " \t\"")] == '~'
           || apr_fnmatch_test(path);
}

/* Documentation refers to itself by its path. */
static const char *check_docs(const apid_dir_config_t *config)
{
    if (!config->location) {
        return "APIDesignerServe docs does not go into a Location that is a "
               "pattern";
    }
    return !config->name || *config->name == '/'
               ? NULL
               : "APIDesignerServe docs may be followed by the path of a "
                 "Location, such as /api";
}

/* httpd takes "" for no word at all */
static int has_second(const cmd_parms *cmd)
{
    const char *rest = cmd->directive->args;

    ap_getword_conf(cmd->temp_pool, &rest);
    return *rest != '\0';
}

const char *apid_place_set(cmd_parms *cmd, apid_dir_config_t *config)
{
    const ap_directive_t *location = find_location(cmd);
    int named = config->serve == APID_SERVE_API
                || config->serve == APID_SERVE_WEBHOOK;

    if (!location || !cmd->path) {
        return "APIDesignerServe belongs into a <Location>";
    }
    config->location = is_pattern(location, cmd->path) ? NULL : cmd->path;
    if (config->serve == APID_SERVE_DOCS) {
        return check_docs(config);
    }
    if (!config->name && has_second(cmd)) {
        return "APIDesignerServe: the name of the definition is empty";
    }
    if (config->name && !named) {
        return "APIDesignerServe takes the name of a definition only after "
               "api or webhook";
    }
    if (config->serve == APID_SERVE_CONSOLE && !config->location) {
        return "APIDesignerServe console belongs into a <Location> with a path";
    }
    if (named && !config->location && !config->name) {
        return "APIDesignerServe in a Location that is a pattern needs the "
               "name of the definition to serve";
    }
    return NULL;
}

static int has_place(const apid_server_config_t *config, const char *location)
{
    for (int i = 0; i < config->places->nelts; i++) {
        const apid_dir_config_t *place
            = APR_ARRAY_IDX(config->places, i, const apid_dir_config_t *);

        if (place->location && !strcmp(place->location, location)
            && (place->serve == APID_SERVE_API
                || place->serve == APID_SERVE_WEBHOOK)) {
            return 1;
        }
    }
    return 0;
}

const char *apid_place_judge(const apid_server_config_t *config,
                             apr_pool_t *pool)
{
    for (int i = 0; i < config->places->nelts; i++) {
        const apid_dir_config_t *place
            = APR_ARRAY_IDX(config->places, i, const apid_dir_config_t *);

        if (place->serve == APID_SERVE_DOCS && place->name
            && !has_place(config, place->name)) {
            return apr_pstrcat(pool, "APIDesignerServe docs ", place->name,
                               ": no <Location \"", place->name,
                               "\"> serves api or webhook", NULL);
        }
    }
    return NULL;
}
