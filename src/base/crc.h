/* crc: a sum by which damage to bytes is seen; no protection against who means it. */
#pragma once

#include "base/str.h"

/* CRC-32C (RFC 3720, appendix B.4). */
uint32_t ar_crc32c(ar_str text);
