/* libcurl's easy interface for one request.
 *
 * The traps: an environment's proxy must not see what departments are sent; a redirect could lead anywhere; a name may lead to a private address; an endless
 * answer must end; and an error's text must not show the keys that robots have in their urls. */
#include "notify/transfer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/config.h"
#include "notify/address_guard.h"

enum { CONNECT_TIMEOUT_MS = 5000, ANSWER_KEPT_BYTES = 4096, MASK_LEAST_BYTES = 6 };

void transfer_open(struct transfer *transfer, const struct config *config, struct mail_sockets *sockets, transfer_ready *ready, void *context)
{
    *transfer = (struct transfer){.config = config, .sockets = sockets, .ready = ready, .context = context};
    buffer_init(&transfer->answer, REQUEST_ANSWER_MAX_BYTES);
}

void transfer_close(struct transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    buffer_free(&transfer->answer);
    *transfer = (struct transfer){.easy = NULL};
}

/* --- what libcurl asks --- */

/* May the url's own host be at a special address? */
static bool host_is_trusted(const struct transfer *transfer, char *host, size_t host_bytes)
{
    char *part = NULL;
    CURLU *url = curl_url();
    bool read = url && curl_url_set(url, CURLUPART_URL, transfer->request.url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
                curl_url_get(url, CURLUPART_HOST, &part, 0) == CURLUE_OK;
    snprintf(host, host_bytes, "%s", read ? part : "");
    curl_free(part);
    curl_url_cleanup(url);
    return read && address_host_is_trusted(host, &transfer->config->notify.private_hosts);
}

static curl_socket_t open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = data;
    char host[REQUEST_ERROR_BYTES / 2];
    const char *special = purpose == CURLSOCKTYPE_IPCXN ? address_special(&address->addr) : "no connection of its own";
    if (special && !host_is_trusted(transfer, host, sizeof host)) {
        snprintf(transfer->refused, sizeof transfer->refused, "%s leads to %s: refused ([notify] private_hosts allows it)", host, special);
        return CURL_SOCKET_BAD;
    }
    if (transfer->request.transport == TRANSPORT_SMTP) return mail_socket_open(transfer->sockets, address->family, address->socktype, address->protocol);
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int close_mail_socket(void *sockets, curl_socket_t socket)
{
    return mail_socket_close(sockets, socket);
}

static size_t take_answer(char *data, size_t size, size_t count, void *of)
{
    struct transfer *transfer = of;
    size_t bytes = size * count, room = REQUEST_ANSWER_MAX_BYTES - transfer->answer.bytes;
    buffer_add(&transfer->answer, data, bytes < room ? bytes : room);
    transfer->long_answer = bytes > room;
    return transfer->long_answer ? 0 : bytes;
}

/* Does the reply so far go on? "250-first" does, "250 last" does not. */
static bool reply_goes_on(const struct buffer *answer)
{
    const char *end = answer->bytes > 1 ? memrchr(answer->data, '\n', answer->bytes - 1) : NULL;
    const char *line = end ? end + 1 : answer->data;
    return answer->bytes >= 4 && line + 3 < answer->data + answer->bytes && line[3] == '-';
}

/* A line of what a mail server says; the last reply is kept, and of a mail the one that refused it, whatever the server says in parting. */
static size_t take_reply(char *line, size_t size, size_t count, void *of)
{
    struct transfer *transfer = of;
    size_t bytes = size * count;
    if (transfer->refusal && !reply_goes_on(&transfer->answer)) return bytes;
    if (!reply_goes_on(&transfer->answer)) buffer_clear(&transfer->answer);
    if (transfer->answer.bytes + bytes <= REQUEST_ANSWER_MAX_BYTES) buffer_add(&transfer->answer, line, bytes);
    if (!transfer->asked || transfer->refusal || bytes < 4 || (*line != '4' && *line != '5')) return bytes;
    transfer->refusal = strtol(line, NULL, 10);
    mail_socket_shut(transfer->sockets, transfer->local_port);
    return bytes;
}

static size_t give_mail(char *into, size_t size, size_t count, void *of)
{
    struct transfer *transfer = of;
    size_t left = transfer->request.bytes - transfer->read, bytes = size * count < left ? size * count : left;
    memcpy(into, (const char *)transfer->request.body + transfer->read, bytes);
    transfer->read += bytes;
    return bytes;
}

static int before_request(void *data, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    struct transfer *transfer = data;
    (void)remote_ip, (void)local_ip, (void)remote_port;
    transfer->asked = true;
    transfer->local_port = local_port;
    transfer->withheld = !transfer->ready(transfer->context, transfer->request.opaque);
    if (transfer->withheld && transfer->request.transport == TRANSPORT_SMTP) mail_socket_shut(transfer->sockets, local_port);
    return transfer->withheld ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* --- options --- */

static void keep_common(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
}

static void keep_http(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "bihuan-notify");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
}

static void keep_smtp(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_mail);
    curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_reply);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_mail_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, transfer->sockets);
}

