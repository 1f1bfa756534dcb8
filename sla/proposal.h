#ifndef BIHUAN_SLA_PROPOSAL_H
#define BIHUAN_SLA_PROPOSAL_H
/* The files of policy and calendar beside the rules in force: a file is a proposal, until it is activated. */
#include "sla/rulebook.h"
#include "sla/ruleset.h"

struct proposal {
    bool policy_differs, calendar_differs; /* from what is in force for a receipt now */
};
/* Compares; `at_ms` is now. */
struct proposal proposal_compare(const struct rulebook *book, const struct ruleset *set, int64_t at_ms);
/* At a reload: reads the policy and calendar that the configuration at `path` names now, and says in the log what is wrong
 * with them, or that they are others than those in force. Nothing else comes of it. */
void proposal_review(const struct rulebook *book, const char *path);

#endif
