/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_rights: what groups give, and what that adds up to for a user. A group
 * has one right per module, and perhaps one for `*`, which stands for all
 * modules that it has no right of its own for. Nothing is allowed but what a
 * group allows. All of it is immutable once it is made.
 */
#ifndef APID_RIGHTS_H
#define APID_RIGHTS_H

#include <apr_pools.h>

#define APID_EVERY_MODULE "*"

typedef enum apid_access_e {
    APID_ACCESS_CREATE,
    APID_ACCESS_READ,
    APID_ACCESS_UPDATE,
    APID_ACCESS_DELETE,
    APID_ACCESSES
} apid_access_e;

/** What one group gives in one module. */
typedef struct apid_right_t {
    const char *module;          /* or APID_EVERY_MODULE */
    unsigned granted;            /* 1 << apid_access_e */
    int own;                     /* records whose owner is the user, only */
    const char *const *hidden;   /* names of fields, NULL-terminated; */
    const char *const *readonly; /* NULL: none */
} apid_right_t;

typedef struct apid_group_t {
    const char *name;
    const apid_right_t *rights;
    int nrights;
} apid_group_t;

/** What a user may do in one module: the rights of all groups added up. A
 * field is hidden from an access, or kept from being written by it, if every
 * group that grants the access does so. */
typedef struct apid_permit_t {
    unsigned granted; /* 1 << apid_access_e */
    unsigned all;     /* those that are not for own records only */
    const char *const *hidden[APID_ACCESSES]; /* as in apid_right_t */
    const char *const *kept[APID_ACCESSES];   /* read-only, or hidden */
} apid_permit_t;

/** What a user may do in all modules. */
typedef struct apid_rights_t apid_rights_t;

/** Whether a list of names (NULL-terminated; NULL: empty) has one. */
int apid_rights_list_has(const char *const *list, const char *name);

/** Adds up the rights of n groups, in pool, which the groups must outlive. */
const apid_rights_t *apid_rights_add_up(const apid_group_t *const *groups,
                                        int n, apr_pool_t *pool);

/** The rights of an admin: everything. */
const apid_rights_t *apid_rights_whole(void);

/** What the rights (NULL: none at all) are in a module; never NULL. */
const apid_permit_t *apid_rights_permit(const apid_rights_t *rights,
                                        const char *module);

/** Whether accesses (1 << apid_access_e) are permitted in all records, and in
 * all fields of them. */
int apid_permit_whole(const apid_permit_t *permit, unsigned accesses);

/** Whether a field is hidden from an access. */
int apid_permit_hides(const apid_permit_t *permit, apid_access_e access,
                      const char *field);

/** Whether a field may not be written by an access. */
int apid_permit_keeps(const apid_permit_t *permit, apid_access_e access,
                      const char *field);

/** The word of an access, such as "create". */
const char *apid_access_word(apid_access_e access);

/** The access a word names, APID_ACCESSES if none. */
apid_access_e apid_access_parse(const char *word);

#endif
