/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_dsn: the URL of a database, as directive and tool take it, to the
 * configuration of a pool:
 *
 *     mysql://user@/crm?socket=/run/mysqld/mysqld.sock&password=file:/etc/pw
 *     mysql://user@db1:3306,db2/crm?tls=verify&ca=/etc/ca.pem
 *
 * Parts are percent-decoded. The URL never holds a password: it names the file
 * or the command that gives it.
 */
#ifndef APID_DSN_H
#define APID_DSN_H

#include "apid_db.h"

#define APID_DSN_PORT 3306

/** Parses a URL into hosts, user, password, database, tls and tls_ca of
 * config; its other members are left alone. The password is read here and now:
 * the first line of password=file:PATH, or of what password=exec:COMMAND
 * prints. Texts live in pool. INVALID_VALUE with a sentence that never repeats
 * a password. */
APID_CHECKED apid_err_t *apid_dsn_parse(apid_db_config_t *config,
                                        const char *url, apr_pool_t *pool);

#endif
