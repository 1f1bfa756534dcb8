#ifndef BIHUAN_NOTIFY_DIGEST_PREVIEW_H
#define BIHUAN_NOTIFY_DIGEST_PREVIEW_H
/* A digest as it would be put together now, for people who want to see it. Reads all cases; writes nothing. */
#include "notify/digest_scan.h"
#include "notify/outfit.h"

/* Fills *filling for the person or endpoint of that name, one of those who get digests on the day. NULL, or why there is none (static text, or the
 * store's fault). digest_clear(&filling->digest) all the same; its recipient's name lives in the pool. */
const char *digest_preview(struct digest_filling *filling, struct store *store, struct outfit *outfit, struct text name, struct pool *pool) __attribute__((warn_unused_result));

#endif
