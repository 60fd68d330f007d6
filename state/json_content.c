/* The content hash: SipHash over the canonical JSON as it is written. A model inside of another value is hashed by
 * itself, and its hash stands for it; so one that several others refer to needs to be hashed once only (known.h). */
#include <string.h>

#include <atrium/memory.h>

#include "json_siphash.h"
#include "json_write.h"
#include "known.h"

enum { FIRST = 16, NAME_BYTES = 33 };

typedef struct hashing {
    atr_siphash128 *open; /* of models that are being hashed, outermost first */
    size_t depth, capacity;
    atr_knowns knowns;
} hashing;

static void begin(atr_siphash128 *h)
{
    static const unsigned char key[] = "atrium content 1";
    atr_siphash128_begin(h, key);
}

static void hashing_free(hashing *h)
{
    atr_knowns_free(&h->knowns);
    atr_memory_give(h->open, h->capacity * sizeof *h->open);
}

/* ---- models ---- */

static void take(void *user, const char *bytes, size_t size)
{
    const hashing *h = user;
    atr_siphash128_add(&h->open[h->depth - 1], bytes, size);
}

/* The hash stands for the model: `#` and its bytes as hexadecimal digits. */
static void stand_in(hashing *h, atr_content content)
{
    static const char digits[] = "0123456789abcdef";
    char name[NAME_BYTES] = {'#'};
    for (unsigned i = 0; i < 16; i++) {
        uint64_t byte = (i < 8 ? content.low : content.high) >> (8 * (i % 8)) & 0xff;
        name[1 + 2 * i] = digits[byte >> 4];
        name[2 + 2 * i] = digits[byte & 15];
    }
    take(h, name, sizeof name);
}

static bool grow(hashing *h)
{
    size_t capacity = h->capacity > 0 ? h->capacity * 2 : FIRST;
    atr_siphash128 *open = atr_memory_take(capacity * sizeof *open);
    if (open == NULL) {
        return false;
    }
    if (h->depth > 0) {
        memcpy(open, h->open, h->depth * sizeof *open);
    }
    atr_memory_give(h->open, h->capacity * sizeof *open);
    h->open = open;
    h->capacity = capacity;
    return true;
}

static int enter(void *user, const void *model)
{
    hashing *h = user;
    const atr_known *found = atr_knowns_find(&h->knowns, model);
    if (found != NULL) {
        stand_in(h, (atr_content){found->low, found->high});
        return 0;
    }
    if (h->depth == h->capacity && !grow(h)) {
        return ATR_E_NO_MEMORY;
    }
    begin(&h->open[h->depth++]);
    return 1;
}

static void leave(void *user, const void *model)
{
    hashing *h = user;
    atr_content content = atr_siphash128_end(&h->open[--h->depth]);
    atr_knowns_note(&h->knowns, (atr_known){model, content.low, content.high});
    stand_in(h, content);
}

atr_content atr_content_hash(atr_scope *s, const void *value)
{
    static const atr_json_options canonical = {.canonical = true};
    static const atr_type any = {ATR_KIND_ANY, true, NULL, NULL};
    atr_content content = {0, 0};
    hashing h = {0};
    atr_json_writer w = {
        .s = s, .options = &canonical, .take = take, .enter = enter, .leave = leave, .user = &h};
    if (enter(&h, NULL) < 0) {
        atr_scope_fail(s, &atr_error_no_memory);
    } else if (atr_json_write(&w, &any, atr_wrap_pointer_(ATR_KIND_ANY, value))) {
        content = atr_siphash128_end(&h.open[0]);
    }
    atr_text_free(&w.text);
    hashing_free(&h);
    return content;
}
