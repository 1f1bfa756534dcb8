#ifndef BIHUAN_NOTIFY_MASK_H
#define BIHUAN_NOTIFY_MASK_H
/* Addresses of handlers as the ledger keeps them: enough to tell which of theirs it was, too little to use it. */
#include "sla/event.h"

enum { MASK_BYTES = 160 };

/* Into text[MASK_BYTES], always UTF-8: "138****1234" of a telephone number (at least four digits hidden), "l***@example.cn" of an e-mail
 * address, the first character and "***" of anything else; "@all" stays, "" is "". */
void mask_address(char text[MASK_BYTES], struct text address);

#endif
