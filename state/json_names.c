/* Names of fields in JSON. */
#include <stdlib.h>
#include <string.h>

#include <atrium/memory.h>

#include "check.h"
#include "json_form.h"
#include "json_names.h"

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* dueDate to due_date. */
static void add_snake(atr_text *text, const char *name)
{
    for (size_t i = 0; name[i] != '\0'; i++) {
        char c = name[i];
        if (is_upper(c)) {
            atr_text_add(text, "_", i > 0 && name[i - 1] != '_' && !is_upper(name[i - 1]));
            c = (char)(c - 'A' + 'a');
        }
        atr_text_add(text, &c, 1);
    }
}

/* due_date to dueDate. An underscore at either end stays. */
static void add_camel(atr_text *text, const char *name)
{
    for (size_t i = 0; name[i] != '\0'; i++) {
        char c = name[i];
        if (c == '_' && i > 0 && name[i + 1] >= 'a' && name[i + 1] <= 'z') {
            c = (char)(name[++i] - 'a' + 'A');
        }
        atr_text_add(text, &c, 1);
    }
}

static void add_name(atr_text *text, const atr_model *model, const atr_field *field,
                     atr_json_names policy)
{
    const char *given = atr_field_attributes(model, field)->json;
    if (given != NULL || policy == ATR_JSON_NAMES_EXACT) {
        atr_text_puts(text, given != NULL ? given : field->name);
    } else if (policy == ATR_JSON_NAMES_SNAKE) {
        add_snake(text, field->name);
    } else {
        add_camel(text, field->name);
    }
}

/* ---- plans ---- */

/* Every plain name, then the same one quoted. Sizes are noted, addresses follow when all is written. */
static void write_names(atr_text *text, const atr_model *model, atr_json_names policy,
                        atr_json_name *names)
{
    for (uint32_t i = 0; i < model->field_count && text->code == ATR_OK; i++) {
        size_t begin = text->size;
        atr_text plain = {0};
        names[i].field = &model->fields[i];
        names[i].offset = atr_field_offset(model, &model->fields[i]);
        add_name(&plain, model, &model->fields[i], policy);
        if (plain.code == ATR_OK) {
            names[i].size = (uint32_t)plain.size;
            atr_text_add(text, plain.bytes, plain.size);
            atr_json_quote(text, plain.bytes, plain.size);
            atr_text_puts(text, ":");
            names[i].quoted_size = (uint32_t)(text->size - begin - plain.size);
        } else {
            text->code = plain.code;
        }
        atr_text_free(&plain);
    }
}

static void place_names(atr_json_plan *plan, const char *bytes)
{
    for (uint32_t i = 0; i < plan->count; i++) {
        plan->names[i].name = bytes;
        plan->names[i].quoted = bytes + plan->names[i].size;
        bytes = plan->names[i].quoted + plan->names[i].quoted_size;
    }
}

static int name_order(const void *x, const void *y)
{
    const atr_json_name *a = x, *b = y;
    int order = memcmp(a->name, b->name, a->size < b->size ? a->size : b->size);
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

static bool names_differ(atr_json_plans *plans, const atr_json_plan *plan)
{
    for (uint32_t i = 0; i < plan->count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (name_order(&plan->names[i], &plan->names[j]) == 0) {
                plans->clash[0] = &plan->names[j];
                plans->clash[1] = &plan->names[i];
                return false;
            }
        }
    }
    return true;
}

/* One block: the plan, its names, their bytes. */
static atr_json_plan *plan_make(const atr_json_plans *plans, const atr_model *model)
{
    size_t count = model->field_count,
           fixed = sizeof(atr_json_plan) + count * sizeof(atr_json_name);
    atr_text text = {0};
    atr_json_name *names = atr_memory_take(count * sizeof *names + 1);
    atr_json_plan *plan = NULL;
    if (names == NULL) {
        return NULL;
    }
    write_names(&text, model, plans->options->names, names);
    plan = text.code == ATR_OK ? atr_memory_take(fixed + text.size) : NULL;
    if (plan != NULL) {
        *plan = (atr_json_plan){NULL, model, fixed + text.size, model->field_count};
        if (count > 0) {
            memcpy(plan->names, names, count * sizeof *names);
            memcpy((char *)plan + fixed, text.bytes, text.size);
        }
        place_names(plan, (const char *)plan + fixed);
    }
    atr_memory_give(names, count * sizeof *names + 1);
    atr_text_free(&text);
    return plan;
}

const atr_json_plan *atr_json_plan_of(atr_json_plans *plans, const atr_model *model)
{
    atr_json_plan *plan;
    for (plan = plans->first; plan != NULL; plan = plan->next) {
        if (plan->model == model) {
            return plan;
        }
    }
    plan = plan_make(plans, model);
    if (plan == NULL) {
        return NULL;
    }
    plan->next = plans->first;
    plans->first = plan;
    if (!names_differ(plans, plan)) {
        return NULL;
    }
    if (plans->options->canonical) {
        qsort(plan->names, plan->count, sizeof *plan->names, name_order);
    }
    return plan;
}

void atr_json_clash_tell(atr_text *message, const atr_model *model, const atr_json_plans *plans)
{
    const atr_json_name *const *clash = plans->clash;
    atr_text_printf(message, ATR_NAMES_CLASH, model->name, clash[0]->field->name,
                    clash[1]->field->name, "JSON name", (int)clash[0]->size, clash[0]->name);
}

void atr_json_plans_free(atr_json_plans *plans)
{
    while (plans->first != NULL) {
        atr_json_plan *plan = plans->first;
        plans->first = plan->next;
        atr_memory_give(plan, plan->size_bytes);
    }
}

const atr_json_name *atr_json_name_find(const atr_json_plan *plan, uint32_t guess, const char *name,
                                        size_t size)
{
    for (uint32_t i = 0; i < plan->count; i++) {
        uint32_t at = guess + i < plan->count ? guess + i : guess + i - plan->count;
        const atr_json_name *known = &plan->names[at];
        if (known->size == size && memcmp(known->name, name, size) == 0) {
            return known;
        }
    }
    return NULL;
}
