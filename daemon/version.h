/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Versions: the stored workflows of an organisation, v1, v2, ... in the order
 * in which they were saved. The newest is the active one; version 0 is the
 * default that nobody saved.
 */
#ifndef US_VERSION_H
#define US_VERSION_H

#include "daemon/records.h"
#include "daemon/store.h"

/* "v12" as 12; false for anything else, and for v0. */
bool us_version_parse(struct us_str text, uint64_t *version);
/* "v12" with its quotes, or null for version 0. */
void us_version_json(uint64_t version, struct us_buf *out);

/* {"workflow": {"rules", ..., "version"}} */
void us_version_saved_json(uint64_t version,
    const struct us_workflow_record *record, struct us_buf *out);

/* The newest version; 0 when none was saved. */
uint64_t us_version_last(struct us_txn *txn, struct us_str org);

/* False when there is no such version. The record lives as the txn does. */
bool us_version_get(struct us_txn *txn, struct us_str org, uint64_t version,
    struct us_workflow_record *record);
/* The same, also of version 0, whose rules are written into the arena a. */
bool us_version_read(struct us_txn *txn, struct us_str org, uint64_t version,
    struct us_arena *a, struct us_workflow_record *record);
void us_version_put(struct us_txn *txn, struct us_str org, uint64_t version,
    struct us_str encoded);

/* The services of a version, in the arena a; empty when it has none. */
struct us_str us_version_services(struct us_store *store, struct us_str org,
    uint64_t version, struct us_arena *a);

/* Newest first, older than `before` (0: all), until each returns false. */
typedef bool us_version_each(
    void *arg, uint64_t version, const struct us_workflow_record *record);
void us_version_scan(struct us_txn *txn, struct us_str org, uint64_t before,
    us_version_each *each, void *arg);

#endif
