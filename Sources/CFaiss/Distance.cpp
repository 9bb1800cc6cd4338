#include "Support.hpp"

#include <faiss/Index.h>
#include <faiss/utils/distances.h>
#include <faiss/utils/utils.h>

#include <string>

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
