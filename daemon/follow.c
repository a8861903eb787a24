/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that are followed. The worker looks at them when it is asked to, once
 * a second or on SIGHUP, and reads those again that look otherwise than when
 * they were read last. What is broken keeps the old, and says so until it is
 * mended.
 */
#include <sys/stat.h>

#include "daemon/log.h"
#include "daemon/org_parts.h"
#include "daemon/revise.h"
#include "daemon/version.h"
#include "daemon/world.h"
#include "grammar/load.h"

static void
put_look(const char *path, struct us_buf *out)
{
	struct stat st;

	us_buf_puts(out, path);
	if (stat(path, &st) == 0)
		us_buf_printf(out, " %ju %ju %jd %jd.%09ld %jd.%09ld",
		    (uintmax_t)st.st_dev, (uintmax_t)st.st_ino,
		    (intmax_t)st.st_size, (intmax_t)st.st_mtim.tv_sec,
		    st.st_mtim.tv_nsec, (intmax_t)st.st_ctim.tv_sec,
		    st.st_ctim.tv_nsec);
	us_buf_putc(out, '\n');
}

bool
us_followed_look(struct us_followed *file)
{
	struct us_diags diags = {0};
	struct us_arena a = {0};
	struct us_buf now = {0};
	us_paths files = {0};
	const char **part;
	bool same;

	put_look(file->path, &now);
	us_load_expand(file->path, ".usher", &a, &files, &diags);
	US_EACH (part, &files)
		put_look(*part, &now);
	us_arena_free(&a);
	us_diags_free(&diags);
	same = us_str_eq(us_buf_str(&now), us_buf_str(&file->seen));
	us_buf_free(&file->seen);
	file->seen = now;
	return !same;
}

/* Does the newest version say just what the files do? */
static bool
is_stored(struct us_org *org, const struct us_active *base,
    const struct us_draft *draft)
{
	struct us_txn *txn = us_txn_read(org->world->store);
	struct us_workflow_record old;
	bool same = base->version &&
		    us_version_get(txn, org->name, base->version, &old) &&
		    us_str_eq(old.rules, draft->rules) &&
		    us_str_eq(old.services, draft->services) &&
		    us_str_eq(old.preapprovals, draft->preapprovals) &&
		    us_str_eq(old.text, draft->text);

	us_txn_abort(txn);
	return same;
}

static bool
store_rules(struct us_org *org, struct us_active *base, struct us_draft *draft,
    struct us_buf *error)
{
	struct us_revision revision = {.org = org,
	    .base = base,
	    .draft = draft,
	    .action = base->version ? US_ACTION_RULES_UPDATED
				    : US_ACTION_RULES_CREATED,
	    .actor = {US_STR("usherd"), US_STR("usherd"), NULL}};

	switch (us_revise(&revision)) {
	case US_REVISED:
		us_log(US_LOG_INFO, "%.*s: the rules of \"%s\" are v%llu",
		    US_ARG(org->name), org->rules_path,
		    (unsigned long long)revision.version);
		return true;
	case US_REVISED_STALE:
	case US_REVISED_FULL:
	case US_REVISED_FAILED:
		break;
	}
	/* It is not the file that must change for this to succeed. */
	atomic_store(&org->state->again, true);
	us_buf_printf(error,
	    "\"%s\" is right, but the store has no room or "
	    "cannot be written; the log says more",
	    org->rules_path);
	return false;
}

static void
put_diags(const struct us_diags *diags, struct us_buf *out)
{
	const struct us_diag *diag;

	US_EACH (diag, &diags->list) {
		if (us_diag_severity(diag->id) == US_ERROR)
			us_diag_text(diag, false, out);
	}
}

static bool
load_rules(struct us_org *org, struct us_buf *error)
{
	struct us_active *base = us_org_active(org);
	struct us_draft draft;
	bool good;

	us_draft_init(&draft);
	good = us_draft_from_path(&draft, org->rules_path);
	if (!good) {
		us_diags_sort(&draft.diags);
		put_diags(&draft.diags, error);
	} else if (!is_stored(org, base, &draft)) {
		good = store_rules(org, base, &draft, error);
	}
	us_draft_free(&draft);
	us_active_unref(base);
	return good;
}

