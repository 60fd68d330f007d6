/* Rounds against a plain model of them, which looks at every subscription in order: random turns
 * between rounds, and subscribers that change, add, remove, run rounds of their own, or cannot be
 * told. Both must make the same calls in the same order. A failure prints its seed; ATR_TEST_SEED
 * repeats it. */
#include "store_world.h"

#include "random.h"

/* Nobody watches a part of it. */
ATR_ROOT(lone, counter);
ATR_ROOT_IMPL(lone, counter, &counter_default);

/* What there is to change: the entries of two maps, and other fields of four roots. */
enum { KEYS = 12, NAME = KEYS, TALLY, OTHER, LONE, PLACES };
enum { SUBS = 300, CALLS = 20000, GAMES = 150, STEPS = 200, DEPTH = 3, NONE = -1 };

static uint64_t seed;

static unsigned dice(unsigned sides)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % sides;
}

/* ---- one play: the store, or the model of it ---- */

typedef enum kind {
    KEY,
    TEXT_KEY,
    ROOT,
    VIEW,
    VIEW_OF_VIEW,
    ONLY_OF_VIEW,
    KEYED_VIEW,
    FIELD_OF_MAP,
    FIELD_OF_TEXT,
    FIELD_OF_TALLY,
    FIELD_OF_OTHER,
    VIEW_OF_FIELDS,
    VIEW_OF_FEW_FIELDS,
    LONE_ROOT,
    KINDS
} kind;

typedef struct play play;

typedef struct sub {
    play *of;
    int number;
    kind kind;
    unsigned key;
    bool live;
    bool asked_for; /* of the model: it is told whatever it knows */
    atr_watch handle;
    int64_t known; /* of the model */
    unsigned calls;
} sub;

typedef struct call {
    int number;
    int64_t was, now;
} call;

struct play {
    world *w; /* NULL: the model */
    uint64_t script;
    int64_t at[PLACES]; /* of the model: numbers below 4; of an entry 0: not there */
    sub subs[SUBS];
    int sub_count;
    call calls[CALLS];
    int call_count;
    unsigned opens;
    int depth;
    bool has_told; /* the innermost round */
    bool checked;  /* each call has an event of its own; else a round has one */
};

static int64_t view_of(int64_t first, int64_t second)
{
    return (first * 2 + second) % 3;
}

/* ---- the store ---- */

typedef struct change {
    unsigned place;
    int64_t value;
} change;

static const atr_str *text_of(atr_scope *s, unsigned key)
{
    return atr_str_format(s, "key %u", key);
}

static todo_state with_entry(atr_scope *s, todo_state next, const change *c)
{
    const atr_str *text = text_of(s, c->place);
    if (c->value == 0) {
        next.items = todo_item_map_remove(s, next.items, c->place);
        next.counts = atr_i64_str_map_remove(s, next.counts, text);
    } else {
        next.items =
            todo_item_map_set(s, next.items, c->place,
                              ATR_NEW(s, todo_item, .id = c->value, .title = &atr_str_default));
        next.counts = atr_i64_str_map_set(s, next.counts, text, c->value);
    }
    return next;
}

static int field_changes, runs_of_fields; /* of what of_fields reads, and how often it ran */

/* A name, whose length is what counts, is made anew when it stays, too. */
static void apply(atr_finish *f, void *user)
{
    const change *c = user;
    todo_state next = *ATR_STATE(f, todos);
    counter count = {ATR_DRAFT, .n = c->value};
    field_changes += c->place == NAME || c->place == TALLY;
    switch (c->place) {
    case NAME:
        next.name = atr_str_new_n(f->s, "****", (size_t)c->value);
        ATR_UPDATE(f, todos, next);
        break;
    case TALLY: ATR_UPDATE(f, tally, count); break;
    case OTHER: ATR_UPDATE(f, other, count); break;
    case LONE: ATR_UPDATE(f, lone, count); break;
    default: next = with_entry(f->s, next, c); ATR_UPDATE(f, todos, next);
    }
}

