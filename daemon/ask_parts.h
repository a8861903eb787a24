/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of submissions share: ask.c takes one from loop to writer,
 * ask_who.c says who asks for whom, ask_decide.c and ask_allow.c make what is
 * to be stored, ask_apply.c stores it, ask_text.c answers.
 */
#ifndef US_ASK_PARTS_H
#define US_ASK_PARTS_H

#include "daemon/ask.h"
#include "daemon/case.h"
#include "daemon/errand.h"
#include "daemon/org.h"
#include "daemon/preapproval.h"

/* One item of a submission. */
struct us_asked {
	struct us_permission p;
	enum us_event event;      /* ROUTE, REFUSE, GRANT */
	bool approve;             /* and then the caller approves it */
	struct us_str refusal;    /* REFUSE: why, and what to do */
	int64_t duration;         /* GRANT: s; 0: as life.c says */
	struct us_advance advance; /* allow: what is stored instead */
	/*
	 * On whose word it is approved: whoever that is had these roles when
	 * it was decided. Empty: on nobody's.
	 */
	struct us_str voucher;
	unsigned voucher_roles;
	bool preexisting;         /* p was there before */
	/* p as it was decided: with it each try to store it begins. */
	struct us_permission decided;
};

struct us_ask {
	struct us_errand *errand; /* owns it */
	struct us_arena *arena;   /* the errand's */
	enum us_wish_verb verb;
	const struct us_str *argv;
	uint32_t argc;
	unsigned tries;
	bool stale;               /* decided under what is no longer so */
	struct us_sources sources; /* strings point into them */
	struct us_wish wish;
	struct us_str principal;  /* or empty: an agent alone */
	bool is_group;            /* allow: for a group ... */
	struct us_group_id group; /* this one */
	US_LIST(struct us_asked) items;
	us_request_ids touched; /* ids of what the write changed */
};

/* What decides, on a loop or on the worker. */
struct us_asking {
	struct us_ask *ask;
	struct us_decider own; /* the loop's or the worker's */
	unsigned loop;	       /* for the figures */
	struct us_txn *txn;
	int64_t now;
	int64_t end; /* ticks: see us_ask_is_late */
	bool late;
};

struct us_judge us_asking_judge(const struct us_asking *asking);

/* False with the answer in the errand, for ask functions to return. */
bool us_ask_refuse(struct us_ask *ask, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
struct us_str us_ask_keep(struct us_ask *ask, struct us_buf *text);
/* Before an item: did those before it take so long that the loop decides no
 * more, and leaves all of them to the worker? */
bool us_ask_is_late(struct us_asking *asking);

/* Who asks, for whom; sets principal. ask_who.c. */
bool us_ask_who(const struct us_asking *asking);
/* Who asks, in a request. */
void us_ask_sign(const struct us_caller *caller, struct us_permission *p);
/* The request for an item, not yet decided. */
struct us_permission us_ask_permission(
    const struct us_asking *asking, const struct us_wanted *wanted);

/* request and grant: decides all items; false when refused, or late.
 * ask_decide.c. */
bool us_ask_decide(struct us_asking *asking);
/* allow: may the caller? The same. ask_allow.c. */
bool us_ask_allow(struct us_asking *asking);

/* On the writer: is there room for what is approved in advance? */
bool us_ask_fits(struct us_ask *ask, const struct us_change *change);
/* Stores all or nothing, on the writer; false when it is stale, or refused. */
bool us_ask_store(struct us_ask *ask, struct us_change *change);

/* The answer to what was stored. ask_text.c. */
void us_ask_answer(
    struct us_ask *ask, const struct us_change *change, struct us_buf *out);

#endif
