"""python -m tidemark run: a program as it is, recorded."""
import argparse
import os
import runpy
import sys

import tidemark
from tidemark import hosts


def arguments():
    parser = argparse.ArgumentParser(prog="python -m tidemark", description="Records what the plugins of a program cost.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="run")
    run = commands.add_parser("run", help="runs a program, and writes what was recorded when it ends",
                              description="Runs a program as python would, and writes what was recorded when it ends.")
    out = run.add_mutually_exclusive_group()
    out.add_argument("--out", metavar="FILE", help="a CSV file, for `tidemark gate`; default: TIDEMARK_OUT, or night.csv")
    out.add_argument("--db", metavar="STORE", help="a store, that gets a run")
    run.add_argument("--run", metavar="KEY", help="the run's name in the store; default: the time")
    run.add_argument("--instrument", metavar="LIST", default=os.environ.get("TIDEMARK_INSTRUMENT", ""),
                     help="pluggy, threads, entry-points:GROUP, module:NAME[:PATTERN], with commas; default: TIDEMARK_INSTRUMENT")
    run.add_argument("--memory", choices=["off", "count", "owner"], default="off", help="what is counted of memory")
    run.add_argument("--trace", metavar="FILE", help="a file for spans, OTLP as JSON lines")
    run.add_argument("-m", dest="module", action="store_true", help="the program is a module's name")
    run.add_argument("program")
    run.add_argument("arguments", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    if asked.run and not asked.db:
        parser.error("--run names a run in a store: it needs --db")
    return parser, asked


def main():
    parser, asked = arguments()
    path = asked.db or asked.out or os.environ.get("TIDEMARK_OUT") or "night.csv"
    is_csv = path.lower().endswith(".csv")
    if asked.db and is_csv:
        parser.error("--db '%s' is a CSV file by its name: --out writes one" % path)
    if asked.out and not is_csv:
        parser.error("--out '%s': expected a name that ends in .csv; --db names a store" % path)
    if not asked.module and not os.path.exists(asked.program):
        parser.error("cannot run '%s': no such file" % asked.program)
    sys.argv = [asked.program] + asked.arguments
    sys.path[0] = os.getcwd() if asked.module else os.path.dirname(os.path.abspath(asked.program))
    try:
        hosts.instrument(asked.instrument)
        if not tidemark.enabled():
            hosts.record_to(path, asked.run, memory=asked.memory, trace=asked.trace, on_spike=True)
    except (ImportError, ValueError, tidemark.Error) as error:
        parser.error(str(error))
    if asked.module:
        runpy.run_module(asked.program, run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(asked.program, run_name="__main__")


if __name__ == "__main__":
    main()
