/* Which addresses a name may lead to. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "notify/address_guard.h"
#include "tests/unit/unit.h"

static const char *special(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) return address_special((const struct sockaddr *)(const void *)&v4);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return address_special((const struct sockaddr *)(const void *)&v6);
}

static void special_addresses(void **state)
{
    static const char *const all[] = {
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "100.100.100.200", "127.0.0.1", "127.255.0.1", "168.63.129.16",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "fc00::1", "fd00:ec2::254", "fe80::1", "febf::1", "fec0::1", "ff02::1", "100::1", "2001::1", "2001:db8::1", "3fff::1", "5f00::1",
        "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:0:10.1.2.3", "64:ff9b::169.254.169.254", "64:ff9b:1::1.1.1.1", "2002:7f00:1::1", "2002:c0a8:1::"};
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!special(all[i])) fail_msg("%s passes", all[i]);
}

static void addresses_of_the_open_net(void **state)
{
    static const char *const all[] = {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1", "168.63.129.15",
                                      "169.253.0.1", "172.15.255.255", "172.32.0.0", "192.167.0.1", "192.169.0.1", "198.17.0.1", "198.20.0.0", "223.255.255.255",
                                      "2400:3200::1", "2606:4700::1111", "2001:200::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1"};
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (special(all[i])) fail_msg("%s: %s", all[i], special(all[i]));
    const struct sockaddr_un local = {.sun_family = AF_UNIX};
    assert_non_null(address_special((const struct sockaddr *)(const void *)&local));
}

static void what_is_said(void **state)
{
    (void)state;
    assert_string_equal(special("10.0.0.1"), "a private address");
    assert_string_equal(special("::ffff:127.0.0.1"), "a loopback address");
    assert_string_equal(special("fe80::1"), "a link-local address");
}

static void hosts_that_configuration_names(void **state)
{
    char inside[] = "Mail.inside.example.cn", any[] = "*";
    char *one[] = {inside}, *all[] = {any};
    const struct config_list none = {NULL, 0}, some = {one, 1}, every = {all, 1};
    (void)state;
    assert_true(address_host_is_trusted("127.0.0.1", &none));
    assert_true(address_host_is_trusted("10.1.2.3", &none));
    assert_true(address_host_is_trusted("[::1]", &none));
    assert_true(address_host_is_trusted("LOCALHOST", &none));
    assert_false(address_host_is_trusted("localhost.example.cn", &none));
    assert_false(address_host_is_trusted("a.localhost", &none));
    assert_false(address_host_is_trusted("127.0.0.1.example.cn", &none));
    assert_false(address_host_is_trusted("", &none));
    assert_false(address_host_is_trusted("mail.inside.example.cn", &none));
    assert_true(address_host_is_trusted("mail.inside.example.cn", &some));
    assert_false(address_host_is_trusted("inside.example.cn", &some));
    assert_true(address_host_is_trusted("anything.example.cn", &every));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(special_addresses), cmocka_unit_test(addresses_of_the_open_net), cmocka_unit_test(what_is_said),
                                       cmocka_unit_test(hosts_that_configuration_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
