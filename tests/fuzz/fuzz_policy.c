/* Any bytes as a policy: refused with a reason, or lives fold under it, and a certificate can be made of them that holds. */
#include "sla/certificate_check.h"
#include "tests/fuzz/json_change.h"
#include "tests/fuzz/lives.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed)
{
    return json_change(data, bytes, most, seed);
}

static void check_certificate(const struct ruleset *set, const struct case_file *file, int64_t as_of_ms)
{
    char fault[CERTIFICATE_FAULT_BYTES] = "";
    json_t *certificate = certificate_make(file, &set->rules, as_of_ms);
    if (!certificate) return;
    char *line = certificate_line(certificate);
    if (!certificate_holds(line, strlen(line), NULL, fault)) {
        fprintf(stderr, "%s\n%s\n", fault, line);
        abort();
    }
    free(line);
    json_decref(certificate);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char fault[256] = "";
    struct ruleset set;
    struct case_file *lives;
    struct policy *policy = policy_parse((const char *)data, bytes, "policy", fault, sizeof fault);
    if (!policy) {
        assert(*fault);
        return 0;
    }
    lives_rules(&set, policy);
    size_t count = lives_made(&lives);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < lives[i].events; k++) check_case(&set, &lives[i], lives[i].event[k].at_ms + (k % 2 ? DAY_MS : 0));
    const struct case_file *one = &lives[bytes % count]; /* a certificate takes as long as a hundred folds */
    check_certificate(&set, one, one->event[one->events - 1].at_ms);
    lives_rules_free(&set);
    return 0;
}
