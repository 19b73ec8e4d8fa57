#!/usr/bin/env bash
# What tidemark sql must refuse, whatever the spelling: exit 2, a message, the store byte for byte as it was, and no file made. And what
# it must not refuse.
set -u
failures=0
mkdir "$TMPDIR/work" && cd "$TMPDIR/work" || exit 1

# report NAME PROBLEMS
report() {
  if [[ -z $2 ]]; then
    echo "ok guard $1"
  else
    printf 'not ok guard %s\n%s\n' "$1" "$2"
    failures=$((failures + 1))
  fi
}

# run_sql SQL OPTION...: leaves code, out and err; the query goes in by standard input, so that it may be long
run_sql() {
  printf '%s' "$1" >"$TMPDIR/query"
  "$TIDEMARK" sql --format csv "${@:2}" <"$TMPDIR/query" >"$TMPDIR/out" 2>"$TMPDIR/err"
  code=$? out=$(<"$TMPDIR/out") err=$(<"$TMPDIR/err")
}

# untouched: says what changed in the directory
untouched() {
  cmp tidemark.db "$TMPDIR/copy.db"
  [[ $(ls -A) == tidemark.db ]] || echo "  files: $(find . -mindepth 1 | tr '\n' ' ')"
}

# refused NAME TEXT SQL OPTION...: TEXT is part of the message
refused() {
  local problems=''
  run_sql "$3" "${@:4}"
  [[ $code == 2 ]] || problems+="  exit $code"$'\n'
  [[ $err == "tidemark: "*"$2"* && $err != *$'\n'* ]] || problems+="  message: $err"$'\n'
  report "$1" "$problems$(untouched)"
}

# written NAME SQL: an attempt to write
written() { refused "$1" 'may only read the store' "$2"; }

