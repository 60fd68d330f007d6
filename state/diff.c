/* Where two values differ, as text: one line a place, with the path that leads to it. */
#include <atrium/edits.h>
#include <atrium/error.h>
#include <atrium/memory.h>
#include <atrium/str.h>

#include "collections.h"
#include "print.h"
#include "value_diff.h"

enum { LIMIT_DEFAULT = 100, STEPS_INLINE = 32 };

/* ---- paths ---- */

static void text_step(atr_text *text, const atr_step *step, size_t index)
{
    if (step->kind == ATR_STEP_FIELD) {
        atr_text_printf(text, text->size > 0 ? ".%s" : "%s", step->field->name);
    } else if (step->kind != ATR_STEP_WHOLE && step->model->structure != ATR_STRUCTURE_VEC) {
        const atr_type type = {step->model->key, false, NULL, NULL};
        atr_text_puts(text, "[");
        if (step->redacted) {
            atr_text_puts(text, ATR_TEXT_REDACTED);
        } else {
            atr_text_typed(text, &type, &step->key);
        }
        atr_text_puts(text, "]");
    } else if (step->kind != ATR_STEP_WHOLE) {
        atr_text_printf(text, "[%zu]", index);
    }
}

/* The steps lead outwards, the text goes inwards. */
static void text_path(atr_text *text, const atr_edit *edit)
{
    const atr_step *small[STEPS_INLINE], **steps = small;
    size_t count = 0, at = 0;
    for (const atr_step *step = edit->at.outer; step != NULL; step = step->outer) {
        count++;
    }
    if (count > STEPS_INLINE) {
        steps = atr_memory_take(count * sizeof *steps);
    }
    if (steps == NULL) {
        text->code = ATR_E_NO_MEMORY;
        return;
    }
    for (const atr_step *step = edit->at.outer; step != NULL; step = step->outer) {
        steps[at++] = step;
    }
    while (at > 0) {
        at--;
        text_step(text, steps[at], steps[at]->index);
    }
    if (steps != small) {
        atr_memory_give(steps, count * sizeof *steps);
    }
    text_step(text, &edit->at, edit->kind == ATR_EDIT_REMOVE ? edit->at.was_index : edit->at.index);
}

const atr_str *atr_edit_path(atr_scope *s, const atr_edit *edit)
{
    atr_text text = {0};
    if (edit == NULL) {
        atr_refuse(s, ATR_E_INVALID, "atr_edit_path: the edit is NULL");
        return &atr_str_default;
    }
    text_path(&text, edit);
    return atr_text_finish(&text, s);
}

/* ---- lines ---- */

typedef struct printer {
    atr_text lines;
    atr_text path;
} printer;

static atr_type type_at(const atr_edit *edit)
{
    const atr_step *at = &edit->at;
    switch (at->kind) {
    case ATR_STEP_WHOLE: return (atr_type){ATR_KIND_ANY, true, NULL, NULL};
    case ATR_STEP_FIELD: return at->field->type;
    default:
        return atr_model_is_set(at->model) ? (atr_type){at->model->key, false, NULL, NULL}
                                           : at->model->element;
    }
}

static void text_edit(atr_text *text, const atr_edit *edit)
{
    const atr_type type = type_at(edit);
    bool inserted = edit->kind == ATR_EDIT_INSERT;
    if (edit->at.redacted) {
        atr_text_puts(text, ATR_TEXT_REDACTED " -> " ATR_TEXT_REDACTED);
    } else if (edit->kind == ATR_EDIT_CHANGE) {
        atr_text_typed(text, &type, &edit->was);
        atr_text_puts(text, " -> ");
        atr_text_typed(text, &type, &edit->now);
    } else {
        atr_text_puts(text, inserted ? "added" : "removed");
        if (!atr_model_is_set(edit->at.model)) { /* the entries of sets have no value */
            atr_text_puts(text, " ");
            atr_text_typed(text, &type, inserted ? &edit->now : &edit->was);
        }
    }
}

static int print_edit(void *user, const atr_edit *edit)
{
    printer *p = user;
    if (p->lines.size > 0) {
        atr_text_puts(&p->lines, "\n");
    }
    text_path(&p->path, edit);
    atr_text_add(&p->lines, p->path.bytes, p->path.size);
    if (p->path.size > 0) {
        atr_text_puts(&p->lines, ": ");
    }
    atr_text_cut(&p->path, 0);
    text_edit(&p->lines, edit);
    return p->path.code != ATR_OK ? p->path.code : p->lines.code;
}

const atr_str *atr_diff_print(atr_scope *s, const void *was, const void *now, size_t limit)
{
    printer p = {0};
    atr_value_diff d = {.levels = ATR_PRINT_DEPTH,
                        .hide_redacted = true,
                        .limit = limit > 0 ? limit : LIMIT_DEFAULT,
                        .counts_on = true,
                        .fn = print_edit,
                        .user = &p};
    int code = atr_values_diff(&d, was, now);
    if (code < 0) {
        p.lines.code = code;
    }
    if (d.edits > d.limit) {
        atr_text_printf(&p.lines, "\n... and %zu more", d.edits - d.limit);
    }
    atr_steps_free(&d.steps);
    atr_text_free(&p.path);
    return atr_text_finish(&p.lines, s);
}
