/** Values: the head every value begins with, the description of its model, and the verbs that work on
 *  any value.
 *
 *  A published value is immutable and seen through a const pointer only. It is owned by the scope it was
 *  made in and by every value that refers to it; nobody frees it by hand (see scope.h). */
#ifndef ATRIUM_VALUE_H
#define ATRIUM_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <atrium/code.h>
#include <atrium/export.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct atr_model atr_model;
typedef struct atr_scope atr_scope;
typedef struct atr_str atr_str;
typedef struct atr_bytes atr_bytes;
typedef struct atr_error atr_error;
typedef struct atr_dead atr_dead;
typedef struct atr_pairs atr_pairs;
typedef struct atr_hasher atr_hasher;

/** Microseconds since 1970-01-01T00:00:00 UTC. */
typedef int64_t atr_time;

/** The first member, named `atr`, of every value. Written by its owner only. */
typedef struct atr_head {
    const atr_model *model; /**< what the value is */
    int32_t count;          /**< > 0 counted, 0 not published, < 0 immortal */
    uint16_t owner;         /**< the pool it was made in; 0 for immortal values */
    uint16_t flags; /**< of its own address 16 bits: finds copies on the stack (inner nodes of
                                 collections, which nobody copies, use it otherwise) */
} atr_head;

/** Head of a static, immortal value: `static const todo_item milk = { ATR_HEAD(todo_item), .id = 1 };`
 *  Immortal values may refer to immortal values only. */
#define ATR_HEAD(T)                 \
    {                               \
        &T##_model, INT32_MIN, 0, 0 \
    }

/** Head of a draft that was not published; what a designated literal leaves out is the same. */
#define ATR_DRAFT  \
    {              \
        0, 0, 0, 0 \
    }

/** Kinds of fields and of elements. */
typedef enum atr_kind {
    ATR_KIND_UNIT, /**< no value: the response of a query that only reports success */
    ATR_KIND_BOOL,
    ATR_KIND_I32,
    ATR_KIND_U32,
    ATR_KIND_I64,
    ATR_KIND_F64,
    ATR_KIND_TIME,
    ATR_KIND_ENUMERATION,
    ATR_KIND_STR, /**< from here on: pointers to values */
    ATR_KIND_BYTES,
    ATR_KIND_REF,
    ATR_KIND_VEC,
    ATR_KIND_MAP,
    ATR_KIND_SET,
    ATR_KIND_OMAP,
    ATR_KIND_OSET,
    ATR_KIND_ANY,
    ATR_KIND_OPAQUE
} atr_kind;

/** One constant of an enumeration. */
typedef struct atr_enumerator {
    int32_t number;
    const char *name;
} atr_enumerator;

/** An enumeration: its constants in the order of their definition. */
typedef struct atr_enumeration {
    const char *name;
    const atr_enumerator *items;
    size_t count;
} atr_enumeration;

/** The type of a field, element or response. */
typedef struct atr_type {
    atr_kind kind;
    bool optional;          /**< opt(kind) */
    const atr_model *model; /**< of ref: the target; of str .. oset: the container's own model */
    const atr_enumeration *enumeration; /**< of enumeration, else NULL */
} atr_type;

/** A value of any kind, as it travels through queries and views. Scalars lie in `as`, pointers in `as.ref`;
 *  for optional scalars `has` tells whether there is one. */
typedef struct atr_value {
    atr_kind kind;
    bool has;
    union {
        bool boolean;
        int32_t i32; /**< also enumerations */
        uint32_t u32;
        int64_t i64; /**< also time */
        double f64;
        const void *ref;
    } as;
} atr_value;

/** One field of a model. */
typedef struct atr_field {
    const void *at; /**< the field inside the model's default object; see atr_field_offset */
    const char *name;
    atr_type type;
} atr_field;

/** What a second table may say about a field. Zero means: nothing special. */
typedef struct atr_attribute {
    const void *at;     /**< the field inside the default object */
    const char *json;   /**< name in JSON; NULL: the field's name */
    const char *column; /**< name of the SQL column; NULL: the field's name */
    bool redacted;      /**< hidden in print and recordings */
    bool by_name;       /**< an enumeration is stored by its name, not its number */
} atr_attribute;

/** What stands behind a model. `structure` tells generic code how to walk the value. */
typedef enum atr_structure {
    ATR_STRUCTURE_FIELDS, /**< a struct described by its fields */
    ATR_STRUCTURE_STR,
    ATR_STRUCTURE_BYTES,
    ATR_STRUCTURE_VEC,
    ATR_STRUCTURE_MAP,
    ATR_STRUCTURE_SET,
    ATR_STRUCTURE_OMAP, /**< ordered_map.h */
    ATR_STRUCTURE_OSET,
    ATR_STRUCTURE_OPAQUE, /**< opaque.h */
    ATR_STRUCTURE_NODE    /**< an inner node of a collection: never seen from outside */
} atr_structure;

/** Pools make values in cells of so many steps of so many bytes; larger ones are blocks of their own. */
enum { ATR_STEP_BYTES = 16, ATR_STEPS_MAX = 35 };

/** Take a value under way in a deep copy: see atr_model.visit. */
typedef void (*atr_visit_fn)(void *user, const atr_head **slot);

