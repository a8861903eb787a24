/* SPDX-License-Identifier: Apache-2.0 */
/* Notifiers tell people what happened: notices and pages of the outbox. */
#ifndef US_NOTIFY_H
#define US_NOTIFY_H

#include "daemon/conf.h"
#include "daemon/outbox.h"
#include "daemon/post.h"

struct us_world;

/* A line on the log, of ids and no words of people. */
void us_notify_log(const struct us_work *work);

/* Posts the body, signed. False: try later; why is added to *error. */
bool us_notify_webhook(const struct us_world *world,
    const struct us_conf_notifier *conf, const struct us_work *work,
    struct us_post *post, const atomic_bool *stop, struct us_buf *error);

#endif
