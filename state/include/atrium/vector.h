/** Immutable vectors: `todo_item_vec` of every model (from ATR_MODEL), `atr_str_vec`, `atr_i64_vec`,
 *  `atr_f64_vec`. Updates give a new vector that shares what did not change: O(log n). NULL is the empty
 *  vector, and makers return NULL for an empty result.
 *
 *  For a vector type V with elements E (`const todo_item *`, `const atr_str *`, `int64_t`, `double`):
 *
 *      size_t V_count(v)                    number of elements
 *      E V_at(v, i)                         borrowed; NULL or 0 when i is out of range
 *      const V *V_of(s, items, count)       from an array; an item that is NULL is refused
 *      const V *V_push(s, v, item)          append
 *      const V *V_pop(s, v)                 without the last; the empty vector stays empty
 *      const V *V_set(s, v, i, item)        replace; i < count
 *      const V *V_insert(s, v, i, item)     before i; i <= count
 *      const V *V_erase(s, v, i)            without i; i < count
 *      const V *V_slice(s, v, from, to)     [from, to); from <= to <= count
 *      const V *V_concat(s, a, b)           a, then b
 *      const V *V_splice(s, v, from, to, w) the elements [from, to) replaced by those of w: taken out when w
 *                                           is NULL, put in before from when to is from; v itself
 *                                           when they are the very same
 *      const V *V_update(s, v, i, change, user)  replace by what `E change(atr_scope *s, E item, void *user)`
 *                                           makes of it; i < count
 *      V_builder *V_builder_new(s, from)    private, mutable; belongs to s; from may be NULL
 *      int V_builder_push(b, item)          0 or a code, latched in s
 *      int V_builder_append(b, v)           all of v, O(log n)
 *      int V_builder_pop(b)                 the last goes; an empty one stays empty
 *      int V_builder_set(b, i, item)
 *      size_t V_builder_count(b)
 *      E V_builder_at(b, i)                 borrowed, until the builder is changed; NULL or 0 when i is out
 *                                           of range
 *      const V *V_builder_seal(b)           O(1); the builder is empty afterwards
 *
 *  A slice holds its own elements and nothing else of its whole; so does what is left after an erase.
 *
 *  Reading all elements, in time that a plain array would take too:
 *
 *      V_each it = {0}; V_next(&it, v)      `while (V_next(&it, v))` gives it.item and it.index of every
 *                                           element, upwards. An iterator goes on over the v that it began
 *                                           with, whatever it is given then, so the loop may put another in
 *                                           its place; the first must live
 *      bool V_prev(&it, v)                  the same downwards, from the last on
 *      V_each it = V_range(v, from, to)     the elements [from, to) only, what v has of them. V_next and V_prev
 *                                           may be mixed: each takes from its end of what is left
 *      size_t V_chunk(v, i, &items)         how many elements lie together from i on, 0 when i is out of
 *                                           range; E const *items is set to the first of them, and they
 *                                           stay there as long as v lives. A vector lies in chunks of at
 *                                           most 32, a static one in one piece.
 *
 *  Whole vectors: O(n), and each gives v itself when it changes nothing. Parts that do not change are
 *  shared, but for reverse and for a filter that leaves out more than a few.
 *
 *      const V *V_filter(s, v, test, user)       the elements for which `bool test(E item, void *user)`
 *      const V *V_transform(s, v, change, user)  `E change(atr_scope *s, E item, void *user)` of each; to
 *                                                another type of vector: ATR_VEC_TRANSFORM
 *      const V *V_sort(s, v)                     in natural order: numbers by value (NaN last), text by
 *                                                bytes, models as atr_compare does
 *      const V *V_sort_by(s, v, compare, user)   by `int compare(E a, E b, void *user)`: < 0, 0, > 0
 *      const V *V_reverse(s, v)
 *
 *  Sorting is stable and takes O(n log n), O(n) when v is sorted already. An order that contradicts itself
 *  gives the elements in some order.
 *
 *  Finding: each returns whether there is one, and then sets *index; index may be NULL.
 *
 *      bool V_find(v, test, user, &index)        the first for which test is true
 *      bool V_index_of(v, item, &index)          the first that is atr_equal; numbers by value
 *      bool V_search(v, item, &index)            in a vector sorted in natural order, O(log^2 n), the first
 *                                                of the same place in the order. When there is none,
 *                                                *index is where it would be inserted.
 *      bool V_search_by(v, place, user, &index)  the same by `int place(E item, void *user)`, which tells
 *                                                where item lies: < 0 before what is looked for, > 0 behind
 *
 *  The functions given are called with `user`, once for each element in order; compare and place as often
 *  as it takes. One that latches s ends the work (compare may be called some more times), and the result is
 *  empty; in a scope that was latched before, that cannot be told.
 *
 *  Errors, all latched in s, with the empty vector as the result: ATR_E_INVALID: an index out of range, or a
 *  function that is NULL; ATR_E_REFUSED: a NULL, dead, foreign or unpublished item, or a vector that is one of the
 *  last three, which is not read then; ATR_E_LIMIT: more than 2^31 - 1 elements; ATR_E_NO_MEMORY. */
