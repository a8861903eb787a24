/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is on call, from a JSON file (SPEC 17): integration, service, e-mails. A
 * snapshot is immutable and counted; a broken new file keeps the old one.
 * Of an integration that the file does not name, nobody can tell.
 */
#ifndef US_ONCALL_H
#define US_ONCALL_H

#include "engine/buf.h"
#include "engine/request.h"

struct us_oncall;

/* NULL with what is wrong in *error. Counted: the caller holds one. */
struct us_oncall *us_oncall_load(const char *path, struct us_buf *error);
/* One that can tell nothing, for an organisation without a file. */
struct us_oncall *us_oncall_empty(void);
struct us_oncall *us_oncall_ref(struct us_oncall *oncall);
void us_oncall_unref(struct us_oncall *oncall);

/* Is the person on call for any service of the integration? */
enum us_tri us_oncall_any(const struct us_oncall *oncall,
    struct us_str integration, struct us_str uid);
/* The n people who are on call for a service; none too when nobody can tell. */
const struct us_str *us_oncall_people(const struct us_oncall *oncall,
    struct us_str integration, struct us_str service, uint32_t *n);
/* The services that the person is on call for are added to the list. */
void us_oncall_services(const struct us_oncall *oncall, struct us_str uid,
    struct us_arena *a, struct us_approver *approver);

#endif
