/* SPDX-License-Identifier: Apache-2.0 */
/* How much a file may still grow, and that it has grown already. */
#ifndef US_STORE_DISK_H
#define US_STORE_DISK_H

#include <stddef.h>

/*
 * Bytes that can be written to the open file behind its first `used`: what the
 * file system and RLIMIT_FSIZE allow, and what the file has there already.
 * SIZE_MAX when nobody can tell.
 */
size_t us_disk_room(int fd, size_t used);

/*
 * Takes room on the disk for so many bytes behind the first `used`, so that
 * nobody else gets it; if there is room, on file systems that can. What is in
 * the file stays as it is.
 */
void us_disk_stretch(int fd, size_t used, size_t ahead);

#endif
