/** Edit scripts: what has changed from one value to another, as rows removed, inserted and changed.
 *
 *      const atr_edits *edits = atr_diff(s, was, now, &(atr_diff_options){.rows_only = true});
 *      for (size_t i = 0; i < edits->count; i++) {
 *          const atr_edit *e = &edits->items[i];
 *          switch (e->kind) {
 *          case ATR_EDIT_REMOVE: list_remove(e->at.index); break;
 *          case ATR_EDIT_INSERT: list_insert(e->at.index, e->now.as.ref); break;
 *          case ATR_EDIT_CHANGE: list_set(e->at.index, e->now.as.ref);
 *          }
 *      }
 *
 *  The edits of one script are done in their order: done to `was` they give `now`. Those of rows come from
 *  the first row to the last one, those of maps in the order of the keys, those of models in the order of
 *  the fields. */
#ifndef ATRIUM_EDITS_H
#define ATRIUM_EDITS_H

#include <atrium/value.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum atr_edit_kind {
    ATR_EDIT_REMOVE, /**< a row or entry goes */
    ATR_EDIT_INSERT, /**< a row or entry comes */
    ATR_EDIT_CHANGE  /**< what stands there gives way to something else */
} atr_edit_kind;

/** By what a place is named. */
typedef enum atr_step_kind {
    ATR_STEP_WHOLE, /**< by nothing: the values are not looked into */
    ATR_STEP_FIELD, /**< a model's: by the field */
    ATR_STEP_ROW,   /**< a vector's: by the index; an ordered map's or set's: by index and key */
    ATR_STEP_KEY    /**< a map's or set's: by the key */
} atr_step_kind;

/** A place in a value; with those around it, a path. */
typedef struct atr_step {
    /** The place that this one lies in; NULL: the values that were compared. */
    const struct atr_step *outer;
    atr_step_kind kind;
    /** It is a redacted field or lies in one: neither its key nor what stands there is to be printed. */
    bool redacted;
    const atr_model *model; /**< what it is a place in; NULL: the whole */
    const atr_field *field; /**< else NULL */
    /** The row, once the edits before are done: of what comes or changes, its row in `now`. */
    size_t index;
    /** The row in `was` of what goes or changes; of what comes, that of the row behind it. */
    size_t was_index;
    atr_value key; /**< of ordered sets of models: the model */
} atr_step;

/** One edit. The values are borrowed from the script; where there is none, `has` is false. In sets the
 *  value is the key. */
typedef struct atr_edit {
    atr_edit_kind kind;
    atr_step at;
    atr_value was; /**< not of an insertion */
    atr_value now; /**< not of a removal */
} atr_edit;

typedef struct atr_edits {
    size_t count; /**< 0: the values are equal */
    const atr_edit *items;
    size_t visited; /**< the work it took: nodes, rows and fields that were looked at */
} atr_edits;

/** How to compare; zero is the default. */
typedef struct atr_diff_options {
    /** One level: a row, entry or field that differs is one change. Else models and collections are looked
     *  into, and the change is that of a field in them. */
    bool rows_only;
    /** Most edits: with more the script is one change of the whole, and the work ends where that is known,
     *  of vectors that share nothing after all rows were compared. 0: ten million. */
    size_t limit;
    /** The whole is what a redacted field holds, so all places in it lie in one. 0: those in redacted fields of
     *  its models only */
    bool redacted;
} atr_diff_options;

/** Tell what has changed from one value to another.
 *
 *  Values are compared by content. Parts that both share are skipped by pointer: the work follows the change
 *  when one value was made from the other, wherever rows were put in or taken out. Where a vector shares
 *  nothing, rows are compared with rows: the fewest are removed and inserted that can be, if these are at
 *  most 1,000, those not counted that the other side does not have at all. Beyond that the script may be
 *  longer than it need be, and work and memory are linear in the size. The rows removed and inserted at one
 *  place count as changes, the first with the first; only what is left over goes or comes.
 *
 *  Two values of different models, texts, bytes, opaque values, and NULL beside anything but a collection
 *  are one change.
 *
 *  @param was, now  borrowed; s holds both
 *  @param options   NULL: the defaults
 *  @return the script, which lives as long as s; empty when s latched or is NULL
 *  @errors ATR_E_NO_MEMORY; ATR_E_REFUSED: a draft, or a value of another thread (take a copy) */
ATR_API const atr_edits *atr_diff(atr_scope *s, const void *was, const void *now,
                                  const atr_diff_options *options);

/** Do a script to the collection it begins with: `atr_edits_apply(s, was, atr_diff(s, was, now, options))` equals
 *  `now`, for vectors, maps and sets, ordered ones too, and options with rows_only. Edits are done in their order;
 *  each must find what it says: the row or key, with an equal value; of sets in an order of their own, an equal
 *  member. Entries of maps and sets are found by their key alone, of ordered ones too: `at.index` is not looked at.
 *  Costs the edits, each O(log n) at most: of a vector, whose edits follow each other as those of atr_diff do, each
 *  node is made once, however many edits lie below it. Where one lies before the one that comes before it, what is
 *  there by then is gone through anew. The result shares what did not change with `was`.
 *
 *  @param was    borrowed; NULL is the empty collection
 *  @param edits  borrowed; a change of the whole gives the collection it tells
 *  @return the collection, made in s; `was` when there is no edit; NULL when s latched, before or now
 *  @errors ATR_E_INVALID: an edit that finds something else, or is of no kind, none of this collection, of
 *  something inside of a row or of a field; edits is NULL. ATR_E_REFUSED: a value of another thread, or that does
 *  not fit. ATR_E_NO_MEMORY */
ATR_API const void *atr_edits_apply(atr_scope *s, const void *was, const atr_edits *edits);

/** Neighbouring rows with edits of one kind: what most list widgets want to be told. */
typedef struct atr_edit_range {
    atr_edit_kind kind;
    size_t index; /**< the first row, once the ranges before are done */
    size_t count; /**< how many rows: all go, come, or change */
    size_t first; /**< their edits: the place in the script of the first one ... */
    size_t
        next; /**< ... and the one behind the last; the same: there is but the change of the whole */
} atr_edit_range;

/** Step to the next range: `atr_edit_range r = {0}; while (atr_edits_next(&r, edits)) ...`
 *  @param range  zero before the first step
 *  A change of the whole gives two, all rows that go and all that come, so a list that follows the ranges is
 *  right then too.
 *  @return false: there is none, or an argument is NULL. For scripts of rows_only over vectors, ordered maps
 *  and ordered sets: edits of other things end it.
 *  @thread any that may read the script */
ATR_API bool atr_edits_next(atr_edit_range *range, const atr_edits *edits);

/** Print the place of an edit: `items[3].title`, `by_name["oat"]`; "" for the whole. A row that goes is named
 *  by its index in was, a key in a redacted field is `<redacted>`: also where the values that were compared are
 *  what such a field holds, if the options have said so, as those of subscriptions to its edits do.
 *  @return a string made in s; "" when s latched
 *  @errors ATR_E_INVALID: edit is NULL; ATR_E_NO_MEMORY */
ATR_API const atr_str *atr_edit_path(atr_scope *s, const atr_edit *edit);

#ifdef __cplusplus
}
#endif
#endif
