/* SQLite rows into models: one column of one row holds a value of any storage class and content,
 * all others fit. Checked: nothing crashes; whether the value is taken agrees with the rules,
 * written down here a second time; a refusal names the column; what was taken can be copied,
 * compared and printed.
 *
 * Input: the column, the storage class, the row, 8 bytes of number, the rest is text or blob. */
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include <atrium/atrium.h>
#include <atrium/sqlite.h>

#include "number_fields.h"

#define CHECK(condition)    \
    do {                    \
        if (!(condition)) { \
            abort();        \
        }                   \
    } while (0)

#define COLOUR(X)               \
    X(COLOUR_BLACK, 0, "black") \
    X(COLOUR_RED, 1, "red")     \
    X(COLOUR_OTHER, -3, "")
ATR_ENUM(colour, COLOUR);
ATR_ENUM_IMPL(colour, COLOUR);

#define POINT(F)  \
    F(f64, x)     \
    F(str, label) \
    F(opt(ref(point)), next)
ATR_MODEL(point, POINT);
ATR_MODEL_IMPL(point, POINT);

#define SAMPLE(F)                           \
    NUMBER_FIELDS(F)                        \
    F(enumeration(colour), number)          \
    F(enumeration(colour), name)            \
    F(str, text)                            \
    F(bytes, data)                          \
    OPT_NUMBER_FIELDS(F)                    \
    F(opt(enumeration(colour)), opt_number) \
    F(opt(enumeration(colour)), opt_name)   \
    F(opt(str), opt_text)                   \
    F(opt(bytes), opt_data)                 \
    F(ref(point), point)                    \
    F(map(str, i64), counts)                \
    F(any, thing)
#define SAMPLE_ATTRS(A)      \
    A(name, .by_name = true) \
    A(opt_name, .by_name = true)
ATR_MODEL(sample, SAMPLE);
ATR_MODEL_IMPL_WITH(sample, SAMPLE, SAMPLE_ATTRS, .atr = ATR_HEAD(sample));

enum { KINDS = 10, POINT_AT = 2 * KINDS, COUNTS_AT, THING_AT, COLUMNS };
enum { STORAGES = 5, ROWS = 3, HEAD_BYTES = 11 };
enum { STORAGE_NULL, STORAGE_INTEGER, STORAGE_REAL, STORAGE_TEXT, STORAGE_BLOB };

ATR_SERVICE(fuzz_db, atr_sqlite);
ATR_SERVICE_IMPL(fuzz_db, atr_sqlite);

#define ODD(F)                    \
    F(i64, at) /* which column */ \
    F(i64, row)                   \
    F(i64, storage)               \
    F(i64, i)                     \
    F(f64, r)                     \
    F(bytes, b)
ATR_QUERY(odd, ODD, vec(sample));
#define COLUMN(number, good, name)                                                                 \
    "CASE WHEN n = :row AND :at = " #number " THEN CASE :storage WHEN 0 THEN NULL WHEN 1 THEN :i " \
    "WHEN 2 THEN :r WHEN 3 THEN CAST(:b AS TEXT) ELSE :b END ELSE " good " END AS " name

/* clang-format off */
#define SELECT_SAMPLES \
    "WITH RECURSIVE rows(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM rows LIMIT 3) SELECT " \
    COLUMN(0, "1", "flag") "," \
    COLUMN(1, "2", "small") "," \
    COLUMN(2, "3", "natural") "," \
    COLUMN(3, "4", "big") "," \
    COLUMN(4, "5.5", "real") "," \
    COLUMN(5, "6", "at") "," \
    COLUMN(6, "1", "number") "," \
    COLUMN(7, "'red'", "name") "," \
    COLUMN(8, "'text'", "text") "," \
    COLUMN(9, "x'09'", "data") "," \
    COLUMN(10, "NULL", "opt_flag") "," \
    COLUMN(11, "NULL", "opt_small") "," \
    COLUMN(12, "NULL", "opt_natural") "," \
    COLUMN(13, "NULL", "opt_big") "," \
    COLUMN(14, "NULL", "opt_real") "," \
    COLUMN(15, "NULL", "opt_at") "," \
    COLUMN(16, "NULL", "opt_number") "," \
    COLUMN(17, "NULL", "opt_name") "," \
    COLUMN(18, "NULL", "opt_text") "," \
    COLUMN(19, "NULL", "opt_data") "," \
    COLUMN(20, "'{\"x\":0,\"label\":\"\"}'", "point") "," \
    COLUMN(21, "'{\"a\":1}'", "counts") "," \
    COLUMN(22, "NULL", "thing") \
    " FROM rows"
/* clang-format on */

/* ---- what must come of it ---- */

