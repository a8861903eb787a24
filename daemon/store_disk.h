/* SPDX-License-Identifier: Apache-2.0 */
/* How much a file may still grow. */
#ifndef US_STORE_DISK_H
#define US_STORE_DISK_H

#include <stddef.h>

/*
 * Bytes that can be written to the open file behind its first `used`: what the
 * file system and RLIMIT_FSIZE allow, and what the file has there already.
 * SIZE_MAX when nobody can tell.
 */
size_t us_disk_room(int fd, size_t used);

#endif
