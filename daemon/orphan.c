/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every program inherits an open file of the data folder that is locked. As
 * long as one of them, or of their children, runs, it stays locked, and who
 * has it open is told by /proc. They have it open for writing; who only reads
 * it, a backup perhaps, is left alone.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/orphan.h"
#include "engine/buf.h"

#define FILE_NAME "programs.lock"

/* What was killed ends soon, but not at once. */
#define TRIES 100
#define TRY_MS 50

static bool
is_writable(long pid, const char *fd)
{
	unsigned flags = O_RDONLY;
	char path[320];
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%ld/fdinfo/%s", pid, fd);
	in = fopen(path, "re");
	if (in && fscanf(in, "pos: %*s flags: %o", &flags) != 1)
		flags = O_RDONLY;
	if (in)
		fclose(in);
	return (flags & O_ACCMODE) != O_RDONLY;
}

/* Does process `pid` have the file open, so that it can write to it? */
static bool
has_open(long pid, const struct stat *file)
{
	char path[64];
	struct dirent *entry;
	struct stat st;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%ld/fd", pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir)))
		found = fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 &&
			st.st_dev == file->st_dev &&
			st.st_ino == file->st_ino &&
			is_writable(pid, entry->d_name);
	if (dir)
		closedir(dir);
	return found;
}

static void
kill_all(const struct stat *file)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	char *end;
	long pid;

	while (dir && (entry = readdir(dir))) {
		pid = strtol(entry->d_name, &end, 10);
		if (*end || pid <= 1 || pid == getpid() || !has_open(pid, file))
			continue;
		us_log(US_LOG_WARNING,
		    "program %ld of an earlier usherd still runs: killed", pid);
		kill((pid_t)pid, SIGKILL);
	}
	if (dir)
		closedir(dir);
}

static bool
take(int fd)
{
	struct stat file;

	if (fstat(fd, &file) != 0)
		return false;
	for (int i = 0; i < TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		kill_all(&file);
		poll(NULL, 0, TRY_MS);
	}
	return false;
}

int
us_orphans_end(const char *data)
{
	struct us_buf path = {0};
	int fd;

	us_buf_printf(&path, "%s/" FILE_NAME, data);
	fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		us_log(US_LOG_ERROR, "cannot open %s: %s", path.p,
		    strerror(errno));
	} else if (!take(fd)) {
		us_log(US_LOG_ERROR,
		    "a program of an earlier usherd still runs and cannot be "
		    "killed: end it (fuser %s says which) and start again",
		    path.p);
		close(fd);
		fd = -1;
	}
	us_buf_free(&path);
	return fd;
}
