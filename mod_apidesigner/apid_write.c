/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_write: the order of a write. Values are parsed before any SQL; rows to
 * be changed are locked in the first trip; changes, the answer, the history
 * and the commit make the second. An error of the database is given the name
 * the caller knows the field by.
 */
#include "apid_write_parts.h"

#include <apr_strings.h>
#include <apr_uuid.h>

/** What the catalog gives a field that was not sent on create. */
static const apid_arg_t *fallback_arg(const apid_field_t *field,
                                      const apid_scope_t *scope,
                                      apr_pool_t *pool)
{
    const apid_builtin_t *builtin = apid_catalog_fallback(field);
    apid_binding_t binding = {0};

    if (!builtin)
        return apid_arg_literal(field->fallback, pool);
    binding.source = APID_SOURCE_USER_ID + builtin->which;
    return apid_where_arg(scope, &binding, pool);
}

/** Nothing can be sent for what an earlier operation gave. */
static apid_err_t *empty_result(const apid_scope_t *scope,
                                const apid_binding_t *binding,
                                apr_pool_t *pool)
{
    const apid_plan_t *plan = &scope->call->api->plans[binding->op];
    int found = scope->results[binding->op] != NULL;

    return apid_err_raise(pool, APID_ERR_MANDATORY_FIELDS_MISSING, "'@%s.%s' "
                          "has no value: %s", plan->as,
                          plan->columns[binding->column].name, found
                          ? "the field is empty" : "no record was found");
}

static apid_err_t *missing(const apid_scope_t *scope,
                           const apid_binding_t *binding, const char *param,
                           apr_pool_t *pool)
{
    if (binding->source == APID_SOURCE_RESULT)
        return empty_result(scope, binding, pool);
    return apid_err_field(apid_err_raise(pool,
                                         APID_ERR_MANDATORY_FIELDS_MISSING,
                                         "is mandatory and was not sent"),
                          param);
}

/** Appends what is wrong with fields that nothing was said of yet: one error
 * says what to do, a second of the same field may say otherwise. */
static apid_err_t *join_others(apid_err_t *err, apid_err_t *more)
{
    while (more) {
        apid_err_t *next = more->next;
        const apid_err_t *said = err;

        while (said && !(said->field && more->field
                         && !strcmp(said->field, more->field)))
            said = said->next;
        more->next = NULL;
        if (!said)
            err = apid_err_join(err, more);
        more = next;
    }
    return err;
}

apid_err_t *apid_job_check_empty(const apid_value_t *value,
                                 const apid_assign_t *assign,
                                 apr_pool_t *pool)
{
    int null = value->cls == APID_NULL;
    apid_err_t *err = NULL;

    if (assign->field->mandatory
        && (null || (value->cls == APID_TEXT && !value->len)))
        err = apid_err_raise(pool, APID_ERR_MANDATORY_FIELDS_MISSING,
                             "is mandatory and must not be empty");
    else if (null && !assign->field->domain.nullable)
        err = apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                             "must not be empty");
    return apid_err_field(err, assign->param);
}

/** Zero dates and JSON's null are answered as empty: so what was read can be
 * written. */
static int may_be_zero(const apid_value_t *value, const apid_field_t *field)
{
    const apid_domain_t *domain = &field->domain;

    return value->cls == APID_NULL && !domain->nullable && !field->mandatory
        && (domain->cls == APID_TIME || domain->type == APID_TYPE_JSON);
}

/** The argument of an assign, after defaults; NULL: it is left alone. */
static const apid_arg_t *assign_arg(const apid_job_t *job,
                                    const apid_assign_t *assign,
                                    apid_way_e way)
{
    apid_tx_t *tx = job->tx;
    const apid_arg_t *arg
        = apid_where_arg(tx->scope, &assign->binding, tx->pool);

    if (arg && arg->kind == APID_ARG_NULL
        && tx->scope->call->profile == APID_PROFILE_VTIGER)
        arg = assign->binding.source == APID_SOURCE_PARAM
            ? assign->binding.literal : NULL;
    if (!arg && way == APID_WAY_INSERT && assign->field->fallback)
        arg = fallback_arg(assign->field, tx->scope, tx->pool);
    return arg;
}

