#!/usr/bin/env bash
# Two checks of how the files hang together; either one that finds something fails.
#   includes   each folder includes only the folders and system headers that the table below grants it
#   circles    no two object files need each other, directly or by way of others: taken from the linker's symbols (nm). A circle that
#              stays is named in `tolerated` with its reason.
# usage: scripts/layers.sh BUILD     BUILD: a build tree; without one only the includes are looked at
set -u
cd "$(dirname "$0")/.." || exit 2
bad=0

# folder: what it may include beside itself and the C library. 'folder/' grants all headers of it, a longer path that one header.
# record/outlet is what becomes of a recording where a store or a report is wanted; record/ alone needs neither.
# record/python is a host: public headers, and of the rest five. memory.h is what allocators' hooks implement, binding.h is made for bindings,
# valid.h has the words for a bad name before there is a recorder to refuse it, fields.h the names of readings, and outlet/bottlenecks.h is the report that its loader prints.
# A folder that is not listed (scripts/, tests/) may include everything; nobody may include it.
allowed='
base:
schema: base/
analyze: schema/ base/
store: schema/ base/
store/postgres: store/ schema/ base/ <libpq-fe.h>
store/sqlite: store/ schema/ base/ analyze/ <sqlite3.h> <sqlite3ext.h>
ingest: ingest/formats/formats.h ingest/formats/csv_split.h schema/ base/ <zlib.h>
ingest/formats: ingest/ schema/ base/ <csv.h> <expat.h>
record: schema/ base/
record/outlet: record/ store/store.h report/bottlenecks.h schema/ base/
record/malloc: record/memory.h record/tidemark_record.h
record/python: schema/tidemark.h schema/valid.h schema/fields.h record/tidemark_record.h record/memory.h record/binding.h record/outlet/bottlenecks.h base/ <Python.h>
record/command: analyze/ schema/ base/
report: analyze/ schema/ base/
gate: store/store.h analyze/ schema/ base/
cli: gate/ report/ record/ record/command/ ingest/ ingest/formats/formats.h store/store.h analyze/ schema/ base/ <ini.h> <getopt.h>
'

# Parsers, engines and interpreters are for those folders alone that name them above; analyze/ does no input and output at all.
special='sqlite3.h sqlite3ext.h csv.h expat.h libpq-fe.h ini.h Python.h jansson.h zlib.h getopt.h'
pure='stdio.h fcntl.h unistd.h pthread.h sys/'

includes() {
  git ls-files -co --exclude-standard '*.c' '*.h' | grep -vE '^(tests|scripts)/' | while read -r file; do
    [[ -e $file ]] && grep -nE '^ *# *include' "$file" | sed -E "s|^([0-9]+): *# *include *|$file \\1 |"
  done | awk -v allowed="$allowed" -v special="$special" -v pure="$pure" '
    BEGIN {
      n = split(allowed, lines, "\n")
      for (i = 1; i <= n; i++) if (split(lines[i], part, ": *") >= 1 && part[1] != "") grants[part[1]] = " " part[2] " "
      m = split(special, names, " ")
      for (i = 1; i <= m; i++) restricted[names[i]] = 1
      p = split(pure, impure, " ")
    }
    function folder_of(path) {
      sub(/\/[^\/]*$/, "", path)
      while (path ~ /\// && !(path in grants)) sub(/\/[^\/]*$/, "", path)
      return path
    }
    {
      folder = folder_of($1)
      wanted = $3
      if (wanted ~ /^</) {
        gsub(/[<>]/, "", wanted)
        forbidden = (wanted in restricted) && index(grants[folder], " <" wanted "> ") == 0
        if (folder == "analyze") for (i = 1; i <= p; i++) if (index(wanted, impure[i]) == 1) forbidden = 1
      } else {
        gsub(/"/, "", wanted)
        there = folder_of(wanted)
        forbidden = wanted ~ /\// && there != folder && index(grants[folder], " " there "/ ") == 0 &&
          index(grants[folder], " " wanted " ") == 0
      }
      if (forbidden) { print $1 ":" $2 ": " folder "/ may not include " $3; found = 1 }
    }
    END { exit found }'
}

# objects BUILD: OBJECT SOURCE, of every source that is there and has been built, the Python extension's included
objects() {
  git ls-files -co --exclude-standard '*.c' | grep -vE '^(tests|scripts)/' | while read -r source; do
    for object in "$1/${source%.c}.o" "$1"/python/of*/"${source%.c}.o"; do
      [[ -e $object ]] && printf '%s %s\n' "$object" "$source" && break
    done
  done
}

# Sources of one strongly connected set, a set a line, its size first. What is needed outside the tree is passed over.
circles() {
  objects "$1" | while read -r object source; do
    nm -g "$object" | awk -v file="$source" '$(NF-1) == "U" { print file, "needs", $NF } $(NF-1) ~ /^[TDBRVWC]$/ { print file, "has", $NF }'
  done | awk '
    $2 == "has" { owner[$3] = $1; files[$1] = 1 }
    $2 == "needs" { need[$1, ++needs[$1]] = $3; files[$1] = 1 }
    # Tarjan: order of discovery, lowest order that can be reached, a stack of what is not yet in a set.
    function visit(file,    i, to) {
      number[file] = low[file] = ++counter
      stack[++depth] = file
      on[file] = 1
      for (i = 1; i <= needs[file]; i++) {
        to = owner[need[file, i]]
        if (to == "" || to == file) continue
        if (!(to in number)) {
          visit(to)
          if (low[to] < low[file]) low[file] = low[to]
        } else if (on[to] && number[to] < low[file]) low[file] = number[to]
      }
      if (low[file] != number[file]) return
      set = ""
      size = 0
      do {
        on[stack[depth]] = 0
        set = set " " stack[depth]
        size++
      } while (stack[depth--] != file)
      if (size > 1) print size set
    }
    END { for (file in files) if (!(file in number)) visit(file) }'
}

# A circle that stays: its files, sorted, and why.
tolerated() {
  case $1 in
  *) return 1 ;;
  esac
}

includes || bad=1
if [[ ${1:-} ]]; then
  while read -r size files; do
    set=$(tr ' ' '\n' <<<"$files" | sort | tr '\n' ' ')
    tolerated "$set" && continue
    printf 'a circle of %s files: %s\n' "$size" "$set"
    bad=1
  done < <(circles "${1%/}")
fi
exit "$bad"
