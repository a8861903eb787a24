/* SPDX-License-Identifier: Apache-2.0 */
/* The room on the disk, for the reserve of the store. */
#include <fcntl.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "daemon/store_disk.h"

size_t
us_disk_room(int fd, size_t used)
{
	struct statvfs fs;
	struct stat file;
	struct rlimit limit;
	size_t size, room, most;

	if (fstat(fd, &file) || fstatvfs(fd, &fs))
		return SIZE_MAX;
	size = (size_t)file.st_size;
	room = (size_t)fs.f_bavail * fs.f_frsize;
	if (getrlimit(RLIMIT_FSIZE, &limit) == 0) {
		most = limit.rlim_cur > size ? limit.rlim_cur - size : 0;
		room = room < most ? room : most;
	}
	/* A commit that failed may have made the file longer than it is used:
	 * there it is written again. */
	return size > used ? room + (size - used) : room;
}

void
us_disk_stretch(int fd, size_t used, size_t ahead)
{
	if (us_disk_room(fd, used) > ahead)
		(void)!fallocate(fd, 0, (off_t)used, (off_t)ahead);
}