static apid_err_t *parse_assign(apid_job_t *job, int i, apid_way_e way)
{
    const apid_assign_t *assign = &job->plan->assigns[i];
    const apid_field_t *field = assign->field;
    const apid_arg_t *arg = assign_arg(job, assign, way);
    apid_assigned_t *to = &job->values[i];
    int needed = assign->binding.required
        || (way == APID_WAY_INSERT && field->mandatory);
    apid_err_t *err;

    if (!arg)
        return needed ? missing(job->tx->scope, &assign->binding,
                                assign->param, job->tx->pool) : NULL;
    arg = apid_where_arg_of(job->tx->scope, field, arg, job->tx->pool);
    err = apid_value_parse(&to->value, &field->domain, arg, job->tx->pool);
    if (err)
        return apid_err_field(err, assign->param);
    to->blank = arg->kind == APID_ARG_TEXT && !arg->len;
    to->zero = way == APID_WAY_CHANGE && may_be_zero(&to->value, field);
    to->sent = !to->zero;
    err = to->zero ? NULL : apid_job_check_empty(&to->value, assign,
                                                 job->tx->pool);
    return err && assign->binding.source == APID_SOURCE_RESULT
        ? empty_result(job->tx->scope, &assign->binding, job->tx->pool) : err;
}

/** Before any SQL there is nothing known of what earlier operations give. */
static int is_unknown(const apid_job_t *job, const apid_binding_t *binding)
{
    return binding->source == APID_SOURCE_RESULT && !job->tx->lease
        && !job->tx->scope->results[binding->op];
}

apid_err_t *apid_job_parse(apid_job_t *job, apid_way_e way)
{
    const apid_plan_t *plan = job->plan;
    apid_err_t *err = NULL;
    int i;

    job->values = apr_pcalloc(job->tx->pool,
                              (plan->nassigns + 1) * sizeof(*job->values));
    for (i = 0; plan->op != APID_OP_DELETE && i < plan->nassigns; i++)
        if (!is_unknown(job, &plan->assigns[i].binding))
            err = apid_err_join(err, parse_assign(job, i, way));
    return err;
}

/** The id a record is addressed by: its argument, NULL if none was sent. */
static const apid_arg_t *id_arg(const apid_job_t *job)
{
    const apid_arg_t *arg = apid_where_arg(job->tx->scope, &job->plan->id,
                                           job->tx->pool);

    return arg && arg->kind != APID_ARG_NULL
        && (arg->kind != APID_ARG_TEXT || arg->len) ? arg : NULL;
}

const char *apid_job_id_param(const apid_job_t *job)
{
    const apid_plan_t *plan = job->plan;

    return plan->id.source == APID_SOURCE_PARAM
        ? job->tx->scope->call->api->params[plan->id.param].name : "id";
}

static apid_err_t *missing_id(const apid_job_t *job)
{
    return missing(job->tx->scope, &job->plan->id, apid_job_id_param(job),
                   job->tx->pool);
}

static apid_err_t *missing_cond(const apid_job_t *job, const apid_cond_t *cond)
{
    return missing(job->tx->scope, &cond->binding, cond->param,
                   job->tx->pool);
}

/* The key of a new record, where it is not the server that makes it. */
static apid_err_t *make_key(apid_job_t *job)
{
    const apid_module_t *module = job->plan->module;
    const apid_arg_t *arg;
    char uuid[APR_UUID_FORMATTED_LENGTH + 1];
    apr_uuid_t bytes;

    if (module->key == APID_KEY_UUID) {
        apr_uuid_get(&bytes);
        apr_uuid_format(uuid, &bytes);
        job->key[0] = apid_value_of_text(apr_pstrdup(job->tx->pool, uuid));
    }
    if (module->key != APID_KEY_CALLER)
        return NULL;
    arg = id_arg(job);
    if (!arg)
        return missing_id(job);
    return apid_err_field(apid_catalog_parse_id(job->key, module, arg,
                                                job->tx->pool),
                          apid_job_id_param(job));
}

