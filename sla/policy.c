/* What a policy decides: class of a case, reasons that it knows. How a file becomes a policy: sla/policy_read.c. */
#include "sla/policy.h"

#include <string.h>

const char *role_name(enum role role)
{
    static const char *const names[ROLES] = {"handler", "leader", "supervision", "dispatcher", "circulation", "lead", "co_handlers"};
    return names[role];
}

const char *debtor_name(enum debtor debtor)
{
    static const char *const names[DEBTORS] = {"handler", "dispatcher", "approver", "hotline"};
    return names[debtor];
}

int policy_class_named(const struct policy *policy, const char *name)
{
    for (int i = 0; i < policy->classes; i++)
        if (strcmp(policy->class[i].name, name) == 0) return i;
    return -1;
}

static bool one_of(const struct word_list *words, struct text text)
{
    for (int i = 0; i < words->count; i++)
        if (text_equal(words->word[i], text)) return true;
    return false;
}

static bool rule_holds(const struct policy_rule *rule, const struct policy_facts *facts)
{
    return rule->of == facts->of && (!rule->kinds || rule->kinds >> facts->kind & 1) &&
           (!rule->urgencies || rule->urgencies >> facts->urgency & 1) &&
           (!rule->stars || rule->stars >> facts->satisfaction & 1) && (rule->simple < 0 || rule->simple == facts->simple) &&
           (rule->is_default < 0 || rule->is_default == facts->is_default) && (!rule->items.count || one_of(&rule->items, facts->item)) &&
           (!rule->areas.count || one_of(&rule->areas, facts->area)) &&
           (!rule->channels.count || one_of(&rule->channels, facts->channel));
}

int policy_classify(const struct policy *policy, const struct policy_facts *facts)
{
    for (int i = 0; i < policy->rules; i++)
        if (rule_holds(&policy->rule[i], facts)) return policy->rule[i].class;
    return -1;
}

const struct policy_reason *policy_reason(const struct policy *policy, struct text code)
{
    for (int i = 0; i < policy->reasons; i++)
        if (text_equal(policy->reason[i].code, code)) return &policy->reason[i];
    return NULL;
}
