/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_config: the directives. A setting that is a number is a row
 * of a table in the header: struct member, default, range, help, setter and
 * merge follow from it. A bad value is refused when the configuration is read,
 * with a sentence that helps.
 */
#include "mod_apidesigner.h"
#include "apid_dsn.h"

#include <apr_strings.h>
#include <http_log.h>

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/param.h>

APLOG_USE_MODULE(apidesigner);

typedef struct number_t {
    const char *name;
    apr_size_t offset; /* of its member, an apr_int64_t */
    apr_int64_t unit;  /* what 1 is held as */
    double fallback, least, most; /* as the user writes them */
    const char *help;
} number_t;

/* clang-format off */
#define SERVER_NUMBER(member, name, unit, fallback, least, most, help) \
    { name, offsetof(apid_server_config_t, member), unit, fallback, least, \
      most, help },
static const number_t server_numbers[] = {
    APID_SERVER_TABLE(SERVER_NUMBER)
    APID_POOL_TABLE(SERVER_NUMBER)
    APID_THROTTLE_TABLE(SERVER_NUMBER)
};

#define DIR_NUMBER(member, name, unit, fallback, least, most, help) \
    { name, offsetof(apid_dir_config_t, member), unit, fallback, least, \
      most, help },
static const number_t dir_numbers[] = {
    APID_DIR_TABLE(DIR_NUMBER)
    APID_LIMIT_TABLE(DIR_NUMBER)
};

#define NUMBER_INDEX(member, ...) INDEX_##member,
enum {
    APID_SERVER_TABLE(NUMBER_INDEX)
    APID_POOL_TABLE(NUMBER_INDEX)
    APID_THROTTLE_TABLE(NUMBER_INDEX)
    SERVER_END
};
enum {
    APID_DIR_TABLE(NUMBER_INDEX)
    APID_LIMIT_TABLE(NUMBER_INDEX)
    DIR_END
};

/* Numbers that one directive takes, each as name=value. */
typedef struct list_t {
    const number_t *numbers;
    int first, end;
} list_t;

static const list_t pool_list = {
    server_numbers, INDEX_pool_min, INDEX_throttle_failures
};
static const list_t throttle_list = {
    server_numbers, INDEX_throttle_failures, SERVER_END
};
static const list_t limit_list = { dir_numbers, INDEX_limit_minute, DIR_END };

#define WORD(name, word) word,
static const char *const serve_words[] = { APID_SERVE_TABLE(WORD) };
static const char *const profile_words[] = { APID_PROFILE_TABLE(WORD) };
/* clang-format on */

#define COUNT(array) ((int)(sizeof(array) / sizeof(array[0])))

static apr_int64_t *find_member(void *config, const number_t *number)
{
    return (apr_int64_t *)((char *)config + number->offset);
}

static void set_defaults(void *config, const number_t *numbers, int n)
{
    for (int i = 0; i < n; i++) {
        *find_member(config, &numbers[i])
            = (apr_int64_t)(numbers[i].fallback * (double)numbers[i].unit);
    }
}

/* to holds what the outer section says; set are the bits of the inner one. */
static void merge_numbers(void *to, void *add, unsigned set,
                          const number_t *numbers, int n)
{
    for (int i = 0; i < n; i++) {
        if (set & 1u << i) {
            *find_member(to, &numbers[i]) = *find_member(add, &numbers[i]);
        }
    }
}

/* "APIDesignerPool max" or "APIDesignerReload": as it is written. */
static const char *name_number(const cmd_parms *cmd, const number_t *number)
{
    return strcmp(cmd->cmd->name, number->name)
               ? apr_pstrcat(cmd->pool, cmd->cmd->name, " ", number->name,
                             NULL)
               : number->name;
}

/* APR's own %g writes 100000 as "1.e+5". */
static const char *print_number(double value, apr_pool_t *pool)
{
    char text[32];

    snprintf(text, sizeof(text), "%.10g", value);
    return apr_pstrdup(pool, text);
}

static const char *read_number(apr_int64_t *held, const number_t *number,
                               const cmd_parms *cmd, const char *arg)
{
    char *end;
    double value = strtod(arg, &end);

    if (end == arg || *end || !isfinite(value)
        || (number->unit == 1 && value != floor(value))) {
        return apr_psprintf(cmd->pool, "%s takes a%s number, not '%s'",
                            name_number(cmd, number),
                            number->unit == 1 ? " whole" : "", arg);
    }
    if (value < number->least || value > number->most) {
        return apr_psprintf(cmd->pool, "%s must be from %s to %s, not %s",
                            name_number(cmd, number),
                            print_number(number->least, cmd->pool),
                            print_number(number->most, cmd->pool), arg);
    }
    *held = (apr_int64_t)(value * (double)number->unit + 0.5);
    return NULL;
}

