/* SPDX-License-Identifier: Apache-2.0 */
/* Stored workflows by their version. */
#include <inttypes.h>

#include "daemon/log.h"
#include "daemon/setting.h"
#include "daemon/version.h"
#include "daemon/workflow.h"
#include "engine/vocab.h"

bool
us_version_parse(struct us_str text, uint64_t *version)
{
	/* 18 digits always fit. A leading zero would be a second name. */
	if (text.n < 2 || text.n > 19 || text.p[0] != 'v' || text.p[1] == '0')
		return false;
	*version = 0;
	for (size_t i = 1; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		*version = *version * 10 + (uint64_t)(text.p[i] - '0');
	}
	return true;
}

void
us_version_json(uint64_t version, struct us_buf *out)
{
	if (version)
		us_buf_printf(out, "\"v%" PRIu64 "\"", version);
	else
		us_buf_puts(out, "null");
}

void
us_version_saved_json(uint64_t version, const struct us_workflow_record *record,
    struct us_buf *out)
{
	us_buf_puts(out, "{\"workflow\":{");
	us_workflow_parts_json(record, out);
	us_buf_puts(out, ",\"version\":");
	us_version_json(version, out);
	us_buf_puts(out, "}}");
}

static struct us_key
version_key(struct us_str org, uint64_t version)
{
	struct us_key key = {.n = 0};

	us_key_text(&key, org);
	us_key_number(&key, version);
	return key;
}

static bool
take_last(void *arg, struct us_str key, struct us_str value)
{
	uint64_t *last = arg;

	(void)value;
	*last = us_key_last_number(key);
	return false;
}

uint64_t
us_version_last(struct us_txn *txn, struct us_str org)
{
	struct us_key prefix = {.n = 0};
	uint64_t last = 0;

	us_key_text(&prefix, org);
	us_txn_scan(txn, US_TABLE_WORKFLOW, us_key_str(&prefix),
	    (struct us_str){NULL, 0}, true, take_last, &last);
	return last;
}

static bool
decode(struct us_str org, uint64_t version, struct us_str value,
    struct us_workflow_record *record)
{
	if (us_workflow_decode(value, record))
		return true;
	us_log(US_LOG_ERROR,
	    "%.*s: cannot read the stored workflow v%" PRIu64
	    ": it is damaged, or of a later usherd",
	    US_ARG(org), version);
	return false;
}

bool
us_version_get(struct us_txn *txn, struct us_str org, uint64_t version,
    struct us_workflow_record *record)
{
	struct us_key key = version_key(org, version);
	struct us_str value;

	return us_txn_get(txn, US_TABLE_WORKFLOW, us_key_str(&key), &value) &&
	       decode(org, version, value, record);
}

/* The one rule of an organisation that never saved any (SPEC 2). */
static struct us_str
default_rules(struct us_txn *txn, struct us_str org, struct us_arena *a)
{
	unsigned options = us_default_options_get(txn, org);
	const char *comma = "";
	struct us_buf out = {0};
	struct us_str rules;

	us_buf_puts(&out, "[{\"name\": \"default\", "
			  "\"requestor\": {\"type\": \"any\"}, "
			  "\"resource\": {\"type\": \"any\"}, "
			  "\"approval\": [{\"type\": \"p0\", "
			  "\"options\": {");
	for (unsigned i = 0; i < us_option_count; i++) {
		const struct us_option_row *row = &us_options[i];

		if (!(row->bit & US_DEFAULT_OPTIONS))
			continue;
		us_buf_printf(&out, "%s\"%s\": %s", comma, row->json,
		    options & row->bit ? "true" : "false");
		comma = ", ";
	}
	us_buf_puts(&out, "}}]}]");
	rules = us_arena_str(a, us_buf_str(&out));
	us_buf_free(&out);
	return rules;
}

bool
us_version_read(struct us_txn *txn, struct us_str org, uint64_t version,
    struct us_arena *a, struct us_workflow_record *record)
{
	if (version)
		return us_version_get(txn, org, version, record);
	*record =
	    (struct us_workflow_record){.rules = default_rules(txn, org, a)};
	return true;
}

void
us_version_put(struct us_txn *txn, struct us_str org, uint64_t version,
    struct us_str encoded)
{
	struct us_key key = version_key(org, version);

	us_txn_put(txn, US_TABLE_WORKFLOW, us_key_str(&key), encoded);
}

struct us_str
us_version_services(struct us_store *store, struct us_str org, uint64_t version,
    struct us_arena *a)
{
	struct us_txn *txn = us_txn_read(store);
	struct us_workflow_record record;
	struct us_str services = {NULL, 0};

	if (version && us_version_get(txn, org, version, &record))
		services = us_arena_str(a, record.services);
	us_txn_abort(txn);
	return services;
}

struct version_scan {
	struct us_str org;
	us_version_each *each;
	void *arg;
};

static bool
scan_one(void *arg, struct us_str key, struct us_str value)
{
	const struct version_scan *scan = arg;
	uint64_t version = us_key_last_number(key);
	struct us_workflow_record record;

	if (!decode(scan->org, version, value, &record))
		return true;
	return scan->each(scan->arg, version, &record);
}

void
us_version_scan(struct us_txn *txn, struct us_str org, uint64_t before,
    us_version_each *each, void *arg)
{
	struct version_scan scan = {org, each, arg};
	struct us_key prefix = {.n = 0}, from = version_key(org, before - 1);

	us_key_text(&prefix, org);
	us_txn_scan(txn, US_TABLE_WORKFLOW, us_key_str(&prefix),
	    us_key_str(&from), true, scan_one, &scan);
}
