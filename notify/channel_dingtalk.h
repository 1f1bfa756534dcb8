#ifndef BIHUAN_NOTIFY_CHANNEL_DINGTALK_H
#define BIHUAN_NOTIFY_CHANNEL_DINGTALK_H
/* DingTalk's signature, which has a published vector. Pure. */
#include "notify/robot.h"

/* HMAC-SHA256 with the secret over "ms\nsecret", as base64. */
void dingtalk_sign(const char *secret, int64_t real_ms, char signature[ROBOT_SIGNATURE_BYTES]);

#endif
