/* SPDX-License-Identifier: Apache-2.0 */
/* Giving up what is not needed to serve. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/privs.h"

static bool
complain(const char *what, const char *whom)
{
	us_log(US_LOG_ERROR, "cannot %s %s: %s", what, whom, strerror(errno));
	return false;
}

/* Other people's folders stay theirs: only one that was made is given away. */
static bool
make_folder(const char *data, const struct passwd *owner)
{
	if (mkdir(data, 0700) != 0)
		return errno == EEXIST || complain("make the folder", data);
	if (owner && chown(data, owner->pw_uid, owner->pw_gid) != 0)
		return complain("give away the folder", data);
	return true;
}

static bool
become(const struct passwd *user)
{
	if (initgroups(user->pw_name, user->pw_gid) != 0 ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
		return complain("become user", user->pw_name);
	/* There is no way back. */
	if (user->pw_uid != 0 && setuid(0) == 0) {
		us_log(US_LOG_ERROR, "privileges could not be dropped");
		return false;
	}
	return true;
}

static bool
find_user(const char *name, struct passwd **user)
{
	errno = 0;
	*user = getpwnam(name);
	if (*user)
		return true;
	us_log(US_LOG_ERROR, "there is no user \"%s\" to become%s%s", name,
	    errno ? ": " : "", errno ? strerror(errno) : "");
	return false;
}

bool
us_privs_drop(const char *data, const char *user)
{
	struct passwd *pw = NULL;

	umask(077);
	if (user && !find_user(user, &pw))
		return false;
	/* Somebody who is already whom he should become needs no rights. */
	if (pw && pw->pw_uid == geteuid() && pw->pw_uid == getuid())
		pw = NULL;
	if (!make_folder(data, pw))
		return false;
	if (pw && !become(pw))
		return false;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return complain("renounce", "new privileges");
	if (access(data, R_OK | W_OK | X_OK) != 0)
		return complain("use the data folder", data);
	return true;
}

void
us_privs_descriptors(unsigned wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max > wanted ? wanted : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
		us_log(US_LOG_WARNING,
		    "only %llu of %u descriptors are to be had: raise the "
		    "limit of open files, or lower max-connections",
		    (unsigned long long)limit.rlim_cur, wanted);
}
