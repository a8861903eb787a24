/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drafts: a workflow on its way from the text that somebody sent to a program
 * that may decide. What was sent is kept as it was sent; the program is made
 * beside it. This takes long for many rules: for workers, never for loops.
 */
#ifndef US_DAEMON_WORKFLOW_H
#define US_DAEMON_WORKFLOW_H

#include <json-c/json.h>

#include "daemon/records.h"
#include "engine/code.h"
#include "engine/diag.h"
#include "engine/json.h"
#include "engine/rule.h"
#include "engine/symtab.h"

struct us_place {
	uint32_t off, len;
};

/* Where each rule of a workflow stands in the JSON array that holds it. */
struct us_rule_index {
	struct us_arena arena;
	struct us_symtab names;          /* rule i is symbol i */
	US_LIST(struct us_place) places; /* of rule i */
};
void us_rule_index_free(struct us_rule_index *index);
/* Which rule has that name; US_NO_SYMBOL: none. */
uint32_t us_rule_index_find(
    const struct us_rule_index *index, struct us_str name);

/* Rules with their index: what two workflows are compared by. */
struct us_rule_texts {
	struct us_str rules; /* a JSON array */
	const struct us_rule_index *index;
};
struct us_str us_rule_text(const struct us_rule_texts *texts, uint32_t i);
struct us_str us_rule_name(const struct us_rule_texts *texts, uint32_t i);

struct us_draft {
	struct us_ruleset *rs;
	struct us_diags diags;
	struct us_prog *prog;       /* NULL: diags say why not */
	struct us_rule_index index;
	/*
	 * What is to be stored, as in struct us_workflow_record. They point
	 * into the sources of rs, or into written and joined.
	 */
	struct us_str rules, services, preapprovals, text;
	struct us_buf written, joined;
};

void us_draft_init(struct us_draft *d);
void us_draft_free(struct us_draft *d);

/* The draft owns src from now on. */
void us_draft_own(struct us_draft *d, struct us_src *src);
/* A source of its own; copies the text. */
struct us_src *us_draft_source(struct us_draft *d, const char *name,
    struct us_str text, enum us_format format);

/*
 * Each of these makes the program, or leaves all that is wrong in d->diags and
 * returns false.
 *
 * value: a workflow in src, a JSON source of the draft. services: those that
 * stay when it has none of its own (a JSON array, or empty).
 */
bool us_draft_from_value(struct us_draft *d, struct us_src *src,
    struct us_json_value value, struct us_str services);
/* In the language; it says everything, services too. */
bool us_draft_from_text(
    struct us_draft *d, const char *name, struct us_str text);
/* A file or folder, as `usher check` takes it. */
bool us_draft_from_path(struct us_draft *d, const char *path);
/* What is stored, or a change of it. */
bool us_draft_from_record(
    struct us_draft *d, const struct us_workflow_record *record);

/* What there is to store of a draft that compiled, and nothing else. */
struct us_workflow_record us_draft_record(const struct us_draft *d);

/* Its members "rules", and "services" and "preapprovals" if it has them. */
void us_workflow_parts_json(
    const struct us_workflow_record *record, struct us_buf *out);

/*
 * After us_draft_from_record: what is said of the rules text from `at` on, len
 * bytes, is said of `sent` instead, which they came from. They are those of
 * sent from `from` on, but for `added` bytes behind the first.
 */
struct us_draft_part {
	uint32_t at, len, added;
	struct us_src *sent;
	uint32_t from;
};
void us_draft_say_of(struct us_draft *d, const struct us_draft_part *part);

/* [diagnostic, ...] */
void us_diags_json(const struct us_diags *diags, struct us_buf *out);
/* The first error, for people. */
const char *us_diags_first(const struct us_diags *diags);

/* What a workflow changes, rule by rule, by name. */
struct us_difference {
	struct us_arena arena;
	US_LIST(uint32_t) added, changed; /* rules of the new workflow */
	US_LIST(uint32_t) replaced;       /* their old forms: changed[i] was */
	US_LIST(uint32_t) removed;        /* rules of the old one */
};

/* A rule that says the same in other words has not changed. */
void us_difference_find(const struct us_rule_texts *from,
    const struct us_rule_texts *to, struct us_difference *difference);
void us_difference_free(struct us_difference *difference);

/*
 * For the audit log: {"added": [names], "changed", "removed", "diff": {"+":
 * [rules], "-": [rules]}}, with "truncated" when there is too much of it.
 */
struct json_object *us_difference_json(const struct us_difference *difference,
    const struct us_rule_texts *from, const struct us_rule_texts *to);

#endif
