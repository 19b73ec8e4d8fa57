#!/usr/bin/env bash
# Grouping by plugin reads the view from a table of its rows in that order: the same rows as from the view itself, which main.profiles is.
set -u
cd "$TMPDIR" || exit 1

tm() { "$TIDEMARK" "$@"; }

# Two projects with plugins of the same names, two branches, unknown values, a plugin that is called never, one without a wall time, recordings.
"$NIGHTS" --nights 30 --plugins 9 >demo.csv && tm ingest demo.csv --host h1 >/dev/null && sed 's/^\([^,]*\),/b\1,/; s/,main,/,dev,/' demo.csv >dev.csv && tm ingest dev.csv --host h2 --branch dev >/dev/null
tm ingest demo.csv --project other --host h1 >/dev/null
printf 'run,started_at,plugin,calls,errors,wall_ms,cpu_ms\nx1,2030-01-01T00:00:00Z,pdf-parser,0,0,0,\nx1,2030-01-01T00:00:00Z,"a ""b"", c",7,,1e9,2.5\nx1,2030-01-01T00:00:00Z,%s,3,3,0.001,\n' "'; --" >odd.csv && tm ingest odd.csv --host h3 >/dev/null
sqlite3 tidemark.db "INSERT INTO recording (run_id, plugin_id, clock, occupied_ns, timeouts, latency) SELECT run_id, plugin_id, 'rusage', 5e6, plugin_id % 3, x'00ff' FROM profile WHERE plugin_id % 2"

same() { # NAME QUERY: from the table and from the view, which is read without it
  local name=$1 query=$2
  if tm sql --format json "${query//@/profiles}" >ours 2>err && tm sql --format json "${query//@/main.profiles}" >theirs 2>>err && cmp -s ours theirs && [[ $(grep -c . ours) -gt 0 ]]; then
    echo "ok sql_groups: $name"
  else
    echo "not ok sql_groups: $name" && sed 's/^/  /' err && diff ours theirs | head -n 6 | sed 's/^/  /'
  fi
}

same 'a mean' 'SELECT plugin, avg(wall_per_call_ms) FROM @ GROUP BY plugin'
same 'a median and a count' 'SELECT plugin, median(wall_per_call_ms), count(*), count(cpu_ms) FROM @ GROUP BY plugin'
same 'rows alone' 'SELECT plugin, count(*) FROM @ GROUP BY plugin'
same 'names alone' 'SELECT plugin FROM @ GROUP BY plugin'
same 'everything' 'SELECT plugin, min(project), max(run), min(ts), max(started_at), max(host), min(branch), count(commit_id), max(version), sum(calls), sum(errors), max(wall_ms), min(cpu_ms), max(mem_delta_kb), max(peak_mem_kb), max(wall_p50_ms), max(wall_p95_ms), max(error_rate), min(clock), max(occupied_ms), max(blocked_per_call_ms), sum(timeouts), hex(max(latency)), max(run_id), min(plugin_id) FROM @ GROUP BY plugin'
same 'types' 'SELECT plugin, min(typeof(calls)), min(typeof(cpu_ms)), max(typeof(cpu_ms)), min(typeof(ts)), max(typeof(latency)) FROM @ GROUP BY plugin'
same 'a branch' "SELECT plugin, median(wall_ms) FROM @ WHERE branch = 'dev' GROUP BY plugin"
same 'a branch in other letters' "SELECT plugin, count(*) FROM @ WHERE branch = 'DEV' COLLATE NOCASE GROUP BY plugin"
same 'several branches' "SELECT plugin, count(*) FROM @ WHERE branch IN ('dev', 'main') GROUP BY plugin"
same 'a time' "SELECT plugin, count(*) FROM @ WHERE ts >= '2026-09-10' AND ts < '2029' GROUP BY plugin"
same 'a number as a text' "SELECT plugin, count(*) FROM @ WHERE calls > '20' AND started_at > '5' GROUP BY plugin"
same 'a value as a text' "SELECT plugin, count(*) FROM @ WHERE wall_per_call_ms > '20' GROUP BY plugin"
same 'no row' "SELECT plugin, count(*) FROM @ WHERE branch = 'none' GROUP BY plugin UNION ALL SELECT 'end', 0"
same 'a plugin' "SELECT plugin, count(*) FROM @ WHERE plugin >= 'p' GROUP BY plugin"
same 'a project' "SELECT plugin, count(*), sum(wall_ms) FROM @ WHERE project = 'other' GROUP BY plugin"
same 'two keys' 'SELECT plugin, branch, count(*) FROM @ GROUP BY plugin, branch'
same 'its last first' 'SELECT plugin, max(wall_ms) FROM @ GROUP BY plugin ORDER BY plugin DESC'
same 'the worst first' 'SELECT plugin, max(wall_ms) AS w FROM @ GROUP BY plugin HAVING count(*) > 3 ORDER BY w DESC LIMIT 3'
same 'different values' 'SELECT plugin, count(DISTINCT run), count(DISTINCT branch) FROM @ GROUP BY plugin'
same 'a part' 'SELECT * FROM (SELECT plugin, avg(wall_ms) AS a FROM @ GROUP BY plugin) WHERE a > 1 ORDER BY plugin'
same 'twice' 'SELECT a.plugin, a.n, b.n FROM (SELECT plugin, count(*) AS n FROM @ GROUP BY plugin) AS a JOIN (SELECT plugin, max(calls) AS n FROM @ GROUP BY plugin) AS b USING (plugin) ORDER BY 1'
same 'a join' 'SELECT p.plugin, count(*) FROM @ AS p JOIN run USING (run_id) GROUP BY p.plugin'
same 'a window' 'SELECT plugin, rank() OVER (ORDER BY sum(wall_ms)) FROM @ GROUP BY plugin ORDER BY 1'

# What is refused stays refused, and what is ours is no function for queries.
refused() {
  if tm sql "$2" >out 2>err; then echo "not ok sql_groups: refuses $1"; else echo "ok sql_groups: refuses $1"; fi
}
refused 'a change' "DELETE FROM profiles WHERE plugin IN (SELECT plugin FROM profiles GROUP BY plugin)"
refused 'a table of that kind' 'CREATE VIRTUAL TABLE temp.mine USING tidemark_profiles'
refused 'our function' 'SELECT tidemark_collect(1, 2, 3) FROM profiles'
refused 'our module as a table' 'SELECT * FROM tidemark_profiles'
refused 'a second statement' 'SELECT plugin, count(*) FROM profiles GROUP BY plugin; SELECT 1'
