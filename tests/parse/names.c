/* SPDX-License-Identifier: Apache-2.0 */
/* Each keyword of keywords.def may be a name, and they are in order. */
#include "grammar/parse.h"
#include "grammar/print.h"
#include "tests/tap.h"

static const char *const words[] = {
#define US_KEYWORD(token, text) text,
#define US_ITEM_KEYWORD(item, token, text) text,
#include "grammar/keywords.def"
};
#define WORDS (sizeof(words) / sizeof(words[0]))

/* Bare in each place where a name or word may stand; %s is the keyword. */
static const char rules_with[] =
    "group %s = %s \"1\" \"\";\n"
    "\n"
    "rule %s {\n"
    "\tfrom agent provider %s ~ \"x\" user group %s;\n"
    "\tto x access %s {\n"
    "\t\tkeep %s %s ~ \"x\";\n"
    "\t\tremove-all %s key %s;\n"
    "\t}\n"
    "\tapprove group %s, %s;\n"
    "\tapprove oncall %s;\n"
    "}\n";

static char *
with_word(const char *format, const char *word)
{
	struct us_buf text = {0};
	const char *p;

	for (; (p = strstr(format, "%s")) != NULL; format = p + 2) {
		us_buf_add(&text, format, (size_t)(p - format));
		us_buf_puts(&text, word);
	}
	us_buf_puts(&text, format);
	return text.p;
}

static void
try_word(const char *word)
{
	char *text = with_word(rules_with, word);
	struct us_ruleset *rs = us_ruleset_new();
	struct us_src *src =
	    us_src_new("x.usher", us_str(text), US_FORMAT_RULES);
	struct us_diags diags = {0};
	struct us_buf out = {0};

	*us_list_add(&rs->arena, &rs->sources) = src;
	us_parse_rules(rs, src, &diags);
	if (diags.errors)
		us_diag_text(diags.list.v, false, &out);
	else
		us_print_source(rs, src, &out);
	/* `access any` says what is said without it. */
	if (strcmp(word, "any") == 0)
		is_int(diags.errors, 0, "any is a name");
	else
		is_str(out.p, text, "%s is a name", word);
	us_buf_free(&out);
	us_diags_free(&diags);
	us_ruleset_free(rs);
	free(text);
}

int
main(void)
{
	for (size_t i = 0; i + 1 < WORDS; i++)
		ok(us_str_cmp(us_str(words[i]), us_str(words[i + 1])) < 0,
		    "%s before %s", words[i], words[i + 1]);
	for (size_t i = 0; i < WORDS; i++)
		try_word(words[i]);
	return plan_done();
}