static int64_t item_value(const todo_state *of, int64_t key)
{
    const todo_item *item = todo_item_map_get(of->items, key);
    return item != NULL ? item->id : 0;
}

static int64_t count_value(const todo_state *of, unsigned key)
{
    atr_scope *s = atr_scope_open(NULL);
    int64_t count = atr_i64_str_map_get(of->counts, text_of(s, key));
    atr_scope_close(s);
    return count;
}

static int64_t whole(const todo_state *of)
{
    int64_t sum = (int64_t)of->name->size;
    for (int64_t i = 0; i < KEYS; i++) {
        sum = sum * 4 + item_value(of, i);
    }
    return sum;
}

static int64_t all_counts(const todo_state *of)
{
    int64_t sum = 0;
    for (unsigned i = 0; i < KEYS; i++) {
        sum = sum * 4 + count_value(of, i);
    }
    return sum;
}

static int64_t read_key(atr_view *v, int64_t key)
{
    const todo_item *item = ATR_STATE_KEY(v, todos, items, key);
    return item != NULL ? item->id : 0;
}

ATR_VIEW(some, i64);
static int64_t run_some(atr_view *v)
{
    return view_of(read_key(v, 1), read_key(v, 2));
}
ATR_VIEW_IMPL(some, i64, run_some);

/* What it reads depends on what it read. */
ATR_VIEW(either, i64);
static int64_t run_either(atr_view *v)
{
    return ATR_GET(v, some) == 0 ? read_key(v, 3) : read_key(v, 4) + 4;
}
ATR_VIEW_IMPL(either, i64, run_either);

/* Reads no root itself. */
ATR_VIEW(twice, i64);
static int64_t run_twice(atr_view *v)
{
    return ATR_GET(v, some) * 2;
}
ATR_VIEW_IMPL(twice, i64, run_twice);

/* Reads itself with other keys, and what it reads depends on its key. */
ATR_VIEW_KEYED(up_to, i64, i64);
static int64_t run_up_to(atr_view *v, int64_t key)
{
    return key == 0 ? ATR_GET(v, some) : read_key(v, key) + 2 * ATR_GET_KEY(v, up_to, key - 1);
}
ATR_VIEW_KEYED_IMPL(up_to, i64, i64, run_up_to);

static int64_t sum_up_to(const int64_t at[KEYS], unsigned key)
{
    int64_t sum = view_of(at[1], at[2]);
    for (unsigned i = 1; i <= key; i++) {
        sum = at[i] + 2 * sum;
    }
    return sum;
}

/* Each root, and each field, is a dependency of its own. */
ATR_VIEW(of_fields, i64);
static int64_t run_of_fields(atr_view *v)
{
    runs_of_fields++;
    return view_of((int64_t)ATR_STATE_FIELD(v, todos, name)->size, ATR_STATE_FIELD(v, tally, n));
}
ATR_VIEW_IMPL(of_fields, i64, run_of_fields);

/* Which fields and keys it reads depends on a field. */
ATR_VIEW(of_few_fields, i64);
static int64_t run_of_few_fields(atr_view *v)
{
    switch (ATR_STATE_FIELD(v, tally, n)) {
    case 0: return ATR_STATE_FIELD(v, other, n);
    case 1: return read_key(v, 5) + 4;
    case 2: return (int64_t)todo_item_map_count(ATR_STATE_FIELD(v, todos, items));
    default: return ATR_GET(v, of_fields) + (int64_t)ATR_STATE_FIELD(v, todos, name)->size;
    }
}
ATR_VIEW_IMPL(of_few_fields, i64, run_of_few_fields);

/* ---- calls ---- */

static void act(play *p, sub *s);

