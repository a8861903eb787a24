/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs: calls that go on, on the worker of their organisation, after their
 * loop has turned to others. A job has all it needs of the call as a copy.
 */
#ifndef US_JOB_H
#define US_JOB_H

#include "daemon/auth.h"
#include "daemon/http.h"
#include "daemon/org.h"
#include "daemon/revise.h"
#include "engine/diag.h"

/*
 * So long a loop decides for one call, if the worker can do it instead: all
 * others of the loop wait meanwhile. A decision that was begun is ended. (Lists
 * of requests, which mostly read, say themselves how long.)
 */
#define US_JOB_LOOP_US 2000

struct us_job {
	struct us_org *org;
	struct us_ticket ticket;
	struct us_caller caller;
	struct us_str body, name; /* name: the {name} of the path */
	bool is_text;             /* the body is in the language */
	uint64_t version;         /* that the call named; 0: none */
	void (*run)(struct us_job *job);
	void *what;               /* else that run needs, in the arena */
	struct us_arena arena;
};

/*
 * Defers the call: run will answer its ticket, once, and the job is freed
 * after it. 503 when too much waits already.
 */
void us_job_start(
    struct us_call *call, uint64_t version, void (*run)(struct us_job *job));
/*
 * The same in two steps, for one that needs more of its call: NULL, and the
 * call is not answered, when too much waits; or false, and the job, which has
 * the ticket now, is still to be answered and freed.
 */
struct us_job *us_job_new(struct us_call *call);
bool us_job_submit(struct us_job *job, struct us_call *call,
    void (*run)(struct us_job *job));
void us_job_free(struct us_job *job);

/*
 * Who the caller is now that the job's turn has come; ends with
 * us_caller_done. False, and the job is answered, when it is a key that is no
 * more. (The job's own caller stays as it was counted.)
 */
bool us_job_caller(struct us_job *job, struct us_txn *txn,
    struct us_directory *directory, struct us_caller *now);

/*
 * What runs on the worker and is no job, from when it is queued on. False when
 * there is no room for it, and n bytes, beside the jobs: 503.
 */
bool us_job_take_room(
    struct us_org *org, const struct us_caller *caller, size_t n);
void us_job_give_room(
    struct us_org *org, const struct us_caller *caller, size_t n);

/* Is the body in the language? */
bool us_call_is_text(const struct us_call *call);

/* Answers 409 and true while the rules follow files. */
bool us_call_follows(struct us_call *call);

/* {"error": ..., "diagnostics": [...]}; the error is the first of them. */
void us_call_diags(
    struct us_call *call, int status, const struct us_diags *diags);
void us_job_diags(
    struct us_job *job, int status, const struct us_diags *diags);

/* Ends a read transaction, and answers as us_api_reply does. */
void us_job_reply_read(
    struct us_job *job, struct us_txn *txn, int status, struct us_buf *body);

/* Answers with JSON and frees body. */
void us_job_reply(struct us_job *job, int status, struct us_buf *body);

/* Answers when a revision was not stored. current: the newest version. */
void us_job_unrevised(struct us_job *job, enum us_revised revised);
void us_job_stale(struct us_job *job);

#endif
