/* Texts that grow, and values in them. Values are printed in a pool of the kit's own: the app's may
 * be in any condition, and its gate is not asked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit.h"

bool kit_room(void *items, size_t *capacity, size_t count, size_t item_bytes)
{
    size_t wanted = *capacity == 0 ? 8 : *capacity * 2;
    void *list;
    if (count < *capacity) {
        return true;
    }
    memcpy(&list, items, sizeof list);
    list = wanted <= SIZE_MAX / item_bytes ? realloc(list, wanted * item_bytes) : NULL;
    if (list == NULL) {
        return false;
    }
    memcpy(items, &list, sizeof list);
    *capacity = wanted;
    return true;
}

static bool text_room(text *b, size_t more)
{
    size_t wanted = b->size + more + 1;
    char *grown;
    if (wanted <= b->capacity) {
        return true;
    }
    wanted = wanted < 128 ? 128 : wanted * 2;
    grown = realloc(b->bytes, wanted);
    if (grown == NULL) {
        return false;
    }
    b->bytes = grown;
    b->capacity = wanted;
    return true;
}

void text_add_v(text *b, const char *format, va_list args)
{
    va_list again;
    int size;
    va_copy(again, args);
    size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (size > 0 && text_room(b, (size_t)size)) {
        vsnprintf(b->bytes + b->size, (size_t)size + 1, format, args);
        b->size += (size_t)size;
    }
}

void text_add(text *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    text_add_v(b, format, args);
    va_end(args);
}

void text_free(text *b)
{
    free(b->bytes);
    *b = (text){NULL, 0, 0};
}

void text_add_value(text *b, kit *k, const void *value)
{
    atr_scope *s = atr_pool_scope(k->pool);
    if (value == NULL) {
        text_add(b, "null");
    } else {
        text_add(b, "%s", atr_print(s, value)->bytes);
    }
    atr_scope_close(s);
}

/* One indented line for each place. */
void text_add_diff(text *b, kit *k, const void *was, const void *now)
{
    atr_scope *s = atr_pool_scope(k->pool);
    const char *line = atr_diff_print(s, was, now, 0)->bytes;
    while (*line != '\0') {
        size_t size = strcspn(line, "\n");
        text_add(b, "\n  %.*s", (int)size, line);
        line += size + (line[size] == '\n');
    }
    atr_scope_close(s);
}

void text_add_error(text *b, const atr_error *error)
{
    const atr_enumerator *domain =
        atr_enumeration_by_number(&atr_domain_enumeration, (int32_t)error->domain);
    const char *name = domain != NULL ? domain->name : "?";
    if (error->domain == ATR_DOMAIN_ATRIUM) {
        text_add(b, "%s", atr_code_name(error->code));
    } else {
        text_add(b, "%s %d", name, (int)error->code);
    }
    text_add(b, ": %s", error->message->bytes);
}

static void text_add_enumerator(text *b, const atr_enumeration *e, int32_t number)
{
    const atr_enumerator *item = atr_enumeration_by_number(e, number);
    text_add(b, "%s", item != NULL ? item->name : "?");
}

void text_add_plain(text *b, kit *k, atr_type type, atr_value value)
{
    if (type.kind >= ATR_KIND_STR) {
        text_add_value(b, k, value.as.ref);
        return;
    }
    if (type.optional && !value.has) {
        text_add(b, "nothing");
        return;
    }
    switch (type.kind) {
    case ATR_KIND_BOOL: text_add(b, "%s", value.as.boolean ? "true" : "false"); break;
    case ATR_KIND_I32: text_add(b, "%d", (int)value.as.i32); break;
    case ATR_KIND_U32: text_add(b, "%u", (unsigned)value.as.u32); break;
    case ATR_KIND_I64:
    case ATR_KIND_TIME: text_add(b, "%lld", (long long)value.as.i64); break;
    case ATR_KIND_F64: text_add(b, "%.17g", value.as.f64); break;
    case ATR_KIND_ENUMERATION: text_add_enumerator(b, type.enumeration, value.as.i32); break;
    default: text_add(b, "unit"); break;
    }
}
