/* What a model's fields are called in JSON under some options: worked out once for each model that a
 * reading or writing meets. */
#ifndef ATR_STATE_JSON_NAMES_H
#define ATR_STATE_JSON_NAMES_H

#include <atrium/json.h>

#include "text.h"

typedef struct atr_json_name {
    const atr_field *field;
    size_t offset;      /* of the field in its struct */
    const char *quoted; /* `"name":` */
    uint32_t quoted_size;
    uint32_t size;    /* of the plain name */
    const char *name; /* plain */
} atr_json_name;

/* The names of one model, in the order of writing. */
typedef struct atr_json_plan {
    struct atr_json_plan *next;
    const atr_model *model;
    size_t size_bytes; /* of the block that holds all of it */
    uint32_t count;
    atr_json_name names[];
} atr_json_plan;

/* Begins with the options, the rest zero. */
typedef struct atr_json_plans {
    const atr_json_options *options;
    atr_json_plan *first;
    const atr_json_name *clash[2]; /* of one plan: two fields that got one name */
} atr_json_plans;

/* The plan of a model. NULL: memory is out, or clash is set. */
const atr_json_plan *atr_json_plan_of(atr_json_plans *plans, const atr_model *model);
void atr_json_plans_free(atr_json_plans *plans);

/* Say which names clash. */
void atr_json_clash_tell(atr_text *message, const atr_model *model, const atr_json_plans *plans);

/* Find a name; `guess` is where to look first. NULL: there is none. */
const atr_json_name *atr_json_name_find(const atr_json_plan *plan, uint32_t guess, const char *name,
                                        size_t size);

#endif
