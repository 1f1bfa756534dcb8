/* bihuan-sla steps: the table of state × event, as documents and tests have it. */
#include <stdio.h>

#include "sla/case_json.h"
#include "sla/step_table.h"
#include "sla/verbs.h"

static const enum case_state ticket_states[] = {STATE_RECEIVED, STATE_DISPATCHED, STATE_SIGNED,  STATE_RETURNED, STATE_SUSPENDED,
                                                STATE_ANSWERED, STATE_CLOSED,     STATE_VOIDED, STATE_MERGED,   CASE_STATES};
static const enum case_state rating_states[] = {STATE_OPEN, STATE_CLOSED, CASE_STATES};

static void print_table(enum of of, const enum case_state *states)
{
    printf("| %s event |", of_name(of));
    for (int i = 0; states[i] != CASE_STATES; i++) printf(" %s %s |", case_state_name(states[i]), case_state_chinese(states[i]));
    printf("\n|---|");
    for (int i = 0; states[i] != CASE_STATES; i++) printf("---|");
    for (int type = EVENT_NONE + 1; type < EVENT_TYPES; type++) {
        if (event_type_of((enum event_type)type) != of) continue;
        printf("\n| `%s` %s |", event_type_name((enum event_type)type), event_type_chinese((enum event_type)type));
        for (int i = 0; states[i] != CASE_STATES; i++) {
            enum action action = step_action(states[i], (enum event_type)type);
            printf(" %s |", action == ACTION_NOTHING ? "–" : action_name(action));
        }
    }
    printf("\n\n");
}

static void print_document(void)
{
    printf("# What each event does in each state\n\n"
           "Printed by `bihuan-sla steps` from the table that the fold runs on (`sla/step_table.def`). `–`: nothing, and this is recorded: the event stays\n"
           "in the case's history and changes nothing else. Before its receipt a case is `incomplete` 待受理: everything waits, and what is timed before the receipt stays history.\n"
           "`suspended` 挂起 lies over another state, which moves underneath.\n\n");
    print_table(OF_TICKET, ticket_states);
    print_table(OF_RATING, rating_states);
    printf("| action | what it does |\n|---|---|\n");
    for (int action = ACTION_NOTHING + 1; action < ACTIONS; action++)
        printf("| %s | %s |\n", action_name((enum action)action), action_words((enum action)action));
    printf("\nHow a step came out, in `case`, `explain` and certificates:\n\n| effect | meaning | |\n|---|---|---|\n");
    for (int effect = EFFECT_DONE; effect < EFFECTS; effect++)
        printf("| `%s` | %s | %s |\n", effect_name((enum effect)effect), effect_english((enum effect)effect), effect_chinese((enum effect)effect));
}

static void print_cells(enum of of, const enum case_state *states)
{
    for (int type = EVENT_NONE + 1; type < EVENT_TYPES; type++) {
        if (event_type_of((enum event_type)type) != of) continue;
        for (int i = 0; states[i] != CASE_STATES; i++) {
            json_t *cell = json_pack("{s:s,s:s,s:s,s:s}", "of", of_name(of), "state", case_state_name(states[i]), "event", event_type_name((enum event_type)type),
                                     "action", action_name(step_action(states[i], (enum event_type)type)));
            json_print_line(stdout, cell);
            json_decref(cell);
        }
    }
}

int sla_steps(const struct options *options)
{
    if (!options->json) {
        print_document();
        return EXIT_OK;
    }
    print_cells(OF_TICKET, ticket_states);
    print_cells(OF_RATING, rating_states);
    return EXIT_OK;
}
