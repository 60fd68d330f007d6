/* What is JSON and what is not: tables after RFC 8259, and another parser's verdict on many texts. */
#include "json_sample.h"
#include "random.h"

#include <jansson.h>

#define NOTHING(F)
ATR_MODEL(nothing, NOTHING);
ATR_MODEL_IMPL(nothing, NOTHING);

static bool is_json_within(atr_scope *s, const char *before, const char *text, size_t size,
                           const char *after)
{
    const atr_json_options any = {.ignore_unknown = true, .max_depth = 3000};
    size_t begin = strlen(before), end = strlen(after);
    char *whole = malloc(begin + size + end);
    bool good;
    assert_non_null(whole);
    memcpy(whole, before, begin);
    memcpy(whole + begin, text, size);
    memcpy(whole + begin + size, after, end);
    atr_from_json(s, &nothing_model, whole, begin + size + end, &any);
    good = atr_scope_error(s) == NULL;
    if (!good) {
        assert_true(atr_error_is(atr_scope_take_error(s), ATR_DOMAIN_JSON, ATR_JSON_E_SYNTAX));
    }
    free(whole);
    return good;
}

/* Whether text is a JSON value, whatever its type: one that is skipped. Within an object and within an array,
 * since `1},"y":{"z":1` stands well in the one and `1],[1` in the other. */
static bool is_json(atr_scope *s, const char *text, size_t size)
{
    return is_json_within(s, "{\"x\":", text, size, "}") &&
           is_json_within(s, "{\"x\":[", text, size, "]}");
}

#define TEXT(literal) literal, sizeof(literal) - 1

static const struct {
    const char *text;
    size_t size;
    bool good;
} texts[] = {
    /* values and white space */
    {TEXT("null"), true},
    {TEXT("true"), true},
    {TEXT(" \t\r\n[ ]\n"), true},
    {TEXT("{}"), true},
    {TEXT("[[],{},\"\",0,null,true,false]"), true},
    {TEXT("{\"\":0}"), true},
    {TEXT(""), false},
    {TEXT(" "), false},
    {TEXT("nul"), false},
    {TEXT("nulll"), false},
    {TEXT("Null"), false},
    {TEXT("TRUE"), false},
    {TEXT("NaN"), false},
    {TEXT("Infinity"), false},
    {TEXT("undefined"), false},
    {TEXT("\v[]"), false},
    {TEXT("\f[]"), false},
    {TEXT("\xc2\xa0[]"), false}, /* no-break space */
    {TEXT("\0[]"), false},
    {TEXT("[]\0"), false},
    {TEXT("\xef\xbb\xbf[]"), false},
    /* structure */
    {TEXT("["), false},
    {TEXT("]"), false},
    {TEXT("[1,]"), false},
    {TEXT("[,1]"), false},
    {TEXT("[1,,2]"), false},
    {TEXT("[1 2]"), false},
    {TEXT("[1}"), false},
    {TEXT("[1:2]"), false},
    {TEXT("{\"a\":1,}"), false},
    {TEXT("{,\"a\":1}"), false},
    {TEXT("{\"a\" 1}"), false},
    {TEXT("{\"a\":}"), false},
    {TEXT("{\"a\"}"), false},
    {TEXT("{a:1}"), false},
    {TEXT("{'a':1}"), false},
    {TEXT("{1:1}"), false},
    {TEXT("{null:1}"), false},
    {TEXT("{\"a\":1]"), false},
    {TEXT("{\"a\":1 \"b\":2}"), false},
    {TEXT("{\"a\"::1}"), false},
    {TEXT("[1] // end"), false},
    {TEXT("/**/[1]"), false},
    {TEXT("# x\n[1]"), false},
    {TEXT("[1][2]"), false},
    {TEXT("\"a\" \"b\""), false},
    /* numbers */
    {TEXT("0"), true},
    {TEXT("-0"), true},
    {TEXT("-0.0e-0"), true},
    {TEXT("10.01E+010"), true},
    {TEXT("1e400"), true}, /* a number; whether a kind can hold it is another question */
    {TEXT("00"), false},
    {TEXT("01"), false},
    {TEXT("-01"), false},
    {TEXT("+1"), false},
    {TEXT("-"), false},
    {TEXT("--1"), false},
    {TEXT("- 1"), false},
    {TEXT(".5"), false},
    {TEXT("5."), false},
    {TEXT("5.e1"), false},
    {TEXT("1e"), false},
    {TEXT("1e+"), false},
    {TEXT("1e1.5"), false},
    {TEXT("1.2.3"), false},
    {TEXT("0x10"), false},
    {TEXT("1_000"), false},
    {TEXT("1a"), false},
    {TEXT("\xef\xbc\x91"), false}, /* a full-width digit */
    /* strings */
    {TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uABCD\""), true},
    {TEXT("\"\x7f\xc2\x80\xf4\x8f\xbf\xbf\""), true},
    {TEXT("\"\\ud83d\\ude00\""), true},
    {TEXT("\"\\u0000\""), true},
    {TEXT("\""), false},
    {TEXT("\"a"), false},
    {TEXT("\"\\\""), false},
    {TEXT("\"\\a\""), false},
    {TEXT("\"\\x41\""), false},
    {TEXT("\"\\'\""), false},
    {TEXT("\"\\U0041\""), false},
    {TEXT("\"\\u004\""), false},
    {TEXT("\"\\u004g\""), false},
    {TEXT("\"\\u-041\""), false},
    {TEXT("\"\\u 041\""), false},
    {TEXT("\"\\\0\""), false},
    {TEXT("\"\n\""), false},
    {TEXT("\"\t\""), false},
    {TEXT("\"\0\""), false},
    {TEXT("\"\x1f\""), false},
    {TEXT("'a'"), false},
    /* surrogates: pairs only */
    {TEXT("\"\\ud83d\""), false},
    {TEXT("\"\\ude00\""), false},
    {TEXT("\"\\ude00\\ud83d\""), false},
    {TEXT("\"\\ud83d\\ud83d\""), false},
    {TEXT("\"\\ud83dx\""), false},
    {TEXT("\"\\ud83d\\n\""), false},
    {TEXT("\"\\ud83d\\u0041\""), false},
    {TEXT("\"\\ud83d\\ude0\""), false},
    /* UTF-8 */
    {TEXT("\"\xff\""), false},
    {TEXT("\"\xc0\xaf\""), false},
    {TEXT("\"\xe2\x82\""), false},
    {TEXT("\"\xed\xa0\x80\""), false},
    {TEXT("\"\xf4\x90\x80\x80\""), false},
    {TEXT("[\xc3\xa9]"), false},
    {TEXT("[]\x00\x00"), false},
};

