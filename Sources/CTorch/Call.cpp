#include "Support.hpp"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/stack.h>

using c10::IValue;

namespace {

const at::Tensor &tensor(const void *pointer) { return static_cast<const ct_tensor *>(pointer)->value; }

template <class Element, class Out> c10::List<Out> list(const ct_value &v) {
    c10::List<Out> out;
    out.reserve(v.count);
    auto *p = static_cast<const Element *>(v.pointer);
    for (int64_t i = 0; i < v.count; i++) out.push_back(static_cast<Out>(p[i]));
    return out;
}

IValue make(const ct_value &v) {
    switch (v.kind) {
    case CT_NONE: return IValue();
    case CT_TENSOR: return IValue(tensor(v.pointer));
    case CT_INT: return IValue(v.integer);
    case CT_DOUBLE: return IValue(v.real);
    case CT_BOOL: return IValue(v.integer != 0);
    case CT_INT_LIST: return IValue(list<int64_t, int64_t>(v));
    case CT_DOUBLE_LIST: return IValue(list<double, double>(v));
    case CT_BOOL_LIST: return IValue(list<uint8_t, bool>(v));
    case CT_TENSOR_LIST: {
        c10::List<at::Tensor> out;
        auto *p = static_cast<ct_tensor *const *>(v.pointer);
        for (int64_t i = 0; i < v.count; i++) out.push_back(p[i]->value);
        return IValue(std::move(out));
    }
    case CT_OPTIONAL_TENSOR_LIST: {
        c10::List<std::optional<at::Tensor>> out;
        auto *p = static_cast<ct_tensor *const *>(v.pointer);
        for (int64_t i = 0; i < v.count; i++)
            out.push_back(p[i] ? std::optional<at::Tensor>(p[i]->value) : std::nullopt);
        return IValue(std::move(out));
    }
    case CT_SCALAR_LIST: {
        c10::List<at::Scalar> out;
        auto *p = static_cast<const double *>(v.pointer);
        for (int64_t i = 0; i < v.count; i++) out.push_back(at::Scalar(p[i]));
        return IValue(std::move(out));
    }
    case CT_STRING: return IValue(std::string(static_cast<const char *>(v.pointer)));
    case CT_DEVICE: return IValue(shim::device(static_cast<int32_t>(v.integer), static_cast<int32_t>(v.count)));
    case CT_GENERATOR: return IValue(static_cast<const ct_generator *>(v.pointer)->value);
    }
    TORCH_CHECK(false, "argument of unknown kind ", v.kind);
}

// Integers are valid where the schema wants a float ("eps = 1"): libtorch's boxed unwrapping is strict about it.
IValue fit(IValue value, const c10::Argument &argument) {
    auto type = argument.type();
    if (auto optional = type->cast<c10::OptionalType>()) type = optional->getElementType();
    if (value.isInt() && type->kind() == c10::TypeKind::FloatType) return IValue(static_cast<double>(value.toInt()));
    return value;
}

struct Results {
    ct_value *values;
    int64_t capacity;
    int64_t count = 0;

    ct_value &next() {
        TORCH_CHECK(count < capacity, "more than ", capacity, " results");
        values[count] = ct_value{CT_NONE, 0, 0, nullptr, 0};
        return values[count++];
    }

    void add(const at::Tensor &t) {
        auto &out = next();
        if (!t.defined()) return;
        out.pointer = shim::wrap(t);
        out.kind = CT_TENSOR;
    }

    void add(const IValue &v) {
        if (v.isTensor()) return add(v.toTensor());
        if (v.isTensorList()) {
            for (const at::Tensor &t : v.toTensorVector()) add(t);
            return;
        }
        auto &out = next();
        if (v.isInt()) out.kind = CT_INT, out.integer = v.toInt();
        else if (v.isDouble()) out.kind = CT_DOUBLE, out.real = v.toDouble();
        else if (v.isBool()) out.kind = CT_BOOL, out.integer = v.toBool();
        else TORCH_CHECK(v.isNone(), "results of type ", v.tagKind(), " are not supported");
    }

    void free() {
        for (int64_t i = 0; i < count; i++)
            if (values[i].kind == CT_TENSOR) ct_tensor_free(static_cast<ct_tensor *>(const_cast<void *>(values[i].pointer)));
        count = 0;
    }
};

} // namespace

ct_status ct_call(const char *name, const char *overload, const ct_value *arguments, int64_t argument_count,
                  ct_value *results, int64_t capacity, int64_t *result_count, char **error) {
    Results out{results, capacity};
    *result_count = 0;
    ct_status status = shim::guarded(error, [&] {
        auto op = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
        const auto &parameters = op.schema().arguments();
        TORCH_CHECK(argument_count <= static_cast<int64_t>(parameters.size()), name, " takes ", parameters.size(),
                    " arguments, not ", argument_count);
        torch::jit::Stack stack;
        stack.reserve(parameters.size());
        for (size_t i = 0; i < parameters.size(); i++) {
            if (static_cast<int64_t>(i) < argument_count && arguments[i].kind != CT_DEFAULT) {
                stack.push_back(fit(make(arguments[i]), parameters[i]));
                continue;
            }
            const auto &fallback = parameters[i].default_value();
            TORCH_CHECK(fallback.has_value(), name, " needs argument '", parameters[i].name(), "'");
            stack.push_back(*fallback);
        }
        op.callBoxed(stack);
        for (const auto &value : stack) out.add(value);
    });
    if (status != CT_OK) out.free();
    *result_count = out.count;
    return status;
}
