/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provisioner webhook: POST {"verb", "org", "id", "seq", "grant"} with a signed
 * token that says who asks and what the body is. A call that is late, by its
 * token or by a higher seq for that id, is not to be carried out any more.
 *
 *	status              grant, revoke          check
 *	200, 201            done                   as its "state" says
 *	202                 accepted: check later  on its way
 *	429, 5xx            try later              cannot tell
 *	no connection       try later              cannot tell
 *	none, 502, 504      lost: try later        cannot tell
 *	another             failed for good        cannot tell
 */
#include <json-c/json.h>

#include "daemon/clock.h"
#include "daemon/provision.h"
#include "daemon/token.h"
#include "daemon/world.h"
#include "engine/json_read.h"

static void
put_body(const struct us_provision *p, struct us_buf *out)
{
	us_buf_printf(out, "{\"verb\":\"%s\",\"org\":", us_verb_name(p->verb));
	us_buf_json(out, p->org);
	us_buf_puts(out, ",\"id\":");
	us_buf_json(out, p->id);
	us_buf_printf(
	    out, ",\"seq\":%llu,\"grant\":", (unsigned long long)p->seq);
	us_buf_str_add(out, p->grant);
	us_buf_putc(out, '}');
}

/* What is said of a body: its members, those that we know; else as empty. */
struct said {
	struct us_str state;
	struct us_str generated; /* JSON */
};

/* Others may answer with more than we ask for. */
static void
read_answer(struct us_str body, struct us_arena *a, struct said *said)
{
	struct us_diags diags = {0};
	struct us_src *src = us_src_new("answer", body, US_FORMAT_JSON);
	struct us_json_value root, v;

	*said = (struct said){0};
	if (us_json_parse(src, &diags, &root)) {
		v = us_json_member(src, root, "state");
		if (v.kind == US_JSON_STRING)
			said->state =
			    us_arena_str(a, us_json_text(src, v, a));
		v = us_json_member(src, root, "generated");
		if (v.kind != US_JSON_ABSENT)
			said->generated = us_arena_str(a, us_json_raw(src, v));
	}
	us_diags_free(&diags);
	us_src_free(src);
}

static enum us_work_result
result_of_state(struct us_provision *p, struct us_str state)
{
	if (us_str_is(state, "present"))
		return US_WORK_DONE;
	if (us_str_is(state, "absent"))
		return US_WORK_ABSENT;
	if (us_str_is(state, "pending"))
		return US_WORK_ACCEPTED;
	us_provision_error(p,
	    US_STR("the answer to check has no state that is present, absent "
		   "or pending"));
	return US_WORK_LATER;
}

static enum us_work_result
result_of(struct us_provision *p, long status, const struct said *said)
{
	us_buf_reset(&p->error);
	if (status == 200 || status == 201) {
		us_provision_generated(p, said->generated);
		return p->verb == US_VERB_CHECK
			   ? result_of_state(p, said->state)
			   : US_WORK_DONE;
	}
	if (status == 202)
		return US_WORK_ACCEPTED;
	us_buf_printf(
	    &p->error, "%s answered with status %ld", p->conf->url, status);
	if (status == 502 || status == 504)
		return US_WORK_LOST;
	if (status == 429 || status >= 500 || p->verb == US_VERB_CHECK)
		return US_WORK_LATER;
	return US_WORK_FAILED;
}

enum us_work_result
us_provision_webhook(struct us_provision *p)
{
	struct us_buf body = {0}, token = {0}, answer = {0}, error = {0};
	enum us_work_result result;
	struct us_arena arena = {0};
	struct said said;
	long status;

	put_body(p, &body);
	us_token_sign_post(p->world->key,
	    &(struct us_post_token){p->org, us_str(p->conf->url),
		us_buf_str(&body), us_clock_now(), p->seq},
	    &token);
	status = us_post(p->post,
	    &(struct us_post_call){p->conf->url, us_buf_str(&token),
		us_buf_str(&body), p->conf->timeout_seconds, p->stop},
	    &answer, &error);
	if (status) {
		read_answer(us_buf_str(&answer), &arena, &said);
		result = result_of(p, status, &said);
	} else {
		us_provision_error(p, us_buf_str(&error));
		result =
		    us_post_was_sent(p->post) ? US_WORK_LOST : US_WORK_LATER;
	}
	us_arena_free(&arena);
	us_buf_free(&body);
	us_buf_free(&token);
	us_buf_free(&answer);
	us_buf_free(&error);
	return result;
}