/* What stays the same is set once: of the thousands of requests a second each costs what is its own. */
static bool keep(struct transfer *transfer)
{
    int wanted = 1 + (int)transfer->request.transport;
    bool own_ca = transfer->request.ca_file && *transfer->request.ca_file;
    if (!transfer->easy) transfer->easy = curl_easy_init();
    else if (transfer->kept != wanted || own_ca) curl_easy_reset(transfer->easy);
    if (!transfer->easy) return false;
    if (transfer->kept != wanted || own_ca) {
        keep_common(transfer);
        if (transfer->request.transport == TRANSPORT_HTTP) keep_http(transfer);
        else keep_smtp(transfer);
    }
    if (own_ca) curl_easy_setopt(transfer->easy, CURLOPT_CAINFO, transfer->request.ca_file);
    transfer->kept = own_ca ? 0 : wanted; /* an option of CAINFO cannot be taken back */
    curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT, (long)transfer->config->notify.timeout_s);
    return true;
}

/* A list of the request's own lines, without a copy. */
static struct curl_slist *list_of(struct transfer *transfer, const char *const *line, size_t lines)
{
    for (size_t i = 0; i < lines; i++)
        transfer->header[i] = (struct curl_slist){(char *)(uintptr_t)line[i], i + 1 < lines ? &transfer->header[i + 1] : NULL};
    return lines ? transfer->header : NULL;
}

static bool set_http(struct transfer *transfer)
{
    const struct request *request = &transfer->request;
    CURL *easy = transfer->easy;
    const char *line[REQUEST_HEADERS_MAX + 1];
    bool get = !strcmp(request->method, "GET"), post = !strcmp(request->method, "POST");
    if (request->headers > REQUEST_HEADERS_MAX) return false;
    memcpy(line, request->header, request->headers * sizeof *line);
    line[request->headers] = "Expect:"; /* a body is never held back for a second round trip */
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list_of(transfer, line, request->headers + 1));
    if (get) curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    else {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->bytes);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, get || post ? NULL : request->method);
    return true;
}

static void set_smtp(struct transfer *transfer)
{
    const struct request *request = &transfer->request;
    CURL *easy = transfer->easy;
    bool known = request->user && *request->user;
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, request->from);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, list_of(transfer, &request->to, 1));
    curl_easy_setopt(easy, CURLOPT_USERNAME, known ? request->user : NULL);
    curl_easy_setopt(easy, CURLOPT_PASSWORD, known ? request->password : NULL);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->bytes);
    /* A connection stands when greeting, TLS and login are done: some servers let those wait that they do not know. */
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)transfer->config->notify.timeout_s * 1000);
    curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)transfer->config->notify.timeout_s);
}

bool transfer_prepare(struct transfer *transfer, const struct request *request)
{
    transfer->request = *request;
    transfer->read = 0;
    transfer->refusal = 0;
    transfer->withheld = transfer->asked = transfer->long_answer = false;
    *transfer->refused = *transfer->error = 0;
    buffer_clear(&transfer->answer);
    if (!keep(transfer)) return false;
    curl_easy_setopt(transfer->easy, CURLOPT_URL, request->url);
    if (request->transport == TRANSPORT_HTTP) return set_http(transfer);
    set_smtp(transfer);
    return true;
}

/* --- what came of it --- */

/* Overwrites what of the url's path and query stands in a text. */
static void mask(char *text, const char *url)
{
    const char *host = strstr(url, "://"), *path = host ? host + 3 + strcspn(host + 3, "/?#") : url;
    size_t bytes = strlen(path);
    if (bytes < MASK_LEAST_BYTES) return;
    for (char *found; (found = strstr(text, path));) memset(found, '*', bytes);
}

static void say_error(const struct transfer *transfer, CURLcode code, struct answer *answer)
{
    char text[CURL_ERROR_SIZE];
    const char *why = *transfer->refused ? transfer->refused : *transfer->error ? transfer->error : curl_easy_strerror(code);
    snprintf(text, sizeof text, "%s", why);
    mask(text, transfer->request.url);
    snprintf(answer->error, sizeof answer->error, "%.*s", (int)sizeof answer->error - 1, text);
}

/* A mail server's last reply counts as an answer where it ended the matter; a good one before a failure does not. */
static bool is_answered(const struct transfer *transfer, CURLcode code, long status)
{
    if (code == CURLE_OK) return true;
    if (transfer->request.transport == TRANSPORT_SMTP) return status >= 400 && code != CURLE_OPERATION_TIMEDOUT;
    return code == CURLE_WRITE_ERROR && transfer->long_answer; /* one that is too long was still an answer */
}

void transfer_answer(struct transfer *transfer, CURLcode code, struct answer *answer)
{
    curl_off_t retry_after_s = 0;
    *answer = (struct answer){.withheld = transfer->withheld, .body = buffer_text(&transfer->answer), .bytes = transfer->answer.bytes};
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &answer->status);
    curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
    if (transfer->refusal) answer->status = transfer->refusal;
    if (!is_answered(transfer, code, answer->status)) {
        answer->status = 0;
        answer->body = "";
        answer->bytes = 0;
        say_error(transfer, code, answer);
    }
    if (retry_after_s > 0) answer->retry_after_ms = retry_after_s > INT32_MAX / 1000 ? INT32_MAX : (int64_t)retry_after_s * 1000;
}

void transfer_rest(struct transfer *transfer)
{
    if (transfer->answer.room > ANSWER_KEPT_BYTES) buffer_free(&transfer->answer);
}
