/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of calls. */
#include "daemon/api_body.h"

/* The first of what is wrong, with the member it is about. */
static void
refuse_body(struct us_call *call, const struct us_diags *diags)
{
	const struct us_diag *first = &diags->list.v[0];
	struct us_buf path = {0};

	us_src_path(first->loc.src, first->loc.off, &path);
	us_call_error(call, 400, "%s%s%s", path.n ? path.p : "",
	    path.n ? ": " : "", first->text);
	us_buf_free(&path);
}

bool
us_api_body(struct us_call *call, struct us_arena *a,
    void (*read)(
	struct us_json_reader *r, struct us_json_value value, void *what),
    void *what)
{
	struct us_str body = call->has_body ? call->body : US_STR("{}");
	struct us_diags diags = {0};
	struct us_json_reader r = {.diags = &diags, .arena = a};
	struct us_json_value value;
	bool good;

	r.src = us_src_new("body", body, US_FORMAT_JSON);
	if (us_json_parse(r.src, &diags, &value))
		read(&r, value, what);
	good = diags.errors == 0;
	if (!good)
		refuse_body(call, &diags);
	us_src_free(r.src);
	us_diags_free(&diags);
	return good;
}
