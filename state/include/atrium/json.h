/** JSON for any value, and the content hash, which is defined by it.
 *
 *      const atr_str *text = atr_to_json(s, item, NULL);              {"id":1,"title":"milk","done":false}
 *      const todo_item *item = ATR_FROM_JSON(s, todo_item, text);
 *
 *  | kind            | JSON                                                                          |
 *  |-----------------|-------------------------------------------------------------------------------|
 *  | bool            | true, false                                                                   |
 *  | i32 u32 i64     | a number, exact; read without point and exponent, within the kind's range     |
 *  | f64             | a number, the shortest that reads back the same; NaN and infinities refused   |
 *  | time            | text, RFC 3339: written in UTC, read with any offset; years 0001 to 9999      |
 *  | enumeration(E)  | the constant's name                                                           |
 *  | str             | text; NUL in it is allowed                                                    |
 *  | bytes           | text, base64 (RFC 4648 section 4), with padding, nothing else in it           |
 *  | ref(T)          | an object                                                                     |
 *  | vec(T)          | an array; read also from null                                                 |
 *  | map(K, T)       | an object; i64 keys are decimal text; read also from null                     |
 *  | omap(K, T)      | the same; f64 keys as the number is written, time keys as above               |
 *  | set(K) oset(K)  | an array without repetition; read also from null                              |
 *  | opt(kind)       | null when absent; read also from a missing field                              |
 *  | any             | null, or an object of one member: {"name of the model": value}                |
 *
 *  Redacted fields are written: print, recordings and errors hide them. In errors stands `<redacted>` for what
 *  they hold, at any depth, and in paths for the keys of maps in them.
 *
 *  Errors are of domain json with a code of atr_json_code. `detail` is the place as a path, e.g.
 *  `$.items[3].title`, `detail_number` the byte offset, `payload` an atr_json_place with all of it. */
#ifndef ATRIUM_JSON_H
#define ATRIUM_JSON_H

#include <atrium/error.h>

/* line and column count from 1, the column in characters; offset counts bytes from 0. Of what was being
 * written all three are 0. model and field: what the JSON was being read into or written from. */
#define ATR_JSON_PLACE(F) \
    F(i64, line)          \
    F(i64, column)        \
    F(i64, offset)        \
    F(str, path)          \
    F(str, model)         \
    F(str, field)

