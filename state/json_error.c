/* Errors of JSON. */
#include "json_error.h"

#include "json_form.h"

ATR_MODEL_TABLE_(atr_json_place, ATR_JSON_PLACE, NULL, 0, .atr = ATR_HEAD(atr_json_place));

enum { SHOWN_BYTES = 60 };

/* ---- paths ---- */

static bool is_plain(const char *name, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9')) {
            return false;
        }
    }
    return size > 0 && size <= SHOWN_BYTES;
}

void atr_json_add_quoted(atr_text *text, const char *bytes, size_t size)
{
    size_t shown = size < SHOWN_BYTES ? size : SHOWN_BYTES;
    while (shown < size && shown > 0 && ((unsigned char)bytes[shown] & 0xc0) == 0x80) {
        shown--; /* not inside of a character */
    }
    atr_json_quote(text, bytes, shown);
    if (shown < size) {
        atr_text_cut(text, text->size - 1);
        atr_text_puts(text, "...\"");
    }
}

void atr_json_path_root(atr_text *path)
{
    atr_text_puts(path, "$");
}

void atr_json_path_name(atr_text *path, const char *name, size_t size)
{
    if (is_plain(name, size)) {
        atr_text_puts(path, ".");
        atr_text_add(path, name, size);
    } else {
        atr_text_puts(path, "[");
        atr_json_add_quoted(path, name, size);
        atr_text_puts(path, "]");
    }
}

void atr_json_path_key(atr_text *path, atr_kind kind, atr_word key)
{
    char digits[ATR_JSON_KEY_MAX];
    const char *at;
    size_t size = atr_json_key_text(kind, key, digits, &at);
    atr_json_path_name(path, at, size);
}

void atr_json_path_index(atr_text *path, size_t index)
{
    atr_text_puts(path, "[");
    atr_json_i64(path, (int64_t)index);
    atr_text_puts(path, "]");
}

void atr_json_path_hidden(atr_text *path)
{
    atr_text_puts(path, "[" ATR_TEXT_REDACTED "]");
}

/* ---- errors ---- */

/* `$.items[3].title: text was expected (todo_item.title; line 3, column 14, byte 52)` */
static void message_write(atr_text *text, const atr_json_fault *fault, const atr_text *message)
{
    atr_text_add(text, fault->path.bytes, fault->path.size);
    atr_text_puts(text, ": ");
    atr_text_add(text, message->bytes, message->size);
    if (fault->model != NULL || fault->line > 0) {
        atr_text_puts(text, " (");
    }
    if (fault->model != NULL) {
        atr_text_puts(text, fault->model);
        atr_text_puts(text, fault->field != NULL ? "." : "");
        atr_text_puts(text, fault->field != NULL ? fault->field : "");
        atr_text_puts(text, fault->line > 0 ? "; " : "");
    }
    if (fault->line > 0) {
        atr_text_printf(text, "line %zu, column %zu, byte %zu", fault->line, fault->column,
                        fault->offset);
    }
    if (fault->model != NULL || fault->line > 0) {
        atr_text_puts(text, ")");
    }
}

static const atr_json_place *place_make(atr_scope *s, const atr_json_fault *fault)
{
    return ATR_NEW(s, atr_json_place, .line = (int64_t)fault->line,
                   .column = (int64_t)fault->column, .offset = (int64_t)fault->offset,
                   .path = atr_str_new_n(s, fault->path.bytes, fault->path.size),
                   .model = atr_str_new(s, fault->model != NULL ? fault->model : ""),
                   .field = atr_str_new(s, fault->field != NULL ? fault->field : ""));
}

/* Made in a scope of its own: a text of it that fails must not latch s by itself. */
void atr_json_latch(atr_scope *s, atr_json_fault *fault, atr_text *message)
{
    atr_scope *inner = atr_scope_error(s) == NULL ? atr_scope_open(s) : NULL;
    atr_text text = {0};
    if (inner != NULL) {
        const atr_error *error;
        message_write(&text, fault, message);
        text.code = message->code != ATR_OK ? message->code : text.code;
        const atr_json_place *place = place_make(inner, fault);
        error = ATR_NEW(inner, atr_error, .domain = ATR_DOMAIN_JSON, .code = fault->code,
                        .message = atr_text_finish(&text, inner), .detail = place->path,
                        .detail_number = (int64_t)fault->offset, .payload = place);
        bool failed = atr_scope_take_error(inner) != NULL || fault->path.code != ATR_OK;
        atr_scope_fail(s, failed ? &atr_error_no_memory : error);
        atr_scope_close(inner);
    }
    atr_text_free(&fault->path);
    atr_text_free(message);
}