static void told(sub *s, int64_t was, int64_t now)
{
    play *p = s->of;
    assert_true(p->call_count < CALLS);
    p->calls[p->call_count++] = (call){s->number, was, now};
    s->calls++;
    p->has_told = true;
    act(p, s);
}

static void on_item(atr_event *e, const todo_item *was, const todo_item *now, void *user)
{
    (void)e;
    told(user, was != NULL ? was->id : 0, now != NULL ? now->id : 0);
}

static void on_count(atr_event *e, const int64_t *was, const int64_t *now, void *user)
{
    (void)e;
    told(user, was != NULL ? *was : 0, now != NULL ? *now : 0);
}

static void on_root(atr_event *e, const todo_state *was, const todo_state *now, void *user)
{
    (void)e;
    told(user, was != NULL ? whole(was) : NONE, whole(now));
}

static void on_field(atr_event *e, const todo_state *was, const todo_state *now, void *user)
{
    sub *s = user;
    (void)e;
    if (s->kind == FIELD_OF_TEXT) {
        told(s, was != NULL ? (int64_t)was->name->size : NONE, (int64_t)now->name->size);
    } else {
        told(s, was != NULL ? all_counts(was) : NONE, all_counts(now));
    }
}

static void on_number(atr_event *e, const counter *was, const counter *now, void *user)
{
    (void)e;
    told(user, was != NULL ? was->n : NONE, now->n);
}

static void on_view(atr_event *e, int64_t was, int64_t now, void *user)
{
    (void)e;
    told(user, was, now);
}

/* Every ninth event cannot be had, but another one in a round that has had one. */
static bool may_open(play *p)
{
    return (p->has_told && !p->checked) || ++p->opens % 9 != 0;
}

static bool opens_sometimes(void *self)
{
    return may_open(self);
}

/* ---- what both can do ---- */

static int64_t few_fields(const int64_t at[PLACES])
{
    int64_t there = 0;
    for (int i = 0; i < KEYS; i++) {
        there += at[i] != 0;
    }
    switch (at[TALLY]) {
    case 0: return at[OTHER];
    case 1: return at[5] + 4;
    case 2: return there;
    default: return view_of(at[NAME], at[TALLY]) + at[NAME];
    }
}

static int64_t all_entries(const int64_t at[PLACES], int64_t sum)
{
    for (int i = 0; i < KEYS; i++) {
        sum = sum * 4 + at[i];
    }
    return sum;
}

static int64_t model_value(const play *p, const sub *s)
{
    int64_t first = view_of(p->at[1], p->at[2]);
    switch (s->kind) {
    case ROOT: return all_entries(p->at, p->at[NAME]);
    case VIEW: return first;
    case VIEW_OF_VIEW: return first == 0 ? p->at[3] : p->at[4] + 4;
    case ONLY_OF_VIEW: return first * 2;
    case KEYED_VIEW: return sum_up_to(p->at, s->key);
    case FIELD_OF_MAP: return all_entries(p->at, 0);
    case FIELD_OF_TEXT: return p->at[NAME];
    case FIELD_OF_TALLY: return p->at[TALLY];
    case FIELD_OF_OTHER: return p->at[OTHER];
    case LONE_ROOT: return p->at[LONE];
    case VIEW_OF_FIELDS: return view_of(p->at[NAME], p->at[TALLY]);
    case VIEW_OF_FEW_FIELDS: return few_fields(p->at);
    default: return p->at[s->key];
    }
}

static void change_place(play *p, unsigned place, int64_t value)
{
    change c = {place, value};
    if (p->w != NULL) {
        assert_int_equal(turn(p->w, apply, &c), ATR_OK);
    } else {
        p->at[place] = value;
    }
}