void apid_job_tell(apid_entry_t *entry, const apid_field_t *field,
                   const apid_value_t *before, const apid_value_t *after,
                   apr_pool_t *pool)
{
    const apid_domain_t *domain = &field->domain;
    apid_change_t *change = apr_array_push(entry->changes);

    change->field = field->name;
    change->before = before ? apid_value_text(before, domain, pool) : NULL;
    change->after = after ? apid_value_text(after, domain, pool) : NULL;
}

apid_entry_t *apid_job_entry(const apid_job_t *job,
                             apr_array_header_t *entries, apid_op_e op,
                             const apid_value_t *key)
{
    apid_entry_t *entry = apr_array_push(entries);

    entry->op = op;
    entry->record = key ? apid_catalog_write_record(job->plan->module, key,
                                                    job->tx->pool) : NULL;
    entry->changes = apr_array_make(job->tx->pool, job->plan->nassigns + 1,
                                    sizeof(apid_change_t));
    return entry;
}

apid_err_t *apid_job_commit(apid_written_t *written, apid_job_t *job)
{
    return apid_job_fault(apid_write_send(&written->rows, job->tx, job->stmts,
                                          APID_STMT_COMMIT), job);
}

void apid_job_entry_made(const apid_job_t *job, apr_array_header_t *entries)
{
    const apid_plan_t *plan = job->plan;
    apid_entry_t *entry
        = apid_job_entry(job, entries, APID_OP_CREATE,
                         apid_job_server_key(plan->module) ? NULL : job->key);
    int i;

    for (i = 0; i < plan->nassigns; i++)
        if (job->values[i].sent)
            apid_job_tell(entry, plan->assigns[i].field, NULL,
                          &job->values[i].value, job->tx->pool);
}

static apid_err_t *insert(apid_written_t *written, apid_job_t *job)
{
    apr_array_header_t *entries
        = apr_array_make(job->tx->pool, 1, sizeof(apid_entry_t));
    apid_err_t *err = apid_err_join(apid_job_parse(job, APID_WAY_INSERT),
                                    make_key(job));

    if (err)
        return err;
    apid_job_entry_made(job, entries);
    apid_job_insert(job);
    apid_job_answer_made(job);
    apid_job_history(job, entries);
    written->outcome = APID_OUTCOME_INSERTED;
    return apid_job_commit(written, job);
}

/** Whether an update is of the one record of an id that is not there: what
 * conditions alone match is not meant. */
static int lacks_id(const apid_job_t *job)
{
    return job->plan->op == APID_OP_UPDATE && job->plan->id.source
        && !id_arg(job);
}

/** The first condition of a group. */
static const apid_cond_t *first_cond(const apid_cond_t *cond)
{
    while (cond->first)
        cond = cond->first;
    return cond;
}

apid_err_t *apid_job_address(const apid_job_t *job, apid_where_t *where,
                             int by_id)
{
    const apid_plan_t *plan = job->plan;
    const apid_value_t *key = job->key;
    const apid_cond_t *unsent;
    apid_match_e match;

    if (by_id && plan->op == APID_OP_UPSERT) {
        apid_where_keys(where, plan, &key, 1);
        return NULL;
    }
    match = apid_where_conditions(where, plan, job->tx->scope, &unsent);
    if (unsent)
        return apid_err_join(where->err, missing_cond(job, unsent));
    if (lacks_id(job) || (match == APID_MATCH_ALL && !by_id))
        return plan->id.source ? missing_id(job)
            : missing_cond(job, first_cond(plan->where));
    if (by_id) {
        apid_where_add(where, match == APID_MATCH_SOME || plan->nbase
                           ? " AND " : " WHERE ");
        apid_where_key_in(where, &plan->module->tables[0], "t0", &key, 1);
    }
    return where->err;
}

