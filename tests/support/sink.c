/* The webhook sink: takes any POST on a free port of 127.0.0.1, checks its
 * Standard Webhooks signature, answers as told, and logs each request as one
 * JSON line, for tests and the demo to look at.
 *
 * A request is logged once its body is there and before any delay, so also
 * when its sender gave up waiting. The age of webhook-timestamp is not judged:
 * tests use published vectors. The traps: an answer's delay must not hold up
 * other connections, so delays cost a thread a connection; and a success must
 * satisfy the chat robots too, which read a code in the body. */
#define _POSIX_C_SOURCE 200809L
#include "ready.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <jansson.h>
#include <microhttpd.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum {
    MAX_BODY_BYTES = 1024 * 1024,
    MAX_SECRET_BYTES = 64, /* the standard allows 24 to 64 */
    MAX_CONNECTIONS = 4096,
    POOL_THREADS = 4,
    MAC_BYTES = 32,
    MAC_BASE64_BYTES = 44,
};

static const char success_body[] = "{\"errcode\":0,\"errmsg\":\"ok\",\"code\":0,\"msg\":\"success\"}\n";
static const char failure_body[] = "{\"error\":\"refused\"}\n";

static const char usage[] =
    "usage: sink [--ready FILE] [--log FILE] [--secret whsec_...] [--status CODE]\n"
    "            [--fail-every N] [--fail-first N] [--fail-each N] [--fail-status CODE]\n"
    "            [--retry-after S] [--delay-ms MS] [--delay-every N]\n"
    "A webhook sink on a free port of 127.0.0.1, for tests. Prints\n"
    "url=http://127.0.0.1:PORT/ once it listens; ends on SIGTERM or SIGINT.\n"
    "  --ready FILE     writes that line there too, in one step\n"
    "  --log FILE       adds one JSON line a request: path, query, id, timestamp,\n"
    "                   verified (null without a secret), status, received_ms, body\n"
    "  --secret SECRET  verifies webhook-signature; a bad one is answered 401\n"
    "Which requests fail (any that says so; 0, the default, says nothing):\n"
    "  --fail-every N   each N-th\n"
    "  --fail-first N   the first N\n"
    "  --fail-each N    the first N attempts of each webhook-id\n"
    "  --fail-status CODE  what they are answered (300-599, default 500)\n"
    "  --retry-after S  their Retry-After, in seconds (default: none)\n"
    "  --status CODE    what the others are answered (200-599, default 200)\n"
    "  --delay-ms MS    waits before the answer (0-600000)\n"
    "  --delay-every N  only before each N-th (default 1)\n"
    "  --help\n";

struct options {
    const char *ready_file, *log_file;
    unsigned fail_every, fail_first, fail_each, fail_status, status, delay_ms, delay_every;
    long retry_after_s; /* -1: no header */
    bool has_secret;
    unsigned char secret[MAX_SECRET_BYTES];
    int secret_bytes;
};

/* Shared by all connections. */
struct sink {
    struct options options;
    pthread_mutex_t lock; /* of the rest */
    pthread_cond_t end;
    bool ending;
    FILE *log;
    unsigned long taken;
    json_t *attempts; /* webhook-id: how many so far */
};

/* What a request is answered. */
struct verdict {
    unsigned status;
    bool failed, delayed;
};

