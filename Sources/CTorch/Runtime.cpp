#include "Support.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/CPUAllocator.h>
#include <torch/csrc/api/include/torch/version.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

ct_status ct_generator_make(uint64_t seed, int32_t type, int32_t index, ct_generator **out, char **error) {
    return shim::guarded(error, [&] {
        at::Generator generator;
        if (static_cast<at::DeviceType>(type) == at::kCPU) {
            generator = at::make_generator<at::CPUGeneratorImpl>(seed);
        } else {
            generator = at::globalContext().defaultGenerator(shim::device(type, index)).clone();
            generator.set_current_seed(seed);
        }
        *out = new ct_generator{std::move(generator)};
    });
}

void ct_generator_free(ct_generator *generator) { delete generator; }

ct_status ct_generator_set_seed(ct_generator *generator, uint64_t seed, char **error) {
    return shim::guarded(error, [&] {
        std::lock_guard<std::mutex> lock(generator->value.mutex());
        generator->value.set_current_seed(seed);
    });
}

ct_status ct_generator_get_state(const ct_generator *generator, ct_tensor **out, char **error) {
    return shim::guarded(error, [&] { *out = shim::wrap(generator->value.get_state()); });
}

ct_status ct_generator_set_state(ct_generator *generator, const ct_tensor *state, char **error) {
    return shim::guarded(error, [&] { generator->value.set_state(state->value); });
}

bool ct_keep_freed_memory(void) {
#ifdef __GLIBC__
    return mallopt(M_MMAP_THRESHOLD, 1 << 30) && mallopt(M_TRIM_THRESHOLD, 2047 << 20) && mallopt(M_TOP_PAD, 64 << 20) &&
        mallopt(M_ARENA_MAX, 1);
#else
    return false;
#endif
}

bool ct_share_heap(int64_t mmap_bytes) {
#ifdef __GLIBC__
    return mallopt(M_ARENA_MAX, 1) && mallopt(M_MMAP_THRESHOLD, static_cast<int>(mmap_bytes)) &&
        mallopt(M_TRIM_THRESHOLD, 32 << 20) && mallopt(M_TOP_PAD, 8 << 20);
#else
    return false;
#endif
}

namespace {

struct CPUMemory final : c10::Allocator {
    void *(*take)(int64_t) = nullptr;
    void (*give)(void *) = nullptr;

    c10::DataPtr allocate(size_t bytes) override {
        void *block = bytes ? take(static_cast<int64_t>(bytes)) : nullptr;
        TORCH_CHECK_WITH(OutOfMemoryError, block || !bytes, "no memory for a tensor of ", bytes, " bytes");
        return {block, block, &release, c10::Device(c10::kCPU)};
    }
    c10::DeleterFnPtr raw_deleter() const override { return &release; }
    void copy_data(void *to, const void *from, size_t bytes) const override { default_copy_data(to, from, bytes); }
    static void release(void *block);
};

// Never destroyed: tensors may outlive it.
CPUMemory &cpu_memory() {
    static auto *memory = new CPUMemory;
    return *memory;
}

void CPUMemory::release(void *block) {
    if (block) cpu_memory().give(block);
}

} // namespace

void ct_set_cpu_memory(void *(*allocate)(int64_t), void (*release)(void *)) {
    cpu_memory().take = allocate;
    cpu_memory().give = release;
    c10::SetCPUAllocator(&cpu_memory());
}

const char *ct_version(void) { return TORCH_VERSION; }
int32_t ct_threads(void) { return at::get_num_threads(); }
void ct_set_threads(int32_t count) { at::set_num_threads(count); }
int32_t ct_cuda_device_count(void) {
    return at::hasCUDA() ? static_cast<int32_t>(at::globalContext().getAcceleratorHooksInterface(at::kCUDA).deviceCount()) : 0;
}
bool ct_mkldnn_available(void) { return at::hasMKLDNN(); }

const char *ct_cpu_capability(void) {
    static const std::string name = at::get_cpu_capability();
    return name.c_str();
}
