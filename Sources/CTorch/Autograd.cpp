#include "Support.hpp"

#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>

namespace {

std::vector<at::Tensor> values(ct_tensor *const *handles, int64_t count) {
    std::vector<at::Tensor> out;
    if (!handles) return out;
    out.reserve(count);
    for (int64_t i = 0; i < count; i++) out.push_back(handles[i] ? handles[i]->value : at::Tensor());
    return out;
}

} // namespace

bool ct_tensor_requires_grad(const ct_tensor *t) { return t->value.requires_grad(); }
bool ct_tensor_is_leaf(const ct_tensor *t) { return t->value.is_leaf(); }

ct_status ct_tensor_set_requires_grad(ct_tensor *t, bool value, char **error) {
    return shim::guarded(error, [&] { t->value.set_requires_grad(value); });
}

ct_status ct_tensor_grad(const ct_tensor *t, ct_tensor **out, char **error) {
    return shim::guarded(error, [&] {
        const at::Tensor &grad = t->value.grad();
        *out = grad.defined() ? shim::wrap(grad) : nullptr;
    });
}

ct_status ct_tensor_set_grad(ct_tensor *t, const ct_tensor *grad, char **error) {
    return shim::guarded(error, [&] { t->value.mutable_grad() = grad ? grad->value : at::Tensor(); });
}

ct_status ct_backward(ct_tensor *const *outputs, ct_tensor *const *output_grads, int64_t output_count,
                      bool retain_graph, bool create_graph, char **error) {
    return shim::guarded(error, [&] {
        torch::autograd::backward(values(outputs, output_count), values(output_grads, output_count), retain_graph,
                                  create_graph);
    });
}

ct_status ct_grad(ct_tensor *const *outputs, ct_tensor *const *output_grads, int64_t output_count,
                  ct_tensor *const *inputs, int64_t input_count, bool retain_graph, bool create_graph,
                  bool allow_unused, ct_tensor **grads, char **error) {
    return shim::guarded(error, [&] {
        auto result = torch::autograd::grad(values(outputs, output_count), values(inputs, input_count),
                                            values(output_grads, output_count), retain_graph, create_graph, allow_unused);
        for (int64_t i = 0; i < input_count; i++) grads[i] = result[i].defined() ? shim::wrap(result[i]) : nullptr;
    });
}

bool ct_grad_mode(void) { return at::GradMode::is_enabled(); }
void ct_set_grad_mode(bool enabled) { at::GradMode::set_enabled(enabled); }

bool ct_autocast_enabled(int32_t type) {
    return at::autocast::is_autocast_enabled(static_cast<at::DeviceType>(type));
}

int32_t ct_autocast_dtype(int32_t type) {
    return static_cast<int32_t>(at::autocast::get_autocast_dtype(static_cast<at::DeviceType>(type)));
}

ct_status ct_set_autocast(int32_t type, bool enabled, int32_t dtype, char **error) {
    return shim::guarded(error, [&] {
        at::autocast::set_autocast_dtype(static_cast<at::DeviceType>(type), static_cast<at::ScalarType>(dtype));
        at::autocast::set_autocast_enabled(static_cast<at::DeviceType>(type), enabled);
    });
}

void ct_autocast_enter(void) { at::autocast::increment_nesting(); }
void ct_autocast_exit(void) {
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
}
