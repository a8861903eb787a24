/* SPDX-License-Identifier: Apache-2.0 */
/* Changes, in words and as JSON. */
#include "engine/change.h"

static void
put_attribute(const struct us_edit *edit, struct us_buf *out)
{
	us_buf_word(out, edit->filter, false);
	if (edit->key.n) {
		us_buf_putc(out, ' ');
		us_buf_word(out, edit->key, false);
	}
}

static void
attribute_text(const struct us_edit *edit, struct us_buf *out)
{
	if (!edit->key.p) {
		us_buf_puts(out, "ask with ");
		put_attribute(edit, out);
		us_buf_printf(out, " %s", edit->boolean ? "true" : "false");
	} else if (!edit->value.p) {
		us_buf_puts(out, "ask for an item without ");
		put_attribute(edit, out);
	} else {
		us_buf_puts(out, "ask for an item with another ");
		put_attribute(edit, out);
		us_buf_puts(out, ", such as ");
		us_buf_quote(out, edit->value);
	}
}

static void
edit_text(const struct us_edit *edit, struct us_buf *out)
{
	switch (edit->kind) {
	case US_EDIT_REASON:
		us_buf_puts(out, "give a reason");
		break;
	case US_EDIT_DURATION:
		us_buf_puts(out, "say for how long");
		break;
	case US_EDIT_PREAPPROVED:
		us_buf_puts(out, "be pre-approved");
		break;
	case US_EDIT_ESCALATE:
		us_buf_puts(out, "escalate");
		break;
	case US_EDIT_GROUP:
		us_buf_puts(out, "be in group ");
		us_buf_word(out, edit->group_name, false);
		break;
	case US_EDIT_ATTRIBUTE:
		attribute_text(edit, out);
		break;
	case US_EDIT_ACCESS:
		us_buf_puts(out, "ask for access type ");
		us_buf_word(out, edit->value, false);
		break;
	}
}

void
us_change_text(const struct us_offer *change, struct us_buf *out)
{
	for (unsigned i = 0; i < change->n; i++) {
		if (i)
			us_buf_puts(out, i + 1 < change->n ? ", " : " and ");
		edit_text(&change->edits[i], out);
	}
}

static void
edit_json(const struct us_edit *edit, struct us_buf *out)
{
	switch (edit->kind) {
	case US_EDIT_REASON:
		us_buf_puts(out, "{\"change\":\"reason\"}");
		break;
	case US_EDIT_DURATION:
		us_buf_puts(out, "{\"change\":\"duration\"}");
		break;
	case US_EDIT_PREAPPROVED:
		us_buf_puts(out, "{\"change\":\"preapproved\"}");
		break;
	case US_EDIT_ESCALATE:
		us_buf_puts(out, "{\"change\":\"escalate\"}");
		break;
	case US_EDIT_GROUP:
		us_buf_puts(out, "{\"change\":\"group\",\"directory\":");
		us_buf_json(out, edit->group.directory);
		us_buf_puts(out, ",\"id\":");
		us_buf_json(out, edit->group.id);
		us_buf_puts(out, ",\"name\":");
		us_buf_json(out, edit->group_name);
		us_buf_putc(out, '}');
		break;
	case US_EDIT_ATTRIBUTE:
		us_buf_puts(out, "{\"change\":\"attribute\",\"filter\":");
		us_buf_json(out, edit->filter);
		if (edit->key.n) {
			us_buf_puts(out, ",\"key\":");
			us_buf_json(out, edit->key);
		}
		us_buf_puts(out, ",\"value\":");
		if (!edit->key.p)
			us_buf_puts(out, edit->boolean ? "true" : "false");
		else if (!edit->value.p)
			us_buf_puts(out, "[]");
		else
			us_buf_json(out, edit->value);
		us_buf_putc(out, '}');
		break;
	case US_EDIT_ACCESS:
		us_buf_puts(out, "{\"change\":\"accessType\",\"value\":");
		us_buf_json(out, edit->value);
		us_buf_putc(out, '}');
		break;
	}
}

void
us_change_json(const struct us_offer *change, struct us_buf *out)
{
	struct us_buf text = {0};

	us_buf_puts(out, "{\"text\":");
	us_change_text(change, &text);
	us_buf_json(out, us_buf_str(&text));
	us_buf_free(&text);
	us_buf_puts(out, ",\"changes\":[");
	for (unsigned i = 0; i < change->n; i++) {
		us_buf_puts(out, i ? "," : "");
		edit_json(&change->edits[i], out);
	}
	us_buf_printf(out, "],\"outcome\":\"%s\"}",
	    us_outcome_name(change->outcome));
}