static void the_grammar_is_that_of_rfc_8259(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (is_json(s, texts[i].text, texts[i].size) != texts[i].good) {
            fail_msg("%s must be %s", texts[i].text, texts[i].good ? "read" : "refused");
        }
    }
    atr_scope_close(s);
}

static void escapes_become_their_characters(void **state)
{
    static const struct {
        const char *text;
        const char *characters;
        size_t size;
    } escapes[] = {
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", TEXT("\"\\/\b\f\n\r\t")},
        {"\"\\u0000\"", TEXT("\0")},
        {"\"a\\u0041b\"", TEXT("aAb")},
        {"\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"",
         TEXT("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf")},
        {"\"\\ud800\\udc00\\uDBFF\\uDFFF\"", TEXT("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")},
        {"\"\\uD83D\\uDE00!\"", TEXT("\xf0\x9f\x98\x80!")},
    };
    atr_scope *s = atr_scope_open(NULL);
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        const atr_str *v = read_text(s, &atr_str_model, escapes[i].text);
        assert_null(atr_scope_error(s));
        assert_int_equal(v->size, escapes[i].size);
        assert_memory_equal(v->bytes, escapes[i].characters, escapes[i].size);
    }
    atr_scope_close(s);
}

static void a_syntax_error_tells_line_column_and_byte(void **state)
{
    static const struct {
        const char *text;
        const char *words;
    } places[] = {
        {"", "there is no value (line 1, column 1, byte 0)"},
        {"[1,\n2,\n\xc3\xa9]", "a value was expected"},
        {"[1,\n2,\n  x]", "$[2]: a number was expected, not"},
        {"[1\n 2]", "$: a comma or ] was expected (line 2, column 2, byte 4)"},
        {"[1,\n2] x", "$: something behind the value (line 2, column 4, byte 7)"},
        {"[1,\n2", "$: the text ends too early (line 2, column 2, byte 5)"},
        {"\xef\xbb\xbf[]", "$: a byte order mark (line 1, column 1, byte 0)"},
        {"[\n\"\xff\"]", "$: not UTF-8 (line 2, column 2, byte 3)"},
    };
    atr_scope *s = atr_scope_open(NULL);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        read_text(s, &atr_i64_vec_model, places[i].text);
        if (i == 2) {
            expect_error(s, ATR_JSON_E_SYNTAX, "$[2]", "(line 3, column 3, byte 9)");
        } else {
            expect_error(s, ATR_JSON_E_SYNTAX, NULL, places[i].words);
        }
    }
    atr_scope_close(s);
}

