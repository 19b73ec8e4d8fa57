#!/usr/bin/env bash
# PostgreSQL with its tables cut into partitions by project: commands work as ever, and every statement that is about a project touches one
# partition, which a distributed engine has on one machine. The plans say so.
set -u
queries=$TM_SOURCE_DIR/schema/postgres/queries.sql
cd "$TMPDIR" || exit 1
# shellcheck source=tests/shell/postgres.sh
source "$TM_SOURCE_DIR/tests/shell/postgres.sh"
pg_use 'postgres shards' 'fsync = off'

# check NAME COMMAND...: ok if the command succeeds
check() {
  if ("${@:2}") >"$TMPDIR/log" 2>&1; then echo "ok postgres shards: $1"; else echo "not ok postgres shards: $1" && head -n 30 "$TMPDIR/log" | sed 's/^/  /'; fi
}

tm() { "$TIDEMARK" --db "$PG_URL" "$@"; }

plan_is_all() {
  tm migrate --plan --partitions 4 >plan.sql && [[ $(grep -c 'PARTITION BY HASH' plan.sql) == $(grep -c 'PARTITION OF .* REMAINDER 3' plan.sql) ]] &&
    [[ $(pg_sql "SELECT count(*) FROM pg_class WHERE relname = 'run'") == 0 ]]
}
made_in_partitions() {
  tm migrate --partitions 4 && [[ $(pg_sql "SELECT count(*) FROM pg_inherits WHERE inhparent = 'profile'::regclass") == 4 ]] &&
    [[ $(tm migrate --plan 2>&1) == *'nothing to do'* && $(tm migrate --partitions 2 2>&1) == *'is there already'* ]]
}
# The same history in a file and in partitions, and the same said of it.
same_verdicts() {
  "$NIGHTS" --nights 30 >history.csv && rm -f file.db
  for project in alpha beta; do
    for db in file.db "$PG_URL"; do
      "$TIDEMARK" --db "$db" ingest history.csv --host h --project $project >/dev/null && "$TIDEMARK" --db "$db" gate --project $project --format json >"said.${db%%[.:]*}.$project"
    done
    diff "said.file.$project" "said.postgresql.$project" || return
  done
  "$TIDEMARK" --db file.db dump >file.jsonl && tm dump | cmp - file.jsonl && tm check
}

# From a file to a server, twice, and home again: the same runs, though plugins come in another order.
pushed_and_pulled() {
  local server
  pg_sql 'CREATE DATABASE pushed' && server=$(pg_url tm pushed)
  "$TIDEMARK" --db file.db push --to "$server" && "$TIDEMARK" --db file.db push --to "$server" >again && grep -q '^0 ' again || { cat again && return 1; }
  for project in alpha beta beta; do "$TIDEMARK" --db home.db pull --from "$server" --project $project || return; done
  "$TIDEMARK" --db file.db export | sort >one.csv && [[ -s one.csv ]] && "$TIDEMARK" --db home.db export | sort | cmp - one.csv &&
    "$TIDEMARK" --db "$server" export | sort | cmp - one.csv
}

# What is about all projects, or asks which there are: settings for all, the choice of a project, restore, check, and whose a decision is.
everywhere=' projects_with metric_names metric_describe_named lineages_spoil_all lineages_restored lineage_next judgement_next decisions_of_no_metric decision_told '

# touched SQL: how many partitions a statement reads or writes. Ids are the first of project alpha's, numbers of projects its own.
touched() {
  local sql=${1%;} n i type value values=''
  n=$(grep -oE '\$[0-9]+' <<<"$sql" | tr -d '$' | sort -n | tail -n 1)
  for ((i = 1; i <= ${n:-0}; i++)); do
    type=$(grep -oE "\\\$$i::[a-z]+" <<<"$sql" | head -n 1)
    case ${type#*::} in
    text) value="'alpha'" ;;
    bytea) value="''" ;;
    double) value=1 ;;
    bigint) grep -qE "(project_id = |tm_next_id\()\\\$$i::" <<<"$sql" && value=$alpha || value=$((alpha << 40 | 1)) ;;
    *) value=NULL ;;
    esac
    values+="${values:+, }$value"
  done
  psql -XAtq -v ON_ERROR_STOP=1 -d "$PG_URL" 2>&1 <<END | grep -v 'never executed' | grep -oE '_p[0-9]\b' | sort -u | wc -l
BEGIN;
PREPARE q AS $sql;
EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF, SUMMARY OFF) EXECUTE q${values:+($values)};
ROLLBACK;
END
}
one_partition_each() {
  local name sql bad=0 n=0
  alpha=$(pg_sql "SELECT project_id FROM project WHERE name = 'alpha'")
  while IFS=$'\t' read -r name sql; do
    n=$((n + 1))
    [[ $everywhere == *" $name "* || $(touched "$sql") -le 1 ]] || { echo "$name touches several partitions" && bad=1; }
  done < <(awk '/^-- name: / { name = $3; next } /^--/ { next } NF { sql[name] = sql[name] " " $0; if (!(name in seen)) order[++n] = name; seen[name] = 1 }
    END { for (i = 1; i <= n; i++) if (order[i] !~ /^trial_|^profiles_add$/) print order[i] "\t" sql[order[i]] }' "$queries")
  [[ $bad == 0 && $n -gt 150 ]]
}

check 'the plan is told, and nothing made' plan_is_all
check 'a new store is made in partitions' made_in_partitions
check 'the same verdicts as in a file' same_verdicts
check 'runs are pushed to a server, and pulled from it' pushed_and_pulled
check 'a statement about a project touches one partition' one_partition_each
