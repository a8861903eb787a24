/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that provision, and were left running by a usherd that was killed.
 * What such a one still puts in place nobody would take away, so it is ended
 * before any call is made again.
 */
#ifndef US_ORPHAN_H
#define US_ORPHAN_H

/*
 * Ends the programs of an earlier usherd on this data folder, whose store is
 * ours already. The descriptor that ours have to inherit, so that they can be
 * found; -1 with a message on the log when some cannot be ended.
 */
int us_orphans_end(const char *data);

#endif
