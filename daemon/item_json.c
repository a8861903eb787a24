/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes as JSON of SPEC 4, and back. */
#include "daemon/item.h"
#include "engine/json_request.h"

/* A value, or a list of them where null says that there may be more. */
static void
put_values(const struct us_attr_key *key, struct us_buf *out)
{
	bool list = key->values.n + key->unknown != 1;

	us_buf_puts(out, list ? "[" : "");
	for (uint32_t i = 0; i < key->values.n; i++) {
		us_buf_puts(out, i ? "," : "");
		us_buf_json(out, key->values.v[i]);
	}
	if (key->unknown)
		us_buf_puts(out, key->values.n ? ",null" : "null");
	us_buf_puts(out, list ? "]" : "");
}

static void
put_attr(const struct us_attr *attr, struct us_buf *out)
{
	us_buf_json(out, attr->filter);
	us_buf_putc(out, ':');
	switch (attr->kind) {
	case US_ATTR_BOOLEAN:
		us_buf_puts(out, attr->value ? "true" : "false");
		return;
	case US_ATTR_UNKNOWN:
		us_buf_puts(out, "null");
		return;
	case US_ATTR_KEYED:
		break;
	}
	us_buf_putc(out, '{');
	for (uint32_t i = 0; i < attr->keys.n; i++) {
		us_buf_puts(out, i ? "," : "");
		us_buf_json(out, attr->keys.v[i].key);
		us_buf_putc(out, ':');
		put_values(&attr->keys.v[i], out);
	}
	us_buf_putc(out, '}');
}

void
us_attrs_json(const struct us_attr *attrs, uint32_t n, struct us_buf *out)
{
	us_buf_putc(out, '{');
	for (uint32_t i = 0; i < n; i++) {
		us_buf_puts(out, i ? "," : "");
		put_attr(&attrs[i], out);
	}
	us_buf_putc(out, '}');
}

bool
us_attrs_read(struct us_str json, struct us_arena *a, struct us_request *req)
{
	struct us_diags diags = {0};
	struct us_json_reader r = {.diags = &diags, .arena = a};
	struct us_json_value value;
	bool good;

	r.src = us_src_new("attributes", json, US_FORMAT_JSON);
	if (us_json_parse(r.src, &diags, &value))
		us_json_attributes(&r, value, &req->attrs);
	good = diags.errors == 0;
	us_src_free(r.src);
	us_diags_free(&diags);
	return good;
}
