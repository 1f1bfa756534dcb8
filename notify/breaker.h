#ifndef BIHUAN_NOTIFY_BREAKER_H
#define BIHUAN_NOTIFY_BREAKER_H
/* A breaker 熔断: an endpoint that has answered nothing good for a while is asked by one request at a time, at growing
 * intervals, until one gets through. So what waits for it costs nothing, and its places go to others. Pure; real time in ms. */
#include <stdbool.h>
#include <stdint.h>

enum {
    BREAKER_FAILURES = 10,     /* in a row, */
    BREAKER_SILENCE_MS = 30000, /* and nothing good for so long: then it opens */
    BREAKER_FIRST_MS = 5000,   /* to the first probe; doubled with each that fails, */
    BREAKER_MOST_MS = 300000,  /* to this */
};

struct breaker {
    unsigned failures;   /* in a row */
    int64_t since_ms;    /* the first of them */
    int64_t wait_ms;     /* between probes; 0: it is closed */
    int64_t probe_ms;    /* when the next may go */
    bool probing;        /* one is under way */
};

/* May a request go now? Where it is open, this is then the probe. */
bool breaker_lets(struct breaker *breaker, int64_t now_ms);
/* When is it worth asking again: 0 where it is closed, or a probe could go now. */
int64_t breaker_opens_ms(const struct breaker *breaker, int64_t now_ms);
/* What came of a request. Withheld ones tell nothing. */
void breaker_answered(struct breaker *breaker, bool good, bool withheld, int64_t now_ms);

#endif
