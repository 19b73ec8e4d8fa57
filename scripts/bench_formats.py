"""Writes inputs of other tools' formats into a directory, for scripts/bench.sh: data.js (63 MB) and
the same as a member that nobody reads, a night of 12,000 JUnit tests, an asv tree
of 1,059 files (20 MB)."""
import json
import os
import random
import sys

random.seed(20260101)
DAY = 86400000
FIRST = 1767225600000


def data_js(path, skipped, entries=600, names=600):
    def entry(i):
        commit = {"id": f"{i:040x}", "message": f"change {i} of what was there before", "timestamp": "2026-01-01T00:00:00Z",
                  "author": {"name": "A", "email": "a@example.org"}, "url": f"https://example.org/commit/{i:040x}"}
        benches = [{"name": f"group_{b // 10}/bench_{b}", "value": 1000 + b + 10 * random.random(),
                    "range": f"± {random.random():.2f}", "unit": "ns/iter"} for b in range(names)]
        return {"commit": commit, "date": FIRST + i * DAY, "tool": "cargo", "benches": benches}
    with open(path, "w", encoding="utf-8") as out:
        history = {"lastUpdate": FIRST, "entries": {"Benchmark": [entry(i) for i in range(entries)]}}
        out.write("window.BENCHMARK_DATA = " + json.dumps(history, indent=2))
    with open(skipped, "w", encoding="utf-8") as out:
        json.dump([{"name": "one", "unit": "ms", "value": 1, "extra": history}], out, indent=2)


def junit(path, suites=120, cases=100):
    with open(path, "w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n')
        for s in range(suites):
            out.write(f'<testsuite name="suite{s}" timestamp="2026-11-01T03:00:00">\n')
            for t in range(cases):
                out.write(f'  <testcase classname="pkg.mod{s}.Class" name="test_case_{t}" time="{random.random():.3f}"/>\n')
            out.write("</testsuite>\n")
        out.write("</testsuites>\n")


def asv(path, commits=1057, names=160):
    machine = {"machine": "m1", "cpu": "X", "num_cpu": "8", "os": "Linux", "ram": "32", "arch": "x86_64"}
    benches = [f"bench.Suite{i // 10}.time_{i}" for i in range(names)]
    columns = ["result", "version", "started_at", "duration", "stats_ci_99_a", "stats_ci_99_b", "stats_q_25", "stats_q_75",
               "stats_number", "stats_repeat"]
    os.makedirs(os.path.join(path, "m1"), exist_ok=True)
    with open(os.path.join(path, "m1", "machine.json"), "w", encoding="utf-8") as out:
        json.dump({**machine, "version": 1}, out)
    with open(os.path.join(path, "benchmarks.json"), "w", encoding="utf-8") as out:
        known = {name: {"name": name, "unit": "seconds", "type": "time", "params": [], "param_names": [], "version": "v1",
                        "code": "", "number": 0} for name in benches}
        json.dump({**known, "version": 2}, out)
    for c in range(commits):
        results = {name: [[random.random()], "v1", FIRST, 1.0, [0.1], [0.2], [0.1], [0.3], [10], [5]] for name in benches}
        with open(os.path.join(path, "m1", f"{c:08x}-virtualenv-py3.11.json"), "w", encoding="utf-8") as out:
            json.dump({"commit_hash": f"{c:040x}", "env_name": "virtualenv-py3.11", "date": FIRST + c * DAY, "params": machine,
                       "python": "3.11", "requirements": {}, "env_vars": {}, "result_columns": columns, "results": results,
                       "durations": {}, "version": 2}, out)


directory = sys.argv[1]
data_js(os.path.join(directory, "data.js"), os.path.join(directory, "skipped.json"))
junit(os.path.join(directory, "junit.xml"))
asv(os.path.join(directory, "asv"))
