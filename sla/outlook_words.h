#ifndef BIHUAN_SLA_OUTLOOK_WORDS_H
#define BIHUAN_SLA_OUTLOOK_WORDS_H
/* Why a case is likely to be late, and how right such warnings were, in words that a
 * handler understands. */
#include <jansson.h>

#include "sla/outlook.h"

/* Sentences in Chinese and English, appended to the arrays. The prospect has a probability. */
void outlook_reasons(const struct outlook *outlook, const struct prospect *prospect, json_t *zh, json_t *en);
/* The same of the score: with which months it was tested, and what came out. */
void outlook_accuracy(const struct outlook *outlook, json_t *zh, json_t *en);

#endif
