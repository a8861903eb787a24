/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of an organisation, kept in the store (SPEC 8): lengths of time,
 * the lengths that approvers choose from, options of the default workflow.
 * What was never set has its default.
 */
#ifndef US_SETTING_H
#define US_SETTING_H

#include "daemon/store.h"
#include "engine/vocab.h"

#define US_DAY (INT64_C(24) * 3600)

enum us_setting {
#define US_SETTING(id, name, seconds, least, most, help) US_SETTING_##id,
#include "daemon/setting.def"
	US_SETTING_COUNT
};
const char *us_setting_name(enum us_setting setting);
/* US_SETTING_COUNT when there is none of that name. */
enum us_setting us_setting_find(struct us_str name);

/* A length of time as it was set: "48 hours" does not become "2 days". */
enum us_unit { US_MINUTES, US_HOURS, US_DAYS, US_WEEKS, US_UNIT_COUNT };
struct us_span {
	int64_t time;
	enum us_unit unit;
};
const char *us_unit_name(enum us_unit unit); /* "hours" */
/* "hours" or "hour"; US_UNIT_COUNT when it is none. */
enum us_unit us_unit_find(struct us_str name);
int64_t us_span_seconds(struct us_span span);
/* Of whole minutes, in the largest unit that shows them. */
struct us_span us_span_of(int64_t seconds);
void us_span_label(struct us_span span, struct us_buf *out); /* "1 hour" */

/* Seconds: what was set, or the default. */
int64_t us_setting_get(
    struct us_txn *txn, struct us_str org, enum us_setting setting);
struct us_span us_setting_span(
    struct us_txn *txn, struct us_str org, enum us_setting setting);
void us_setting_put(struct us_txn *txn, struct us_str org,
    enum us_setting setting, struct us_span span);
/* Is it within the bounds? And these in words: "1 minute to 365 days". */
bool us_setting_fits(enum us_setting setting, int64_t seconds);
void us_setting_bounds(enum us_setting setting, struct us_buf *out);

/* The lengths that approvers choose from, in the order of their lengths. */
#define US_CHOICES_MAX 32
struct us_choices {
	unsigned n;
	struct us_span spans[US_CHOICES_MAX];
};
void us_choices_get(
    struct us_txn *txn, struct us_str org, struct us_choices *choices);
void us_choices_put(
    struct us_txn *txn, struct us_str org, const struct us_choices *choices);
void us_choices_reset(struct us_txn *txn, struct us_str org);

/* Options of the approval of the default workflow: bits of enum us_option. */
#define US_DEFAULT_OPTIONS                                                     \
	(US_OPTION_ONE_PARTY | US_OPTION_REASON | US_OPTION_BREAK_GLASS)
unsigned us_default_options_get(struct us_txn *txn, struct us_str org);
void us_default_options_put(
    struct us_txn *txn, struct us_str org, unsigned options);

#endif
