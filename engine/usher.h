/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libusher: rules in, right answers with reasons out. The library does no
 * I/O, keeps no globals, and never ends the process but when memory is out.
 * Texts are UTF-8; JSON is as in usher.rules(5) and usher(1).
 *
 *	rules = usher_load_text("my.usher", text, size, &problems);
 *	decider = usher_decider_new(rules);
 *	usher_decide(decider, request, size, &answer);
 *
 * One struct usher_rules may be used by many threads; each thread needs a
 * decider of its own.
 */
#ifndef USHER_H
#define USHER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A workflow, checked and compiled. Immutable. */
struct usher_rules;
/* What one thread needs to decide. */
struct usher_decider;
/* What was wrong, or is suspect, in what was loaded. */
struct usher_problems;

enum usher_format {
	USHER_TEXT, /* the rule language */
	USHER_JSON,
	USHER_YAML,
};

/* A text in memory. `name` is what messages call it. */
struct usher_source {
	const char *name;
	const char *text;
	size_t size;
	enum usher_format format;
};

/*
 * Loads one workflow from several texts (groups are shared among them), or
 * from one. NULL when there is any error: then nothing is loaded. *problems,
 * unless the pointer is NULL, gets all errors and warnings, or NULL when there
 * are none; the caller frees it. Texts are not needed afterwards.
 */
struct usher_rules *usher_load_sources(const struct usher_source *sources,
    size_t count, struct usher_problems **problems);
struct usher_rules *usher_load_text(const char *name, const char *text,
    size_t size, struct usher_problems **problems);
struct usher_rules *usher_load_json(const char *name, const char *text,
    size_t size, struct usher_problems **problems);
struct usher_rules *usher_load_yaml(const char *name, const char *text,
    size_t size, struct usher_problems **problems);

/* Deciders that exist go on working. NULL is fine. */
void usher_rules_free(struct usher_rules *rules);
/* How many rules, disabled ones included. */
size_t usher_rules_count(const struct usher_rules *rules);

/* How many problems; 0 for NULL. */
size_t usher_problems_count(const struct usher_problems *problems);
/* One of them as printed for people: place, text, id, line, caret. */
const char *usher_problem_text(const struct usher_problems *problems, size_t i);
/* The same as a JSON object. */
const char *usher_problem_json(const struct usher_problems *problems, size_t i);
void usher_problems_free(struct usher_problems *problems);

enum usher_outcome {
	USHER_GRANTED,
	USHER_PENDING,
	USHER_INCOMPLETE,
	USHER_UNKNOWN, /* could not be found out: a refusal */
	USHER_DENIED,
	USHER_NO_ROUTE,
};

/* Lives until the next call with the same decider. */
struct usher_answer {
	enum usher_outcome outcome;
	const char *by;    /* "auto", "persistent", "preapproval" or NULL */
	const char *json;  /* the whole answer */
	size_t json_size;
	const char *error; /* what is wrong with the request, or NULL */
};

struct usher_decider *usher_decider_new(const struct usher_rules *rules);
void usher_decider_free(struct usher_decider *decider);

/*
 * Decides a request (a JSON object). 0, or -1 when it is no valid request:
 * then the outcome is USHER_UNKNOWN, json is {"error": "..."}, and error says
 * what to mend.
 */
int usher_decide(struct usher_decider *decider, const char *request,
    size_t size, struct usher_answer *answer);

/* The same with a member `explain`: why, rule by rule, and what would help. */
int usher_explain(struct usher_decider *decider, const char *request,
    size_t size, struct usher_answer *answer);

#ifdef __cplusplus
}
#endif

#endif
