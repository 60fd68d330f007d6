/* Bytes are updates of sets of models in an order of their own, which looks at one field only: each is done on a plain
 * array of the other field too, so that it shows which of two members that the order finds equal is there. */
#include "fuzz.h"

#include <atrium/json.h>
#include <atrium/ordered_map.h>

enum { PLACES = 300, SLOTS = 3, STEPS_MAX = 1000 };

#define MEMBER(F) \
    F(i64, place) \
    F(i64, mark)
ATR_MODEL(member, MEMBER);
ATR_MODEL_IMPL(member, MEMBER);

/* Downwards. */
static int by_place(const member *a, const member *b)
{
    return (a->place < b->place) - (a->place > b->place);
}
ATR_OSET_OF(members, member, by_place);
ATR_OSET_OF_IMPL(members, member, by_place);

typedef struct slot {
    const members *set;
    uint8_t marks[PLACES]; /* 0: not there */
} slot;

#include "slots.h"

static const member *make(atr_scope *s, size_t place, uint8_t mark)
{
    return ATR_NEW(s, member, .place = (int64_t)place, .mark = mark);
}

static member like(size_t place)
{
    return (member){ATR_DRAFT, .place = (int64_t)place};
}

static void change(atr_scope *s, slot *to, size_t place, uint8_t mark)
{
    member draft = like(place);
    to->set = mark != 0 ? members_add(s, to->set, make(s, place, mark))
                        : members_remove(s, to->set, &draft);
    to->marks[place] = mark;
}

static void build(atr_scope *s, slot *to, size_t place, unsigned how)
{
    static const size_t steps[] = {1, PLACES - 1, 7, 101};
    members_builder *b = members_builder_new(s, to->set);
    for (unsigned i = 0; i < how; i++) {
        member draft;
        uint8_t mark = i % 5 == how % 5 ? 0 : (uint8_t)(1 + i % 250);
        place = (place + steps[how & 3]) % PLACES;
        draft = like(place);
        check((mark != 0 ? members_builder_add(b, make(s, place, mark))
                         : members_builder_remove(b, &draft)) == 0);
        check(members_builder_has(b, &draft) == (mark != 0));
        to->marks[place] = mark;
    }
    to->set = members_builder_seal(b);
}

static uint8_t combined(unsigned how, uint8_t a, uint8_t b)
{
    switch (how) {
    case 0: return b != 0 ? b : a;
    case 1: return b != 0 ? a : 0;
    case 2: return b != 0 ? 0 : a;
    default: return a == 0 ? b : b == 0 ? a : 0;
    }
}

static void disjoint_check(const slot *a, const slot *b)
{
    size_t i = 0;
    while (i < PLACES && (a->marks[i] == 0 || b->marks[i] == 0)) {
        i++;
    }
    check(members_is_disjoint(a->set, b->set) == (i == PLACES));
    check(members_is_disjoint(b->set, a->set) == (i == PLACES));
}

static void combine(atr_scope *s, slot *to, const slot *other, unsigned how)
{
    const members *a = to->set, *b = other->set;
    disjoint_check(to, other);
    to->set = how == 0   ? members_union(s, a, b)
              : how == 1 ? members_intersection(s, a, b)
              : how == 2 ? members_difference(s, a, b)
                         : members_symmetric_difference(s, a, b);
    for (size_t i = 0; i < PLACES; i++) {
        to->marks[i] = combined(how, to->marks[i], other->marks[i]);
    }
    disjoint_check(to, other);
}

/* The members from one place down to another. */
static void cut(atr_scope *s, slot *to, size_t from, size_t end)
{
    member first = like(from), last = like(end);
    to->set =
        members_slice_range(s, to->set, ATR_BOUND_INCLUSIVE, &first, ATR_BOUND_EXCLUSIVE, &last);
    for (size_t i = 0; i < PLACES; i++) {
        if (i > from || i <= end) {
            to->marks[i] = 0;
        }
    }
}

static void slot_check(atr_scope *s, const slot *which)
{
    members_each it = {0};
    size_t count = 0;
    const atr_str *text = atr_to_json(s, which->set, NULL);
    for (size_t i = PLACES; i-- > 0;) {
        member draft = like(i);
        const member *found = members_find(which->set, &draft);
        check((found != NULL ? found->mark : 0) == which->marks[i]);
        check(members_rank(which->set, &draft) == count);
        if (found != NULL) {
            check(members_next(&it, which->set) && it.key == found);
            count++;
        }
    }
    disjoint_check(which, &slots[SLOTS - 1]);
    check(members_count(which->set) == count && !members_next(&it, which->set));
    check(which->set == NULL ||
          atr_equal(which->set, atr_from_json(s, &members_model, text->bytes, text->size, NULL)));
    check(atr_scope_error(s) == NULL);
}

static void slot_values(const slot *which, void (*each)(const void *value))
{
    each(which->set);
}

static slot *slot_from(uint8_t byte)
{
    return &slots[(byte & 3) % SLOTS];
}

static slot *slot_to(uint8_t byte)
{
    return &slots[(byte >> 2 & 3) % SLOTS];
}

static void slot_change(atr_scope *s, const uint8_t *bytes, slot *next)
{
    size_t place = (bytes[1] | (size_t)(bytes[0] >> 7) << 8) % PLACES;
    switch (bytes[0] >> 4 & 7) {
    case 0:
    case 1:
    case 2: change(s, next, place, bytes[2]); break;
    case 3: change(s, next, place, 0); break;
    case 4: build(s, next, place, bytes[2]); break;
    case 5: cut(s, next, PLACES - 1 - bytes[1] % 64, bytes[2] % 64); break;
    default: combine(s, next, &slots[bytes[1] % SLOTS], bytes[2] % 4);
    }
}
