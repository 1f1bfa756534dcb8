/* The judgement of an address, by a table of prefixes.
 *
 * The trap: IPv4 inside of IPv6 reaches the same machines, by four ways of writing it. */
#include "notify/address_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

struct range {
    uint8_t prefix[16];
    unsigned bits;
    const char *what;
};

static const struct range ipv4[] = {
    {{0}, 8, "an address of this host"},
    {{10}, 8, "a private address"},
    {{100, 64}, 10, "a shared address of a provider's network"},
    {{127}, 8, "a loopback address"},
    {{168, 63, 129, 16}, 32, "a metadata service's address"},
    {{169, 254}, 16, "a link-local or metadata service's address"},
    {{172, 16}, 12, "a private address"},
    {{192, 0, 0}, 24, "a reserved address"},
    {{192, 0, 2}, 24, "an address for documentation"},
    {{192, 88, 99}, 24, "a reserved address"},
    {{192, 168}, 16, "a private address"},
    {{198, 18}, 15, "an address for benchmarks"},
    {{198, 51, 100}, 24, "an address for documentation"},
    {{203, 0, 113}, 24, "an address for documentation"},
    {{224}, 4, "a multicast address"},
    {{240}, 4, "a reserved address"},
};

/* Of 2000::/3, all that is given out; the rest is special without being listed, these only say what it is. */
static const struct range ipv6[] = {
    {{[15] = 1}, 128, "a loopback address"},
    {{0}, 128, "an address of this host"},
    {{0xfc}, 7, "a unique local address"},
    {{0xfe, 0x80}, 10, "a link-local address"},
    {{0xff}, 8, "a multicast address"},
    {{0x20, 0x01}, 23, "a reserved address"}, /* Teredo among them */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "an address for documentation"},
    {{0x3f, 0xff}, 20, "an address for documentation"},
};

/* IPv4 inside: behind so many bytes. */
static const struct range inside[] = {
    {{[10] = 0xff, [11] = 0xff}, 96, NULL},         /* mapped */
    {{0x00, 0x64, 0xff, 0x9b}, 96, NULL},           /* NAT64 */
    {{0x20, 0x02}, 16, NULL},                       /* 6to4 */
};

static bool begins_with(const uint8_t *address, const struct range *range)
{
    unsigned bytes = range->bits / 8, bits = range->bits % 8;
    if (memcmp(address, range->prefix, bytes) != 0) return false;
    return bits == 0 || (address[bytes] ^ range->prefix[bytes]) >> (8 - bits) == 0;
}

static const char *find(const struct range *range, size_t count, const uint8_t *address)
{
    for (size_t i = 0; i < count; i++)
        if (begins_with(address, &range[i])) return range[i].what;
    return NULL;
}

static const char *special_ipv4(const uint8_t *address)
{
    return find(ipv4, sizeof ipv4 / sizeof *ipv4, address);
}

static const char *special_ipv6(const uint8_t *address)
{
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        if (begins_with(address, &inside[i])) return special_ipv4(address + inside[i].bits / 8);
    const char *what = find(ipv6, sizeof ipv6 / sizeof *ipv6, address);
    return what ? what : address[0] >> 5 == 1 ? NULL : "a reserved address";
}

const char *address_special(const struct sockaddr *address)
{
    uint8_t bytes[16];
    if (address->sa_family == AF_INET) {
        memcpy(bytes, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
        return special_ipv4(bytes);
    }
    if (address->sa_family != AF_INET6) return "no address of the internet";
    memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    return special_ipv6(bytes);
}

bool address_host_is_trusted(const char *host, const struct config_list *private_hosts)
{
    struct in_addr number;
    if (*host == '[' || inet_pton(AF_INET, host, &number) == 1 || !strcasecmp(host, "localhost")) return true;
    for (size_t i = 0; i < private_hosts->count; i++)
        if (!strcmp(private_hosts->at[i], "*") || !strcasecmp(private_hosts->at[i], host)) return true;
    return false;
}