# allowed NAME EXPECTED SQL OPTION...: EXPECTED is the output behind the header
allowed() {
  local problems=''
  run_sql "$3" "${@:4}"
  [[ $code == 0 && -z $err ]] || problems+="  exit $code: $err"$'\n'
  [[ ${out#*$'\n'} == "$2" ]] || problems+="  found: ${out#*$'\n'}"$'\n'
  report "$1" "$problems$(untouched)"
}

# times N TEXT
times() { awk -v n="$1" -v text="$2" 'BEGIN { while (n-- > 0) printf "%s", text }'; }

awk 'BEGIN { print "run,started_at,plugin,calls,wall_ms,hits"
  for (r = 1; r <= 4; r++) for (p = 1; p <= 500; p++) print "n" r ",2026-11-0" r ",p" p "," p "," r * p "," r }' >history.csv
"$TIDEMARK" ingest history.csv --host ci >/dev/null 2>&1 || echo 'not ok guard store'
rm history.csv && cp tidemark.db "$TMPDIR/copy.db"

written insert "insert into project (name) values ('x')"
written insert_select "insert into metric (name) select name from plugin"
written insert_returning "insert into project (name) values ('x') returning name"
written replace "replace into project (name) values ('x')"
written update "update run set branch = 'x'"
written update_returning "update run set branch = 'x' returning key"
refused update_view 'is a view' "update profiles set calls = 1"
written delete "delete from run"
written delete_cte "with old as (select run_id from run) delete from run where run_id in old"
written truncate "delete from profile where true"
refused update_schema 'may not be modified' "update sqlite_schema set sql = ''"
refused update_master 'may not be modified' "update sqlite_master set sql = 'x' where name = 'run'"
written insert_stat "insert into sqlite_stat1 values ('run', null, '1')"
written drop_table "drop table profile"
written drop_view "drop view if exists profiles"
written drop_index "drop index run_series"
written create_table "create table t (x)"
written create_table_as "create table t as select * from run"
written create_index "create index i on profile (plugin_id)"
written create_view "create view v as select 1"
written create_trigger "create trigger t after insert on run begin select 1; end"
written create_virtual "create virtual table v using fts5 (x)"
written create_virtual_csv "create virtual table temp.v using csv (filename = '/etc/passwd')"
written create_temp "create temp table t (x)"
written create_temp_as "create temporary table t as select * from run"
written create_temp_view "create temp view v as select 1"
written alter_rename "alter table run rename to walk"
written alter_column "alter table run add column x"
written reindex "reindex"
written reindex_table "reindex run"
written analyze "analyze"
written analyze_master "analyze sqlite_schema"
written vacuum "vacuum"
written vacuum_into "vacuum into 'out.db'"
written vacuum_main_into "vacuum main into 'out.db'"
written attach "attach 'out.db' as o"
written attach_memory "attach ':memory:' as m"
written attach_uri "attach 'file:out.db?mode=rwc' as o"
written attach_self "attach database 'tidemark.db' as o"
written detach "detach main"
written begin "begin"
written begin_immediate "begin immediate"
written begin_exclusive "begin exclusive transaction"
written commit "commit"
written rollback "rollback"
written savepoint "savepoint s"
written release "release s"
written explain_insert "explain insert into project (name) values ('x')"
written explain_vacuum "explain vacuum into 'out.db'"
written explain_plan "explain query plan delete from run"

while read -r pragma; do
  written "pragma $pragma" "pragma $pragma"
done <<'END'
journal_mode
journal_mode = wal
journal_mode = memory
main.journal_mode = off
journal_size_limit = 1
user_version = 7
user_version(7)
main.user_version = 7
application_id = 0
writable_schema = 1
writable_schema(on)
writable_schema = reset
query_only = 0
trusted_schema = 1
foreign_keys = 1
ignore_check_constraints = 1
recursive_triggers = 1
wal_checkpoint
wal_checkpoint(truncate)
wal_autocheckpoint = 1
optimize
optimize(0xfffe)
schema_version = 99
page_size = 512
auto_vacuum = 1
incremental_vacuum
max_page_count = 1
encoding = "UTF-16"
legacy_file_format = 1
secure_delete = 1
synchronous = 0
fullfsync = 1
locking_mode = exclusive
temp_store = 1
temp_store_directory = "."
data_store_directory = "."
cache_size = 1000000
cache_spill = 1
mmap_size = 1000000000
hard_heap_limit = 0
soft_heap_limit = 0
threads = 8
busy_timeout = 0
shrink_memory
analysis_limit = 5
case_sensitive_like = 1
read_uncommitted = 1
reverse_unordered_selects = 1
cell_size_check = 0
lock_status
database_list
key = "x"
rekey = "x"
END

# Functions that reach outside.
refused load_extension 'not authorized' "select load_extension('./out')"
refused load_extension_entry 'not authorized' "select load_extension('./out.so', 'init') from run"
refused fts3_tokenizer 'fts3_tokenizer' "select fts3_tokenizer('simple')"
refused fts3_tokenizer_set 'fts3_tokenizer' "select fts3_tokenizer('simple', x'0000000000000000')"
refused writefile 'writefile' "select writefile('out.txt', 'x')"
refused readfile 'readfile' "select readfile('/etc/passwd')"
refused edit 'edit' "select edit('x', 'touch out.txt')"
refused eval 'eval' "select eval('delete from run')"
refused fsdir 'fsdir' "select * from fsdir('.')"
refused dot_shell 'syntax error' ".shell touch out.txt"
refused dot_output 'syntax error' $'.output out.txt\nselect 1'
refused internal_table 'tm_batch' "select * from tm_batch"
refused pragma_function '' "select * from pragma_journal_mode('wal')"
refused pragma_function_checkpoint '' "select * from pragma_wal_checkpoint"
refused pragma_function_optimize '' "select * from pragma_optimize"

# One statement, however it is dressed.
refused two_selects 'one statement' "select 1; select 2"
refused trailing_delete 'one statement' "select 1; delete from run"
refused trailing_pragma 'one statement' "select 1; pragma query_only = 0"
refused trailing_drop 'one statement' "pragma table_info(run); drop table run"
refused trailing_garbage 'one statement' "select 1; )("
refused trailing_line 'one statement' $'select 1;\n-- a comment\n;;\n/* another */ vacuum into \'out.db\''
refused trailing_comment 'one statement' $'select 1 -- ;\n; drop table run'
refused trailing_blank_comment 'one statement' "select 1;/**/;/* ; */select 2"
written comment_before "/* select 1; */ delete from run"
written comment_line $'-- select 1;\ndelete from run'
written leading_semicolons ";;; delete from run"
written capitals "DeLeTe FrOm \"run\""
written blanks $'\t\n\f delete\tfrom\nrun'
refused comment_in_word 'syntax error' "del/**/ete from run"
refused byte_order_mark 'may only read' $'\xef\xbb\xbfdelete from run'
refused empty 'no SQL statement' ''
refused only_comment 'no SQL statement' '-- nothing'
refused only_semicolons 'no SQL statement' ' ; ; '
refused unfinished 'incomplete input' 'select 1 from'
refused unfinished_text 'unrecognized token' "select 'abc"

# Too much of anything.
refused forever 'time limit' "with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t" --timeout 1
refused long_steps 'time limit' "with recursive t(n) as (select 1 union all select n + 1 from t limit 100000) select sum(length(hex(randomblob(9000000 + n)))) from t" --timeout 1
refused one_long_step 'time limit' "select instr(printf('%.*c', 30000000, 'a'), printf('%.*c', 15000000, 'a') || 'b')" --timeout 0.5
refused zeroblob '' "select length(zeroblob(2000000000))"
refused zeroblob_small 'zeroblob' "select zeroblob(10)"
refused randomblob 'too big' "select length(randomblob(2000000000))"
refused hex_of_blob 'too big' "select length(hex(randomblob(60000000)))"
refused doubling 'too big' "with recursive t(x) as (select 'abcdefgh' union all select x || x from t) select max(length(x)) from t"
refused group_concat 'too big' "select length(group_concat(hex(randomblob(4000000)))) from profile where plugin_id <= 5"
refused replace_bomb 'too big' "select length(replace(replace(hex(randomblob(10000)), '1', hex(randomblob(10000))), '2', hex(randomblob(10000))))"
refused long_query 'longer than' "select 1 /*$(times 100000 1234567890)*/"
# A newer SQLite has room for them.
said=$("$TIDEMARK" sql "select $(times 1500 '(')1$(times 1500 ')') as x" 2>&1)
code=$?
report deep_parentheses "$([[ $code == 2 || ($code == 0 && $said == x$'\n'1) ]] || echo "  exit $code")"
refused deep_sum 'too large' "select 1$(times 5000 ' + 1')"
refused sum_of_300 'too large' "select 1$(times 300 ' + 1')"
refused deep_not '' "select $(times 500 'not ')1"
refused deep_subqueries '' "$(times 300 'select (')select 1$(times 300 ')')"
refused compound 'too many terms' "select 1$(times 500 ' union all select 1')"
refused many_arguments 'too many arguments' "select max(1$(times 500 ', 1'))"
refused like_pattern 'too complex' "select '$(times 2000 x)' like '$(times 2000 '%x')'"
refused many_tables 'tables in a join' "select 1 from run$(times 70 ', run')"
refused many_columns 'too many' "select 1$(times 5000 ', 1')"

# What people need.
allowed select 2000 "select count(*) from profiles"
allowed trailing_semicolon 1 'select 1;'
allowed trailing_comments 1 $'select 1 ; ; -- done\n /* really */ ;\n'
allowed leading_comment 1 $'-- one\n/* two */ select 1'
allowed semicolon_in_text 'a;b' "select 'a;b'"
allowed values $'1\n2' 'values (1), (2)'
allowed cte 15 'with recursive t(n) as (select 1 union all select n + 1 from t where n < 5) select sum(n) from t'
allowed compound_small $'1\n2' 'select 1 union select 2'
allowed window $'n1,1,\nn2,2,1\nn3,3,2\nn4,4,3' "select run, wall_ms, lag(wall_ms) over (order by started_at) from profiles where plugin = 'p1' order by run"
allowed aggregates '250.5,250.5,450.1,125,144.48' "select avg(calls), median(calls), percentile(calls, 90), mad(calls), round(stddev(calls), 2) from profiles where run = 'n1'"
allowed trends '1,1.7,1' "select round(86400 * slope(started_at, wall_ms), 5), round(mann_kendall(started_at, wall_ms), 2), round(corr(started_at, wall_ms), 6) from profiles where plugin = 'p1'"
allowed median_window $'n1,1\nn2,1.5\nn3,2\nn4,2.5' "select run, median(wall_ms) over (order by started_at) from profiles where plugin = 'p1' order by run"
allowed json '1,"{""a"":[1,2]}"' "select json_extract('{\"a\": 1}', '\$.a'), json_object('a', json_array(1, 2))"
allowed json_each $'0,4\n1,5' "select key, value from json_each('[4, 5]')"
allowed json_tree 3 "select count(*) from json_tree('{\"a\": {\"b\": 1}}')"
allowed dates 2026-11-01 "select date('2026-11-30', 'start of month')"
allowed like_and_glob '1,1' "select 'Abc' like 'a%', 'Abc' glob 'A*'"
allowed schema 'profile' "select name from sqlite_schema where type = 'table' and name = 'profile'"
allowed pragma_table_info $'0,project_id,INTEGER,0,,1\n1,name,TEXT,1,,0' "pragma table_info(project)"
allowed pragma_table_info_view 'project' "select name from pragma_table_info('profiles') limit 1"
allowed pragma_index_list '0,sqlite_autoindex_project_1,1,u,0' 'pragma index_list(project)'
allowed pragma_user_version "$(sqlite3 tidemark.db 'pragma user_version')" 'pragma user_version'
allowed blob 00ff "select x'00ff'"
allowed timeout_none 1 'select 1' --timeout 0

# A table's rows are held until their widths are known: not more of them than fits, and a row that is too large is trouble in words. A sanitizer
# needs more address space than there is memory.
if ! nm "$TIDEMARK" 2>/dev/null | grep -qE '__(asan|tsan)_init'; then
  rows="with recursive n(i) as (select 1 union all select i + 1 from n where i < 24) select printf('%.*c', 20000000, 'x') from n"
  size=$( (ulimit -v 300000 && "$TIDEMARK" sql --timeout 300 --format table "$rows" 2>&1) | wc -c)
  report table_of_large_rows "$([[ $size -gt 480000000 ]] || echo "  $size bytes")"
  wide=$(for ((i = 0; i < 14; i++)); do printf "printf('%%.*c', 60000000, 'x'), "; done)
  said=$("$TIDEMARK" sql --timeout 300 --format table "select $wide 1" 2>&1 >/dev/null | tail -n 1)
  report table_of_one_large_row "$([[ $said == *memory* ]] || echo "  $said")"
fi

# A writer that was killed in the middle of its transaction left a journal: it is rolled back before anything is read.
cp tidemark.db hot.db
coproc writer { exec sqlite3 hot.db; }
# shellcheck disable=SC2154 # set by coproc
pid=$writer_PID
printf '%s\n' 'pragma cache_size = 2; begin immediate; update profile set wall_ns = 1; delete from reading; delete from plugin;' \
  "select 'ready';" >&"${writer[1]}"
read -r ready <&"${writer[0]}"
{ kill -9 "$pid" && wait "$pid"; } 2>/dev/null
problems=''
[[ $ready == ready && -s hot.db-journal ]] || problems+='  there is no hot journal'$'\n'
! cmp -s hot.db "$TMPDIR/copy.db" || problems+='  the writer has written nothing'$'\n'
answer=$("$TIDEMARK" sql --db hot.db --format csv "select sum(wall_ms), count(*) from profiles" 2>&1 | tail -n 1)
[[ $answer == 1252500,2000 ]] || problems+="  found: $answer"$'\n'
[[ ! -e hot.db-journal ]] || problems+='  the journal is still there'$'\n'
report hot_journal "$problems$(cmp hot.db "$TMPDIR/copy.db")$("$TIDEMARK" check --db hot.db >/dev/null || echo '  check fails')"

[[ $failures == 0 ]]