void apid_job_lock(apid_job_t *job, apid_where_t *where)
{
    const apid_table_t *table = &job->plan->module->tables[0];
    int i, most = job->tx->scope->call->api->max_affected;
    apid_value_t limit = apid_value_of_int(most + 1);

    for (i = 0; i < table->ncolumns; i++) {
        apid_where_add(where, i ? ", t0." : " ORDER BY t0.");
        apid_where_add(where, table->columns[i]);
    }
    apid_where_add(where, " LIMIT ? FOR UPDATE");
    apid_where_bind(where, &limit);
    APR_ARRAY_PUSH(job->stmts, apid_stmt_t)
        = apid_where_stmt(where, APID_STMT_READ);
}

/** Locks the rows a change is about. */
static apid_err_t *lock(apr_array_header_t **rows, apid_job_t *job,
                        apid_where_t *where)
{
    int most = job->tx->scope->call->api->max_affected;
    apid_err_t *err;

    apid_job_lock(job, where);
    err = apid_where_fault(apid_write_send(rows, job->tx, job->stmts,
                                           APID_STMT_READ),
                           job->plan, job->tx->scope, job->tx->pool);
    apr_array_clear(job->stmts);
    if (!err && (*rows)->nelts > most)
        err = apid_err_raise(job->tx->pool, APID_ERR_TOO_MANY_RECORDS,
                             "More than %d records match; nothing was "
                             "changed", most);
    return err;
}

/** The id that a change is addressed by, if it was sent. */
static apid_err_t *read_id(apid_job_t *job, const apid_arg_t *id)
{
    return id ? apid_err_field(apid_catalog_parse_id(job->key,
                                                     job->plan->module, id,
                                                     job->tx->pool),
                               apid_job_id_param(job)) : NULL;
}

/** Reads what is to change and in which rows, and locks these. */
static apid_err_t *find(apr_array_header_t **rows, apid_job_t *job,
                        const apid_arg_t *id)
{
    apid_where_t *where = apid_where_open(job->tx->pool);
    apid_err_t *err = apid_job_parse(job, APID_WAY_CHANGE);
    apid_err_t *wrong = read_id(job, id);

    apid_where_lock(where, job->plan, apid_job_tagged(job)
                    ? job->plan->lock_tagged : job->plan->lock);
    if (!wrong)
        wrong = apid_job_address(job, where, id != NULL);
    err = join_others(err, wrong);
    return err ? err : lock(rows, job, where);
}

static apid_err_t *not_found(const apid_job_t *job)
{
    return apid_err_raise(job->tx->pool, APID_ERR_RECORD_NOT_FOUND,
                          "Record not found");
}

/** Finds rows that are as the request asks. What it addresses by its id must be
 * there, whatever it asks. */
static apid_err_t *find_met(apr_array_header_t **rows, apid_job_t *job,
                            const apid_arg_t *id, int needed)
{
    apid_err_t *err = find(rows, job, id);

    if (!err && needed && !(*rows)->nelts)
        return not_found(job);
    return err || !apid_job_tagged(job) ? err : apid_job_meet(job, *rows);
}

static apid_err_t *update(apid_written_t *written, apid_job_t *job)
{
    const apid_arg_t *id = id_arg(job);
    apr_array_header_t *rows;
    apid_err_t *err = find_met(&rows, job, id, id || job->plan->by_id);

    return err ? err : apid_job_change(written, job, rows);
}

static apid_err_t *upsert(apid_written_t *written, apid_job_t *job)
{
    const apid_arg_t *id = id_arg(job);
    apr_array_header_t *rows
        = apr_array_make(job->tx->pool, 1, sizeof(apid_value_t *));
    apid_err_t *err = NULL;

    if (job->plan->where || id)
        err = find_met(&rows, job, id, id != NULL);
    else if (apid_job_tagged(job))
        err = apid_job_meet(job, rows);
    if (err)
        return err;
    if (!rows->nelts)
        return insert(written, job);
    if (!id)
        apid_job_keep_matched(job);
    return apid_job_change(written, job, rows);
}

