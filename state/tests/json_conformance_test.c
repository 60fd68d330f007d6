/* RFC 8259 by its productions: each byte in each place, not a list of samples (those are in json_syntax_test).
 * What the RFC leaves open is decided in docs/json.md; each decision is a line of a table here. */
#include "json_sample.h"

#include <math.h>

#include <atrium/ordered_map.h>

/* What the grammar is asked with: everything in it is skipped, whatever its type. */
#define HOLLOW(F)
ATR_MODEL(hollow, HOLLOW);
ATR_MODEL_IMPL(hollow, HOLLOW);

static const atr_json_options skipping = {.ignore_unknown = true};

/* In a block of the exact size: nothing may be read behind it. */
static int code_of(atr_scope *s, const atr_model *model, const char *text, size_t size,
                   const atr_json_options *options)
{
    char *exact = malloc(size + 1);
    int code = 0;
    assert_non_null(exact);
    memcpy(exact + 1, text, size);
    ATR_SCOPE(inner, s) {
        const void *read = atr_from_json(inner, model, exact + 1, size, options);
        const atr_error *error = atr_scope_take_error(inner);
        assert_true(error == NULL || (error->domain == ATR_DOMAIN_JSON && error->payload != NULL &&
                                      read == model->prototype));
        code = error != NULL ? error->code : ATR_OK;
    }
    free(exact);
    return code;
}

static size_t append(char *to, size_t at, const char *bytes, size_t size)
{
    memcpy(to + at, bytes, size);
    return at + size;
}

/* Whether `text` may stand as a value of a member. */
static bool is_value(atr_scope *s, const char *text, size_t size)
{
    char whole[256];
    size_t end;
    int code;
    assert_true(size < 200);
    end = append(whole, append(whole, 0, "{\"x\":", 5), text, size);
    code = code_of(s, &hollow_model, whole, append(whole, end, "}", 1), &skipping);
    assert_true(code == ATR_OK || code == ATR_JSON_E_SYNTAX);
    return code == ATR_OK;
}

static bool is_value_between(atr_scope *s, const char *before, int byte, const char *after)
{
    char text[200], one = (char)byte;
    size_t size = append(text, 0, before, strlen(before));
    size = append(text, size, &one, 1);
    return is_value(s, text, append(text, size, after, strlen(after)));
}

static void expect_bytes(atr_scope *s, const char *before, const char *after, const char *allowed)
{
    for (int byte = 0; byte < 256; byte++) {
        bool good = byte != 0 && strchr(allowed, byte) != NULL;
        if (is_value_between(s, before, byte, after) != good) {
            fail_msg("%s<%02x>%s must be %s", before, (unsigned)byte, after,
                     good ? "read" : "refused");
        }
    }
}

/* ---- structure ---- */

#define SPACE " \t\n\r"
#define DIGITS "0123456789"
#define FIRSTS "123456789" /* none leads with a zero */

static void each_byte_is_allowed_where_the_grammar_says(void **state)
{
    static const struct {
        const char *before, *after, *allowed;
    } places[] = {
        {"", "[]", SPACE},
        {"[]", "", SPACE},
        {"[", "]", SPACE DIGITS},
        {"[", "1]", SPACE FIRSTS "-"},
        {"[1", "]", SPACE DIGITS},
        {"[1", "2]", "," DIGITS ".eE"},
        {"[1 ", " 2]", ","},
        {"[1,", "2]", SPACE FIRSTS "-"},
        {"[[]", "[]]", ","},
        {"[\"\"", "\"\"]", ","},
        {"{\"a\"", "1}", ":"},
        {"{\"a\":", "1}", SPACE FIRSTS "-"},
        {"{\"a\":1", "}", SPACE DIGITS},
        {"{\"a\":1", "\"b\":2}", ","},
        {"{", "}", SPACE},
        {"{", "\"a\":1}", SPACE},
        {"tru", "", "e"},
        {"fals", "", "e"},
        {"nul", "", "l"},
        {"true", "", SPACE},
        {"n", "ll", "u"},
        {"", "", DIGITS},
    };
    atr_scope *s = atr_scope_open(NULL);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        expect_bytes(s, places[i].before, places[i].after, places[i].allowed);
    }
    atr_scope_close(s);
}