static bool
load_directory(struct us_org *org, struct us_buf *error)
{
	struct us_directory *directory =
	    us_directory_load(org->directory_path, error);

	if (directory)
		us_org_set_directory(org, directory);
	return directory != NULL;
}

static bool
load_oncall(struct us_org *org, struct us_buf *error)
{
	struct us_oncall *oncall = us_oncall_load(org->oncall_path, error);

	if (oncall)
		us_org_set_oncall(org, oncall);
	return oncall != NULL;
}

static bool
load_inventory(struct us_org *org, struct us_buf *error)
{
	struct us_inventory *inventory =
	    us_inventory_load(org->inventory_path, error);

	if (inventory)
		us_org_set_inventory(org, inventory);
	return inventory != NULL;
}

bool
us_org_load(struct us_org *org, enum us_org_file file, struct us_buf *error)
{
	static bool (*const load[US_FILE_COUNT])(
	    struct us_org * org, struct us_buf * error) = {
	    [US_FILE_DIRECTORY] = load_directory,
	    [US_FILE_ONCALL] = load_oncall,
	    [US_FILE_INVENTORY] = load_inventory,
	    [US_FILE_RULES] = load_rules,
	};

	return load[file](org, error);
}

/* Keeps what is wrong for who asks, and logs it when it is new. */
void
us_org_keep(struct us_org *org, enum us_org_file file, struct us_buf *error)
{
	struct us_buf *trouble = &org->state->files[file].trouble, old;

	if (!us_str_eq(us_buf_str(trouble), us_buf_str(error))) {
		if (error->n)
			us_log(US_LOG_ERROR,
			    "%.*s: the old is kept, for the new is wrong: %.*s",
			    US_ARG(org->name), US_ARG(us_buf_str(error)));
		else
			us_log(US_LOG_INFO, "%.*s: the files are right again",
			    US_ARG(org->name));
	}
	pthread_mutex_lock(&org->state->lock);
	old = *trouble;
	*trouble = *error;
	pthread_mutex_unlock(&org->state->lock);
	us_buf_free(&old);
	*error = (struct us_buf){0};
}

/* Reads a file again if it changed. */
static void
look_again(struct us_org *org, enum us_org_file file, bool always)
{
	struct us_followed *followed = &org->state->files[file];
	struct us_buf error = {0};

	if (!followed->path || (!us_followed_look(followed) && !always))
		return;
	if (!us_org_load(org, file, &error) && !error.n)
		us_buf_printf(&error, "\"%s\" cannot be read", followed->path);
	us_org_keep(org, file, &error);
	us_org_settle(org, 0);
}

static void
refresh(void *arg)
{
	struct us_org *org = arg;
	bool always;

	/* What is asked for from now on is another time. */
	atomic_store(&org->state->refreshing, false);
	always = atomic_exchange(&org->state->again, false);
	for (unsigned i = 0; i < US_FILE_COUNT; i++)
		look_again(org, i, always);
}

static bool
has_files(const struct us_org *org)
{
	for (unsigned i = 0; i < US_FILE_COUNT; i++) {
		if (org->state->files[i].path)
			return true;
	}
	return false;
}

void
us_org_refresh(struct us_org *org, bool now)
{
	struct us_org_state *state = org->state;

	if (now)
		atomic_store(&state->again, true);
	if (!has_files(org) || atomic_exchange(&state->refreshing, true))
		return;
	if (!us_worker_submit(org->worker, refresh, org))
		atomic_store(&state->refreshing, false);
}

void
us_org_trouble(struct us_org *org, struct us_buf *out)
{
	struct us_org_state *state = org->state;

	pthread_mutex_lock(&state->lock);
	for (unsigned i = 0; i < US_FILE_COUNT; i++)
		us_buf_str_add(out, us_buf_str(&state->files[i].trouble));
	pthread_mutex_unlock(&state->lock);
}