/* One POST on its way in. */
struct request {
    int64_t received_ms;
    char *body;
    size_t body_bytes, room_bytes;
    bool too_large;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* whsec_<base64> into key bytes; -1 where it is none. */
static int decode_secret(const char *text, unsigned char key[MAX_SECRET_BYTES])
{
    static const char prefix[] = "whsec_";
    if (strncmp(text, prefix, sizeof prefix - 1) != 0)
        return -1;
    text += sizeof prefix - 1;
    size_t length = strlen(text);
    unsigned char decoded[MAX_SECRET_BYTES + 3];
    if (length == 0 || length % 4 != 0 || length / 4 * 3 > sizeof decoded)
        return -1;
    int bytes = EVP_DecodeBlock(decoded, (const unsigned char *)text, (int)length);
    if (bytes < 0)
        return -1;
    /* EVP_DecodeBlock counts the padding as bytes. */
    for (size_t i = length; i > length - 2 && text[i - 1] == '='; i--)
        bytes--;
    if (bytes <= 0 || bytes > MAX_SECRET_BYTES)
        return -1;
    memcpy(key, decoded, (size_t)bytes);
    return bytes;
}

/* Base64 of HMAC-SHA256 over id.timestamp.body. */
static bool sign(const struct options *options, const char *id, const char *timestamp,
                 const struct request *request, char signature[MAC_BASE64_BYTES + 1])
{
    size_t id_bytes = strlen(id), timestamp_bytes = strlen(timestamp);
    size_t total = id_bytes + 1 + timestamp_bytes + 1 + request->body_bytes;
    unsigned char *text = malloc(total);
    if (!text)
        return false;
    unsigned char *end = text;
    memcpy(end, id, id_bytes);
    end += id_bytes;
    *end++ = '.';
    memcpy(end, timestamp, timestamp_bytes);
    end += timestamp_bytes;
    *end++ = '.';
    if (request->body_bytes > 0)
        memcpy(end, request->body, request->body_bytes);

    unsigned char mac[MAC_BYTES];
    unsigned mac_bytes = 0;
    bool done = HMAC(EVP_sha256(), options->secret, options->secret_bytes, text, total, mac, &mac_bytes) != NULL;
    free(text);
    if (done)
        EVP_EncodeBlock((unsigned char *)signature, mac, MAC_BYTES);
    return done;
}

/* Does one of the space-separated v1,<base64> entries carry our signature? */
static bool verify(const struct options *options, const char *id, const char *timestamp, const char *header,
                   const struct request *request)
{
    char expected[MAC_BASE64_BYTES + 1];
    if (!id || !timestamp || !header || !sign(options, id, timestamp, request, expected))
        return false;
    bool found = false;
    while (*header) {
        size_t length = strcspn(header, " ");
        if (length == 3 + MAC_BASE64_BYTES && strncmp(header, "v1,", 3) == 0)
            found |= CRYPTO_memcmp(header + 3, expected, MAC_BASE64_BYTES) == 0;
        header += length;
        header += strspn(header, " ");
    }
    return found;
}

static json_t *text_or_null(const char *text)
{
    json_t *value = text ? json_string(text) : NULL;
    return value ? value : json_null();
}

/* The body parsed, else as a string, else (not UTF-8) null. */
static json_t *body_value(const struct request *request)
{
    if (request->body_bytes == 0)
        return json_string("");
    json_t *value = json_loadb(request->body, request->body_bytes, JSON_DECODE_ANY, NULL);
    if (!value)
        value = json_stringn(request->body, request->body_bytes);
    return value ? value : json_null();
}

static enum MHD_Result add_argument(void *query, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    json_object_set_new(query, name, text_or_null(value));
    return MHD_YES;
}

static const char *header_of(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static void log_request(struct sink *sink, struct MHD_Connection *connection, const char *path,
                        const struct request *request, json_t *verified, unsigned status)
{
    json_t *query = json_object();
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_argument, query);
    json_t *line = json_object();
    json_object_set_new(line, "path", text_or_null(path));
    json_object_set_new(line, "query", query);
    json_object_set_new(line, "id", text_or_null(header_of(connection, "webhook-id")));
    json_object_set_new(line, "timestamp", text_or_null(header_of(connection, "webhook-timestamp")));
    json_object_set_new(line, "verified", verified);
    json_object_set_new(line, "status", json_integer(status));
    json_object_set_new(line, "received_ms", json_integer(request->received_ms));
    json_object_set_new(line, "body", body_value(request));
    char *text = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    if (text) {
        pthread_mutex_lock(&sink->lock);
        fprintf(sink->log, "%s\n", text);
        fflush(sink->log);
        pthread_mutex_unlock(&sink->lock);
    }
    free(text);
}

/* The attempts of this webhook-id so far, this one included. */
static unsigned long count_attempt(struct sink *sink, const char *id)
{
    json_int_t attempt = json_integer_value(json_object_get(sink->attempts, id)) + 1;
    json_object_set_new(sink->attempts, id, json_integer(attempt));
    return (unsigned long)attempt;
}

/* A request with a good signature, or none to check, counts for the shares. */
static struct verdict choose(struct sink *sink, const char *id)
{
    const struct options *options = &sink->options;
    pthread_mutex_lock(&sink->lock);
    unsigned long number = ++sink->taken;
    bool failed = number <= options->fail_first || (options->fail_every > 0 && number % options->fail_every == 0);
    if (options->fail_each > 0 && id && count_attempt(sink, id) <= options->fail_each)
        failed = true;
    pthread_mutex_unlock(&sink->lock);
    return (struct verdict){.status = failed ? options->fail_status : options->status, .failed = failed,
                            .delayed = options->delay_ms > 0 && number % options->delay_every == 0};
}

static struct verdict judge(struct sink *sink, struct MHD_Connection *connection, const char *path,
                            const struct request *request)
{
    const char *id = header_of(connection, "webhook-id");
    bool verified = true;
    if (sink->options.has_secret)
        verified = verify(&sink->options, id, header_of(connection, "webhook-timestamp"),
                          header_of(connection, "webhook-signature"), request);
    struct verdict verdict = verified ? choose(sink, id) : (struct verdict){.status = MHD_HTTP_UNAUTHORIZED};
    if (sink->log)
        log_request(sink, connection, path, request,
                    sink->options.has_secret ? json_boolean(verified) : json_null(), verdict.status);
    return verdict;
}

/* retry_after_s below 0: no such header. */
static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, long retry_after_s)
{
    const char *body = status < 300 ? success_body : failure_body;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(body), (void *)(uintptr_t)body, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", "application/json");
    if (retry_after_s >= 0) {
        char seconds[24];
        snprintf(seconds, sizeof seconds, "%ld", retry_after_s);
        MHD_add_response_header(response, "Retry-After", seconds);
    }
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static void take_part(struct request *request, const char *part, size_t part_bytes)
{
    if (request->too_large || part_bytes > MAX_BODY_BYTES - request->body_bytes) {
        request->too_large = true;
        return;
    }
    if (request->body_bytes + part_bytes > request->room_bytes) {
        size_t room_bytes = 2 * (request->body_bytes + part_bytes);
        char *larger = realloc(request->body, room_bytes);
        if (!larger)
            abort();
        request->body = larger;
        request->room_bytes = room_bytes;
    }
    memcpy(request->body + request->body_bytes, part, part_bytes);
    request->body_bytes += part_bytes;
}

/* Waits for --delay-ms, or for the program's end. */
static void delay_answer(struct sink *sink)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += sink->options.delay_ms / 1000;
    until.tv_nsec += (long)(sink->options.delay_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&sink->lock);
    while (!sink->ending && pthread_cond_timedwait(&sink->end, &sink->lock, &until) == 0)
        ;
    pthread_mutex_unlock(&sink->lock);
}

