/* The parser of the metrics port: one of a few answers, the same whatever follows the head. */
#include "base/check.h"
#include "daemon/metrics_request.h"
#include "fuzz.h"

static bool is_status(int status)
{
    static const int statuses[] = {0, 200, 400, 404, 405, 421, 431};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        if (statuses[i] == status)
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes in = fuzz_bytes(data, size), name = BYTES("chat.example.org");
    struct metrics_request request = {.target = 77}, again;
    int status = metrics_request_parse(in, name, &request);

    CHECK(is_status(status));
    CHECK(status == 200 ? request.target <= METRICS_TARGET_HEALTH : request.target == 77);
    CHECK(status != 0 || size < METRICS_REQUEST_BYTES_MAX);
    /* As it comes byte by byte, the first answer is the answer. */
    for (size_t n = 0; size <= 512 && n < size; n++) {
        int first = metrics_request_parse(bytes_slice(in, 0, n), name, &again);
        if (first == 0)
            continue;
        CHECK(first == status);
        break;
    }
    return 0;
}