static const atr_model *const models[] = {&point_model};
static const atr_json_options json = {.models = models, .model_count = 1, .ignore_unknown = true};

static bool is_exact(int64_t i)
{
    double f64 = (double)i;
    return f64 < 9223372036854775808.0 && (int64_t)f64 == i;
}

static bool integer_fits(int64_t kind, int64_t i)
{
    switch (kind) {
    case 0: return i == 0 || i == 1;
    case 1: return i == (int32_t)i;
    case 2: return i >= 0 && i <= UINT32_MAX;
    case 4: return is_exact(i);
    case 6: return i == 0 || i == 1 || i == -3;
    default: return kind == 3 || kind == 5;
    }
}

/* Whether text is the JSON of a column; how it is read is the matter of another target. */
static bool json_fits(int64_t at, const atr_bytes *text)
{
    static const atr_type types[] = {ATR_TYPE_ref(point), ATR_TYPE_map(str, i64), ATR_TYPE_any};
    atr_scope *s = atr_scope_open(NULL);
    atr_value value;
    bool read = atr_from_json_as(s, &types[at - POINT_AT], (const char *)text->bytes, text->size,
                                 &json, &value) == ATR_OK;
    atr_scope_close(s);
    return read;
}

static bool fits(const odd *q)
{
    const char *bytes = (const char *)q->b->bytes;
    int64_t kind = q->at % KINDS;
    if (q->at >= POINT_AT) {
        return q->storage == STORAGE_NULL ? q->at != POINT_AT
                                          : q->storage == STORAGE_TEXT && json_fits(q->at, q->b);
    }
    switch (q->storage) {
    case STORAGE_NULL: return q->at >= KINDS;
    case STORAGE_INTEGER: return integer_fits(kind, q->i);
    case STORAGE_REAL: return kind == 4;
    case STORAGE_TEXT:
        return kind == 7 ? atr_enumeration_by_name(&colour_enumeration, bytes, q->b->size) != NULL
                         : kind == 8 && atr_utf8_check(bytes, q->b->size) == q->b->size;
    default: return kind == 9;
    }
}

static bool finished;

static void loaded(atr_finish *f, const odd *self, const sample_vec *response)
{
    CHECK(fits(self) && !isnan(self->r));
    CHECK(sample_vec_count(response) == ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        const sample *row = sample_vec_at(response, i);
        CHECK(atr_equal(atr_copy(f->s, row), row));
        CHECK(atr_print(f->s, row)->size > 0);
    }
    finished = true;
}

static void refused(atr_finish *f, const odd *self, const atr_error *error)
{
    CHECK(error->domain == ATR_DOMAIN_ATRIUM && error->message->size > 0);
    CHECK(isnan(self->r) || !fits(self));
    CHECK(isnan(self->r) || strstr(error->message->bytes, "row ") != NULL);
    CHECK(isnan(self->r) || strstr(error->message->bytes, "sample.") != NULL);
    finished = true;
}

ATR_SQLITE_QUERY(odd, ODD, vec(sample), fuzz_db, SELECT_SAMPLES, .finish_with_response = loaded,
                 .finish_with_error = refused);

/* ---- one app for all inputs ---- */

static uv_loop_t loop;
static atr_app *app;

static void on_closed(void *user)
{
    finished = true;
}

static void close_app(void)
{
    finished = false;
    CHECK(atr_app_close(app, on_closed, NULL) == 0);
    while (!finished) {
        uv_run(&loop, UV_RUN_ONCE);
    }
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&loop) == 0);
}

static void open_app(void)
{
    atr_app_options options = {.loop = &loop};
    CHECK(uv_loop_init(&loop) == 0);
    app = atr_app_new(&options);
    CHECK(app != NULL);
    CHECK(ATR_PROVIDE(app, fuzz_db, atr_sqlite_open(&(atr_sqlite_options){.json = json})) == 0);
    CHECK(atexit(close_app) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    atr_event e;
    int64_t number;
    double real;
    if (size < HEAD_BYTES) {
        return 0;
    }
    if (app == NULL) {
        open_app();
    }
    memcpy(&number, data + 3, sizeof number);
    memcpy(&real, data + 3, sizeof real);
    e = atr_event_open(app);
    finished = false;
    ATR_EXECUTE(&e, odd, .at = data[0] % COLUMNS, .storage = data[1] % STORAGES,
                .row = data[2] % ROWS, .i = number,
                .r = data[1] % STORAGES == STORAGE_REAL ? real : 0,
                .b = atr_bytes_new(e.s, data + HEAD_BYTES, size - HEAD_BYTES));
    CHECK(atr_event_close(&e) == 0);
    while (!finished) {
        uv_run(&loop, UV_RUN_ONCE);
    }
    return 0;
}