#ifdef __cplusplus
extern "C" {
#endif

ATR_MODEL_STRUCT_(ATR_API, atr_json_place, ATR_JSON_PLACE);

/** Codes of errors in the domain `json`. */
typedef enum atr_json_code {
    ATR_JSON_E_SYNTAX = 1,    /**< not JSON (RFC 8259), not UTF-8, or a byte order mark */
    ATR_JSON_E_LIMIT = 2,     /**< a bound of the options was reached */
    ATR_JSON_E_TYPE = 3,      /**< JSON of another type than the kind needs */
    ATR_JSON_E_RANGE = 4,     /**< a number or time the kind cannot hold */
    ATR_JSON_E_FORM = 5,      /**< text that is no time, no base64, no decimal key */
    ATR_JSON_E_NAME = 6,      /**< no name of the enumeration; a model not listed, or opaque */
    ATR_JSON_E_UNKNOWN = 7,   /**< a member that is no field of the model */
    ATR_JSON_E_MISSING = 8,   /**< a field without default is not there */
    ATR_JSON_E_DUPLICATE = 9, /**< a name or key twice in one object, an element twice in a set */
    ATR_JSON_E_VALUE = 10,    /**< writing: NaN, an infinity, a value that was never published */
    ATR_JSON_E_MODEL = 11     /**< two fields of a model get the same name by the rename policy */
} atr_json_code;

/** How field names become names in JSON. The attribute `.json` of a field goes before it. */
typedef enum atr_json_names {
    ATR_JSON_NAMES_EXACT = 0, /**< as they are */
    ATR_JSON_NAMES_SNAKE,     /**< dueDate, due_date: due_date */
    ATR_JSON_NAMES_CAMEL      /**< dueDate, due_date: dueDate */
} atr_json_names;

/** All zero is the default; NULL stands for it. */
typedef struct atr_json_options {
    atr_json_names names; /**< 0: exact */
    /** Reading: what `any` may hold besides text, bytes and the collections of text and numbers, found by
     *  the name of the model. Borrowed. None of them is NULL. NULL: nothing else. */
    const atr_model *const *models;
    size_t model_count;
    bool ignore_unknown; /**< reading: members that are no fields are skipped; 0: refused */
    /** Reading: a missing field takes the value of the default object. 0: only if it is optional, any, a
     *  collection, or has a default of its own (atr_field_has_default); else it is refused. */
    bool fill_missing;
    bool canonical;  /**< writing: see atr_to_json; 0: fields in the order of the model */
    uint32_t indent; /**< writing: spaces for each level, at most 16; 0: all in one line */
    /** The whole is what a redacted field holds: errors tell nothing of it. 0: of redacted fields only */
    bool redacted;
    /* Bounds on what is read, and on what is written, so that it can be read again: */
    size_t max_depth;    /**< objects and arrays in each other; 0: 64 */
    size_t max_bytes;    /**< size of the whole; 0: 64 MiB */
    size_t max_elements; /**< members and elements together; 0: 10 million */
    /** One text, name or key, without its escapes; 0: 16 MiB. Not more than ATR_STR_MAX. */
    size_t max_string_bytes;
} atr_json_options;

/** Write a value as JSON. NULL gives `null`. Maps and sets come in the order of their keys.
 *
 *  Canonical: no spaces, names and keys in the order of their bytes (keys as their text), numbers
 *  and text as RFC 8785 writes them, but integers with all their digits. Equal values of one model have
 *  the same canonical JSON.
 *  @return a text made in s; "" when s latched
 *  @errors ATR_JSON_E_VALUE, ATR_JSON_E_RANGE (a time), ATR_JSON_E_MODEL; ATR_JSON_E_LIMIT: beyond a
 *  bound of the options, or longer than ATR_STR_MAX; in domain atrium ATR_E_NO_MEMORY */
ATR_API const atr_str *atr_to_json(atr_scope *s, const void *value,
                                   const atr_json_options *options);

/** Read JSON into a value of a model: a model of ATR_MODEL or the model of a collection, str or bytes.
 *  The whole text must be one JSON value. All or nothing: on failure nothing of it stays in memory.
 *  @param text borrowed, UTF-8, need not end with NUL; NULL is refused
 *  @return a value made in s (NULL for an empty collection); the model's default object, NULL for
 *  collections, when s latched
 *  @errors as atr_json_code tells, but VALUE; in domain atrium ATR_E_NO_MEMORY, and ATR_E_INVALID: model
 *  or text is NULL, or a model of the options. A name of an object that is skipped may stand in it twice. */
ATR_API const void *atr_from_json(atr_scope *s, const atr_model *model, const char *text,
                                  size_t size, const atr_json_options *options);

/** The same for a text value, with the default options and typed: ATR_FROM_JSON(s, todo_item, text) is a
 *  `const todo_item *`. */
#define ATR_FROM_JSON(s, T, text) ((const T *)atr_from_json_str((s), &T##_model, (text)))
ATR_API const void *atr_from_json_str(atr_scope *s, const atr_model *model, const atr_str *text);

/** Write a value of a type as a field of that type is written: a scalar, an absent opt, the empty collection,
 *  any with the name of its model. For code that knows types only from a description.
 *  @param type borrowed. Kind unit is written as `null`
 *  @return, @errors as atr_to_json; ATR_JSON_E_VALUE: an opaque value; in domain atrium ATR_E_INVALID: type is
 *  NULL */
ATR_API const atr_str *atr_to_json_as(atr_scope *s, const atr_type *type, atr_value value,
                                      const atr_json_options *options);

/** Read JSON as a field of a type is read. What it refers to is made in s.
 *  @param type borrowed; of kind unit any JSON is read, and given as a unit
 *  @param value set on success only
 *  @return 0, or a code with the error latched in s: ATR_E_REFUSED for all of domain json, else
 *  ATR_E_NO_MEMORY, ATR_E_INVALID (type, text, value or a model of the options is NULL) */
ATR_API int atr_from_json_as(atr_scope *s, const atr_type *type, const char *text, size_t size,
                             const atr_json_options *options, atr_value *value);

/** 128 bits, in the order of the bytes of the hash: low holds the first eight, the first one lowest. */
typedef struct atr_content {
    uint64_t low;
    uint64_t high;
} atr_content;

/** Hash the content of a value: the same in every process, build and machine, for equal values the same.
 *  For caches, for finding out whether something has changed, for naming recordings. Not a
 *  protection against forgery: the key is known.
 *
 *  Definition: SipHash-2-4 with 128 bits, its key the ASCII bytes `atrium content 1`, of the canonical
 *  JSON (names exact) of the value as a field of kind any would hold it, so `{"todo_item":{...}}`, and
 *  `null` for NULL and empty collections. A model that lies inside of another value stands there as `#` and
 *  the 32 hexadecimal digits of its own hash, byte by byte. Where JSON has no form: `NaN`, `Infinity`, `-Infinity`, and
 *  times outside of the years 0001 to 9999 as the number of their microseconds. No bound on depth; models that
 *  several others refer to are not hashed once for each path to them. Nothing is remembered for the next call.
 *  @return all zero when s latched. s may be NULL, and then is not told
 *  @errors ATR_JSON_E_VALUE: a value that was never published, or an opaque one; in domain atrium ATR_E_NO_MEMORY
 *  @source Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, and its 128-bit variant */
ATR_API atr_content atr_content_hash(atr_scope *s, const void *value);

/** Whether two content hashes are the same. @thread any */
static inline bool atr_content_equal(atr_content a, atr_content b)
{
    return a.low == b.low && a.high == b.high;
}

#ifdef __cplusplus
}
#endif
#endif
