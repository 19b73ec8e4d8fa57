Cwindow.BENCHMARK_DATA = {
  "lastUpdate": 1772503200000,
  "repoUrl": "https://example.org/engine",
  "entries": {
    "Go Benchmark": [
      {
        "commit": {"author": {"name": "a"}, "id": "c0ffee02", "message": "later, but first in the file", "timestamp": "2026-03-02T10:00:00+01:00"},
        "date": 1772445600500,
        "tool": "go",
        "benches": [
          {"name": "BenchmarkWalk", "value": 250, "unit": "ns/op\t      64 B/op\t       2 allocs/op", "extra": "4000 times\n4 procs"},
          {"name": "BenchmarkWalk - ns/op", "value": 250, "unit": "ns/op", "extra": "4000 times\n4 procs"},
          {"name": "BenchmarkWalk - B/op", "value": 64, "unit": "B/op", "extra": "4000 times\n4 procs"},
          {"name": "BenchmarkWalk - allocs/op", "value": 2, "unit": "allocs/op", "extra": "4000 times\n4 procs"},
          {"name": "BenchmarkOld", "value": 10, "unit": "ns/op\t  80.5 MB/s", "extra": "100 times\n4 procs"}
        ]
      },
      {
        "commit": {"id": "c0ffee01", "timestamp": "2026-03-01T10:00:00Z"},
        "date": 1772359200000,
        "tool": "go",
        "benches": [
          {"name": "BenchmarkWalk", "value": 240, "unit": "ns/op", "extra": "5000 times\n4 procs"}
        ]
      },
      {
        "commit": {"id": "c0ffee01"},
        "date": 1772359200001,
        "tool": "go",
        "benches": [
          {"name": "BenchmarkWalk", "value": 245, "unit": "ns/op"}
        ]
      }
    ],
    "Python": [
      {
        "commit": {"id": "c0ffee01"},
        "date": 1772359300000,
        "tool": "pytest",
        "benches": [
          {"name": "t.py::test_fib", "value": 40000, "unit": "iter/sec", "range": "stddev: 0.000002", "extra": "mean: 25 usec\nrounds: 38523"}
        ]
      },
      {
        "commit": {"id": "c0ffee01"},
        "date": 1772359300400,
        "tool": "pytest",
        "benches": [
          {"name": "t.py::test_fib", "value": 41000, "unit": "iter/sec", "extra": "mean: 24.4 usec\nrounds: 100"}
        ]
      }
    ],
    "Sizes": [
      {
        "commit": {"id": "c0ffee03"},
        "date": 1772532000000,
        "tool": "customBiggerIsBetter",
        "benches": [
          {"name": "cache", "value": 91.5, "unit": "Percent"},
          {"name": "free memory", "value": 12, "unit": "MB", "extra": ""}
        ]
      },
      {
        "commit": {"id": "c0ffee03"},
        "date": 1772532100000,
        "tool": "googlecpp",
        "benches": [
          {"name": "BM_Sort/64", "value": 120.5, "unit": "ns/iter", "extra": "iterations: 1000\ncpu: 119.25 ns\nthreads: 1"}
        ]
      }
    ]
  }
};