/** The description of a model; made by ATR_MODEL_IMPL, never by hand. Its address is its identity. */
struct atr_model {
    const char *name;
    atr_structure structure;
    uint32_t size_bytes;   /**< of the struct; collections' nodes tell theirs by `size_of` */
    const void *prototype; /**< the default object */
    const atr_field *fields;
    uint32_t field_count;
    uint32_t attribute_count;
    const atr_attribute *attributes;
    atr_kind key;  /**< of maps and sets; ATR_KIND_REF: a set of models in an order of its own */
    uint8_t steps; /**< of models of fields: how many a cell takes; 0: it is a block of its own */
    bool is_flat;  /**< a model of fields that refers to nothing, and whose steps are not 0 */
    atr_type element; /**< of vectors, of maps, and of sets of models */
    /* Generated, or the library's own: */
    void (*release)(void *value, atr_dead *dead); /**< let go of what it refers to; NULL: nothing */
    bool (*equal)(const void *a, const void *b,
                  atr_pairs *more);                      /**< this level; deeper ones go to more */
    void (*hash)(const void *value, atr_hasher *hasher); /**< this level, likewise */
    void (*visit)(void *value, atr_visit_fn fn, void *user); /**< every pointer to a value in it */
    size_t (*size_of)(const void *value);                    /**< NULL: size_bytes */
    int (*order)(const void *a, const void *b); /**< of the models in a set of them, else NULL */
    /** Of nodes, else NULL: let go of what it refers to in some places. @return its size */
    size_t (*release_places)(void *value, uint32_t places, atr_dead *dead);
    /** Of models of fields, else NULL: fill in a cell from a draft, and hold what it refers to. s NULL: it is
     *  known to be fit. @return the cell, or what atr_value_unfit_ gives */
    const void *(*fill)(atr_scope *s, void *cell, const void *draft);
};

/** Where a field lies in its struct. @units bytes. @thread any */
static inline size_t atr_field_offset(const atr_model *model, const atr_field *field)
{
    return (size_t)((const char *)field->at - (const char *)model->prototype);
}

/** Find a field by name. @return NULL when the model has none of that name, or an argument is NULL. @thread any */
ATR_API const atr_field *atr_model_field(const atr_model *model, const char *name);

/** The attributes of a field. @return never NULL: all zero when it has none, or an argument is NULL.
 *  @thread any */
ATR_API const atr_attribute *atr_field_attributes(const atr_model *model, const atr_field *field);

/** Does the model give this field a default of its own, another than zero, the empty text, the empty
 *  collection and the default object of what it refers to? Such a field may be missing in JSON and have no
 *  column. @return false also when an argument is NULL. @thread any */
ATR_API bool atr_field_has_default(const atr_model *model, const atr_field *field);

/** Check a definition and everything it refers to: default objects pass their own rules, no ring of
 *  required refs, enumerations have a zero, names are unique and UTF-8, no field has two lines of attributes.
 *  Called when roots and query classes are registered.
 *  @return 0, or a code with the reason latched in s
 *  @errors ATR_E_DEFINITION; ATR_E_INVALID: model is NULL; ATR_E_NO_MEMORY, also without a scope */
ATR_API int atr_model_check(atr_scope *s, const atr_model *model);

/** Find an enumerator. @return NULL when there is none, or an argument is NULL. @thread any */
ATR_API const atr_enumerator *atr_enumeration_by_number(const atr_enumeration *e, int32_t number);
ATR_API const atr_enumerator *atr_enumeration_by_name(const atr_enumeration *e, const char *name,
                                                      size_t size);

/* ---- verbs on any value: a value is passed as a pointer to its struct, NULL is allowed; without a scope they
 * give what they give when memory is out ---- */

/** Compare by content. f64: NaN equals NaN, -0 equals 0. NULL equals NULL and the empty collection.
 *  Parts that both share are skipped by pointer, and so are pairs of parts that were met before, as far as
 *  a table of fixed size remembers them. While memory is out, values of thousands of parts may count as
 *  different. @thread any that may read both */
ATR_API bool atr_equal(const void *a, const void *b);

/** Hash by content: equal values, equal hashes within one process. Walks the whole value at each call; models met
 *  before are not walked again, as far as a table of fixed size remembers them. What lies behind 16,777,216 models
 *  does not count, while memory is out perhaps less. @thread any that may read it */
ATR_API uint64_t atr_hash(const void *value);

/** Order by content: NULL first, then by model name, then field by field; text by bytes, maps and sets
 *  by their entries in order of the keys. @return < 0, 0, > 0. Does not depend on the hash seed. While memory is
 *  out, maps and sets may be ordered by their sizes only, and values of thousands of parts count as equal. */
ATR_API int atr_compare(const void *a, const void *b);

/** Print as one line of text, e.g. `todo_item{id: 1, title: "milk", done: false}`. Entries of maps and
 *  sets come in order of their keys; redacted fields print as `<redacted>`; beyond 64 levels, and behind
 *  64 MiB of text, `...`.
 *  @return a string made in s */
ATR_API const atr_str *atr_print(atr_scope *s, const void *value);

/** Print to stderr, several lines, indented. For debuggers (`call atr_dump(x)`) and nothing else. */
ATR_API void atr_dump(const void *value);

/** Copy deeply into the pool of s; what is shared inside stays shared, immortal parts are not copied.
 *  The way to take a value across threads and apps.
 *  @return the copy; the model's default object (NULL for NULL) when the scope latched */
ATR_API const void *atr_copy(atr_scope *s, const void *value);

/** List where two values differ, one line a place: `items[3].title: "milk" -> "oat milk"`. At most
 *  limit lines, then a line that counts the rest; 0 means 100. Empty text: equal.
 *  @return a string made in s */
ATR_API const atr_str *atr_diff_print(atr_scope *s, const void *was, const void *now, size_t limit);

#ifdef __cplusplus
}
#endif
#endif
