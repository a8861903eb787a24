/* SPDX-License-Identifier: Apache-2.0 */
/* The calls under /audit: the log's pages, and its head to keep elsewhere. */
#include "daemon/api.h"
#include "daemon/api_reply.h"
#include "daemon/audit.h"
#include "daemon/http.h"
#include "daemon/org.h"
#include "daemon/query.h"
#include "daemon/world.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 1000
#define SEQ_MAX (UINT64_C(1) << 53)

struct question {
	uint64_t after, limit;
	enum us_action action;
};

/* One name=value of the query; NULL, or what is wrong with it. */
static const char *
read_parameter(
    struct us_str name, struct us_str value, struct question *question)
{
	if (us_str_is(name, "after"))
		return us_query_number(value, SEQ_MAX, &question->after)
			   ? NULL
			   : "the number of an event";
	if (us_str_is(name, "limit"))
		return us_query_number(value, LIMIT_MAX, &question->limit) &&
			       question->limit
			   ? NULL
			   : "a number from 1 to 1000";
	if (us_str_is(name, "action")) {
		question->action = us_action_find(value);
		return question->action != US_ACTION_COUNT
			   ? NULL
			   : "the name of an action, like "
			     "admin.routing-rules.updated";
	}
	return "one of the parameters after, limit and action";
}

static bool
read_question(struct us_call *call, struct question *question)
{
	struct us_str query = call->query, value, name;
	const char *wanted;

	while (us_query_next(&query, &name, &value)) {
		wanted = read_parameter(name, value, question);
		if (!wanted)
			continue;
		us_query_refuse(call, name, value, wanted);
		return false;
	}
	return true;
}

void
api_audit_list(struct us_call *call)
{
	struct question question = {0, LIMIT_DEFAULT, US_ACTION_COUNT};
	struct us_buf out = {0};
	struct us_txn *txn;

	if (!read_question(call, &question))
		return;
	txn = us_txn_read(call->org->world->store);
	us_audit_list(txn, call->org->name, question.after,
	    (unsigned)question.limit, question.action, &out);
	us_api_reply(call, txn, 200, &out);
}

void
api_audit_head(struct us_call *call)
{
	struct us_txn *txn = us_txn_read(call->org->world->store);
	struct us_buf out = {0};

	us_audit_head(txn, call->org->name, &out);
	us_api_reply(call, txn, 200, &out);
}