static void end_delays(struct sink *sink)
{
    pthread_mutex_lock(&sink->lock);
    sink->ending = true;
    pthread_cond_broadcast(&sink->end);
    pthread_mutex_unlock(&sink->lock);
}

/* Called by libmicrohttpd: at the headers, at each part of the body, at its end. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *part, size_t *part_bytes,
                                  void **state)
{
    (void)version;
    struct sink *sink = context;
    struct request *request = *state;
    if (!request) {
        *state = request = calloc(1, sizeof *request);
        if (!request)
            return MHD_NO;
        request->received_ms = now_ms();
        return MHD_YES;
    }
    if (*part_bytes > 0) {
        take_part(request, part, *part_bytes);
        *part_bytes = 0;
        return MHD_YES;
    }
    if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
        return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, -1);
    if (request->too_large)
        return answer(connection, MHD_HTTP_CONTENT_TOO_LARGE, -1);
    struct verdict verdict = judge(sink, connection, path, request);
    if (verdict.delayed)
        delay_answer(sink);
    return answer(connection, verdict.status, verdict.failed ? sink->options.retry_after_s : -1);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    (void)context;
    (void)connection;
    (void)why;
    struct request *request = *state;
    if (request)
        free(request->body);
    free(request);
    *state = NULL;
}

static struct MHD_Daemon *start(struct sink *sink)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bool delays = sink->options.delay_ms > 0;
    unsigned flags = delays ? MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL
                            : MHD_USE_EPOLL_INTERNAL_THREAD;
    /* Without a channel of their own, workers are woken by the listening socket,
     * which one at its share of the connections no longer watches: no end then. */
    return MHD_start_daemon(flags | MHD_USE_ITC | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, sink,
                            MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
                            MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)MAX_CONNECTIONS,
                            delays ? MHD_OPTION_END : MHD_OPTION_THREAD_POOL_SIZE, POOL_THREADS,
                            MHD_OPTION_END);
}

