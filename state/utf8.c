/* UTF-8 as RFC 3629 defines it. */
#include <string.h>

#include <atrium/str.h>

/* How many bytes the sequence at text has, 0 when it is none. The second byte's range excludes overlong
 * forms, surrogates and what lies above U+10FFFF. */
static size_t sequence(const unsigned char *text, size_t left)
{
    unsigned char first = text[0];
    unsigned char low = 0x80, high = 0xBF;
    size_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length == 1) {
        return 1;
    }
    if (length == 0 || first > 0xF4 || left < length) {
        return 0;
    }
    low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : low;
    high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : high;
    if (text[1] < low || text[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if (text[i] < 0x80 || text[i] > 0xBF) {
            return 0;
        }
    }
    return length;
}

/* Whether eight bytes are ASCII. */
static bool is_plain(const char *text)
{
    uint64_t eight;
    memcpy(&eight, text, sizeof eight);
    return (eight & 0x8080808080808080u) == 0;
}

/* Where the ASCII that text begins with ends, or some bytes before. */
static size_t skip_plain(const char *text, size_t size)
{
    size_t at = 0;
    while (size - at >= 8 && is_plain(text + at)) {
        at += 8;
    }
    if (size - at < 8 && size >= 8 && is_plain(text + size - 8)) {
        return size; /* the last bytes, and some again */
    }
    return at;
}

size_t atr_utf8_check(const char *text, size_t size)
{
    size_t at = skip_plain(text, size);
    while (at < size) {
        size_t length = sequence((const unsigned char *)text + at, size - at);
        if (length == 0) {
            return at;
        }
        at += length;
        at += skip_plain(text + at, size - at);
    }
    return size;
}