static apid_server_config_t *find_server(const cmd_parms *cmd)
{
    return ap_get_module_config(cmd->server->module_config,
                                &apidesigner_module);
}

static const char *set_server_number(cmd_parms *cmd, void *unused,
                                     const char *arg)
{
    const number_t *number = cmd->info;
    apid_server_config_t *config = find_server(cmd);

    config->set |= 1u << (number - server_numbers);
    return read_number(find_member(config, number), number, cmd, arg);
}

/* What we serve is no file: sections about files are never asked. */
static const char *check_section(cmd_parms *cmd)
{
    return ap_check_cmd_context(cmd, NOT_IN_DIRECTORY | NOT_IN_FILES);
}

static const char *set_dir_number(cmd_parms *cmd, void *dir, const char *arg)
{
    const number_t *number = cmd->info;
    apid_dir_config_t *config = dir;
    const char *sentence = check_section(cmd);

    config->set |= 1u << (number - dir_numbers);
    return sentence ? sentence : read_number(find_member(config, number),
                                             number, cmd, arg);
}

static const char *list_names(const list_t *list, apr_pool_t *pool)
{
    const char *names = list->numbers[list->first].name;

    for (int i = list->first + 1; i < list->end; i++) {
        names = apr_pstrcat(pool, names, i + 1 < list->end ? ", " : " or ",
                            list->numbers[i].name, NULL);
    }
    return names;
}

/* Whether a directive says a name twice; which is meant? */
static int is_twice(const cmd_parms *cmd, const char *name)
{
    const char *rest = cmd->directive->args;
    apr_size_t len = strlen(name);
    int n = 0;

    while (*rest) {
        const char *word = ap_getword_conf(cmd->temp_pool, &rest);

        n += !ap_cstr_casecmpn(word, name, len) && word[len] == '=';
    }
    return n > 1;
}

/* One of "min=0 keep=4 ..."; config begins with its set. */
static const char *set_pair(void *config, cmd_parms *cmd, const char *arg)
{
    const char *value = ap_strchr_c(arg, '=');
    const list_t *list = cmd->info;

    for (int i = list->first; value && i < list->end; i++) {
        const number_t *number = &list->numbers[i];

        if (strlen(number->name) == (apr_size_t)(value - arg)
            && !ap_cstr_casecmpn(number->name, arg, value - arg)) {
            if (is_twice(cmd, number->name)) {
                return apr_pstrcat(cmd->pool, cmd->cmd->name, ": ",
                                   number->name, " is there twice", NULL);
            }
            *(unsigned *)config |= 1u << i;
            return read_number(find_member(config, number), number, cmd,
                               value + 1);
        }
    }
    return apr_psprintf(cmd->pool, "%s takes %s, each with = and a number, "
                        "not '%s'", cmd->cmd->name,
                        list_names(list, cmd->pool), arg);
}

static const char *set_server_pair(cmd_parms *cmd, void *unused,
                                   const char *arg)
{
    return set_pair(find_server(cmd), cmd, arg);
}

static const char *set_limit(cmd_parms *cmd, void *dir, const char *arg)
{
    apid_dir_config_t *config = dir;
    const char *sentence = check_section(cmd);

    config->limited = cmd->path ? cmd->path : "";
    return sentence ? sentence : set_pair(config, cmd, arg);
}

static const char *set_node(cmd_parms *cmd, void *unused, const char *arg)
{
    find_server(cmd)->node = arg;
    return *arg && strlen(arg) <= APID_MAX_NODE
               ? NULL
               : apr_psprintf(cmd->pool, "APIDesignerNode takes a name of 1 "
                              "to %d bytes", APID_MAX_NODE);
}

static const char *set_database(cmd_parms *cmd, void *unused, const char *arg)
{
    apid_server_config_t *config = find_server(cmd);
    apid_err_t *err;

    config->url = arg;
    config->database = apr_pcalloc(cmd->pool, sizeof(*config->database));
    apid_db_config_default(config->database);
    err = apid_dsn_parse(config->database, arg, cmd->pool);
    return err ? apr_pstrcat(cmd->pool, "APIDesignerDatabase: ", err->text,
                             NULL)
               : NULL;
}

static const char *list_words(const char *const *words, int n,
                              apr_pool_t *pool)
{
    const char *list = words[0];

    for (int i = 1; i < n; i++) {
        list = apr_pstrcat(pool, list, i + 1 < n ? ", " : " or ", words[i],
                           NULL);
    }
    return list;
}