static void each_byte_of_a_number_is_where_the_grammar_says(void **state)
{
    static const struct {
        const char *before, *after, *allowed;
    } places[] = {
        {"-", "", DIGITS},         {"0", "", SPACE},          {"-0", "", SPACE},
        {"0", "1", ".eE"},         {"1", "1", DIGITS ".eE"},  {"1.", "", DIGITS},
        {"1.0", "", SPACE DIGITS}, {"1.0", "1", DIGITS "eE"}, {"1e", "", DIGITS},
        {"1e", "1", DIGITS "+-"},  {"1E+", "", DIGITS},       {"1E-", "", DIGITS},
        {"1e1", "", SPACE DIGITS}, {"1e1", "1", DIGITS},
    };
    atr_scope *s = atr_scope_open(NULL);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        expect_bytes(s, places[i].before, places[i].after, places[i].allowed);
    }
    assert_true(is_value(s, "0.5", 3));
    assert_false(is_value(s, "00.5", 4));
    assert_false(is_value(s, "-01", 3));
    assert_true(is_value(s, "-1.5", 4));
    atr_scope_close(s);
}

/* ---- strings ---- */

static void each_byte_of_a_string_is_itself_or_escaped(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    for (int byte = 0; byte < 256; byte++) {
        bool good = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
        assert_int_equal(is_value_between(s, "\"", byte, "\""), good);
        assert_int_equal(is_value_between(s, "\"a", byte, "z\""), good);
    }
    expect_bytes(s, "\"\\", "\"", "\\/bfnrt\"");
    atr_scope_close(s);
}

static void each_digit_of_an_escape_is_hexadecimal(void **state)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    atr_scope *s = atr_scope_open(NULL);
    expect_bytes(s, "\"\\u", "041\"", hex);
    expect_bytes(s, "\"\\u0", "41\"", hex);
    expect_bytes(s, "\"\\u00", "1\"", hex);
    expect_bytes(s, "\"\\u004", "\"", hex);
    atr_scope_close(s);
}

/* 0: high, 1: low, 2: neither, in all orders: pairs only. */
static void surrogates_come_in_pairs(void **state)
{
    static const char *const units[] = {"\\ud800", "\\udfff", "\\u0041", "x"};
    atr_scope *s = atr_scope_open(NULL);
    for (int a = 0; a < 4; a++) {
        for (int b = 0; b < 4; b++) {
            for (int c = 0; c < 4; c++) {
                char text[40];
                int size = snprintf(text, sizeof text, "\"%s%s%s\"", units[a], units[b], units[c]);
                bool good = (a >= 2 && b >= 2 && c >= 2) || (a == 0 && b == 1 && c >= 2) ||
                            (a >= 2 && b == 0 && c == 1);
                assert_int_equal(is_value(s, text, (size_t)size), good);
            }
        }
    }
    atr_scope_close(s);
}

/* Each code point that is one, and the values on both sides of every edge of UTF-8. */
static void text_is_utf8(void **state)
{
    static const struct {
        const char *bytes;
        bool good;
    } texts[] = {
        {"\x7f", true},
        {"\xc2\x80", true},
        {"\xdf\xbf", true},
        {"\xe0\xa0\x80", true},
        {"\xed\x9f\xbf", true},
        {"\xee\x80\x80", true},
        {"\xef\xbf\xbe", true}, /* a noncharacter is a code point */
        {"\xef\xbf\xbf", true},
        {"\xef\xbb\xbf", true}, /* inside a text no byte order mark */
        {"\xe2\x80\xa8\xe2\x80\xa9", true},
        {"\xf0\x90\x80\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\x80", false},
        {"\xbf", false},
        {"\xc0\x80", false},
        {"\xc1\xbf", false},
        {"\xc2", false},
        {"\xc2\x7f", false},
        {"\xc2\xc0", false},
        {"\xe0\x9f\xbf", false},
        {"\xe0\xa0", false},
        {"\xe1\x80\x7f", false},
        {"\xed\xa0\x80", false},
        {"\xed\xbf\xbf", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xf0\x90\x80", false},
        {"\xf4\x90\x80\x80", false},
        {"\xf5\x80\x80\x80", false},
        {"\xfe", false},
        {"\xff", false},
    };
    atr_scope *s = atr_scope_open(NULL);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[40];
        int size = snprintf(text, sizeof text, "\"a%sb\"", texts[i].bytes);
        assert_int_equal(is_value(s, text, (size_t)size), texts[i].good);
        size = snprintf(text, sizeof text, "{\"%s\":1}", texts[i].bytes);
        assert_int_equal(is_value(s, text, (size_t)size), texts[i].good);
    }
    atr_scope_close(s);
}

/* ---- what the RFC leaves open ---- */

