/* SPDX-License-Identifier: Apache-2.0 */
/* The log: lines on standard error, as text or JSON. Never a secret. */
#ifndef US_LOG_H
#define US_LOG_H

#include <stdint.h>

#include "daemon/conf.h"

void us_log_open(enum us_log_level level, bool json);
void us_log(enum us_log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* One line for a request that was answered. */
void us_log_request(uint64_t id, const char *peer, const char *method,
    const char *path, int status, int64_t micros);

#endif