#ifndef ATRIUM_VECTOR_H
#define ATRIUM_VECTOR_H

#include <string.h>

#include <atrium/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One element or key, by its kind. */
typedef union atr_word {
    int64_t i64;
    double f64;
    const void *ref;
} atr_word;

/** The representation under every vector type; its members are private. */
typedef struct atr_vec {
    atr_head atr;
    uint32_t size;
    uint32_t near_size; /**< elements that lie two steps below root, found by their index alone */
    const void *root;
    const void *tail;
    const void *flat; /**< a borrowed array behind a static vector, else NULL */
} atr_vec;
typedef struct atr_vec_builder atr_vec_builder;

/** Initialiser of a static vector over a static array of static items, read in place:
 *  `static const todo_item *const items[] = { &milk, &eggs };`
 *  `static const todo_item_vec both = ATR_VEC_INIT(todo_item_vec, items);` An update of it makes a tree of
 *  all its elements first: O(n). C only. */
#define ATR_VEC_INIT(V, array)                   \
    {                                            \
        {                                        \
            .base = {                            \
                {&V##_model, INT32_MIN, 0, 0},   \
                sizeof(array) / sizeof *(array), \
                0,                               \
                0,                               \
                0,                               \
                (array)                          \
            }                                    \
        }                                        \
    }

/* The generic functions under the typed ones; model is the vector type's own. */
ATR_API size_t atr_vec_count(const atr_vec *v);
ATR_API atr_word atr_vec_at(const atr_vec *v, size_t i);

/* Read in place what lies near: in most vectors of 33 up to 1,056 elements nearly all. */
enum { ATR_VEC_NODE_WORDS_ = 3, ATR_VEC_NODE_WIDTH_ = 32 };
ATR_INLINE_ atr_word atr_vec_read_(const atr_vec *v, size_t i)
{
    const atr_word *node;
    if (v == NULL || i >= v->near_size) {
        return atr_vec_at(v, i);
    }
    node = (const atr_word *)v->root + ATR_VEC_NODE_WORDS_;
    node = (const atr_word *)node[i / ATR_VEC_NODE_WIDTH_].ref + ATR_VEC_NODE_WORDS_;
    return node[i % ATR_VEC_NODE_WIDTH_];
}

ATR_API const atr_vec *atr_vec_of(atr_scope *s, const atr_model *model, const void *items,
                                  size_t count);
ATR_API const atr_vec *atr_vec_push(atr_scope *s, const atr_model *model, const atr_vec *v,
                                    atr_word item);
ATR_API const atr_vec *atr_vec_pop(atr_scope *s, const atr_model *model, const atr_vec *v);
ATR_API const atr_vec *atr_vec_set(atr_scope *s, const atr_model *model, const atr_vec *v, size_t i,
                                   atr_word item);
ATR_API const atr_vec *atr_vec_insert(atr_scope *s, const atr_model *model, const atr_vec *v,
                                      size_t i, atr_word item);
ATR_API const atr_vec *atr_vec_erase(atr_scope *s, const atr_model *model, const atr_vec *v,
                                     size_t i);
ATR_API const atr_vec *atr_vec_slice(atr_scope *s, const atr_model *model, const atr_vec *v,
                                     size_t from, size_t to);
ATR_API const atr_vec *atr_vec_concat(atr_scope *s, const atr_model *model, const atr_vec *a,
                                      const atr_vec *b);
ATR_API const atr_vec *atr_vec_splice(atr_scope *s, const atr_model *model, const atr_vec *v,
                                      size_t from, size_t to, const atr_vec *put);
ATR_API atr_vec_builder *atr_vec_builder_new(atr_scope *s, const atr_model *model,
                                             const atr_vec *from);
ATR_API int atr_vec_builder_push(atr_vec_builder *b, atr_word item);
ATR_API int atr_vec_builder_append(atr_vec_builder *b, const atr_vec *v);
ATR_API int atr_vec_builder_pop(atr_vec_builder *b);
ATR_API int atr_vec_builder_set(atr_vec_builder *b, size_t i, atr_word item);
ATR_API size_t atr_vec_builder_count(const atr_vec_builder *b);
ATR_API atr_word atr_vec_builder_at(const atr_vec_builder *b, size_t i);
ATR_API const atr_vec *atr_vec_builder_seal(atr_vec_builder *b);

/* A function of the user, of some type, and what it is given. */
typedef struct atr_call_ {
    void (*fn)(void);
    void *user;
} atr_call_;

/* Functions of the user as the generic functions call them. */
typedef bool (*atr_vec_test_fn)(atr_word item, void *user);
typedef atr_word (*atr_vec_change_fn)(atr_scope *s, atr_word item, void *user);
typedef int (*atr_vec_compare_fn)(atr_word a, atr_word b, void *user);
typedef int (*atr_vec_place_fn)(atr_word item, void *user);

/** @return the elements that lie together at *items, whose type is an array of the vector's elements */
ATR_API size_t atr_vec_chunk(const atr_vec *v, size_t i, const void **items);
/** @return the elements that lie together and end before `end`, the first of them at *items */
ATR_API size_t atr_vec_chunk_before(const atr_vec *v, size_t end, const void **items);
ATR_API const atr_vec *atr_vec_update(atr_scope *s, const atr_model *model, const atr_vec *v,
                                      size_t i, atr_vec_change_fn change, void *user);
ATR_API const atr_vec *atr_vec_filter(atr_scope *s, const atr_model *model, const atr_vec *v,
                                      atr_vec_test_fn test, void *user);
/** @param model of the result; v may be of another */
ATR_API const atr_vec *atr_vec_transform(atr_scope *s, const atr_model *model, const atr_vec *v,
                                         atr_vec_change_fn change, void *user);
ATR_API const atr_vec *atr_vec_sort(atr_scope *s, const atr_model *model, const atr_vec *v);
ATR_API const atr_vec *atr_vec_sort_by(atr_scope *s, const atr_model *model, const atr_vec *v,
                                       atr_vec_compare_fn compare, void *user);
ATR_API const atr_vec *atr_vec_reverse(atr_scope *s, const atr_model *model, const atr_vec *v);
ATR_API bool atr_vec_find(const atr_vec *v, atr_vec_test_fn test, void *user, size_t *index);
ATR_API bool atr_vec_index_of(const atr_vec *v, atr_word item, size_t *index);
ATR_API bool atr_vec_search(const atr_vec *v, atr_word item, size_t *index);
ATR_API bool atr_vec_search_by(const atr_vec *v, atr_vec_place_fn place, void *user, size_t *index);

/* What the generated models of vector types are made of. */
ATR_API void atr_vec_release(void *v, atr_dead *dead);
ATR_API bool atr_vec_equal(const void *a, const void *b, atr_pairs *more);
ATR_API void atr_vec_hash(const void *v, atr_hasher *hasher);
ATR_API void atr_vec_visit(void *v, atr_visit_fn fn, void *user);

ATR_API inline atr_word atr_word_i64_(int64_t i64)
{
    atr_word word;
    word.i64 = i64;
    return word;
}
ATR_API inline atr_word atr_word_f64_(double f64)
{
    atr_word word;
    word.f64 = f64;
    return word;
}
ATR_API inline atr_word atr_word_ref_(const void *ref)
{
    atr_word word;
    word.ref = ref;
    return word;
}

#ifdef __cplusplus
}
#endif

