/* Any bytes as a service's answer, as an address that a name leads to, and as a gateway file: a verdict whose words can be shown, and nothing filled in before a
 * url's path. */
#include <assert.h>
#include <jansson.h>
#include <netinet/in.h>
#include <string.h>

#include "notify/address_guard.h"
#include "notify/channel.h"
#include "notify/cut.h"
#include "notify/gateway.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_verdict(const struct verdict *verdict)
{
    assert(memchr(verdict->error, 0, sizeof verdict->error) && memchr(verdict->receipt, 0, sizeof verdict->receipt));
    assert(verdict->wait_ms >= 0 && !*verdict->error == (verdict->kind == VERDICT_DELIVERED));
    json_t *error = json_string(verdict->error), *receipt = json_string(verdict->receipt); /* UTF-8, or Jansson refuses it */
    assert(error && receipt);
    for (const char *c = verdict->error; *c; c++) assert((unsigned char)*c >= ' ' && *c != 0x7f);
    json_decref(error);
    json_decref(receipt);
}

static const struct gateway *example(void)
{
    static const char text[] = "{\"gateway\":\"g\",\"url\":\"https://a.example.cn\",\"method\":\"GET\",\"success\":{\"pointer\":\"/a/0/b\",\"equals\":0},\"message\":\"/m\","
                               "\"receipt\":\"/s\",\"slow_down\":[1],\"refused\":[2]}";
    static struct gateway gateway;
    char error[256];
    if (!gateway.url) assert(gateway_parse(&gateway, "g", text, sizeof text - 1, error, sizeof error));
    return &gateway;
}

static void judge_all(const char *body, size_t bytes, long status)
{
    struct answer answer = {.status = status, .body = body, .bytes = bytes};
    struct verdict verdict;
    for (int i = 0; i < CHANNELS; i++) {
        if (i == CHANNEL_SMS) gateway_judge(example(), &answer, &verdict);
        else channel_of((enum config_channel)i)->judge(NULL, &answer, &verdict);
        check_verdict(&verdict);
        /* HTTP 200 alone is no success for a robot. */
        if (verdict.kind == VERDICT_DELIVERED && i >= CHANNEL_WECOM && i <= CHANNEL_FEISHU) assert(memchr(body, '0', bytes) && memchr(body, '{', bytes));
    }
}

static void read_gateway(const char *text, size_t bytes)
{
    static const struct gateway_fields fields = {.mobile = TEXT("13800000000"), .text = "\"&<\\字", .id = "a/b", .secret = "@"};
    struct gateway gateway;
    struct request request;
    struct pool pool = {0};
    char error[512] = "";
    if (gateway_parse(&gateway, "g", text, bytes, error, sizeof error)) {
        if (gateway_request(&gateway, &fields, &request, &pool, error)) {
            size_t host = strcspn(strstr(gateway.url, "://") + 3, "/?#") + (size_t)(strstr(gateway.url, "://") + 3 - gateway.url);
            assert(!strncmp(request.url, gateway.url, host));
            if (gateway.escape == ESCAPE_JSON && request.body && !strstr(gateway.body, "{{")) assert(!strcmp(request.body, gateway.body));
            for (size_t i = 0; i < request.headers; i++) assert(!strpbrk(request.header[i], "\r\n"));
        }
        struct verdict verdict;
        gateway_judge(&gateway, &(struct answer){.status = 200, .body = text, .bytes = bytes}, &verdict);
        check_verdict(&verdict);
    } else {
        assert(*error);
    }
    pool_free(&pool);
    gateway_free(&gateway);
}

static void guard(const uint8_t *data, size_t bytes)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (bytes < 16) return;
    memcpy(&v4.sin_addr, data, 4);
    memcpy(&v6.sin6_addr, data, 16);
    const char *inner = address_special((const struct sockaddr *)(const void *)&v4);
    address_special((const struct sockaddr *)(const void *)&v6);
    /* However an IPv4 address is written, it is the same machine. */
    uint8_t *mapped = (uint8_t *)&v6.sin6_addr;
    memset(mapped, 0, 10), memset(mapped + 10, 0xff, 2), memcpy(mapped + 12, data, 4);
    const char *outer = address_special((const struct sockaddr *)(const void *)&v6);
    assert(!inner == !outer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const long statuses[] = {200, 0, 204, 301, 400, 410, 421, 429, 450, 503, 550};
    if (bytes == 0) return 0;
    char *text = malloc(bytes + 1);
    assert(text);
    memcpy(text, data, bytes);
    text[bytes] = 0;
    judge_all(text, bytes, 200);
    judge_all(text + 1, bytes - 1, statuses[*data % (sizeof statuses / sizeof *statuses)]);
    read_gateway(text, bytes);
    guard(data, bytes);
    for (int markdown = 0; markdown < 2; markdown++) assert(cut_fit(text, bytes, *data, markdown) <= *data);
    free(text);
    return 0;
}