static void every_truncation_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_model *const models[] = {&todo_item_model};
    const atr_json_options options = {.models = models, .model_count = 1};
    const atr_str *whole = atr_to_json(s, sample_everything(s, 1), NULL);

    for (size_t size = 0; size < whole->size; size++) {
        /* A block of the exact size: nothing may be read behind it. */
        char *text = malloc(size + 1);
        assert_non_null(text);
        memcpy(text + 1, whole->bytes, size);
        ATR_SCOPE(inner, s) {
            atr_from_json(inner, &everything_model, text + 1, size, &options);
            expect_error(inner, ATR_JSON_E_SYNTAX, NULL, "");
        }
        free(text);
    }
    assert_true(atr_equal(atr_from_json(s, &everything_model, whole->bytes, whole->size, &options),
                          sample_everything(s, 1)));
    atr_scope_close(s);
}

/* ---- another parser ---- */

static size_t mutate(char *text, size_t size, size_t capacity)
{
    static const char signs[] = "{}[]\",:\\u0019eE+-.tfn \n\x80\xc3\xa9";
    size_t changes = 1 + random_below(3);
    for (size_t i = 0; i < changes && size > 0; i++) {
        size_t at = random_below(size);
        switch (random_below(3)) {
        case 0: text[at] = signs[random_below(sizeof signs - 1)]; break;
        case 1: memmove(text + at, text + at + 1, --size - at); break;
        default:
            if (size < capacity) {
                memmove(text + at + 1, text + at, size++ - at);
                text[at] = signs[random_below(sizeof signs - 1)];
            }
        }
    }
    return size;
}

/* What the other one refuses though it is JSON: numbers it cannot hold, NUL in names, names twice. */
static bool is_json_for_jansson(const char *text, size_t size, bool *counts)
{
    json_error_t error;
    json_t *value = json_loadb(text, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    enum json_error_code code = value == NULL ? json_error_code(&error) : json_error_unknown;
    *counts = value != NULL ||
              (code != json_error_numeric_overflow && code != json_error_null_byte_in_key);
    json_decref(value);
    return value != NULL;
}

static void another_parser_accepts_the_same_texts(void **state)
{
    static const char *const seeds[] = {
        "{\"a\":[1,-2.5e3,true,null],\"b\":{\"c\":\"\\ud83d\\ude00\\n\"}}",
        "[[],{},\"\xc3\xa9\",0,-0.0,1E5,\"\\\\\\\"\"]",
        "{\"x\":{\"x\":{\"y\":[false]}}}",
        "\"\\u0041\\u00e9\"",
    };
    atr_scope *s = atr_scope_open(NULL);
    size_t steps = random_begin() / 2, good = 0;
    char text[128];
    for (size_t i = 0; i < steps; i++) {
        const char *seed = seeds[random_below(sizeof seeds / sizeof *seeds)];
        size_t size = strlen(seed);
        bool theirs, counts, ours = false;
        memcpy(text, seed, size);
        size = mutate(text, size, sizeof text);
        theirs = is_json_for_jansson(text, size, &counts);
        ATR_SCOPE(inner, s) {
            ours = is_json(inner, text, size);
        }
        good += ours;
        if (counts && ours != theirs) {
            fail_msg("%.*s is %s", (int)size, text, ours ? "accepted" : "refused");
        }
    }
    assert_in_range(good, steps / 50, steps);
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAIN(the_grammar_is_that_of_rfc_8259),           PLAIN(escapes_become_their_characters),
        PLAIN(a_syntax_error_tells_line_column_and_byte), BOTH(every_truncation_is_refused),
        PLAIN(another_parser_accepts_the_same_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