/* Declare vector type V of elements E, which lie in member M of atr_word. */
#define ATR_VEC_TYPE_(LINK, V, E, M)                                                       \
    struct V {                                                                             \
        union {                                                                            \
            atr_head atr;                                                                  \
            atr_vec base;                                                                  \
        };                                                                                 \
    };                                                                                     \
    typedef struct V##_builder V##_builder;                                                \
    extern LINK const atr_model V##_model;                                                 \
    ATR_INLINE_ size_t V##_count(const V *v_)                                              \
    {                                                                                      \
        return atr_vec_count((const atr_vec *)v_);                                         \
    }                                                                                      \
    ATR_INLINE_ E V##_at(const V *v_, size_t i_)                                           \
    {                                                                                      \
        return (E)atr_vec_read_((const atr_vec *)v_, i_).M;                                \
    }                                                                                      \
    ATR_INLINE_ const V *V##_of(atr_scope *s_, E const *items_, size_t count_)             \
    {                                                                                      \
        return (const V *)atr_vec_of(s_, &V##_model, items_, count_);                      \
    }                                                                                      \
    ATR_INLINE_ const V *V##_push(atr_scope *s_, const V *v_, E item_)                     \
    {                                                                                      \
        return (const V *)atr_vec_push(s_, &V##_model, (const atr_vec *)v_,                \
                                       atr_word_##M##_(item_));                            \
    }                                                                                      \
    ATR_INLINE_ const V *V##_pop(atr_scope *s_, const V *v_)                               \
    {                                                                                      \
        return (const V *)atr_vec_pop(s_, &V##_model, (const atr_vec *)v_);                \
    }                                                                                      \
    ATR_INLINE_ const V *V##_set(atr_scope *s_, const V *v_, size_t i_, E item_)           \
    {                                                                                      \
        return (const V *)atr_vec_set(s_, &V##_model, (const atr_vec *)v_, i_,             \
                                      atr_word_##M##_(item_));                             \
    }                                                                                      \
    ATR_INLINE_ const V *V##_insert(atr_scope *s_, const V *v_, size_t i_, E item_)        \
    {                                                                                      \
        return (const V *)atr_vec_insert(s_, &V##_model, (const atr_vec *)v_, i_,          \
                                         atr_word_##M##_(item_));                          \
    }                                                                                      \
    ATR_INLINE_ const V *V##_erase(atr_scope *s_, const V *v_, size_t i_)                  \
    {                                                                                      \
        return (const V *)atr_vec_erase(s_, &V##_model, (const atr_vec *)v_, i_);          \
    }                                                                                      \
    ATR_INLINE_ const V *V##_slice(atr_scope *s_, const V *v_, size_t from_, size_t to_)   \
    {                                                                                      \
        return (const V *)atr_vec_slice(s_, &V##_model, (const atr_vec *)v_, from_, to_);  \
    }                                                                                      \
    ATR_INLINE_ const V *V##_concat(atr_scope *s_, const V *a_, const V *b_)               \
    {                                                                                      \
        return (const V *)atr_vec_concat(s_, &V##_model, (const atr_vec *)a_,              \
                                         (const atr_vec *)b_);                             \
    }                                                                                      \
    ATR_INLINE_ const V *V##_splice(atr_scope *s_, const V *v_, size_t from_, size_t to_,  \
                                    const V *put_)                                         \
    {                                                                                      \
        return (const V *)atr_vec_splice(s_, &V##_model, (const atr_vec *)v_, from_, to_,  \
                                         (const atr_vec *)put_);                           \
    }                                                                                      \
    ATR_INLINE_ V##_builder *V##_builder_new(atr_scope *s_, const V *from_)                \
    {                                                                                      \
        return (V##_builder *)atr_vec_builder_new(s_, &V##_model, (const atr_vec *)from_); \
    }                                                                                      \
    ATR_INLINE_ int V##_builder_push(V##_builder *b_, E item_)                             \
    {                                                                                      \
        return atr_vec_builder_push((atr_vec_builder *)b_, atr_word_##M##_(item_));        \
    }                                                                                      \
    ATR_INLINE_ int V##_builder_append(V##_builder *b_, const V *v_)                       \
    {                                                                                      \
        return atr_vec_builder_append((atr_vec_builder *)b_, (const atr_vec *)v_);         \
    }                                                                                      \
    ATR_INLINE_ int V##_builder_pop(V##_builder *b_)                                       \
    {                                                                                      \
        return atr_vec_builder_pop((atr_vec_builder *)b_);                                 \
    }                                                                                      \
    ATR_INLINE_ int V##_builder_set(V##_builder *b_, size_t i_, E item_)                   \
    {                                                                                      \
        return atr_vec_builder_set((atr_vec_builder *)b_, i_, atr_word_##M##_(item_));     \
    }                                                                                      \
    ATR_INLINE_ size_t V##_builder_count(const V##_builder *b_)                            \
    {                                                                                      \
        return atr_vec_builder_count((const atr_vec_builder *)b_);                         \
    }                                                                                      \
    ATR_INLINE_ E V##_builder_at(const V##_builder *b_, size_t i_)                         \
    {                                                                                      \
        return (E)atr_vec_builder_at((const atr_vec_builder *)b_, i_).M;                   \
    }                                                                                      \
    ATR_INLINE_ const V *V##_builder_seal(V##_builder *b_)                                 \
    {                                                                                      \
        return (const V *)atr_vec_builder_seal((atr_vec_builder *)b_);                     \
    }                                                                                      \
    typedef E V##_item_;                                                                   \
    ATR_INLINE_ atr_word V##_word_(E item_)                                                \
    {                                                                                      \
        return atr_word_##M##_(item_);                                                     \
    }                                                                                      \
    ATR_INLINE_ E V##_of_word_(atr_word word_)                                             \
    {                                                                                      \
        return (E)word_.M;                                                                 \
    }                                                                                      \
    ATR_VEC_READ_(LINK, V, E);                                                             \
    ATR_VEC_WHOLE_(LINK, V, E, M);                                                         \
    ATR_VEC_FIND_(LINK, V, E, M)

/* Reading in order. */
#define ATR_VEC_READ_(LINK, V, E)                                                                \
    ATR_INLINE_ size_t V##_chunk(const V *v_, size_t i_, E const **items_)                       \
    {                                                                                            \
        const void *at_ = NULL;                                                                  \
        size_t count_ = atr_vec_chunk((const atr_vec *)v_, i_, &at_);                            \
        if (count_ > 0) {                                                                        \
            *items_ = (E const *)at_;                                                            \
        }                                                                                        \
        return count_;                                                                           \
    }                                                                                            \
    typedef struct V##_each {                                                                    \
        V##_item_ item;                                                                          \
        size_t index;                                                                            \
        bool begun_;                                                                             \
        const V *of_;                                                                            \
        size_t next_, end_;                                                                      \
        size_t left_, back_; /* in the chunks that are being read */                             \
        V##_item_ const *items_;                                                                 \
        V##_item_ const *back_items_;                                                            \
    } V##_each;                                                                                  \
    ATR_INLINE_ V##_each V##_range(const V *v_, size_t from_, size_t to_)                        \
    {                                                                                            \
        V##_each each_;                                                                          \
        size_t count_ = atr_vec_count((const atr_vec *)v_);                                      \
        memset(&each_, 0, sizeof each_);                                                         \
        each_.begun_ = true;                                                                     \
        each_.of_ = v_;                                                                          \
        each_.end_ = to_ < count_ ? to_ : count_;                                                \
        each_.next_ = from_ < each_.end_ ? from_ : each_.end_;                                   \
        return each_;                                                                            \
    }                                                                                            \
    /* Whether there is more; of a chunk, how many. */                                           \
    ATR_INLINE_ size_t V##_left_(V##_each *each_, const V *v_, size_t chunk_)                    \
    {                                                                                            \
        if (!each_->begun_) {                                                                    \
            *each_ = V##_range(v_, 0, atr_vec_count((const atr_vec *)v_));                       \
        }                                                                                        \
        return chunk_ < each_->end_ - each_->next_ ? chunk_ : each_->end_ - each_->next_;        \
    }                                                                                            \
    ATR_INLINE_ bool V##_next(V##_each *each_, const V *v_)                                      \
    {                                                                                            \
        if (each_->left_ == 0) {                                                                 \
            if (V##_left_(each_, v_, 1) == 0) {                                                  \
                return false;                                                                    \
            }                                                                                    \
            each_->left_ =                                                                       \
                V##_left_(each_, v_, V##_chunk(each_->of_, each_->next_, &each_->items_));       \
        }                                                                                        \
        each_->item = *each_->items_++;                                                          \
        each_->index = each_->next_++;                                                           \
        each_->left_--;                                                                          \
        return true;                                                                             \
    }                                                                                            \
    ATR_INLINE_ bool V##_prev(V##_each *each_, const V *v_)                                      \
    {                                                                                            \
        const void *at_ = NULL;                                                                  \
        if (V##_left_(each_, v_, 1) == 0) {                                                      \
            return false;                                                                        \
        }                                                                                        \
        if (each_->back_ == 0) {                                                                 \
            each_->back_ = atr_vec_chunk_before((const atr_vec *)each_->of_, each_->end_, &at_); \
            each_->back_items_ = (V##_item_ const *)at_ + each_->back_;                          \
        }                                                                                        \
        each_->item = *--each_->back_items_;                                                     \
        each_->index = --each_->end_;                                                            \
        each_->back_--;                                                                          \
        each_->left_ = V##_left_(each_, v_, each_->left_);                                       \
        return true;                                                                             \
    }                                                                                            \
    extern LINK const atr_model V##_model

/* Whole vectors. A function of the user is reached through one that the generic functions can call. */
#define ATR_VEC_WHOLE_(LINK, V, E, M)                                                             \
    typedef bool (*V##_test_fn)(E item_, void *user_);                                            \
    typedef E (*V##_change_fn)(atr_scope * s_, E item_, void *user_);                             \
    typedef int (*V##_compare_fn)(E a_, E b_, void *user_);                                       \
    ATR_INLINE_ bool V##_test_(atr_word item_, void *call_)                                       \
    {                                                                                             \
        const atr_call_ *to_ = (const atr_call_ *)call_;                                          \
        return ((V##_test_fn)to_->fn)((E)item_.M, to_->user);                                     \
    }                                                                                             \
    ATR_INLINE_ atr_word V##_change_(atr_scope *s_, atr_word item_, void *call_)                  \
    {                                                                                             \
        const atr_call_ *to_ = (const atr_call_ *)call_;                                          \
        return atr_word_##M##_(((V##_change_fn)to_->fn)(s_, (E)item_.M, to_->user));              \
    }                                                                                             \
    ATR_INLINE_ int V##_compare_(atr_word a_, atr_word b_, void *call_)                           \
    {                                                                                             \
        const atr_call_ *to_ = (const atr_call_ *)call_;                                          \
        return ((V##_compare_fn)to_->fn)((E)a_.M, (E)b_.M, to_->user);                            \
    }                                                                                             \
    ATR_INLINE_ const V *V##_filter(atr_scope *s_, const V *v_, V##_test_fn test_, void *user_)   \
    {                                                                                             \
        atr_call_ call_ = {(void (*)(void))test_, user_};                                         \
        return (const V *)atr_vec_filter(s_, &V##_model, (const atr_vec *)v_,                     \
                                         test_ != NULL ? V##_test_ : NULL, &call_);               \
    }                                                                                             \
    ATR_INLINE_ const V *V##_transform(atr_scope *s_, const V *v_, V##_change_fn change_,         \
                                       void *user_)                                               \
    {                                                                                             \
        atr_call_ call_ = {(void (*)(void))change_, user_};                                       \
        return (const V *)atr_vec_transform(s_, &V##_model, (const atr_vec *)v_,                  \
                                            change_ != NULL ? V##_change_ : NULL, &call_);        \
    }                                                                                             \
    ATR_INLINE_ const V *V##_update(atr_scope *s_, const V *v_, size_t i_, V##_change_fn change_, \
                                    void *user_)                                                  \
    {                                                                                             \
        atr_call_ call_ = {(void (*)(void))change_, user_};                                       \
        return (const V *)atr_vec_update(s_, &V##_model, (const atr_vec *)v_, i_,                 \
                                         change_ != NULL ? V##_change_ : NULL, &call_);           \
    }                                                                                             \
    ATR_INLINE_ const V *V##_sort(atr_scope *s_, const V *v_)                                     \
    {                                                                                             \
        return (const V *)atr_vec_sort(s_, &V##_model, (const atr_vec *)v_);                      \
    }                                                                                             \
    ATR_INLINE_ const V *V##_sort_by(atr_scope *s_, const V *v_, V##_compare_fn compare_,         \
                                     void *user_)                                                 \
    {                                                                                             \
        atr_call_ call_ = {(void (*)(void))compare_, user_};                                      \
        return (const V *)atr_vec_sort_by(s_, &V##_model, (const atr_vec *)v_,                    \
                                          compare_ != NULL ? V##_compare_ : NULL, &call_);        \
    }                                                                                             \
    ATR_INLINE_ const V *V##_reverse(atr_scope *s_, const V *v_)                                  \
    {                                                                                             \
        return (const V *)atr_vec_reverse(s_, &V##_model, (const atr_vec *)v_);                   \
    }                                                                                             \
    extern LINK const atr_model V##_model

#define ATR_VEC_FIND_(LINK, V, E, M)                                                              \
    typedef int (*V##_place_fn)(E item_, void *user_);                                            \
    ATR_INLINE_ int V##_place_(atr_word item_, void *call_)                                       \
    {                                                                                             \
        const atr_call_ *to_ = (const atr_call_ *)call_;                                          \
        return ((V##_place_fn)to_->fn)((E)item_.M, to_->user);                                    \
    }                                                                                             \
    ATR_INLINE_ bool V##_find(const V *v_, V##_test_fn test_, void *user_, size_t *index_)        \
    {                                                                                             \
        atr_call_ call_ = {(void (*)(void))test_, user_};                                         \
        return atr_vec_find((const atr_vec *)v_, test_ != NULL ? V##_test_ : NULL, &call_,        \
                            index_);                                                              \
    }                                                                                             \
    ATR_INLINE_ bool V##_index_of(const V *v_, E item_, size_t *index_)                           \
    {                                                                                             \
        return atr_vec_index_of((const atr_vec *)v_, atr_word_##M##_(item_), index_);             \
    }                                                                                             \
    ATR_INLINE_ bool V##_search(const V *v_, E item_, size_t *index_)                             \
    {                                                                                             \
        return atr_vec_search((const atr_vec *)v_, atr_word_##M##_(item_), index_);               \
    }                                                                                             \
    ATR_INLINE_ bool V##_search_by(const V *v_, V##_place_fn place_, void *user_, size_t *index_) \
    {                                                                                             \
        atr_call_ call_ = {(void (*)(void))place_, user_};                                        \
        return atr_vec_search_by((const atr_vec *)v_, place_ != NULL ? V##_place_ : NULL, &call_, \
                                 index_);                                                         \
    }                                                                                             \
    extern LINK const atr_model V##_model

/** `ATR_VEC_TRANSFORM(titles_of, todo_item_vec, atr_str_vec);` declares, for vector types V and W,
 *  `const W *titles_of(atr_scope *s, const V *v, change, void *user)`: what `F change(atr_scope *s, E item,
 *  void *user)` makes of each element. At file scope. */
#define ATR_VEC_TRANSFORM(name, V, W)                                                            \
    typedef W##_item_ (*name##_change_fn)(atr_scope * s_, V##_item_ item_, void *user_);         \
    ATR_INLINE_ atr_word name##_change_(atr_scope *s_, atr_word item_, void *call_)              \
    {                                                                                            \
        const atr_call_ *to_ = (const atr_call_ *)call_;                                         \
        return W##_word_(((name##_change_fn)to_->fn)(s_, V##_of_word_(item_), to_->user));       \
    }                                                                                            \
    ATR_INLINE_ const W *name(atr_scope *s_, const V *v_, name##_change_fn change_, void *user_) \
    {                                                                                            \
        atr_call_ call_ = {(void (*)(void))change_, user_};                                      \
        return (const W *)atr_vec_transform(s_, &W##_model, (const atr_vec *)v_,                 \
                                            change_ != NULL ? name##_change_ : NULL, &call_);    \
    }                                                                                            \
    typedef W##_item_ name##_item_

/* Define it. C only. */
#define ATR_VEC_TYPE_IMPL_(V, ...)      \
    const atr_model V##_model = {       \
        .name = #V,                     \
        .structure = ATR_STRUCTURE_VEC, \
        .size_bytes = sizeof(atr_vec),  \
        .element = __VA_ARGS__,         \
        .release = atr_vec_release,     \
        .equal = atr_vec_equal,         \
        .hash = atr_vec_hash,           \
        .visit = atr_vec_visit,         \
    }

typedef struct atr_str_vec atr_str_vec;
typedef struct atr_i64_vec atr_i64_vec;
typedef struct atr_f64_vec atr_f64_vec;
ATR_VEC_TYPE_(ATR_API, atr_str_vec, const atr_str *, ref);
ATR_VEC_TYPE_(ATR_API, atr_i64_vec, int64_t, i64);
ATR_VEC_TYPE_(ATR_API, atr_f64_vec, double, f64);

#endif
