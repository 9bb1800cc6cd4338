// A thin C face of libtorch: handles, boxed operator calls, autograd, random state, threads.
// Every function that can fail returns 0 on success; otherwise a `ct_status` and, in `error`, a message that the
// caller frees with `ct_string_free`. Nothing here decides anything: shapes, defaults and broadcasting are libtorch's.
#ifndef CTORCH_H
#define CTORCH_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ct_tensor ct_tensor;
typedef struct ct_generator ct_generator;

typedef int32_t ct_status;
enum { CT_OK = 0, CT_ERROR = 1, CT_OUT_OF_MEMORY = 2 };

void ct_string_free(char *string);

// MARK: boxed operator calls

typedef enum ct_kind {
    CT_NONE = 0, CT_TENSOR = 1, CT_INT = 2, CT_DOUBLE = 3, CT_BOOL = 4, CT_INT_LIST = 5, CT_DOUBLE_LIST = 6,
    CT_BOOL_LIST = 7, CT_TENSOR_LIST = 8, CT_OPTIONAL_TENSOR_LIST = 9, CT_STRING = 10, CT_DEVICE = 11,
    CT_GENERATOR = 12, CT_SCALAR_LIST = 13, CT_DEFAULT = 14,
} ct_kind;

/// One argument or result. Lists point to `count` elements: int64_t, double, uint8_t (booleans) or ct_tensor* (null = none).
/// A device is `integer` = type (c10::DeviceType) and `count` = index.
typedef struct ct_value {
    int32_t kind;
    int64_t integer;
    double real;
    const void *pointer;
    int64_t count;
} ct_value;

/// Calls an ATen operator by schema name ("aten::conv2d") and overload ("" or "Tensor"). Missing trailing arguments,
/// and CT_DEFAULT ones, take the schema's defaults. Results (tensor lists flattened) go to `results`, their number to
/// `result_count`; more results than `capacity` is an error. Result tensors belong to the caller.
ct_status ct_call(const char *name, const char *overload, const ct_value *arguments, int64_t argument_count,
                  ct_value *results, int64_t capacity, int64_t *result_count, char **error);

// MARK: tensors

void ct_tensor_free(ct_tensor *tensor);
/// Number of tensor handles that are alive in the process.
int64_t ct_tensor_live(void);
ct_status ct_tensor_from_bytes(const void *bytes, int64_t byte_count, const int64_t *shape, int64_t rank, int32_t dtype,
                               int32_t device_type, int32_t device_index, ct_tensor **out, char **error);
/// Copies the elements, row-major, to `bytes` (moved to the CPU first if needed).
ct_status ct_tensor_to_bytes(const ct_tensor *tensor, void *bytes, int64_t byte_count, char **error);
int64_t ct_tensor_rank(const ct_tensor *tensor);
int64_t ct_tensor_size(const ct_tensor *tensor, int64_t dim);
int64_t ct_tensor_stride(const ct_tensor *tensor, int64_t dim);
int64_t ct_tensor_count(const ct_tensor *tensor);
int64_t ct_tensor_element_bytes(const ct_tensor *tensor);
int32_t ct_tensor_dtype(const ct_tensor *tensor);
void ct_tensor_device(const ct_tensor *tensor, int32_t *device_type, int32_t *device_index);
bool ct_tensor_is_contiguous(const ct_tensor *tensor);
/// Address of the first element for CPU tensors; valid while the tensor lives.
void *ct_tensor_data(const ct_tensor *tensor);
bool ct_tensor_is_same(const ct_tensor *a, const ct_tensor *b);

// MARK: autograd

bool ct_tensor_requires_grad(const ct_tensor *tensor);
bool ct_tensor_is_leaf(const ct_tensor *tensor);
ct_status ct_tensor_set_requires_grad(ct_tensor *tensor, bool value, char **error);
/// `out` is null when there is no gradient.
ct_status ct_tensor_grad(const ct_tensor *tensor, ct_tensor **out, char **error);
/// A null `grad` removes the gradient.
ct_status ct_tensor_set_grad(ct_tensor *tensor, const ct_tensor *grad, char **error);
ct_status ct_backward(ct_tensor *const *outputs, ct_tensor *const *output_grads, int64_t output_count,
                      bool retain_graph, bool create_graph, char **error);
/// `grads` has room for `input_count` handles; unused inputs give null when `allow_unused`.
ct_status ct_grad(ct_tensor *const *outputs, ct_tensor *const *output_grads, int64_t output_count,
                  ct_tensor *const *inputs, int64_t input_count, bool retain_graph, bool create_graph,
                  bool allow_unused, ct_tensor **grads, char **error);
bool ct_grad_mode(void);
void ct_set_grad_mode(bool enabled);

// MARK: autocast

bool ct_autocast_enabled(int32_t device_type);
int32_t ct_autocast_dtype(int32_t device_type);
ct_status ct_set_autocast(int32_t device_type, bool enabled, int32_t dtype, char **error);
void ct_autocast_enter(void);
void ct_autocast_exit(void);

// MARK: random

ct_status ct_generator_make(uint64_t seed, int32_t device_type, int32_t device_index, ct_generator **out, char **error);
void ct_generator_free(ct_generator *generator);
ct_status ct_generator_set_seed(ct_generator *generator, uint64_t seed, char **error);
ct_status ct_generator_get_state(const ct_generator *generator, ct_tensor **out, char **error);
ct_status ct_generator_set_state(ct_generator *generator, const ct_tensor *state, char **error);

// MARK: runtime

const char *ct_version(void);
/// Tells glibc to keep large freed blocks instead of returning them to the kernel at once, and to make no further heaps for threads;
/// false where it cannot be told.
bool ct_keep_freed_memory(void);
/// Tells glibc to make no further heaps for threads, and to give blocks of more than `mmap_bytes` pages of their own; false where it
/// cannot be told.
bool ct_share_heap(int64_t mmap_bytes);
/// From here on, memory of tensors on the CPU comes from `allocate`, which returns null when there is none; `release` takes it back.
/// Any thread calls them, `release` until the process ends. Call it before the first tensor is made by another thread.
void ct_set_cpu_memory(void *(*allocate)(int64_t bytes), void (*release)(void *block));
int32_t ct_threads(void);
void ct_set_threads(int32_t count);
int32_t ct_cuda_device_count(void);
bool ct_mkldnn_available(void);
/// The instruction set that ATen's own kernels were dispatched to ("AVX512", "AVX2", "DEFAULT").
const char *ct_cpu_capability(void);

#ifdef __cplusplus
}
#endif
#endif
