/* The listener, asked over a socket of its own. */
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/listener.h"
#include "tests/unit/unit.h"

enum { ANSWER_BYTES = 8192 };

/* Says what it was asked. */
static void echo(void *context, const struct listener_request *request, struct listener_reply *reply)
{
    const char *t = listener_query(request, "t");
    (*(unsigned *)context)++;
    if (!strcmp(request->path, "/huge")) {
        char block[1 << 16];
        memset(block, 'x', sizeof block);
        while (buffer_add(&reply->body, block, sizeof block)) continue;
        return;
    }
    if (!strcmp(request->path, "/none")) reply->status = 404;
    buffer_addf(&reply->body, "%s %s t=%s body=%s bytes=%d", request->method, request->path, t ? t : "(none)", request->body, (int)request->bytes);
}

static int dial(const struct listener *listener)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)listener_port(listener)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval wait = {30, 0};
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* Sends a request, and takes what comes until the other side is done, into answer[ANSWER_BYTES]. */
static void ask(const struct listener *listener, const char *request, size_t bytes, char *answer)
{
    int fd = dial(listener);
    size_t got = 0;
    ssize_t more;
    if (send(fd, request, bytes, MSG_NOSIGNAL) < 0) fprintf(stderr, "cut while sending\n");
    while (got < ANSWER_BYTES - 1 && (more = recv(fd, answer + got, ANSWER_BYTES - 1 - got, 0)) > 0) got += (size_t)more;
    answer[got] = 0;
    close(fd);
}

static struct listener *open_echo(unsigned *asked)
{
    char error[256] = "";
    struct listener *listener = listener_open("127.0.0.1:0", echo, asked, error, sizeof error);
    assert_string_equal(error, "");
    assert_non_null(listener);
    assert_int_not_equal(listener_port(listener), 0);
    return listener;
}

static void methods_paths_and_fields(void **state)
{
    static const struct {
        const char *request, *begins, *holds;
    } asked[] = {
        {"GET /a?t=x%20y%26 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "HTTP/1.1 200", "GET /a t=x y& body= bytes=0"},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "HTTP/1.1 200", "GET / t=(none)"},
        {"GET /none HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "HTTP/1.1 404", "GET /none"},
        {"POST /p?t=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 5\r\n\r\na=b&c", "HTTP/1.1 200", "POST /p t=1 body=a=b&c bytes=5"},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "HTTP/1.1 200", "Content-Security-Policy: default-src 'none'"},
        {"DELETE / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "HTTP/1.1 405", "Allow: GET, HEAD, POST"},
    };
    unsigned count = 0;
    struct listener *listener = open_echo(&count);
    (void)state;
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        char answer[ANSWER_BYTES];
        ask(listener, asked[i].request, strlen(asked[i].request), answer);
        assert_memory_equal(answer, asked[i].begins, strlen(asked[i].begins));
        assert_non_null(strstr(answer, asked[i].holds));
    }
    assert_int_equal(count, 5);
    listener_close(listener);
}

static void a_head_has_no_body(void **state)
{
    static const char request[] = "HEAD /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    unsigned count = 0;
    struct listener *listener = open_echo(&count);
    char answer[ANSWER_BYTES];
    (void)state;
    ask(listener, request, sizeof request - 1, answer);
    assert_memory_equal(answer, "HTTP/1.1 200", 12);
    assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
    listener_close(listener);
}

static void what_is_too_large_is_refused(void **state)
{
    static const char told[] = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 65537\r\n\r\n";
    static const char untold[] = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n11000\r\n";
    static const char huge[] = "GET /huge HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    static const char end[] = "\r\n0\r\n\r\n";
    unsigned count = 0;
    struct listener *listener = open_echo(&count);
    char answer[ANSWER_BYTES];
    size_t bytes = sizeof untold - 1 + 0x11000 + sizeof end - 1;
    char *request = malloc(bytes);
    (void)state;
    ask(listener, told, sizeof told - 1, answer);
    assert_memory_equal(answer, "HTTP/1.1 413", 12);
    memset(request, 'x', bytes);
    memcpy(request, untold, sizeof untold - 1);
    memcpy(request + bytes - (sizeof end - 1), end, sizeof end - 1);
    ask(listener, request, bytes, answer);
    assert_null(strstr(answer, "200"));
    assert_int_equal(count, 0);
    free(request);
    ask(listener, huge, sizeof huge - 1, answer);
    assert_memory_equal(answer, "HTTP/1.1 500", 12);
    listener_close(listener);
}

static bool is_answered(int fd, int wait_ms)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    return poll(&one, 1, wait_ms) == 1;
}

static void beyond_the_bound_one_waits(void **state)
{
    enum { MORE = 8, ALL = LISTENER_CONNECTIONS_MAX + MORE };
    static const char request[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    unsigned count = 0;
    struct listener *listener = open_echo(&count);
    int fd[ALL];
    (void)state;
    for (int i = 0; i < ALL; i++) fd[i] = dial(listener);
    assert_true(send(fd[ALL - 1], request, sizeof request - 1, MSG_NOSIGNAL) > 0);
    assert_false(is_answered(fd[ALL - 1], 300));
    for (int i = 0; i < ALL - 1; i++) close(fd[i]);
    assert_true(is_answered(fd[ALL - 1], 30000));
    close(fd[ALL - 1]);
    listener_close(listener);
}

static void addresses_that_are_none(void **state)
{
    static const char *const wrong[] = {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "::1:80", "[]:80", "127.0.0.1:99999999", "no host:80"};
    unsigned count = 0;
    char error[256], taken[64];
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        *error = 0;
        struct listener *listener = listener_open(wrong[i], echo, &count, error, sizeof error);
        assert_null(listener);
        assert_true(*error != 0);
    }
    struct listener *listener = open_echo(&count);
    snprintf(taken, sizeof taken, "127.0.0.1:%u", listener_port(listener));
    assert_null(listener_open(taken, echo, &count, error, sizeof error));
    assert_non_null(strstr(error, taken));
    listener_close(listener);
    listener_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(methods_paths_and_fields), cmocka_unit_test(a_head_has_no_body),
                                       cmocka_unit_test(what_is_too_large_is_refused), cmocka_unit_test(beyond_the_bound_one_waits),
                                       cmocka_unit_test(addresses_that_are_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
