#ifndef BIHUAN_SLA_SCORE_H
#define BIHUAN_SLA_SCORE_H
/* How right warnings would have been: of each case that was open at an opening
 * of the months judged, was it warned of while there still was time (a working hour at
 * least), and did it come late in the end? Beside it the plain rule: warn once half of the
 * limit is gone. Pure.
 *
 * Only looks at cases of whose class enough was known count, for both rules. Cases whose
 * outcome is not known yet, or never will be, are no part of it (sla/hindsight.h). */
#include "sla/hindsight.h"

enum { SCORE_TENTHS = 10, SCORE_THRESHOLDS = 9, SCORE_CASES_MIN = 50, SCORE_LATE_MIN = 5 };
#define SCORE_THRESHOLD_DEFAULT 0.5

/* One rule: of the cases that it warned of, how many came late; of those that came late, how many it warned of. */
struct warnings {
    double threshold;           /* of the plain rule: of the limit the share gone */
    uint32_t warned, right;
    double precision, recall;   /* -1 where there is nothing to divide by */
    int lead_minutes;           /* of the right ones the median of working time left at the first warning; -1 for none */
};

struct score {
    uint32_t cases, late, glances;
    struct warnings model, plain;
    struct warnings equal;      /* the model with the highest threshold that finds as many as the plain rule does */
    struct warnings as_many;    /* the plain rule with another share than half, so that it warns of about as many as the model does */
    struct warnings at[SCORE_THRESHOLDS]; /* the model from 0.1, 0.2 … 0.9 on */
    double order;               /* of pairs of a late and a timely case, both at their first opening with half gone: in how
                                   many the late one was given the higher probability (0.5: chance); -1 without pairs */
    double brier, brier_base;   /* mean square of probability less outcome; the same where each look is given the share
                                   of late ones among them all */
    struct {
        uint32_t glances, late;
        double probability;     /* mean */
    } tenth[SCORE_TENTHS];      /* looks by probability */
};

/* The probability given at each look, NAN where too little was known; for the caller to free. */
float *score_guesses(const struct hindsight *hindsight);
/* The threshold, of 0.05, 0.10 … 0.95, whose warnings in the rounds from..to-1 have the best balance (F1) of precision and
 * recall; only cases whose outcome was known as round `known` began. SCORE_THRESHOLD_DEFAULT where these are too few. */
double score_threshold(const struct hindsight *hindsight, const float *guess, int from, int to, int known);
/* Judges the rounds from..to-1. False: too little to judge by; the counts in *score are set all the same. */
bool score_rounds(const struct hindsight *hindsight, const float *guess, int from, int to, double threshold, struct score *score);

#endif
