/* Queries with `work` in state tests: answered without it, or worked on within the step. */
#include <atrium/testkit_cmocka.h>

#include <cmocka.h>

#define LIST(F) F(vec(str), words)
ATR_MODEL(list, LIST);
ATR_MODEL_IMPL(list, LIST);
ATR_ROOT(box, list);
ATR_ROOT_IMPL(box, list, &list_default);

#define JOIN(F)      \
    F(ref(list), of) \
    F(bool, copies)
ATR_QUERY(join, JOIN, vec(str));

static const atr_str_vec *join_work(atr_worker *w, const join *self)
{
    const atr_str_vec *words = self->copies ? atr_copy(w->s, self->of->words) : self->of->words;
    return atr_worker_is_over(w) ? NULL : atr_str_vec_push(w->s, words, ATR_STR(w->s, "last"));
}

static void joined(atr_finish *f, const join *self, const atr_str_vec *response)
{
    list next = *ATR_STATE(f, box);
    next.words = response;
    ATR_UPDATE(f, box, next);
}
ATR_QUERY_IMPL(join, JOIN, vec(str), .work = join_work, .finish_with_response = joined);

static const list *one_word(atr_test *t)
{
    return ATR_NEW(t->s, list, .words = atr_str_vec_push(t->s, NULL, ATR_STR(t->s, "first")));
}

static void live_work_is_done_within_the_step(atr_test *t)
{
    ATR_CAN_LIVE(t, join);

    ATR_TEST_EXECUTE(t, join, .of = one_word(t), .copies = true);

    ATR_ASSERT_INT(t, 2, atr_str_vec_count(ATR_STATE(t, box)->words));
    ATR_ASSERT_TEXT(t, "last", atr_str_vec_at(ATR_STATE(t, box)->words, 1));
}

static void s5_a_part_of_the_inputs_is_refused_here_too(atr_test *t)
{
    ATR_CAN_LIVE(t, join);
    atr_test_expect_error(t, ATR_DOMAIN_ATRIUM, ATR_E_REFUSED);

    ATR_TEST_EXECUTE(t, join, .of = one_word(t));

    ATR_ASSERT_INT(t, 0, atr_str_vec_count(ATR_STATE(t, box)->words));
}

static void a_canned_answer_takes_the_place_of_the_work(atr_test *t)
{
    ATR_CAN(t, join, NULL);

    ATR_TEST_EXECUTE(t, join, .of = one_word(t), .copies = true);

    ATR_ASSERT_INT(t, 0, atr_str_vec_count(ATR_STATE(t, box)->words));
}

static const atr_root *const roots[] = {&box_root, NULL};
static const atr_component component = {.name = "box", .roots = roots};

int main(void)
{
    const atr_test_options options = {.components = ATR_COMPONENTS(&component)};
    const struct CMUnitTest tests[] = {
        atr_unit_test(live_work_is_done_within_the_step, &options),
        atr_unit_test(s5_a_part_of_the_inputs_is_refused_here_too, &options),
        atr_unit_test(a_canned_answer_takes_the_place_of_the_work, &options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