#define TEXT(literal) literal, sizeof(literal) - 1

static const struct {
    const atr_model *model;
    const char *text;
    size_t size;
    int code;
} open_cases[] = {
    /* any value at the top; a byte order mark; other encodings */
    {&atr_str_model, TEXT("\"\""), ATR_OK},
    {&atr_str_model, TEXT(" \"a\"\n"), ATR_OK},
    {&atr_i64_vec_model, TEXT("[]"), ATR_OK},
    {&atr_i64_str_map_model, TEXT("{}"), ATR_OK},
    {&atr_str_model, TEXT("1"), ATR_JSON_E_TYPE},
    {&atr_str_model, TEXT("null"), ATR_JSON_E_TYPE},
    {&atr_str_model, TEXT("\xef\xbb\xbf\"\""), ATR_JSON_E_SYNTAX},
    {&atr_str_model, TEXT("\xfe\xff\0\"\0\""), ATR_JSON_E_SYNTAX},
    {&atr_str_model, TEXT("\"\0\"\0"), ATR_JSON_E_SYNTAX},
    /* names twice, empty, with NUL, alike but for an escape */
    {&atr_i64_str_map_model, TEXT("{\"\":1}"), ATR_OK},
    {&atr_i64_str_map_model, TEXT("{\"a\\u0000\":1,\"a\":2}"), ATR_OK},
    {&atr_i64_str_map_model, TEXT("{\"a\":1,\"a\":1}"), ATR_JSON_E_DUPLICATE},
    {&atr_i64_str_map_model, TEXT("{\"a\":1,\"\\u0061\":2}"), ATR_JSON_E_DUPLICATE},
    {&atr_i64_map_model, TEXT("{\"1\":1,\"1\":2}"), ATR_JSON_E_DUPLICATE},
    {&atr_i64_map_model, TEXT("{\"01\":1}"), ATR_JSON_E_FORM},
    {&atr_i64_map_model, TEXT("{\"+1\":1}"), ATR_JSON_E_FORM},
    {&atr_i64_map_model, TEXT("{\"1.0\":1}"), ATR_JSON_E_FORM},
    {&atr_i64_map_model, TEXT("{\"9223372036854775808\":1}"), ATR_JSON_E_FORM},
    {&atr_str_set_model, TEXT("[\"a\",\"\\u0061\"]"), ATR_JSON_E_DUPLICATE},
    {&atr_i64_set_model, TEXT("[0,-0]"), ATR_JSON_E_DUPLICATE},
    /* numbers: kind, range, precision */
    {&atr_i64_vec_model, TEXT("[1e3]"), ATR_JSON_E_TYPE},
    {&atr_i64_vec_model, TEXT("[8.0]"), ATR_JSON_E_TYPE},
    {&atr_i64_vec_model, TEXT("[1E0]"), ATR_JSON_E_TYPE},
    {&atr_i64_vec_model, TEXT("[-9223372036854775808,9223372036854775807]"), ATR_OK},
    {&atr_i64_vec_model, TEXT("[9223372036854775808]"), ATR_JSON_E_RANGE},
    {&atr_i64_vec_model, TEXT("[-9223372036854775809]"), ATR_JSON_E_RANGE},
    {&atr_i64_vec_model, TEXT("[\"1\"]"), ATR_JSON_E_TYPE},
    {&atr_i64_vec_model, TEXT("[true]"), ATR_JSON_E_TYPE},
    {&atr_i64_vec_model, TEXT("[null]"), ATR_JSON_E_TYPE},
    {&atr_f64_vec_model, TEXT("[1,1.0,1e0,-0,-0.0,1e-400]"), ATR_OK},
    {&atr_f64_vec_model, TEXT("[1e400]"), ATR_JSON_E_RANGE},
    {&atr_f64_vec_model, TEXT("[-1e400]"), ATR_JSON_E_RANGE},
    {&atr_f64_vec_model, TEXT("[1e99999999999999999999]"), ATR_JSON_E_RANGE},
    {&atr_f64_vec_model, TEXT("[1e-99999999999999999999]"), ATR_OK},
    {&atr_f64_vec_model, TEXT("[0e99999999999999999999]"), ATR_OK},
    {&atr_f64_vec_model, TEXT("[NaN]"), ATR_JSON_E_SYNTAX},
    {&atr_f64_vec_model, TEXT("[-Infinity]"), ATR_JSON_E_SYNTAX},
    {&atr_f64_vec_model, TEXT("[\"NaN\"]"), ATR_JSON_E_TYPE},
    /* text: NUL, half a pair, line ends */
    {&atr_str_model, TEXT("\"\\u0000\""), ATR_OK},
    {&atr_str_model, TEXT("\"\\ud800\""), ATR_JSON_E_SYNTAX},
    {&atr_str_model, TEXT("\"\\udc00\\ud800\""), ATR_JSON_E_SYNTAX},
    {&atr_str_model, TEXT("\"\\uffff\""), ATR_OK},
    {&atr_str_model, TEXT("\"\xe2\x80\xa8\""), ATR_OK},
};

