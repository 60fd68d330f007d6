/* Fields of every kind of number, for models that have one of every kind. */
#ifndef ATR_STATE_TESTS_NUMBER_FIELDS_H
#define ATR_STATE_TESTS_NUMBER_FIELDS_H

#define NUMBER_FIELDS(F) \
    F(bool, flag)        \
    F(i32, small)        \
    F(u32, natural)      \
    F(i64, big)          \
    F(f64, real)         \
    F(time, at)

#define OPT_NUMBER_FIELDS(F) \
    F(opt(bool), opt_flag)   \
    F(opt(i32), opt_small)   \
    F(opt(u32), opt_natural) \
    F(opt(i64), opt_big)     \
    F(opt(f64), opt_real)    \
    F(opt(time), opt_at)

#endif
