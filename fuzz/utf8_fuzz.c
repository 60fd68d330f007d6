/* atr_utf8_check against a decoder that follows the table of RFC 3629 without any haste. */

#include "fuzz.h"

#include <stdlib.h>

#include <atrium/str.h>

/* The number of bytes of the sequence at data, 0 when it is none. */
static size_t decode(const uint8_t *data, size_t left)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t code = data[0];
    size_t length = 1;

    if (code >= 0x80) {
        if ((code & 0xe0) == 0xc0) {
            length = 2;
            code &= 0x1f;
        } else if ((code & 0xf0) == 0xe0) {
            length = 3;
            code &= 0x0f;
        } else if ((code & 0xf8) == 0xf0) {
            length = 4;
            code &= 0x07;
        } else {
            return 0;
        }
    }
    if (length > left)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((data[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (data[i] & 0x3f);
    }
    if (code < smallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    return length;
}

static size_t well_formed(const uint8_t *data, size_t size)
{
    size_t at = 0;

    while (at < size) {
        size_t length = decode(data + at, size - at);
        if (length == 0)
            return at;
        at += length;
    }
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (atr_utf8_check((const char *)data, size) != well_formed(data, size))
        abort();
    return 0;
}
