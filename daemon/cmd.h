/* SPDX-License-Identifier: Apache-2.0 */
/* What usherd does besides serving. Each returns the exit status. */
#ifndef US_DAEMON_CMD_H
#define US_DAEMON_CMD_H

struct us_conf;

/* usherd -n: is everything right that usherd would start with? */
int us_cmd_check(const struct us_conf *conf);

/* usherd token: argv[0] is "token". */
int us_cmd_token(int argc, char **argv);

#endif
