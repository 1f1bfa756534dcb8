/* Entries and exits are noted, and summed up once at the end: a case costs the same
 * however long it has been open.
 *
 * The trap: the wider circles must be worked out before the narrower ones that
 * lean on them; their numbers are the smaller ones. */
#include "sla/pace.h"

#include <assert.h>
#include <stdlib.h>

#include "common/alloc.h"

struct row {
    int32_t open[COURSE_STEPS + 1]; /* entries less exits; once closed, how many were open as the step began */
    int32_t answered[COURSE_STEPS];
    int32_t answers;
    double share[COURSE_STEPS];
};

struct pace {
    const struct peers *peers;
    struct row *row;
    size_t rows;
};

struct pace *pace_new(const struct peers *peers)
{
    struct pace *pace = xcalloc(1, sizeof *pace);
    pace->peers = peers;
    return pace;
}

void pace_free(struct pace *pace)
{
    if (!pace) return;
    free(pace->row);
    free(pace);
}

static void make_rows(struct pace *pace, size_t rows)
{
    if (rows <= pace->rows) return;
    pace->row = xrealloc(pace->row, rows * sizeof *pace->row);
    for (size_t i = pace->rows; i < rows; i++) pace->row[i] = (struct row){.answers = 0};
    pace->rows = rows;
}

void pace_note(struct pace *pace, int circle, int from, int to, bool answered)
{
    assert(0 <= from && from <= to && to < COURSE_STEPS);
    if (from == to && !answered) return;
    if ((size_t)circle >= pace->rows) make_rows(pace, peers_count(pace->peers) * 2);
    for (; circle != PEERS_NONE; circle = peers_wider(pace->peers, circle)) {
        struct row *row = &pace->row[circle];
        row->open[from]++;
        row->open[answered ? to + 1 : to]--;
        row->answered[to] += answered;
        row->answers += answered;
    }
}

/* Of the widest circle as counted; where nobody ever was open, as in the step before. */
static double share_of(const struct pace *pace, const struct row *row, int wider, int step)
{
    if (wider != PEERS_NONE) return (row->answered[step] + PACE_LEAN * pace->row[wider].share[step]) / (row->open[step] + PACE_LEAN);
    if (row->open[step] > 0) return (double)row->answered[step] / row->open[step];
    return step > 0 ? row->share[step - 1] : 0;
}

void pace_close(struct pace *pace)
{
    size_t circles = peers_count(pace->peers);
    make_rows(pace, circles);
    for (size_t i = 0; i < circles; i++) {
        struct row *row = &pace->row[i];
        int wider = peers_wider(pace->peers, (int)i);
        for (int step = 0; step < COURSE_STEPS; step++) {
            if (step > 0) row->open[step] += row->open[step - 1];
            row->share[step] = share_of(pace, row, wider, step);
        }
    }
}

bool pace_known(const struct pace *pace, int circle)
{
    int class = peers_wider(pace->peers, circle);
    return pace->row[class == PEERS_NONE ? circle : class].answers >= PACE_KNOWN;
}

double pace_share(const struct pace *pace, int circle, int step)
{
    return pace->row[circle].share[step];
}

int pace_open(const struct pace *pace, int circle, int step)
{
    return pace->row[circle].open[step];
}

int pace_answered(const struct pace *pace, int circle, int step)
{
    return pace->row[circle].answered[step];
}

int pace_answers(const struct pace *pace, int circle)
{
    return pace->row[circle].answers;
}

/* Within a step answers come evenly: of those open as it began, gone × share are answered by now. */
double pace_late(const struct pace *pace, int circle, const struct course *course)
{
    const double *share = pace->row[circle].share;
    double still_open = 1 - course->gone * share[course->step];
    double late = still_open > 0 ? (1 - share[course->step]) / still_open : 1;
    for (int step = course->step + 1; step <= course->last; step++) late *= 1 - share[step];
    return late;
}

double pace_median(const struct pace *pace, int circle)
{
    const double *share = pace->row[circle].share;
    double open = 1;
    for (int step = 0; step < COURSE_STEPS - 1; step++) {
        double next = open * (1 - share[step]);
        if (next <= 0.5) return step == 0 ? 0 : step - 1 + (open - 0.5) / (open - next);
        open = next;
    }
    return -1;
}