/* The place of a word in a list, -1 and a sentence if it is not there. */
static int find_word(const char **sentence, const cmd_parms *cmd,
                     const char *const *words, int n, const char *arg)
{
    for (int i = 0; i < n; i++) {
        if (!ap_cstr_casecmp(arg, words[i])) {
            *sentence = NULL;
            return i;
        }
    }
    *sentence = apr_psprintf(cmd->pool, "%s takes %s, not '%s'",
                             cmd->cmd->name, list_words(words, n, cmd->pool),
                             arg);
    return -1;
}

static const char *set_serve(cmd_parms *cmd, void *dir, const char *what,
                             const char *name)
{
    apid_dir_config_t *config = dir;
    apid_server_config_t *server = find_server(cmd);
    const char *sentence;
    int found
        = find_word(&sentence, cmd, serve_words, COUNT(serve_words), what);

    if (sentence) {
        return sentence;
    }
    config->serve = (apid_serve_e)(found + 1); /* after APID_SERVE_NONE */
    config->name = name;
    server->served_at = apr_psprintf(cmd->pool, "%s line %d",
                                     cmd->directive->filename,
                                     cmd->directive->line_num);
    APR_ARRAY_PUSH(server->places, const apid_dir_config_t *) = config;
    return apid_place_set(cmd, config);
}

static const char *set_profile(cmd_parms *cmd, void *dir, const char *arg)
{
    apid_dir_config_t *config = dir;
    const char *sentence;
    int found
        = find_word(&sentence, cmd, profile_words, COUNT(profile_words), arg);

    if (!sentence) {
        config->profile = (apid_profile_e)found;
        config->profile_given = 1;
    }
    return sentence ? sentence : check_section(cmd);
}

static const char *set_console(cmd_parms *cmd, void *dir, const char *arg)
{
    apid_dir_config_t *config = dir;

    config->console = ap_server_root_relative(cmd->pool, arg);
    return config->console ? check_section(cmd)
        : apr_pstrcat(cmd->pool, "APIDesignerConsole: '", arg,
                      "' cannot be a path", NULL);
}

