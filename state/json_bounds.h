/* How much of what JSON may have, read or written: what is written can be read again. */
#ifndef ATR_STATE_JSON_BOUNDS_H
#define ATR_STATE_JSON_BOUNDS_H

#include <stdint.h>

#include <atrium/json.h>

typedef struct atr_json_bounds {
    size_t depth;
    size_t bytes;
    size_t elements;
    size_t string_bytes;
} atr_json_bounds;

/* No text is longer than ATR_STR_MAX, whatever the options say. */
static inline atr_json_bounds atr_json_bounds_of(const atr_json_options *options)
{
    size_t string_bytes = options->max_string_bytes > 0 ? options->max_string_bytes : 16 << 20;
    return (atr_json_bounds){
        .depth = options->max_depth > 0 ? options->max_depth : 64,
        .bytes = options->max_bytes > 0 ? options->max_bytes : (size_t)64 << 20,
        .elements = options->max_elements > 0 ? options->max_elements : 10000000,
        .string_bytes = string_bytes < ATR_STR_MAX ? string_bytes : ATR_STR_MAX,
    };
}

/* For what is not kept as text. */
static inline atr_json_bounds atr_json_bounds_none(void)
{
    return (atr_json_bounds){SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX};
}

#endif
