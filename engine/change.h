/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest changes to a refused request that would lead to a better
 * outcome. Every change offered was tried: the changed request was decided.
 */
#ifndef US_CHANGE_H
#define US_CHANGE_H

#include "engine/code.h"
#include "engine/request.h"
#include "engine/verdict.h"

enum us_edit_kind {
	US_EDIT_REASON,
	US_EDIT_DURATION,
	US_EDIT_PREAPPROVED,
	US_EDIT_ESCALATE,
	US_EDIT_GROUP,
	US_EDIT_ATTRIBUTE,
	US_EDIT_ACCESS,
};

struct us_edit {
	enum us_edit_kind kind;
	struct us_group_id group;   /* GROUP; shown by group_name */
	struct us_str group_name;
	struct us_str filter, key;  /* ATTRIBUTE; key.p NULL: a boolean; key
				     * empty: all that is under filter */
	struct us_str value;        /* ATTRIBUTE, ACCESS; p NULL: none at all */
	bool boolean;               /* ATTRIBUTE without key */
};

#define US_CHANGE_EDITS 3 /* at most, in one change */
#define US_CHANGES_MAX 3  /* at most, offered */

struct us_offer {
	struct us_edit edits[US_CHANGE_EDITS];
	unsigned n;
	enum us_outcome outcome; /* what the changed request would get */
	enum us_by by;
	bool allowed;            /* the approver may then approve */
	uint32_t rule;           /* which the change is about */
};

struct us_changes {
	struct us_offer v[US_CHANGES_MAX];
	unsigned n;
};

/*
 * Fewest edits first. answers: what us_match_trace told of each instruction, by
 * enum us_tri. Strings live in the arena a, the program or req; so must the
 * verdict, which is not one that m has just made.
 */
void us_changes_find(struct us_matcher *m, const struct us_request *req,
    const struct us_verdict *verdict, const uint8_t *answers,
    struct us_arena *a, struct us_changes *out);

/* "give a reason and be in group sre" */
void us_change_text(const struct us_offer *change, struct us_buf *out);
void us_change_json(const struct us_offer *change, struct us_buf *out);

#endif
