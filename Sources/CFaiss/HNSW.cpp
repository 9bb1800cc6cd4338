#include "Support.hpp"

#include <faiss/IndexHNSW.h>
#include <faiss/impl/DistanceComputer.h>
#include <faiss/impl/FaissAssert.h>
#include <faiss/utils/distances.h>

namespace {

// FAISS wants small distances for near rows; for unit vectors the negated inner product orders as the Euclidean one does.
struct Product final : faiss::DistanceComputer {
    const float *rows;
    size_t d;
    const float *query = nullptr;

    Product(const float *rows, size_t d) : rows(rows), d(d) {}
    void set_query(const float *x) override { query = x; }
    float operator()(int64_t i) override { return -faiss::fvec_inner_product(query, rows + i * d, d); }
    float symmetric_dis(int64_t i, int64_t j) override {
        return -faiss::fvec_inner_product(rows + i * d, rows + j * d, d);
    }
};

// Rows that belong to the caller, so that FAISS keeps no second copy of them.
struct Rows final : faiss::Index {
    const float *base = nullptr;

    explicit Rows(int64_t d) : faiss::Index(d, faiss::METRIC_L2) {}
    void add(int64_t n, const float *) override { ntotal += n; }
    void search(int64_t, const float *, int64_t, float *, int64_t *, const faiss::SearchParameters *) const override {
        throw std::logic_error("the rows of a graph are not searched by themselves");
    }
    void reset() override { ntotal = 0; }
    faiss::DistanceComputer *get_distance_computer() const override {
        return new Product(base, static_cast<size_t>(d));
    }
};

} // namespace

struct cf_hnsw {
    Rows rows;
    faiss::IndexHNSW index;

    cf_hnsw(int64_t d, int32_t connections) : rows(d), index(&rows, connections) {}
};

cf_status cf_hnsw_make(int64_t d, int32_t connections, int32_t ef_construction, cf_hnsw **out, char **error) {
    return shim::guarded(error, [&] {
        auto *made = new cf_hnsw(d, connections);
        made->index.hnsw.efConstruction = ef_construction;
        *out = made;
    });
}

void cf_hnsw_free(cf_hnsw *index) { delete index; }
void cf_hnsw_set_rows(cf_hnsw *index, const float *rows) { index->rows.base = rows; }
int64_t cf_hnsw_count(const cf_hnsw *index) { return index->index.ntotal; }

cf_status cf_hnsw_add(cf_hnsw *index, int64_t count, int32_t threads, char **error) {
    return shim::guarded(error, [&] {
        shim::Threads scope(threads);
        index->index.add(count, index->rows.base + index->index.ntotal * index->rows.d);
    });
}

void cf_hnsw_view(cf_hnsw *index, cf_graph *out) {
    auto &hnsw = index->index.hnsw;
    static_assert(sizeof(size_t) == sizeof(uint64_t));
    *out = {index->index.ntotal,
            hnsw.entry_point,
            hnsw.max_level,
            hnsw.levels.data(),
            reinterpret_cast<const uint64_t *>(hnsw.offsets.data()),
            hnsw.neighbors.data(),
            static_cast<int64_t>(hnsw.neighbors.size())};
}

void cf_hnsw_range(const cf_hnsw *index, int64_t row, int32_t level, int64_t *begin, int64_t *end) {
    size_t first = 0, last = 0;
    index->index.hnsw.neighbor_range(row, level, &first, &last);
    *begin = static_cast<int64_t>(first);
    *end = static_cast<int64_t>(last);
}

void cf_hnsw_set_entry(cf_hnsw *index, int32_t entry, int32_t top_level) {
    index->index.hnsw.entry_point = entry;
    index->index.hnsw.max_level = top_level;
}

cf_status cf_hnsw_restore(cf_hnsw *index, const cf_graph *graph, char **error) {
    return shim::guarded(error, [&] {
        auto &hnsw = index->index.hnsw;
        hnsw.levels.assign(graph->levels, graph->levels + graph->count);
        hnsw.offsets.assign(1, 0);
        hnsw.offsets.reserve(graph->count + 1);
        for (int64_t i = 0; i < graph->count; i++) {
            hnsw.offsets.push_back(hnsw.offsets.back() + hnsw.cum_nb_neighbors(graph->levels[i]));
        }
        FAISS_THROW_IF_NOT(hnsw.offsets.back() == static_cast<size_t>(graph->link_count));
        hnsw.neighbors.assign(graph->links, graph->links + graph->link_count);
        hnsw.entry_point = graph->entry;
        hnsw.max_level = graph->top_level;
        index->index.ntotal = index->rows.ntotal = graph->count;
    });
}
