#pragma once
#include "CTorch.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/DeviceGuard.h>
#include <c10/util/Exception.h>

#include <atomic>
#include <cstring>
#include <new>
#include <string>

struct ct_tensor {
    at::Tensor value;
};
struct ct_generator {
    at::Generator value;
};

namespace shim {

extern std::atomic<int64_t> live;

inline char *copy(const char *text) {
    size_t n = std::strlen(text);
    char *out = static_cast<char *>(std::malloc(n + 1));
    if (out) std::memcpy(out, text, n + 1);
    return out;
}

inline ct_tensor *wrap(at::Tensor value) {
    auto *out = new ct_tensor{std::move(value)};
    live.fetch_add(1, std::memory_order_relaxed);
    return out;
}

inline c10::Device device(int32_t type, int32_t index) {
    return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
}

// The only place where exceptions end: nothing may unwind into Swift.
template <class Body> ct_status guarded(char **error, Body &&body) noexcept {
    auto fail = [&](ct_status status, const char *text) {
        if (error) *error = copy(text);
        return status;
    };
    try {
        body();
        return CT_OK;
    } catch (const c10::OutOfMemoryError &e) {
        return fail(CT_OUT_OF_MEMORY, e.what_without_backtrace());
    } catch (const c10::Error &e) {
        return fail(CT_ERROR, e.what_without_backtrace());
    } catch (const std::bad_alloc &e) {
        return fail(CT_OUT_OF_MEMORY, e.what());
    } catch (const std::exception &e) {
        return fail(CT_ERROR, e.what());
    } catch (...) {
        return fail(CT_ERROR, "unknown C++ exception");
    }
}

} // namespace shim
