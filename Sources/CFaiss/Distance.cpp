#include "Support.hpp"

#include <faiss/Index.h>
#include <faiss/utils/distances.h>
#include <faiss/utils/utils.h>

#include <string>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define CF_TEXT(x) #x
#define CF_NUMBER(x) CF_TEXT(x)

void cf_string_free(char *string) { std::free(string); }

const char *cf_version(void) {
    return CF_NUMBER(FAISS_VERSION_MAJOR) "." CF_NUMBER(FAISS_VERSION_MINOR) "." CF_NUMBER(FAISS_VERSION_PATCH);
}

const char *cf_compile_options(void) {
    static const std::string options = faiss::get_compile_options();
    return options.c_str();
}

void cf_inner_products(const float *query, const float *rows, int64_t d, int64_t count, float *out) {
    faiss::fvec_inner_products_ny(out, query, rows, static_cast<size_t>(d), static_cast<size_t>(count));
}

float cf_inner_product(const float *a, const float *b, int64_t d) {
    return faiss::fvec_inner_product(a, b, static_cast<size_t>(d));
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static float total(__m256 sum) {
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
    half = _mm_hadd_ps(half, half);
    return _mm_cvtss_f32(_mm_hadd_ps(half, half));
}

__attribute__((target("avx2,fma"))) static void four_products(const float *query, const float *const *row, int64_t d,
                                                              float *out) {
    __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
    int64_t k = 0;
    for (; k + 8 <= d; k += 8) {
        const __m256 values = _mm256_loadu_ps(query + k);
        for (int i = 0; i < 4; i++) sums[i] = _mm256_fmadd_ps(values, _mm256_loadu_ps(row[i] + k), sums[i]);
    }
    for (int i = 0; i < 4; i++) {
        out[i] = total(sums[i]);
        for (int64_t rest = k; rest < d; rest++) out[i] += query[rest] * row[i][rest];
    }
}
#endif

void cf_inner_products_of(const float *query, const float *rows, int64_t d, const int32_t *which, int64_t count, float *out) {
    for (int64_t i = 0; i < count; i++) {
        const char *row = reinterpret_cast<const char *>(rows + which[i] * d);
        for (int line = 0; line < 3; line++) __builtin_prefetch(row + 64 * line);
    }
    int64_t i = 0;
#if defined(__x86_64__)
    static const bool is_fast = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    for (; is_fast && i + 4 <= count; i += 4) {
        const float *row[4] = {rows + which[i] * d, rows + which[i + 1] * d, rows + which[i + 2] * d,
                               rows + which[i + 3] * d};
        four_products(query, row, d, out + i);
    }
#endif
    for (; i < count; i++) {
        out[i] = faiss::fvec_inner_product(query, rows + which[i] * d, static_cast<size_t>(d));
    }
}
