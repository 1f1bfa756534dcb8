#ifndef BIHUAN_COMMON_CRC32C_H
#define BIHUAN_COMMON_CRC32C_H
/* CRC-32C (Castagnoli, reflected, RFC 3720 appendix B.4), by SSE4.2 where the
 * processor has it. */
#include <stddef.h>
#include <stdint.h>

/* The checksum of `bytes` bytes behind those whose checksum is `before` (0 to
 * begin): crc32c(crc32c(0, a), b) is the checksum of a and b together.
 * "123456789" gives 0xe3069283. */
uint32_t crc32c(uint32_t before, const void *data, size_t bytes);
/* The same without the processor's help, for tests. */
uint32_t crc32c_portable(uint32_t before, const void *data, size_t bytes);

#endif
