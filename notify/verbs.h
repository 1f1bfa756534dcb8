#ifndef BIHUAN_NOTIFY_VERBS_H
#define BIHUAN_NOTIFY_VERBS_H
/* The verbs of bihuan-notify; each returns the exit code. */
#include "common/options.h"

extern const struct options_extra render_extras[], send_extras[], who_extras[], verify_extras[], ledger_extras[], export_extras[], silence_extras[], status_extras[], lift_extras[];

int notify_run(const struct options *options);
int notify_ledger(const struct options *options);
int notify_retry(const struct options *options);
int notify_render(const struct options *options);
int notify_send(const struct options *options);
int notify_status(const struct options *options);
int notify_who(const struct options *options);
int notify_silence(const struct options *options);
int notify_lift(const struct options *options);
int notify_acknowledge(const struct options *options);
int notify_export(const struct options *options);
int notify_verify(const struct options *options);
int notify_check(const struct options *options);

#endif
