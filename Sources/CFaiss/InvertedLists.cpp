#include "Support.hpp"

#include <faiss/IndexFlat.h>
#include <faiss/IndexIVFPQ.h>
#include <faiss/impl/FaissAssert.h>
#include <faiss/impl/IDSelector.h>

struct cf_ivfpq {
    faiss::IndexFlatL2 coarse;
    faiss::IndexIVFPQ index;

    cf_ivfpq(int64_t d, int64_t lists, int64_t parts) : coarse(d), index(&coarse, d, lists, parts, 8) {}
};

cf_status cf_ivfpq_make(int64_t d, int64_t lists, int64_t parts, cf_ivfpq **out, char **error) {
    return shim::guarded(error, [&] { *out = new cf_ivfpq(d, lists, parts); });
}

void cf_ivfpq_free(cf_ivfpq *index) { delete index; }
int64_t cf_ivfpq_count(const cf_ivfpq *index) { return index->index.ntotal; }

cf_status cf_ivfpq_train(cf_ivfpq *index, const float *rows, int64_t count, int32_t threads, char **error) {
    return shim::guarded(error, [&] {
        shim::Threads scope(threads);
        index->index.train(count, rows);
    });
}

cf_status cf_ivfpq_add(cf_ivfpq *index, const float *rows, const int64_t *ids, int64_t count, int32_t threads,
                       char **error) {
    return shim::guarded(error, [&] {
        shim::Threads scope(threads);
        index->index.add_with_ids(count, rows, ids);
    });
}

cf_status cf_ivfpq_remove(cf_ivfpq *index, const int64_t *ids, int64_t count, int64_t *removed, char **error) {
    return shim::guarded(error, [&] {
        faiss::IDSelectorBatch selector(count, ids);
        *removed = static_cast<int64_t>(index->index.remove_ids(selector));
    });
}

cf_status cf_ivfpq_search(const cf_ivfpq *index, const float *query, int64_t k, int64_t probes, int64_t *ids,
                          char **error) {
    return shim::guarded(error, [&] {
        shim::Threads scope(1);
        faiss::IVFPQSearchParameters parameters;
        parameters.nprobe = static_cast<size_t>(probes);
        std::vector<float> distances(k);
        index->index.search(1, query, k, distances.data(), ids, &parameters);
    });
}

void cf_ivfpq_centroids(const cf_ivfpq *index, const float **coarse, int64_t *coarse_count, const float **fine,
                        int64_t *fine_count) {
    *coarse = index->coarse.get_xb();
    *coarse_count = index->coarse.ntotal * index->coarse.d;
    *fine = index->index.pq.centroids.data();
    *fine_count = static_cast<int64_t>(index->index.pq.centroids.size());
}

void cf_ivfpq_list(const cf_ivfpq *index, int64_t list, int64_t *count, const int64_t **ids, const uint8_t **codes) {
    const auto *lists = index->index.invlists;
    *count = static_cast<int64_t>(lists->list_size(list));
    *ids = lists->get_ids(list);
    *codes = lists->get_codes(list);
}

cf_status cf_ivfpq_restore(cf_ivfpq *index, const float *coarse, const float *fine, char **error) {
    return shim::guarded(error, [&] {
        auto &ivf = index->index;
        index->coarse.reset();
        index->coarse.add(static_cast<int64_t>(ivf.nlist), coarse);
        ivf.pq.centroids.assign(fine, fine + ivf.pq.centroids.size());
        ivf.is_trained = true;
        ivf.precompute_table();
    });
}

cf_status cf_ivfpq_append(cf_ivfpq *index, int64_t list, int64_t count, const int64_t *ids, const uint8_t *codes,
                          char **error) {
    return shim::guarded(error, [&] {
        FAISS_THROW_IF_NOT(list >= 0 && list < static_cast<int64_t>(index->index.nlist));
        index->index.invlists->add_entries(list, count, ids, codes);
        index->index.ntotal += count;
    });
}