/* clang-format off */
#define SERVER_COMMAND(member, name, unit, fallback, least, most, help) \
    AP_INIT_TAKE1(name, set_server_number, \
                  (void *)&server_numbers[INDEX_##member], RSRC_CONF, help),
#define DIR_COMMAND(member, name, unit, fallback, least, most, help) \
    AP_INIT_TAKE1(name, set_dir_number, \
                  (void *)&dir_numbers[INDEX_##member], \
                  RSRC_CONF | ACCESS_CONF, help),

const command_rec apid_config_commands[] = {
    AP_INIT_TAKE1("APIDesignerDatabase", set_database, NULL, RSRC_CONF,
        "Where tables and definitions are: mysql://user@host/database?..."),
    AP_INIT_ITERATE("APIDesignerPool", set_server_pair, (void *)&pool_list,
        RSRC_CONF,
        "Connections of each child: min=0 keep=4 max=16 ttl=60 acquire=2 "
        "waiters=64"),
    APID_SERVER_TABLE(SERVER_COMMAND)
    AP_INIT_ITERATE("APIDesignerThrottle", set_server_pair,
        (void *)&throttle_list, RSRC_CONF,
        "How many failed sign-ins of an address or a name make it wait: "
        "failures=10 window=300; failures=0: none do"),
    AP_INIT_ITERATE("APIDesignerLimit", set_limit, (void *)&limit_list,
        RSRC_CONF | ACCESS_CONF,
        "Calls that a Location or server takes: minute=0 day=0; 0: any"),
    AP_INIT_TAKE1("APIDesignerNode", set_node, NULL, RSRC_CONF,
        "The name by which this server is told from others of its cluster"),
    AP_INIT_TAKE12("APIDesignerServe", set_serve, NULL, ACCESS_CONF,
        "What this Location serves: api, webhook, console, docs, metrics or "
        "health; api and webhook may be followed by the name of one "
        "definition, docs by the path of the Location that it documents"),
    AP_INIT_TAKE1("APIDesignerConsole", set_console, NULL,
        RSRC_CONF | ACCESS_CONF,
        "The directory of the console's built files"),
    AP_INIT_TAKE1("APIDesignerProfile", set_profile, NULL,
        RSRC_CONF | ACCESS_CONF,
        "The dialect of answers: rest or vtiger"),
    APID_DIR_TABLE(DIR_COMMAND)
    { .name = NULL }
};
/* clang-format on */

void *apid_config_server_create(apr_pool_t *pool, server_rec *server)
{
    apid_server_config_t *config = apr_pcalloc(pool, sizeof(*config));

    set_defaults(config, server_numbers, COUNT(server_numbers));
    config->places = apr_array_make(pool, 4, sizeof(apid_dir_config_t *));
    return config;
}

void *apid_config_server_merge(apr_pool_t *pool, void *base, void *add)
{
    apid_server_config_t *config = apr_pmemdup(pool, base, sizeof(*config));
    apid_server_config_t *inner = add;

    merge_numbers(config, inner, inner->set, server_numbers,
                  COUNT(server_numbers));
    config->set |= inner->set;
    if (inner->url) {
        config->url = inner->url;
        config->database = inner->database;
    }
    if (inner->node) {
        config->node = inner->node;
    }
    if (inner->served_at) {
        config->served_at = inner->served_at;
    }
    config->places = apr_array_append(pool, inner->places, config->places);
    return config;
}

void *apid_config_dir_create(apr_pool_t *pool, char *path)
{
    apid_dir_config_t *config = apr_pcalloc(pool, sizeof(*config));

    set_defaults(config, dir_numbers, COUNT(dir_numbers));
    return config;
}

void *apid_config_dir_merge(apr_pool_t *pool, void *base, void *add)
{
    apid_dir_config_t *config = apr_pmemdup(pool, base, sizeof(*config));
    apid_dir_config_t *inner = add;

    merge_numbers(config, inner, inner->set, dir_numbers, COUNT(dir_numbers));
    config->set |= inner->set;
    if (inner->serve != APID_SERVE_NONE) {
        config->serve = inner->serve;
        config->name = inner->name;
        config->location = inner->location;
    }
    /* both numbers belong to one place, which several sections may be about */
    if (inner->limited
        && (!config->limited || strcmp(config->limited, inner->limited))) {
        config->limited = inner->limited;
        config->limit_minute = inner->limit_minute;
        config->limit_day = inner->limit_day;
    }
    if (inner->profile_given) {
        config->profile = inner->profile;
        config->profile_given = 1;
    }
    if (inner->console) {
        config->console = inner->console;
    }
    /* the management API has one dialect, whatever the APIs around it have */
    if (config->serve == APID_SERVE_CONSOLE) {
        config->profile = APID_PROFILE_REST;
    }
    return config;
}

static const char *judge(const apid_server_config_t *config, apr_pool_t *pool)
{
    if (config->served_at && !config->url) {
        return apr_pstrcat(pool, "APIDesignerServe (", config->served_at,
                           ") needs an APIDesignerDatabase", NULL);
    }
    if (config->pool_min > config->pool_max) {
        return "APIDesignerPool: min must not be above max";
    }
    if (config->set & 1u << INDEX_pool_keep
        && config->pool_keep > config->pool_max) {
        return "APIDesignerPool: keep must not be above max";
    }
    return apid_place_judge(config, pool);
}

int apid_config_check(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                      server_rec *server)
{
    for (; server; server = server->next) {
        const char *sentence = judge(
            ap_get_module_config(server->module_config, &apidesigner_module),
            ptemp);

        if (sentence) {
            ap_log_error(APLOG_MARK, APLOG_ERR | APLOG_STARTUP, 0, server,
                         "%s", sentence);
            return HTTP_INTERNAL_SERVER_ERROR;
        }
    }
    return OK;
}

apid_db_config_t *apid_config_database(const apid_server_config_t *config,
                                       apr_pool_t *pool)
{
    apid_db_config_t *database
        = apr_pmemdup(pool, config->database, sizeof(*database));

    database->min = (int)config->pool_min;
    database->keep = (int)MIN(config->pool_keep, config->pool_max);
    database->max = (int)config->pool_max;
    database->waiters = (int)config->pool_waiters;
    database->idle_ttl = config->pool_ttl;
    database->acquire_timeout = config->pool_acquire;
    database->statements = (int)config->statements;
    database->statement_timeout = config->statement_timeout;
    if (config->statement_timeout) {
        database->io_timeout
            = config->statement_timeout + 5 * APR_USEC_PER_SEC;
    }
    return database;
}

apid_profile_e apid_config_place_profile(const apid_dir_config_t *place,
                                         const server_rec *server)
{
    const apid_dir_config_t *outer = ap_get_module_config(
        server->lookup_defaults, &apidesigner_module);

    return place->profile_given ? place->profile : outer->profile;
}

int apid_config_alike(const apid_server_config_t *a,
                      const apid_server_config_t *b)
{
    int alike = a->database == b->database && a->node == b->node;

    for (int i = 0; i < COUNT(server_numbers); i++) {
        alike = alike
                && *find_member((void *)a, &server_numbers[i])
                       == *find_member((void *)b, &server_numbers[i]);
    }
    return alike;
}

apid_profile_e apid_config_profile(const char *word)
{
    int found = 0;

    while (found < COUNT(profile_words)
           && ap_cstr_casecmp(word, profile_words[found])) {
        found++;
    }
    return (apid_profile_e)found;
}
