"""The faiss-cpu side of Benchmarks/run search: reads commands from standard input, answers with one line of JSON each.

    load FOLDER             reads base.f32 and queries.f32, [rows, 512]; finds the true ten nearest and writes truth.i32
    build M EFCONSTRUCTION  answers {"seconds": …}
    width EFSEARCH          answers {"recall": share of the true ten nearest that are found}
    run SECONDS             answers {"seconds": [wall time of each search], "processor": [time of all threads together]}
    memory                  answers {"peak": bytes}

Usage: search_worker.py THREADS"""

import json
import resource
import sys
import time

import faiss
import numpy

DIMENSION = 512


class Search:
    def load(self, folder):
        self.base = numpy.memmap(f"{folder}/base.f32", "<f4", "r").reshape(-1, DIMENSION)
        self.queries = numpy.fromfile(f"{folder}/queries.f32", "<f4").reshape(-1, DIMENSION)
        # Block by block, so that no second copy of all vectors stands in memory.
        best, which = None, None
        for start in range(0, len(self.base), 100_000):
            block = numpy.ascontiguousarray(self.base[start:start + 100_000])
            scores, rows = faiss.knn(self.queries, block, 10, metric=faiss.METRIC_INNER_PRODUCT)
            if best is not None:
                scores = numpy.concatenate([best, scores], axis=1)
                rows = numpy.concatenate([which, rows + start], axis=1)
            order = numpy.argsort(-scores, axis=1, kind="stable")[:, :10]
            best, which = numpy.take_along_axis(scores, order, 1), numpy.take_along_axis(rows, order, 1)
        self.truth = which
        which.astype("<i4").tofile(f"{folder}/truth.i32")
        return {"version": faiss.__version__, "options": faiss.get_compile_options()}

    def build(self, connections, width):
        start = time.perf_counter()
        self.index = faiss.IndexHNSWFlat(DIMENSION, int(connections), faiss.METRIC_INNER_PRODUCT)
        self.index.hnsw.efConstruction = int(width)
        for first in range(0, len(self.base), 20_000):
            self.index.add(numpy.ascontiguousarray(self.base[first:first + 20_000]))
        return {"seconds": time.perf_counter() - start}

    def width(self, width):
        self.index.hnsw.efSearch = int(width)
        found = sum(
            len(set(self.index.search(query[None], 10)[1][0]) & set(truth)) for query, truth in zip(self.queries, self.truth)
        )
        return {"recall": found / self.truth.size}

    def run(self, seconds):
        times, busy, end, number = [], [], time.perf_counter() + float(seconds), 0
        while not times or time.perf_counter() < end:
            query = self.queries[number % len(self.queries)][None]
            start, used = time.perf_counter(), time.process_time()
            self.index.search(query, 10)
            times.append(time.perf_counter() - start)
            busy.append(time.process_time() - used)
            number += 1
        return {"seconds": times, "processor": busy}

    def memory(self):
        return {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def main(threads):
    faiss.omp_set_num_threads(threads)
    search = Search()
    for line in sys.stdin:
        command, *arguments = line.split()
        try:
            result = getattr(search, command)(*arguments)
        except Exception as error:  # the runner prints it
            result = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