static atr_watch store_watch(play *p, sub *s)
{
    atr_store *store = p->w->store;
    atr_scope *scope;
    atr_watch handle;
    switch (s->kind) {
    case KEY: return ATR_WATCH_KEY(store, todos, items, s->key, on_item, s, NULL);
    case ROOT: return ATR_WATCH(store, todos, on_root, s, NULL);
    case VIEW: return ATR_WATCH_VIEW(store, some, on_view, s, NULL);
    case VIEW_OF_VIEW: return ATR_WATCH_VIEW(store, either, on_view, s, NULL);
    case ONLY_OF_VIEW: return ATR_WATCH_VIEW(store, twice, on_view, s, NULL);
    case KEYED_VIEW: return ATR_WATCH_VIEW_KEY(store, up_to, s->key, on_view, s, NULL);
    case FIELD_OF_MAP: return ATR_WATCH_FIELD(store, todos, counts, on_field, s, NULL);
    case FIELD_OF_TEXT: return ATR_WATCH_FIELD(store, todos, name, on_field, s, NULL);
    case FIELD_OF_TALLY: return ATR_WATCH_FIELD(store, tally, n, on_number, s, NULL);
    case FIELD_OF_OTHER: return ATR_WATCH_FIELD(store, other, n, on_number, s, NULL);
    case LONE_ROOT: return ATR_WATCH(store, lone, on_number, s, NULL);
    case VIEW_OF_FIELDS: return ATR_WATCH_VIEW(store, of_fields, on_view, s, NULL);
    case VIEW_OF_FEW_FIELDS: return ATR_WATCH_VIEW(store, of_few_fields, on_view, s, NULL);
    default: break;
    }
    scope = atr_scope_open(NULL);
    handle = ATR_WATCH_KEY(store, todos, counts, text_of(scope, s->key), on_count, s, NULL);
    atr_scope_close(scope);
    return handle;
}

static void subscribe(play *p, kind what, unsigned key)
{
    sub *s = &p->subs[p->sub_count];
    if (p->sub_count == SUBS) {
        return;
    }
    *s = (sub){.of = p, .number = p->sub_count++, .kind = what, .key = key, .live = true};
    if (p->w != NULL) {
        s->handle = store_watch(p, s);
        assert_int_not_equal(s->handle.slot, 0);
    } else {
        s->known = model_value(p, s);
    }
}

static void unsubscribe(play *p, int number)
{
    sub *s = &p->subs[number];
    if (s->live && p->w != NULL) {
        atr_unwatch(p->w->store, s->handle);
    }
    s->live = false;
}

static void ask_for(play *p, int number)
{
    sub *s = &p->subs[number];
    if (s->live && p->w != NULL) {
        atr_watch_tell(p->w->store, s->handle);
    }
    s->asked_for = true;
}

/* What there was for one that is told for the first time: roots are NULL. */
static int64_t model_none(const sub *s)
{
    switch (s->kind) {
    case ROOT:
    case FIELD_OF_MAP:
    case FIELD_OF_TEXT:
    case FIELD_OF_TALLY:
    case FIELD_OF_OTHER:
    case LONE_ROOT: return NONE;
    default: return 0;
    }
}

static void model_round(play *p)
{
    bool open = false;
    for (int i = 0; i < p->sub_count; i++) {
        sub *s = &p->subs[i];
        int64_t was = s->asked_for ? model_none(s) : s->known, now = model_value(p, s);
        if (s->live && (s->asked_for || was != now) && (open || may_open(p))) {
            open = !p->checked;
            s->asked_for = false;
            s->known = now;
            told(s, was, now);
        }
    }
}

static void run_round(play *p)
{
    atr_rounds rounds = {p->w, p, opens_sometimes};
    bool outer_has = p->has_told;
    p->has_told = false;
    p->depth++;
    if (p->w != NULL) {
        atr_store_notify(p->w->store, &rounds);
    } else {
        model_round(p);
    }
    p->depth--;
    p->has_told = outer_has;
}

