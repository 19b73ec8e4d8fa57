"""Profiles that cProfile wrote, as CSV for `tidemark gate` or `tidemark ingest`:

    python3 -m tidemark_pstats night.prof | tidemark gate -

A function is a plugin, named by its file and name (lines move, names stay); a file of the standard library or of a package is named
from its import path on. calls are its calls, wall_ms the time in it and in all that it called, own_ms the time a call took in
itself. Several profiles are added up. cProfile's files are marshal data: read none of strangers.
"""
import argparse
import csv
import os
import pstats
import re
import sys


def place(path, roots):
    """The file below the longest of the directories that it is in; elsewhere its own name."""
    if path == "~":  # built in
        return ""
    path = os.path.abspath(path)
    inside = [root for root in roots if path.startswith(root + os.sep)]
    return path[len(max(inside, key=len)) + 1:] if inside else os.path.basename(path)


def profiles(stats, under=None):
    """From what pstats.Stats takes (files, a Profile) to {plugin: [calls, seconds, own seconds]}, of functions in `under` alone."""
    roots = sorted(os.path.abspath(root) for root in [*sys.path, os.getcwd()] if root != os.sep)
    found = {}
    for (path, _, function), (primitive, calls, own, whole, _) in pstats.Stats(*stats).stats.items():
        if under and not os.path.abspath(path).startswith(os.path.join(os.path.abspath(under), "")):
            continue
        at = place(path, [os.path.abspath(under)] if under else roots)
        # A recursive call is part of the call that began it: the whole time is of primitive ones.
        function = re.sub(" at 0x[0-9a-fA-F]+", "", function)  # another one in every process
        sums = found.setdefault(f"{at}:{function}" if at else function, [0, 0, 0.0, 0.0])
        for i, number in enumerate((primitive, calls, whole, own)):
            sums[i] += number
    return found


def write(found, out, least=0.0):
    """As CSV, by name; functions that took less than `least` ms in all are left out."""
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["plugin", "calls", "wall_ms", "metric[better=lower unit=ms] own_ms"])
    for plugin, (primitive, calls, whole, own) in sorted(found.items()):
        if 1000 * whole >= least and primitive:
            rows.writerow([plugin, primitive, repr(1000 * whole), repr(1000 * own / calls)])


def main():
    parser = argparse.ArgumentParser(prog="tidemark_pstats", description="Prints cProfile's files as CSV that tidemark reads.")
    parser.add_argument("file", nargs="+", help="written by cProfile; several are added up")
    parser.add_argument("--under", metavar="DIR", help="only functions whose file is below DIR; names begin there")
    parser.add_argument("--least", metavar="MS", type=float, default=0.0, help="leave out what took less than MS in all")
    options = parser.parse_args()
    try:
        write(profiles(options.file, options.under), sys.stdout, options.least)
    except OSError as error:
        parser.exit(2, f"tidemark_pstats: {error.filename or ' '.join(options.file)}: {error.strerror}\n")
    except (EOFError, ValueError, TypeError, KeyError, AttributeError) as error:
        parser.exit(2, f"tidemark_pstats: {' '.join(options.file)}: expected what cProfile writes: {error}\n")


if __name__ == "__main__":
    main()
