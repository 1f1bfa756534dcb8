#ifndef BIHUAN_SLA_CERTIFICATE_CHECK_H
#define BIHUAN_SLA_CERTIFICATE_CHECK_H
/* Does a certificate hold? Worked out again from what it rests on, with no server
 * and no file but the certificate (and the system's zone database). */
#include "sla/certificate.h"

enum { CERTIFICATE_FAULT_BYTES = 512 };

/* Checks one certificate as certificate_line made it: the same to the last byte. True: it holds. False: why not, in
 * fault[CERTIFICATE_FAULT_BYTES]. *read, unless NULL, becomes what was read (a new reference, NULL where it is no JSON). */
bool certificate_holds(const char *line, size_t bytes, json_t **read, char *fault);

#endif