/* What a subscriber does follows from the script, its number and how often it was called. */
static void act(play *p, sub *s)
{
    uint64_t mixed = (p->script + (uint64_t)s->number * 1000003u + s->calls) * 0x9e3779b97f4a7c15u;
    unsigned a = (unsigned)(mixed >> 40) % 997, b = (unsigned)(mixed >> 20) % 991;
    switch ((mixed >> 58) % 16) {
    case 0: change_place(p, a % PLACES, b % 4); break;
    case 1: subscribe(p, a % KINDS, b % KEYS); break;
    case 2:
    case 3: unsubscribe(p, (int)a % p->sub_count); break;
    case 4: unsubscribe(p, s->number); break;
    case 5:
    case 6:
        change_place(p, a % 2 == 0 ? a % PLACES : (unsigned)LONE, b % 4);
        if (p->depth < DEPTH) {
            run_round(p);
        }
        break;
    case 7: ask_for(p, (int)a % p->sub_count); break;
    case 8:
        ask_for(p, (int)a % p->sub_count);
        change_place(p, LONE, b % 4);
        if (p->depth < DEPTH) {
            run_round(p);
        }
        break;
    default: break;
    }
}

/* ---- the game ---- */

static void step(play *p, unsigned what, unsigned a, unsigned b)
{
    switch (what) {
    case 0:
    case 1:
    case 2: change_place(p, a % PLACES, b % 4); break;
    case 3:
    case 4:
    case 5: subscribe(p, b % 8 < 4 ? b % KINDS : (unsigned)KEY, a % KEYS); break;
    case 6: unsubscribe(p, (int)a % (p->sub_count + 1) % SUBS); break;
    case 7:
        if (p->w != NULL) {
            assert_int_equal(atr_store_churn(p->w->store), ATR_OK);
        }
        break;
    case 8:
        if (p->sub_count > 0) {
            ask_for(p, (int)a % p->sub_count);
        }
        break;
    case 9:
        change_place(p, LONE, b % 4);
        run_round(p);
        break;
    default: run_round(p);
    }
}

static void assert_alike(const play *real, const play *model)
{
    for (int i = 0; i < real->call_count && i < model->call_count; i++) {
        assert_int_equal(real->calls[i].number, model->calls[i].number);
        assert_int_equal(real->calls[i].was, model->calls[i].was);
        assert_int_equal(real->calls[i].now, model->calls[i].now);
    }
    assert_int_equal(real->call_count, model->call_count);
}

static void clear(play *p)
{
    for (int i = 0; i < p->sub_count; i++) {
        unsubscribe(p, i);
    }
    for (unsigned i = 0; i < PLACES; i++) {
        change_place(p, i, 0);
    }
}

static void game(world *w)
{
    static play real, model;
    uint64_t script = (uint64_t)dice(1u << 30);
    real = (play){.w = w, .script = script, .checked = w->checked};
    model = (play){.script = script, .checked = w->checked};
    for (int i = 0; i < STEPS; i++) {
        unsigned what = dice(14), a = dice(997), b = dice(991);
        step(&real, what, a, b);
        step(&model, what, a, b);
        assert_alike(&real, &model);
        assert_true(runs_of_fields <= 1 + field_changes);
    }
    clear(&real);
}

static void rounds_tell_what_a_look_at_everything_would(void **state)
{
    const char *wanted = getenv("ATR_TEST_SEED");
    world *w = *state;
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    size_t games = random_steps(GAMES, 100 * GAMES);
    seed = wanted != NULL ? strtoull(wanted, NULL, 10) : (uint64_t)(uintptr_t)*state >> 4;
    print_message("# ATR_TEST_SEED=%llu\n", (unsigned long long)seed);

    assert_int_equal(atr_store_add_root(w->store, s, &lone_root, &other_group), ATR_OK);
    atr_scope_close(s);
    field_changes = runs_of_fields = 0;
    while (games-- > 0) {
        game(w);
    }

    assert_true(runs_of_fields > 0);
    assert_int_equal(atr_store_stats_now(w->store).subscriptions, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(rounds_tell_what_a_look_at_everything_would),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
