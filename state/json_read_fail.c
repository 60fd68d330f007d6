/* What a reading says when it fails: the path of what is open, and the place in the text. */
#include <string.h>

#include "json_error.h"
#include "json_form.h"
#include "json_reader.h"

static bool is_redacted(const atr_json_open *f)
{
    return f->shape == ATR_JSON_STRUCT && f->within && f->name != NULL &&
           atr_field_attributes(f->model, f->name->field)->redacted;
}

/* Is a redacted field being read? */
static bool is_hidden(const atr_json_reader *r)
{
    bool hidden = r->options->redacted;
    for (size_t i = 0; i < r->depth && !hidden; i++) {
        hidden = is_redacted(&r->open[i]);
    }
    return hidden;
}

/* hidden: in a redacted field */
static void path_step(atr_text *path, const atr_json_open *f, bool hidden)
{
    if (!f->within) {
        return;
    }
    switch (f->shape) {
    case ATR_JSON_STRUCT:
        if (f->name != NULL) {
            atr_json_path_name(path, f->name->name, f->name->size);
        }
        break;
    case ATR_JSON_MAP:
        if (hidden) {
            atr_json_path_hidden(path);
        } else {
            atr_json_path_key(path, f->model->key, f->key);
        }
        break;
    case ATR_JSON_VEC:
    case ATR_JSON_SET: atr_json_path_index(path, f->count); break;
    case ATR_JSON_WRAPPER:
        atr_json_path_name(path, f->child.model->name, strlen(f->child.model->name));
        break;
    default: break;
    }
}

static void place_in_text(atr_json_fault *fault, const char *begin, const char *at)
{
    fault->line = 1;
    fault->column = 1;
    fault->offset = (size_t)(at - begin);
    for (; begin < at; begin++) {
        if (*begin == '\n') {
            fault->line++;
            fault->column = 1;
        } else {
            fault->column += ((unsigned char)*begin & 0xc0) != 0x80;
        }
    }
}

/* Names in what is skipped are not kept, so the path ends at the object that has it. */
static bool is_skipped(const atr_json_open *f)
{
    return f->shape == ATR_JSON_SKIPPED_ARRAY || f->shape == ATR_JSON_SKIPPED_OBJECT;
}

void atr_json_read_fail(atr_json_reader *r, int code, const char *at, const atr_json_string *extra,
                        atr_text *message)
{
    atr_json_fault fault = {.code = code};
    bool hidden = r->options->redacted;
    r->failed = true;
    place_in_text(&fault, r->scan.begin, at);
    atr_json_path_root(&fault.path);
    for (size_t i = 0; i < r->depth && !is_skipped(&r->open[i]); i++) {
        const atr_json_open *f = &r->open[i];
        path_step(&fault.path, f, hidden);
        hidden = hidden || is_redacted(f);
        if (f->shape == ATR_JSON_STRUCT) {
            fault.model = f->model->name;
            fault.field = f->within && f->name != NULL ? f->name->field->name : NULL;
        }
    }
    if (extra != NULL && hidden) {
        atr_json_path_hidden(&fault.path);
    } else if (extra != NULL) {
        atr_json_path_name(&fault.path, extra->bytes, extra->size);
    }
    atr_json_latch(r->scope, &fault, message);
}

void atr_json_read_quote(const atr_json_reader *r, atr_text *message, const char *bytes,
                         size_t size)
{
    if (is_hidden(r)) {
        atr_text_puts(message, ATR_TEXT_REDACTED);
    } else {
        atr_json_add_quoted(message, bytes, size);
    }
}

void atr_json_read_fail_words(atr_json_reader *r, int code, const char *at, const char *words)
{
    atr_text message = {0};
    atr_text_puts(&message, words);
    atr_json_read_fail(r, code, at, NULL, &message);
}

void atr_json_read_fail_memory(atr_json_reader *r)
{
    r->failed = true;
    atr_scope_fail(r->scope, &atr_error_no_memory);
}

void atr_json_read_fail_scan(atr_json_reader *r)
{
    if (r->scan.code == ATR_E_NO_MEMORY) {
        atr_json_read_fail_memory(r);
    } else {
        atr_json_read_fail_words(r, r->scan.code, r->scan.at, r->scan.wrong);
    }
}

void atr_json_read_fail_name(atr_json_reader *r, int code, const char *at, const char *words,
                             const char *name, size_t size)
{
    const atr_json_string extra = {name, size};
    atr_text message = {0};
    atr_text_puts(&message, words);
    atr_json_read_quote(r, &message, name, size);
    atr_json_read_fail(r, code, at, &extra, &message);
}
