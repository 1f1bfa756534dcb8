/* Painting. The cases are not counted here: only what is cheap each second. */
#include "notify/live.h"

#include <poll.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "common/daemon.h"
#include "notify/present.h"
#include "sla/case_json.h"

enum { EVERY_MS = 1000 };

/* Keys come one by one and unseen; *before is what to put back. */
static bool take_keys(struct termios *before)
{
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, before) != 0) return false;
    struct termios keys = *before;
    keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    return tcsetattr(STDIN_FILENO, TCSANOW, &keys) == 0;
}

/* False: a key was pressed, or told to stop. */
static bool wait_on(bool keys)
{
    struct pollfd wake[] = {{.fd = daemon_fd(), .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
    if (poll(wake, keys ? 2 : 1, EVERY_MS) > 0 && keys && wake[1].revents) return false;
    return !daemon_stopping();
}

static void paint(const json_t *present, bool json, bool terminal)
{
    if (json) {
        json_print_line(stdout, present);
    } else if (terminal) {
        fputs("\033[H\033[J", stdout);
        present_print(stdout, present);
        puts("any key ends this");
    } else {
        present_print_line(stdout, present);
    }
    fflush(stdout);
}

int live_show(struct look *look)
{
    struct termios before;
    bool terminal = isatty(STDOUT_FILENO), keys = terminal && take_keys(&before), good = true;
    do {
        json_t *present = store_heartbeat(&look->store) ? present_look(look) : NULL;
        good = present != NULL;
        if (good) paint(present, look->options->json, terminal);
        json_decref(present);
    } while (good && wait_on(keys) && !ferror(stdout));
    if (keys) tcsetattr(STDIN_FILENO, TCSANOW, &before);
    return good ? EXIT_OK : look_failed(look);
}