static void what_the_rfc_leaves_open_is_decided(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    for (size_t i = 0; i < sizeof open_cases / sizeof *open_cases; i++) {
        int code = code_of(s, open_cases[i].model, open_cases[i].text, open_cases[i].size, NULL);
        if (code != open_cases[i].code) {
            fail_msg("%s: code %d instead of %d", open_cases[i].text, code, open_cases[i].code);
        }
    }
    atr_scope_close(s);
}

static void numbers_may_be_a_thousand_characters_long(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    char text[1200];
    for (size_t size = 995; size <= 1005; size++) {
        memset(text, '0', sizeof text);
        append(text, 0, "[0.", 3);
        append(text, size + 1, "]", 1);
        assert_int_equal(code_of(s, &atr_f64_vec_model, text, size + 2, NULL),
                         size <= 1000 ? ATR_OK : ATR_JSON_E_RANGE);
    }
    atr_scope_close(s);
}

/* ---- depth ---- */

static void nesting_of_every_form_is_refused_beyond_the_bound(void **state)
{
    static const struct {
        const char *open, *close;
    } forms[] = {{"[", "]"}, {"{\"a\":", "}"}, {"[{\"a\":", "}]"}, {" [ 1 , ", "]"}};
    enum { DEPTH = 10000 };
    atr_scope *s = atr_scope_open(NULL);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t open = strlen(forms[i].open), close = strlen(forms[i].close);
        char *text = malloc(DEPTH * (open + close) + 8);
        size_t size = append(text, 0, "{\"x\":", 5);
        for (int k = 0; k < DEPTH; k++) {
            size = append(text, size, forms[i].open, open);
        }
        size = append(text, size, "0", 1);
        assert_int_equal(code_of(s, &hollow_model, text, size, &skipping), ATR_JSON_E_LIMIT);
        for (int k = 0; k < DEPTH; k++) {
            size = append(text, size, forms[i].close, close);
        }
        size = append(text, size, "}", 1);
        assert_int_equal(code_of(s, &hollow_model, text, size, &skipping), ATR_JSON_E_LIMIT);
        free(text);
    }
    atr_scope_close(s);
}

static void chains_of_a_model_are_refused_beyond_the_bound(void **state)
{
    enum { DEPTH = 10000 };
    static const char link[] = "{\"number\":1,\"next\":";
    atr_scope *s = atr_scope_open(NULL);
    char *text = malloc(DEPTH * sizeof link + DEPTH + 8);
    size_t size = 0;
    for (int i = 0; i < DEPTH; i++) {
        size = append(text, size, link, sizeof link - 1);
    }
    size = append(text, size, "null", 4);
    for (int i = 0; i < DEPTH; i++) {
        size = append(text, size, "}", 1);
    }
    assert_int_equal(code_of(s, &knot_model, text, size, NULL), ATR_JSON_E_LIMIT);
    free(text);
    atr_scope_close(s);
}

/* ---- truncations ---- */

static void refuse_truncations(atr_scope *s, const void *value, atr_json_options options)
{
    const atr_model *model = ((const atr_head *)value)->model;
    static const atr_model *const models[] = {&todo_item_model};
    const atr_str *whole;
    options.models = models;
    options.model_count = 1;
    whole = atr_to_json(s, value, &options);
    assert_null(atr_scope_error(s));
    for (size_t size = 0; size < whole->size; size++) {
        if (code_of(s, model, whole->bytes, size, &options) != ATR_JSON_E_SYNTAX) {
            fail_msg("%.*s must be refused", (int)size, whole->bytes);
        }
    }
    assert_int_equal(code_of(s, model, whole->bytes, whole->size, &options), ATR_OK);
}

