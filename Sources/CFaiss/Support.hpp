#pragma once
#include "CFaiss.h"

#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <omp.h>

namespace shim {

inline char *copy(const char *text) {
    size_t n = std::strlen(text);
    char *out = static_cast<char *>(std::malloc(n + 1));
    if (out) std::memcpy(out, text, n + 1);
    return out;
}

// The only place where exceptions end: nothing may unwind into Swift.
template <class Body> cf_status guarded(char **error, Body &&body) noexcept {
    auto fail = [&](cf_status status, const char *text) {
        if (error) *error = copy(text);
        return status;
    };
    try {
        body();
        return CF_OK;
    } catch (const std::bad_alloc &e) {
        return fail(CF_OUT_OF_MEMORY, e.what());
    } catch (const std::exception &e) {
        return fail(CF_ERROR, e.what());
    } catch (...) {
        return fail(CF_ERROR, "unknown C++ exception");
    }
}

// OpenMP's number of threads for what the calling thread starts, until the end of the scope.
struct Threads {
    int before;
    explicit Threads(int count) : before(omp_get_max_threads()) {
        if (count > 0) omp_set_num_threads(count);
    }
    ~Threads() { omp_set_num_threads(before); }
};

} // namespace shim
