#ifndef BIHUAN_SLA_SILENCE_H
#define BIHUAN_SLA_SILENCE_H
#include "sla/rulebook.h"
struct silence { int64_t until_ms; };
struct silence_case { struct text unit, item; };
const struct silence *silence_at(const struct rulebook *book, const struct silence_case *what, int64_t business_ms);
#endif