static void every_truncation_of_every_document_is_refused(void **state)
{
    static const atr_json_options all_options[] = {
        {.indent = 0},
        {.indent = 2},
        {.canonical = true},
        {.names = ATR_JSON_NAMES_CAMEL, .fill_missing = true, .ignore_unknown = true},
        {.ignore_unknown = true},
    };
    atr_scope *s = atr_scope_open(NULL);
    const ladder *rungs = sample_ladder(s, 2);
    ladder plain = *rungs;
    plain.image = NULL;
    const void *const values[] = {
        sample_everything(s, 3),
        ladder_new(s, plain),
        sample_item(s, -1, "\"\\ \xf0\x9f\x98\x80 \x01"),
        ATR_STR(s, "\xc3\xa9"),
        rungs->by_id,
        rungs->log,
        rungs->weights,
        sample_everything(s, 4)->by_name,
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        for (size_t k = 0; k < sizeof all_options / sizeof *all_options; k++) {
            refuse_truncations(s, values[i], all_options[k]);
        }
    }
    atr_scope_close(s);
}

/* ---- what cannot be written ---- */

static void refuse_to_write(atr_scope *s, const void *value, int code)
{
    assert_string_equal(atr_to_json(s, value, NULL)->bytes, "");
    expect_error(s, code, NULL, "");
}

static void no_number_without_a_form_is_written_in_any_place(void **state)
{
    static const double wrong[] = {NAN, INFINITY, -INFINITY};
    atr_scope *s = atr_scope_open(NULL);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        everything v = everything_default;
        v.real = wrong[i];
        refuse_to_write(s, everything_new(s, v), ATR_JSON_E_VALUE);
        v = everything_default;
        v.opt_real = ATR_SOME(f64, wrong[i]);
        const everything *inner = everything_new(s, v);
        refuse_to_write(s, inner, ATR_JSON_E_VALUE);
        v = everything_default;
        v.other = inner;
        refuse_to_write(s, everything_new(s, v), ATR_JSON_E_VALUE);
        refuse_to_write(s, atr_f64_vec_push(s, NULL, wrong[i]), ATR_JSON_E_VALUE);
        refuse_to_write(s, atr_f64_map_set(s, NULL, 1, wrong[i]), ATR_JSON_E_VALUE);
        refuse_to_write(s, atr_f64_oset_add(s, NULL, wrong[i]), ATR_JSON_E_VALUE);
        refuse_to_write(s, atr_i64_f64_omap_set(s, NULL, wrong[i], 1), ATR_JSON_E_VALUE);
    }
    atr_scope_close(s);
}

static void no_time_outside_of_the_years_is_written_in_any_place(void **state)
{
    static const int64_t first = -62135596800000000, end = 253402300800000000;
    const int64_t wrong[] = {first - 1, end, INT64_MIN, INT64_MAX};
    atr_scope *s = atr_scope_open(NULL);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        everything v = everything_default;
        v.at = wrong[i];
        refuse_to_write(s, everything_new(s, v), ATR_JSON_E_RANGE);
        v = everything_default;
        v.opt_at = ATR_SOME(time, wrong[i]);
        refuse_to_write(s, everything_new(s, v), ATR_JSON_E_RANGE);
        refuse_to_write(s, atr_time_oset_add(s, NULL, wrong[i]), ATR_JSON_E_RANGE);
        refuse_to_write(s, atr_i64_time_omap_set(s, NULL, wrong[i], 1), ATR_JSON_E_RANGE);
    }
    everything v = everything_default;
    v.at = first;
    v.opt_at = ATR_SOME(time, end - 1);
    const atr_str *text = atr_to_json(s, everything_new(s, v), NULL);
    assert_non_null(strstr(text->bytes, "\"0001-01-01T00:00:00Z\""));
    assert_non_null(strstr(text->bytes, "\"9999-12-31T23:59:59.999999Z\""));
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAIN(each_byte_is_allowed_where_the_grammar_says),
        PLAIN(each_byte_of_a_number_is_where_the_grammar_says),
        PLAIN(each_byte_of_a_string_is_itself_or_escaped),
        PLAIN(each_digit_of_an_escape_is_hexadecimal),
        PLAIN(surrogates_come_in_pairs),
        PLAIN(text_is_utf8),
        BOTH(what_the_rfc_leaves_open_is_decided),
        PLAIN(numbers_may_be_a_thousand_characters_long),
        BOTH(nesting_of_every_form_is_refused_beyond_the_bound),
        BOTH(chains_of_a_model_are_refused_beyond_the_bound),
        BOTH(every_truncation_of_every_document_is_refused),
        PLAIN(no_number_without_a_form_is_written_in_any_place),
        PLAIN(no_time_outside_of_the_years_is_written_in_any_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
