/* Sockets to mail servers by their local port, which is how libcurl names a connection that it uses again. */
#include "notify/mail_sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int mail_socket_open(struct mail_sockets *sockets, int family, int type, int protocol)
{
    int one = sockets->count < MAIL_SOCKETS_MAX ? socket(family, type | SOCK_CLOEXEC, protocol) : -1;
    if (one >= 0) sockets->at[sockets->count++] = one;
    return one;
}

int mail_socket_close(struct mail_sockets *sockets, int socket)
{
    for (size_t i = 0; i < sockets->count; i++)
        if (sockets->at[i] == socket) {
            sockets->at[i] = sockets->at[--sockets->count];
            break;
        }
    return close(socket);
}

static int local_port_of(int socket)
{
    struct sockaddr_storage name = {.ss_family = AF_UNSPEC};
    socklen_t bytes = sizeof name;
    if (getsockname(socket, (struct sockaddr *)(void *)&name, &bytes)) return 0;
    if (name.ss_family == AF_INET) return ntohs(((const struct sockaddr_in *)(const void *)&name)->sin_port);
    return name.ss_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)(const void *)&name)->sin6_port) : 0;
}

void mail_socket_shut(const struct mail_sockets *sockets, int local_port)
{
    for (size_t i = 0; i < sockets->count; i++)
        if (local_port < 0 || local_port_of(sockets->at[i]) == local_port) shutdown(sockets->at[i], SHUT_RDWR);
}
