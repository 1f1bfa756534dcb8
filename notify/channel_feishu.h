#ifndef BIHUAN_NOTIFY_CHANNEL_FEISHU_H
#define BIHUAN_NOTIFY_CHANNEL_FEISHU_H
/* Feishu's signature, which has a published vector. Pure. */
#include "notify/robot.h"

/* HMAC-SHA256 with "s\nsecret" over nothing, as base64. */
void feishu_sign(const char *secret, int64_t real_s, char signature[ROBOT_SIGNATURE_BYTES]);

#endif
