/* What a writing says when it fails: the path of what is open, by the members that its frames have begun. */
#include <string.h>

#include "json_error.h"
#include "json_form.h"
#include "json_write.h"

/* The field of a struct that is under way; NULL: none. */
static const atr_field *field_of(const atr_json_frame *f)
{
    return !f->wrapper && f->plan != NULL && f->begun > 0 ? f->plan->names[f->begun - 1].field
                                                          : NULL;
}

/* hidden: in a redacted field */
static void path_step(atr_text *path, const atr_json_frame *f, bool hidden)
{
    size_t i = f->begun - 1;
    if (f->begun == 0) {
        return;
    }
    if (f->wrapper) {
        atr_json_path_name(path, f->value->model->name, strlen(f->value->model->name));
    } else if (f->plan != NULL) {
        atr_json_path_name(path, f->plan->names[i].name, f->plan->names[i].size);
    } else if (!atr_json_frame_is_array(f) && hidden) {
        atr_json_path_hidden(path);
    } else if (!atr_json_frame_is_array(f)) {
        atr_json_path_key(path, f->value->model->key, f->entries[i].key);
    } else {
        atr_json_path_index(path, i);
    }
}

void atr_json_write_fail(atr_json_writer *w, int code, atr_text *message)
{
    atr_json_fault fault = {.code = code};
    bool hidden = w->options->redacted;
    if (w->failed) {
        atr_text_free(message);
        return;
    }
    w->failed = true;
    atr_json_path_root(&fault.path);
    for (size_t i = 0; i < w->depth; i++) {
        const atr_json_frame *f = &w->frames[i];
        const atr_field *field = field_of(f);
        path_step(&fault.path, f, hidden);
        if (!f->wrapper && f->plan != NULL) {
            fault.model = f->plan->model->name;
            fault.field = field != NULL ? field->name : NULL;
            hidden = hidden || atr_field_attributes(f->plan->model, field)->redacted;
        }
    }
    atr_json_latch(w->s, &fault, message);
}

void atr_json_write_fail_words(atr_json_writer *w, int code, const char *what, const char *more)
{
    atr_text message = {0};
    atr_text_puts(&message, what);
    atr_text_puts(&message, more);
    atr_json_write_fail(w, code, &message);
}

void atr_json_write_fail_memory(atr_json_writer *w)
{
    w->failed = true;
    atr_scope_fail(w->s, &atr_error_no_memory);
}
