// A thin C face of FAISS: inner products, an HNSW graph over rows that the caller owns, inverted lists of
// product-quantised rows. Every function that can fail returns 0 on success; otherwise a `cf_status` and, in `error`, a
// message that the caller frees with `cf_string_free`. Nothing here decides anything.
#ifndef CFAISS_H
#define CFAISS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cf_hnsw cf_hnsw;
typedef struct cf_ivfpq cf_ivfpq;

typedef int32_t cf_status;
enum { CF_OK = 0, CF_ERROR = 1, CF_OUT_OF_MEMORY = 2 };

void cf_string_free(char *string);

/// FAISS's version, "1.7.3".
const char *cf_version(void);
/// What FAISS was compiled with: "OPTIMIZE AVX2 ", "GENERIC ".
const char *cf_compile_options(void);

/// `out[i]` is the inner product of `query` and row i; all have `d` values.
void cf_inner_products(const float *query, const float *rows, int64_t d, int64_t count, float *out);
float cf_inner_product(const float *a, const float *b, int64_t d);
/// `out[i]` is the inner product of `query` and row `which[i]`. The rows are fetched ahead and multiplied four at a time, as
/// memory is what a walk through a graph waits for.
void cf_inner_products_of(const float *query, const float *rows, int64_t d, const int32_t *which, int64_t count, float *out);

// MARK: HNSW

/// A graph without vectors: they stay where the caller has them, row after row, `cf_hnsw_set_rows` says where.
cf_status cf_hnsw_make(int64_t d, int32_t connections, int32_t ef_construction, cf_hnsw **out, char **error);
void cf_hnsw_free(cf_hnsw *index);
/// Must be told anew when the rows move. Not while another thread uses the graph.
void cf_hnsw_set_rows(cf_hnsw *index, const float *rows);
int64_t cf_hnsw_count(const cf_hnsw *index);
/// Links the next `count` rows.
cf_status cf_hnsw_add(cf_hnsw *index, int64_t count, int32_t threads, char **error);
/// The arrays of a graph, valid until it changes. Row i has `levels[i]` levels; its links are in `links` from `offsets[i]`:
/// two times `connections` on the lowest level, `connections` on each above, -1 where there is none.
typedef struct cf_graph {
    int64_t count;
    int32_t entry;
    int32_t top_level;
    const int32_t *levels;
    const uint64_t *offsets;
    int32_t *links;
    int64_t link_count;
} cf_graph;

void cf_hnsw_view(cf_hnsw *index, cf_graph *out);
/// First link of a row on a level, and the number of places there.
void cf_hnsw_range(const cf_hnsw *index, int64_t row, int32_t level, int64_t *begin, int64_t *end);
void cf_hnsw_set_entry(cf_hnsw *index, int32_t entry, int32_t top_level);
/// Takes over the arrays of another graph with as many connections; they are copied. Its offsets are not looked at.
cf_status cf_hnsw_restore(cf_hnsw *index, const cf_graph *graph, char **error);

// MARK: inverted lists of product-quantised rows

/// `lists` inverted lists; codes of `parts` bytes.
cf_status cf_ivfpq_make(int64_t d, int64_t lists, int64_t parts, cf_ivfpq **out, char **error);
void cf_ivfpq_free(cf_ivfpq *index);
int64_t cf_ivfpq_count(const cf_ivfpq *index);
cf_status cf_ivfpq_train(cf_ivfpq *index, const float *rows, int64_t count, int32_t threads, char **error);
cf_status cf_ivfpq_add(cf_ivfpq *index, const float *rows, const int64_t *ids, int64_t count, int32_t threads, char **error);
cf_status cf_ivfpq_remove(cf_ivfpq *index, const int64_t *ids, int64_t count, int64_t *removed, char **error);
/// Room for `k` ids, best first; unused places have -1. Looks into `probes` lists.
cf_status cf_ivfpq_search(const cf_ivfpq *index, const float *query, int64_t k, int64_t probes, int64_t *ids, char **error);

/// Where a trained index has its `lists` x d coarse centroids, and its 256 x d values of the quantiser.
void cf_ivfpq_centroids(const cf_ivfpq *index, const float **coarse, int64_t *coarse_count, const float **fine,
                        int64_t *fine_count);
void cf_ivfpq_list(const cf_ivfpq *index, int64_t list, int64_t *count, const int64_t **ids, const uint8_t **codes);
/// Takes over the centroids of a trained index; they are copied.
cf_status cf_ivfpq_restore(cf_ivfpq *index, const float *coarse, const float *fine, char **error);
cf_status cf_ivfpq_append(cf_ivfpq *index, int64_t list, int64_t count, const int64_t *ids, const uint8_t *codes,
                          char **error);

#ifdef __cplusplus
}
#endif
#endif