static struct options read_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"ready", required_argument, NULL, 'r'},      {"log", required_argument, NULL, 'l'},
        {"fail-every", required_argument, NULL, 'f'}, {"status", required_argument, NULL, 's'},
        {"fail-first", required_argument, NULL, '1'}, {"fail-each", required_argument, NULL, 'e'},
        {"fail-status", required_argument, NULL, 'c'}, {"retry-after", required_argument, NULL, 'a'},
        {"delay-ms", required_argument, NULL, 'd'},   {"delay-every", required_argument, NULL, 'n'},
        {"secret", required_argument, NULL, 'k'},     {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct options options = {.status = MHD_HTTP_OK, .fail_status = MHD_HTTP_INTERNAL_SERVER_ERROR, .delay_every = 1,
                              .retry_after_s = -1};
    int option;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
        case 'r': options.ready_file = optarg; break;
        case 'l': options.log_file = optarg; break;
        case 'f': options.fail_every = (unsigned)ready_number("--fail-every", optarg, 0, 1000000000); break;
        case 's': options.status = (unsigned)ready_number("--status", optarg, 200, 599); break;
        case '1': options.fail_first = (unsigned)ready_number("--fail-first", optarg, 0, 1000000000); break;
        case 'e': options.fail_each = (unsigned)ready_number("--fail-each", optarg, 0, 1000000000); break;
        case 'c': options.fail_status = (unsigned)ready_number("--fail-status", optarg, 300, 599); break;
        case 'a': options.retry_after_s = ready_number("--retry-after", optarg, 0, 86400); break;
        case 'n': options.delay_every = (unsigned)ready_number("--delay-every", optarg, 1, 1000000000); break;
        case 'd': options.delay_ms = (unsigned)ready_number("--delay-ms", optarg, 0, 600000); break;
        case 'k':
            options.secret_bytes = decode_secret(optarg, options.secret);
            if (options.secret_bytes < 0) {
                fprintf(stderr, "--secret: whsec_ and base64 of at most %d bytes\n", MAX_SECRET_BYTES);
                exit(2);
            }
            options.has_secret = true;
            break;
        case 'h': fputs(usage, stdout); exit(0);
        default: fputs(usage, stderr); exit(2);
        }
    }
    if (optind < argc) {
        fputs(usage, stderr);
        exit(2);
    }
    return options;
}

/* As many descriptors as connections, where the system lets us. */
static void allow_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= MAX_CONNECTIONS + 64)
        return;
    limit.rlim_cur = limit.rlim_max < MAX_CONNECTIONS + 64 ? limit.rlim_max : MAX_CONNECTIONS + 64;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    /* 1. Options, signals, log. */
    struct sink sink = {.options = read_options(argc, argv), .lock = PTHREAD_MUTEX_INITIALIZER,
                        .end = PTHREAD_COND_INITIALIZER};
    ready_hold_signals();
    signal(SIGPIPE, SIG_IGN);
    allow_descriptors();
    sink.attempts = json_object();
    if (sink.options.log_file && !(sink.log = fopen(sink.options.log_file, "a"))) {
        perror(sink.options.log_file);
        return 1;
    }

    /* 2. Listen, 3. say so, 4. until told to end. */
    struct MHD_Daemon *daemon = start(&sink);
    const union MHD_DaemonInfo *info = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    int status = 1;
    if (info && info->port != 0) {
        char line[64];
        snprintf(line, sizeof line, "url=http://127.0.0.1:%u/", (unsigned)info->port);
        if (ready_announce(line, sink.options.ready_file) == 0) {
            ready_wait_for_end();
            status = 0;
        }
    } else {
        fprintf(stderr, "sink: cannot listen\n");
    }
    end_delays(&sink);
    if (daemon)
        MHD_stop_daemon(daemon);
    if (sink.log)
        fclose(sink.log);
    json_decref(sink.attempts);
    return status;
}