static apid_err_t *erase(apid_written_t *written, apid_job_t *job)
{
    const char *prefix = job->plan->module->prefix
        ? job->plan->module->prefix : "";
    apr_array_header_t *rows, *entries;
    apid_err_t *err = find_met(&rows, job, NULL, job->plan->by_id);
    int i, k;

    if (err)
        return err;
    entries = apr_array_make(job->tx->pool, rows->nelts + 1,
                             sizeof(apid_entry_t));
    written->deleted = apr_array_make(job->tx->pool, rows->nelts + 1,
                                      sizeof(const char *));
    for (i = 0; i < rows->nelts; i++) {
        apid_value_t *row = APR_ARRAY_IDX(rows, i, apid_value_t *);
        apid_entry_t *entry
            = apid_job_entry(job, entries, APID_OP_DELETE, row);

        APR_ARRAY_PUSH(written->deleted, const char *)
            = apr_pstrcat(job->tx->pool, prefix, entry->record, NULL);
        for (k = 0; k < job->plan->nassigns; k++)
            if (!apid_value_is_null(&row[job->plan->lock_first + k]))
                apid_job_tell(entry, job->plan->assigns[k].field,
                              &row[job->plan->lock_first + k], NULL,
                              job->tx->pool);
    }
    if (rows->nelts)
        apid_job_delete(job, rows);
    apid_job_history(job, entries);
    written->outcome = APID_OUTCOME_DELETED;
    return apid_job_commit(written, job);
}

static int is_unsent(const apid_scope_t *scope, const apid_cond_t *cond)
{
    const apid_binding_t *binding = &cond->binding;
    const apid_arg_t *arg = binding->source == APID_SOURCE_PARAM
        ? scope->args[binding->param] : NULL;

    return binding->source == APID_SOURCE_PARAM && !binding->literal
        && !cond->optional && (!arg || arg->kind == APID_ARG_NULL);
}

/** The first condition whose parameter was not sent and is not optional. */
static const apid_cond_t *find_unsent(const apid_scope_t *scope,
                                      const apid_cond_t *group)
{
    const apid_cond_t *cond, *found = NULL;

    for (cond = group->first; cond && !found; cond = cond->next)
        found = cond->first ? find_unsent(scope, cond)
            : is_unsent(scope, cond) ? cond : NULL;
    return found;
}

static apid_err_t *check_where(const apid_job_t *job)
{
    const apid_plan_t *plan = job->plan;
    const apid_scope_t *scope = job->tx->scope;
    apid_where_t *where = apid_where_open(job->tx->pool);
    const apid_cond_t *unsent
        = plan->op == APID_OP_SELECT ? NULL : find_unsent(scope, plan->where);
    const apid_cond_t *unknown; /* of an operation that did not run yet */

    (void)apid_where_conditions(where, plan, scope, &unknown);
    return unsent ? apid_err_join(where->err, missing_cond(job, unsent))
                  : where->err;
}

apid_err_t *apid_write_check(const apid_plan_t *plan, apid_scope_t *scope,
                             apr_pool_t *pool)
{
    apid_tx_t tx = {.pool = pool, .scope = scope};
    apid_job_t job = {&tx, plan, NULL, {{0}}, NULL};
    apid_err_t *err = NULL;

    if (plan->op != APID_OP_SELECT)
        err = apid_job_parse(&job, plan->op == APID_OP_CREATE
                                       ? APID_WAY_INSERT : APID_WAY_CHANGE);
    if (plan->id.source == APID_SOURCE_PARAM && lacks_id(&job))
        err = apid_err_join(err, missing_id(&job));
    if (!plan->where || (plan->op == APID_OP_UPSERT && id_arg(&job)))
        return err;
    return join_others(err, check_where(&job));
}

apid_err_t *apid_write_run(apid_written_t *written, apid_tx_t *tx,
                           const apid_plan_t *plan)
{
    apid_job_t job = {tx, plan, NULL, {{0}}, NULL};

    job.stmts = apr_array_make(tx->pool, 8, sizeof(apid_stmt_t));
    written->rows = written->deleted = NULL;
    switch (plan->op) {
    case APID_OP_CREATE:
        return insert(written, &job);
    case APID_OP_UPDATE:
        return update(written, &job);
    case APID_OP_UPSERT:
        return upsert(written, &job);
    case APID_OP_DELETE:
        return erase(written, &job);
    default:
        return NULL;
    }
}
