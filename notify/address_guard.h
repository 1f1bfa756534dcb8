#ifndef BIHUAN_NOTIFY_ADDRESS_GUARD_H
#define BIHUAN_NOTIFY_ADDRESS_GUARD_H
/* Which addresses a name may lead to: none that is private, of this machine or of the network's own, so that whoever
 * changes a name in the DNS cannot make us speak to what is meant for nobody outside. Pure. */
#include <stdbool.h>
#include <sys/socket.h>

#include "common/config.h"

/* What is special about an address (IANA's registries of special-purpose addresses, and the clouds' metadata services): static text as
 * "a private address"; NULL: nothing, it is one of the open net. IPv4 inside of IPv6 (mapped, NAT64, 6to4) counts as what it is. Any
 * family but IPv4 and IPv6 is special. */
const char *address_special(const struct sockaddr *address);

/* May this host of a configured url lead to a special address? Those may that say so themselves: literal addresses (IPv6
 * in brackets) and `localhost`; and those of [notify] private_hosts, in upper or lower case; "*" there is all. */
bool address_host_is_trusted(const char *host, const struct config_list *private_hosts);

#endif
