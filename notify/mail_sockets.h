#ifndef BIHUAN_NOTIFY_MAIL_SOCKETS_H
#define BIHUAN_NOTIFY_MAIL_SOCKETS_H
/* The sockets of connections to mail servers. libcurl says QUIT before it closes one and waits for the reply, all transfers with it; a server that is in no hurry must not
 * hold up the others, so a connection that nothing more is expected of is shut first. */
#include <stdbool.h>
#include <stddef.h>

enum { MAIL_SOCKETS_MAX = 4096 };

struct mail_sockets {
    size_t count;
    int at[MAIL_SOCKETS_MAX];
};

/* Opens a socket and remembers it; -1: it cannot, or there are too many. */
int mail_socket_open(struct mail_sockets *sockets, int family, int type, int protocol);
/* Forgets and closes it. */
int mail_socket_close(struct mail_sockets *sockets, int socket);
/* Shuts the one with this local port; -1: all. */
void mail_socket_shut(const struct mail_sockets *sockets, int local_port);

#endif
