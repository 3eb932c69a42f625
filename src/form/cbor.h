/* cbor: values to and from CBOR (RFC 8949), the subset with definite lengths: integers, text,
 * arrays, false, true, null, double. Tag 0 is not used: a time is tag 1002 over an int64 of
 * microseconds. */
#pragma once

#include "base/base.h"

/* The head of an array: n items follow. */
void ar_cbor_array(ar_buf *out, size_t n);
void ar_cbor_text(ar_buf *out, ar_str text);
void ar_cbor_int(ar_buf *out, int64_t n);
void ar_cbor_value(ar_buf *out, ar_value value);

/* Reads from the front of *rest, which moves past what was read and stays on failure. AR_INVALID:
 * another type, bytes missing, invalid UTF-8, a length beyond the text (every item takes a byte, so
 * a length that was read fits the memory that holds the text), an integer beyond int64. Texts view
 * *rest. */
ar_err ar_cbor_read_array(ar_str *rest, size_t *out_n);
ar_err ar_cbor_read_text(ar_str *rest, ar_str *out_text);
ar_err ar_cbor_read_int(ar_str *rest, int64_t *out_n);
ar_err ar_cbor_read_value(ar_str *rest, ar_value *out_value);
