#include "Support.hpp"

std::atomic<int64_t> shim::live{0};

void ct_string_free(char *string) { std::free(string); }

void ct_tensor_free(ct_tensor *tensor) {
    if (!tensor) return;
    shim::live.fetch_sub(1, std::memory_order_relaxed);
    delete tensor;
}

int64_t ct_tensor_live(void) { return shim::live.load(std::memory_order_relaxed); }

ct_status ct_tensor_from_bytes(const void *bytes, int64_t byte_count, const int64_t *shape, int64_t rank, int32_t dtype,
                               int32_t device_type, int32_t device_index, ct_tensor **out, char **error) {
    return shim::guarded(error, [&] {
        at::NoGradGuard no_grad;
        auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
        at::Tensor host = at::empty(at::IntArrayRef(shape, rank), options);
        TORCH_CHECK(static_cast<int64_t>(host.nbytes()) == byte_count, "shape ", host.sizes(), " of ",
                    host.dtype().name(), " needs ", host.nbytes(), " bytes, given ", byte_count);
        if (byte_count > 0) std::memcpy(host.data_ptr(), bytes, byte_count);
        *out = shim::wrap(host.to(shim::device(device_type, device_index)));
    });
}

ct_status ct_tensor_to_bytes(const ct_tensor *tensor, void *bytes, int64_t byte_count, char **error) {
    return shim::guarded(error, [&] {
        at::NoGradGuard no_grad;
        at::Tensor host = tensor->value.detach().to(at::kCPU).contiguous();
        TORCH_CHECK(static_cast<int64_t>(host.nbytes()) == byte_count, "tensor of ", host.nbytes(),
                    " bytes does not fill ", byte_count);
        if (byte_count > 0) std::memcpy(bytes, host.data_ptr(), byte_count);
    });
}

int64_t ct_tensor_rank(const ct_tensor *t) { return t->value.dim(); }
int64_t ct_tensor_size(const ct_tensor *t, int64_t dim) { return t->value.sizes()[dim]; }
int64_t ct_tensor_stride(const ct_tensor *t, int64_t dim) { return t->value.strides()[dim]; }
int64_t ct_tensor_count(const ct_tensor *t) { return t->value.numel(); }
int64_t ct_tensor_element_bytes(const ct_tensor *t) { return static_cast<int64_t>(t->value.element_size()); }
int32_t ct_tensor_dtype(const ct_tensor *t) { return static_cast<int32_t>(t->value.scalar_type()); }
void ct_tensor_device(const ct_tensor *t, int32_t *type, int32_t *index) {
    *type = static_cast<int32_t>(t->value.device().type());
    *index = static_cast<int32_t>(t->value.device().index());
}
bool ct_tensor_is_contiguous(const ct_tensor *t) { return t->value.is_contiguous(); }
void *ct_tensor_data(const ct_tensor *t) { return t->value.is_cpu() ? t->value.data_ptr() : nullptr; }
bool ct_tensor_is_same(const ct_tensor *a, const ct_tensor *b) { return a->value.is_same(b->value); }
