/* The ordered maps and sets that the library itself defines. */
#include <atrium/ordered_map.h>

#define STR_TYPE                                  \
    {                                             \
        ATR_KIND_STR, false, &atr_str_model, NULL \
    }
#define I64_TYPE                        \
    {                                   \
        ATR_KIND_I64, false, NULL, NULL \
    }
#define F64_TYPE                        \
    {                                   \
        ATR_KIND_F64, false, NULL, NULL \
    }

ATR_OMAP_MODEL_OF_(atr_str_omap, ATR_KIND_I64, STR_TYPE);
ATR_OMAP_MODEL_OF_(atr_str_f64_omap, ATR_KIND_F64, STR_TYPE);
ATR_OMAP_MODEL_OF_(atr_str_time_omap, ATR_KIND_TIME, STR_TYPE);
ATR_OMAP_MODEL_OF_(atr_str_str_omap, ATR_KIND_STR, STR_TYPE);
ATR_OMAP_MODEL_OF_(atr_i64_omap, ATR_KIND_I64, I64_TYPE);
ATR_OMAP_MODEL_OF_(atr_i64_f64_omap, ATR_KIND_F64, I64_TYPE);
ATR_OMAP_MODEL_OF_(atr_i64_time_omap, ATR_KIND_TIME, I64_TYPE);
ATR_OMAP_MODEL_OF_(atr_i64_str_omap, ATR_KIND_STR, I64_TYPE);
ATR_OMAP_MODEL_OF_(atr_f64_omap, ATR_KIND_I64, F64_TYPE);
ATR_OMAP_MODEL_OF_(atr_f64_f64_omap, ATR_KIND_F64, F64_TYPE);
ATR_OMAP_MODEL_OF_(atr_f64_time_omap, ATR_KIND_TIME, F64_TYPE);
ATR_OMAP_MODEL_OF_(atr_f64_str_omap, ATR_KIND_STR, F64_TYPE);

ATR_OSET_MODEL_OF_(atr_i64_oset, ATR_KIND_I64);
ATR_OSET_MODEL_OF_(atr_f64_oset, ATR_KIND_F64);
ATR_OSET_MODEL_OF_(atr_time_oset, ATR_KIND_TIME);
ATR_OSET_MODEL_OF_(atr_str_oset, ATR_KIND_STR);
