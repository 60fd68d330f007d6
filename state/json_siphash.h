/* SipHash-2-4 with 128 bits, over bytes that come piece by piece. */
#ifndef ATR_STATE_JSON_SIPHASH_H
#define ATR_STATE_JSON_SIPHASH_H

#include <atrium/json.h>

typedef struct atr_siphash128 {
    uint64_t v[4];
    uint64_t size;         /* of all bytes so far */
    unsigned char last[8]; /* those that do not fill a word yet: size % 8 */
} atr_siphash128;

void atr_siphash128_begin(atr_siphash128 *h, const unsigned char key[16]);
void atr_siphash128_add(atr_siphash128 *h, const void *bytes, size_t size);
atr_content atr_siphash128_end(atr_siphash128 *h);

#endif
