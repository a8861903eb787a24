/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encodings of records.
 *
 * Versions of a workflow record
 * 1  created, author, rules, services, preapprovals, rule_count
 * 2  and text, added, changed, removed
 * A saved workflow does not change, so one of version 1 stays as it is until
 * something is written in its place.
 */
#include "daemon/record_parts.h"
#include "daemon/records.h"

#define WORKFLOW_VERSION 2
#define APIKEY_VERSION 1
#define MARK_VERSION 1

void
us_workflow_encode(const struct us_workflow_record *r, struct us_buf *out)
{
	us_record_number(out, WORKFLOW_VERSION, 1);
	us_record_time(out, r->created);
	us_record_str(out, r->author);
	us_record_str(out, r->rules);
	us_record_str(out, r->services);
	us_record_str(out, r->preapprovals);
	us_record_number(out, r->rule_count, 4);
	us_record_str(out, r->text);
	us_record_number(out, r->added, 4);
	us_record_number(out, r->changed, 4);
	us_record_number(out, r->removed, 4);
}

void
us_apikey_encode(const struct us_apikey_record *r, struct us_buf *out)
{
	us_record_number(out, APIKEY_VERSION, 1);
	us_record_str(out, r->name);
	us_buf_add(out, (const char *)r->hash, sizeof(r->hash));
	us_record_number(out, r->roles, 4);
	us_record_time(out, r->created);
	us_record_time(out, r->expires);
	us_record_str(out, r->created_by);
	us_record_number(out, r->for_others, 1);
}

void
us_mark_encode(const struct us_mark_record *r, struct us_buf *out)
{
	us_record_number(out, MARK_VERSION, 1);
	us_record_time(out, r->created);
	us_record_str(out, r->created_by);
}

bool
us_workflow_decode(struct us_str value, struct us_workflow_record *r)
{
	struct us_record_in in;
	unsigned version = us_record_begin(&in, value, WORKFLOW_VERSION);

	*r = (struct us_workflow_record){.text = US_STR("")};
	r->created = us_record_take_time(&in);
	r->author = us_record_take_str(&in);
	r->rules = us_record_take_str(&in);
	r->services = us_record_take_str(&in);
	r->preapprovals = us_record_take_str(&in);
	r->rule_count = us_record_take_u32(&in);
	if (version >= 2) {
		r->text = us_record_take_str(&in);
		r->added = us_record_take_u32(&in);
		r->changed = us_record_take_u32(&in);
		r->removed = us_record_take_u32(&in);
	}
	return us_record_end(&in);
}

bool
us_apikey_decode(struct us_str value, struct us_apikey_record *r)
{
	struct us_record_in in;
	struct us_str hash;
	uint64_t for_others;

	us_record_begin(&in, value, APIKEY_VERSION);
	*r = (struct us_apikey_record){0};
	r->name = us_record_take_str(&in);
	hash = us_record_take(&in, sizeof(r->hash));
	memcpy(r->hash, hash.p, hash.n);
	r->roles = us_record_take_u32(&in);
	r->created = us_record_take_time(&in);
	r->expires = us_record_take_time(&in);
	r->created_by = us_record_take_str(&in);
	for_others = us_record_take_number(&in, 1);
	r->for_others = for_others == 1;
	return us_record_end(&in) && for_others <= 1;
}

bool
us_mark_decode(struct us_str value, struct us_mark_record *r)
{
	struct us_record_in in;

	us_record_begin(&in, value, MARK_VERSION);
	*r = (struct us_mark_record){0};
	r->created = us_record_take_time(&in);
	r->created_by = us_record_take_str(&in);
	return us_record_end(&in);
}
