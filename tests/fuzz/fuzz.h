/* A fuzzer is one function, which gets any bytes and fails by aborting: CHECK what must hold for all
 * inputs. With libFuzzer (./dev fuzz) it gets millions of them; in the test suite, the files of its corpus.
 *
 * To add one: tests/fuzz/fuzz_NAME.c, a file or more in tests/fuzz/corpus/NAME/, and its lines in
 * Makefile.am. An input that was found to fail goes into the corpus with the fix. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Returns 0. Must leave nothing behind. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline struct bytes fuzz_bytes(const uint8_t *data, size_t size)
{
    return (struct bytes){(const char *)data, size};
}

/* Whether a result points into the input it was made from; an empty one may point anywhere. */
static inline bool fuzz_is_inside(struct bytes part, struct bytes whole)
{
    return part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

#endif
