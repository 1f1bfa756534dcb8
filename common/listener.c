/* The listener on libmicrohttpd: one thread that polls all connections, so answers are made one after the other and must be
 * quick; a slow client waits for nobody but itself.
 *
 * The trap: a request comes in several calls, the first with its head alone. What is refused for its size must be refused there
 * where its length is told, or a client could send for ever; where it is not told, the connection is cut. And poll, not epoll: with
 * libmicrohttpd 0.9.75's epoll loop a listener that was full hears nobody until the first idle connection times out. */
#include "common/listener.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/alloc.h"

enum { IDLE_MAX_S = 10, HEAD_MAX_BYTES = 32 * 1024, BACKLOG = 128, HOST_BYTES = 256 };

struct listener {
    struct MHD_Daemon *daemon;
    listener_answer *answer;
    void *context;
    unsigned port;
};

static bool is(const char *method, const char *name)
{
    return strcmp(method, name) == 0;
}

const char *listener_query(const struct listener_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

/* What every answer bears: nothing is kept by caches or passed on by links, nothing but its own style is loaded or run. */
static void add_headers(struct MHD_Response *response, const char *content_type)
{
    static const char *const fixed[][2] = {
        {"Cache-Control", "no-store"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
    };
    MHD_add_response_header(response, "Content-Type", content_type);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) MHD_add_response_header(response, fixed[i][0], fixed[i][1]);
}

static enum MHD_Result reply_with(struct MHD_Connection *connection, struct listener_reply *reply)
{
    if (reply->body.overflow) {
        buffer_clear(&reply->body);
        reply->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(reply->body.bytes, (void *)buffer_text(&reply->body), MHD_RESPMEM_MUST_COPY);
    if (!response) return MHD_NO;
    add_headers(response, reply->content_type);
    if (reply->status == MHD_HTTP_METHOD_NOT_ALLOWED) MHD_add_response_header(response, "Allow", "GET, HEAD, POST");
    enum MHD_Result result = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status)
{
    struct listener_reply reply = {status, "text/plain; charset=utf-8", {0}};
    buffer_init(&reply.body, 64);
    enum MHD_Result result = reply_with(connection, &reply);
    buffer_free(&reply.body);
    return result;
}

static enum MHD_Result answer(const struct listener *listener, struct MHD_Connection *connection, const char *method, const char *path, const struct buffer *body)
{
    struct listener_request request = {method, path, buffer_text(body), body->bytes, connection};
    struct listener_reply reply = {MHD_HTTP_OK, "text/plain; charset=utf-8", {0}};
    buffer_init(&reply.body, LISTENER_REPLY_MAX_BYTES);
    listener->answer(listener->context, &request, &reply);
    enum MHD_Result result = reply_with(connection, &reply);
    buffer_free(&reply.body);
    return result;
}

/* At the head: what can be refused already. 0: go on. */
static unsigned judge_head(struct MHD_Connection *connection, const char *method)
{
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    if (!is(method, "GET") && !is(method, "HEAD") && !is(method, "POST")) return MHD_HTTP_METHOD_NOT_ALLOWED;
    return length && strtoull(length, NULL, 10) > LISTENER_BODY_MAX_BYTES ? MHD_HTTP_CONTENT_TOO_LARGE : 0;
}

/* Called by libmicrohttpd: at the head, at each part of the body, at its end. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path, const char *method, const char *version,
                                  const char *part, size_t *part_bytes, void **state)
{
    const struct listener *listener = context;
    struct buffer *body = *state;
    (void)version;
    if (!body) {
        unsigned refused = judge_head(connection, method);
        if (refused) return refuse(connection, refused);
        *state = body = xmalloc(sizeof *body);
        buffer_init(body, LISTENER_BODY_MAX_BYTES);
        return MHD_YES;
    }
    if (*part_bytes == 0) return answer(listener, connection, method, path, body);
    bool room = buffer_add(body, part, *part_bytes);
    *part_bytes = 0;
    return room ? MHD_YES : MHD_NO;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why)
{
    (void)context, (void)connection, (void)why;
    buffer_free(*state);
    free(*state);
    *state = NULL;
}

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 5 && !text[digits] && strtol(text, NULL, 10) <= UINT16_MAX;
}

/* "host:port" or "[v6]:port"; the host into host[HOST_BYTES]. NULL: it is none, else the port. */
static const char *split(const char *address, char *host)
{
    const char *colon = strrchr(address, ':');
    size_t bytes = colon ? (size_t)(colon - address) : 0;
    bool bracketed = bytes > 2 && address[0] == '[' && address[bytes - 1] == ']';
    if (bracketed) address++, bytes -= 2;
    if (bytes == 0 || bytes >= HOST_BYTES || !is_port(colon + 1) || (!bracketed && memchr(address, ':', bytes))) return NULL;
    memcpy(host, address, bytes);
    host[bytes] = 0;
    return colon + 1;
}

/* A socket that listens on the first of these addresses that takes one. -1: errno. */
static int listen_on(const struct addrinfo *list)
{
    const int on = 1;
    int socket_fd = -1;
    for (const struct addrinfo *at = list; at && socket_fd < 0; at = at->ai_next) {
        socket_fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, at->ai_protocol);
        if (socket_fd < 0) continue;
        if (!setsockopt(socket_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) && !bind(socket_fd, at->ai_addr, at->ai_addrlen) && !listen(socket_fd, BACKLOG)) break;
        int failure = errno;
        close(socket_fd);
        errno = failure;
        socket_fd = -1;
    }
    return socket_fd;
}

static unsigned port_of(int socket_fd)
{
    struct sockaddr_storage address;
    socklen_t bytes = sizeof address;
    char port[16] = "0";
    if (getsockname(socket_fd, (struct sockaddr *)&address, &bytes)) return 0;
    (void)getnameinfo((struct sockaddr *)&address, bytes, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    return (unsigned)strtoul(port, NULL, 10);
}

static int open_socket(const char *address, char *error, size_t error_bytes)
{
    char host[HOST_BYTES];
    const char *port = split(address, host);
    struct addrinfo *list, hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    if (!port) {
        snprintf(error, error_bytes, "%s: not host:port", address);
        return -1;
    }
    int failure = getaddrinfo(host, port, &hints, &list);
    if (failure) {
        snprintf(error, error_bytes, "%s: %s", address, gai_strerror(failure));
        return -1;
    }
    int socket_fd = listen_on(list);
    if (socket_fd < 0) snprintf(error, error_bytes, "%s: %s", address, strerror(errno));
    freeaddrinfo(list);
    return socket_fd;
}

struct listener *listener_open(const char *address, listener_answer *answer_request, void *context, char *error, size_t error_bytes)
{
    int socket_fd = open_socket(address, error, error_bytes);
    if (socket_fd < 0) return NULL;
    struct listener *listener = xcalloc(1, sizeof *listener);
    *listener = (struct listener){.answer = answer_request, .context = context, .port = port_of(socket_fd)};
    listener->daemon = MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, on_request, listener,
                                        MHD_OPTION_LISTEN_SOCKET, socket_fd, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
                                        MHD_OPTION_CONNECTION_LIMIT, (unsigned)LISTENER_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_MAX_S,
                                        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_MAX_BYTES, MHD_OPTION_END);
    if (listener->daemon) return listener;
    snprintf(error, error_bytes, "%s: cannot be served: %s", address, strerror(errno));
    close(socket_fd);
    free(listener);
    return NULL;
}

unsigned listener_port(const struct listener *listener)
{
    return listener->port;
}

void listener_close(struct listener *listener)
{
    if (!listener) return;
    MHD_stop_daemon(listener->daemon); /* closes the socket */
    free(listener);
}
