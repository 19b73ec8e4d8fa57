#!/usr/bin/env bash
# The command 'report': a folder with a page and charts, the same bytes for the same store, nobody's work overwritten.
set -u
cd "$TMPDIR" || exit 1

check() {
  local name=$1
  shift
  mkdir work && cd work || exit 1
  if "$@" >../said 2>&1; then echo "ok report: $name"; else echo "not ok report: $name" && sed 's/^/  /' ../said; fi
  cd "$TMPDIR" && chmod -R u+rwX work && rm -rf work
}

tm() { "$TIDEMARK" "$@"; }
store() { cp "$TMPDIR/demo.db" tidemark.db; }
"$NIGHTS" --nights 40 --plugins 12 >demo.csv && tm --db demo.db ingest demo.csv --host h1 >/dev/null && tm --db demo.db gate >/dev/null
path_without_gnuplot() { mkdir -p bin && PATH=$PWD/bin "$@"; }

makes_a_site() {
  store && tm report -o site >out && grep -q '^site/index.html: 12 plugins, 40 runs$' out && head -c 15 site/index.html | grep -qix '<!doctype html>' &&
    [[ $(find site/charts -name 'p*.svg' | wc -l) == 12 && -s $(echo site/charts/*/heatmap.svg) && $(ls -A site) == $'charts\nfeed.atom\nindex.html' ]]
}
same_bytes() { store && tm report -o a >/dev/null && tm report -o b >/dev/null && diff -r a b && tm report -o a >/dev/null && diff -r a b; }
# More charts than one gnuplot draws, by one processor and by all.
same_on_any_machine() {
  "$NIGHTS" --nights 12 --plugins 120 >many.csv && tm ingest many.csv --host h1 >/dev/null && tm gate >/dev/null
  tm report -o many >/dev/null && taskset -c "$(taskset -pc $$ | sed 's/.*[ ,-]//')" "$TIDEMARK" report -o one >/dev/null && diff -r many one && [[ $(find one -name 'p*.svg' | wc -l) == 120 ]]
}
# Plugins of which something is to be told, and the small picture of the others.
only_changed() {
  store && tm report -o all >/dev/null && tm report -o site --charts changed >/dev/null && n=$(find site/charts -name 'p*.svg' | wc -l) &&
    [[ $n -gt 0 && $n -lt 12 && $(grep -c '<p class=quiet>' site/index.html) == $((12 - n)) ]] && grep -q "plugins of which something is to be told: $((12 - n)) have none" site/index.html &&
    ! grep -q 'class=quiet' all/index.html && for chart in site/charts/*/p*.svg; do cmp "$chart" all/charts/*/"${chart##*/}" || return 1; done
  tm waive "$(tm sql --format csv "SELECT name FROM plugin WHERE plugin_id = $(grep -B3 '<p class=quiet>' site/index.html | sed -n 's/.*id=p\([0-9]*\)>.*/\1/p' | head -n 1)" | tail -n 1)" --metric wall_per_call_ms --ceiling +30% --until 2099-01-01 --reason x >/dev/null &&
    tm report -o site --charts changed >/dev/null && [[ $(find site/charts -name 'p*.svg' | wc -l) == $((n + 1)) ]]
}
charts_are_there() {
  store && tm report -o site >/dev/null && grep -oE 'charts/[A-Za-z0-9_-]{16}/[a-z0-9]*\.svg' site/index.html | sort -u >named && find site/charts -name '*.svg' | sed 's,^site/,,' | sort >there && diff named there
}
# Also those of a version that put them into charts/ itself.
old_charts_go() {
  store && tm report -o site >/dev/null && old=$(ls site/charts) && touch site/charts/p999.svg && tm report -o site --last 9 >/dev/null &&
    [[ ! -e site/charts/p999.svg && ! -e site/charts/$old && $(find site/charts -name 'p*.svg' | wc -l) == 12 ]]
}
damaged_charts_go() {
  store && tm report -o site >/dev/null && cp -r site good && truncate -s 100 site/charts/*/p1.svg && tm report -o site >/dev/null && diff -r good site
}
# Of a report that was killed; and of nobody.
leftovers_go() {
  store && mkdir -p site/.tidemark-report.0a1b2c/charts site/.tidemark-report.mine && touch site/.tidemark-report.0a1b2c/charts/p1.svg site/.tidemark-report.0a1b2c/index.html site/.tidemark-report.0a1b2c/feed.atom site/notes.txt &&
    mkdir -p site/charts/AAAAbbbbCCCC_-12 && touch site/charts/AAAAbbbbCCCC_-12/p1.svg && tm report -o site >/dev/null &&
    [[ $(ls -A site) == $'.tidemark-report.mine\ncharts\nfeed.atom\nindex.html\nnotes.txt' && ! -e site/charts/AAAAbbbbCCCC_-12 ]]
}
# Whoever may write to the folder cannot make the report write, or remove, anywhere else.
planted_links() {
  store && mkdir other site && echo precious >other/p1.svg && cp other/p1.svg other/index.html && ln -s ../other/index.html site/index.html && ! tm report -o site 2>err && grep -q 'is not a file' err &&
    rm site/index.html && ln -s ../other site/.tidemark-report.0a1b2c && mkdir site/charts && ln -s ../../other site/charts/AAAAbbbbCCCC_-12 && ! tm report -o site 2>err && grep -q "holds 'AAAA" err &&
    rm site/charts/* && ln -s ../../other/p1.svg site/charts/p1.svg && tm report -o site >/dev/null && [[ $(cat other/*) == $'precious\nprecious' && ! -e site/charts/p1.svg ]]
}
# Of what was committed between two runs, and of one alone; hostile commits stay within the address.
links_commits() {
  store && printf '[report]\ncommit-url = https://example.org/c/%%s\ncompare-url = https://example.org/d/%%s...%%s\n' >tidemark.ini && tm report -o site >/dev/null &&
    grep -q '<a href="https://example.org/d/[0-9a-f]*\.\.\.[0-9a-f]*"><code>' site/index.html && grep -q '"commit":"https://example.org/c/%s","compare":"https://example.org/d/%s...%s"' site/index.html &&
    sqlite3 tidemark.db "UPDATE run SET commit_id = 'a\"><i>&?' || run_id" && rm -r site && tm report -o site >/dev/null && grep -q 'https://example.org/d/a%22%3E%3Ci%3E%26%3F[0-9]*\.\.\.a%22' site/index.html && ! grep -q '<i>' site/index.html
}
links_to_origin() {
  store && mkdir -p .git && printf '[core]\n\tbare = false\n[remote "other"]\n\turl = https://github.com/no/no\n[remote "origin"]\n\turl = %s\n' 'https://me:secret@github.com/o/r.git' >.git/config && touch .git/HEAD &&
    tm report -o site >/dev/null && grep -q '"commit":"https://github.com/o/r/commit/%s","compare":"https://github.com/o/r/compare/%s...%s"' site/index.html && ! grep -q secret site/index.html || return
  sed -i 's,url = https://me.*,url = git@gitlab.example.org:g/s/r.git,' .git/config && tm report -o site >/dev/null && grep -q '"commit":"https://gitlab.example.org/g/s/r/-/commit/%s"' site/index.html || return
  for origin in 'ssh://git@elsewhere.org/a/b' 'https://github.com/' 'git@github.com:o/"><b>' '/srv/github.com/o/r'; do
    sed -i "s,url = .*,url = $origin," .git/config && tm report -o site >/dev/null && grep -q '"commit":null' site/index.html || return
  done
}
bad_links() {
  store || return
  for line in 'commit-url = javascript:%s' 'commit-url = https://example.org/c' 'commit-url = https://example.org/%s/%s' 'compare-url = https://example.org/%s' 'commit-url = https://e.org/"%s' 'commit_url = https://e.org/%s'; do
    printf '[report]\n%s\n' "$line" >tidemark.ini && ! tm report -o site 2>err && grep -q 'in \[report\]' err && [[ ! -e site ]] || return
  done
}
# Ten runs in an hour, then a month of nothing: that has strokes, not lines.
x_axis() {
  awk 'BEGIN { print "run,started_at,plugin,calls,wall_ms"; for (n = 0; n < 60; n++) printf "r%03d,%d,a,10,%d\n", n, 1760000000 + int(n / 10) * 2592000 + n % 10 * 360, 1000 + n * 37 % 29 }' >in.csv && tm ingest in.csv >/dev/null &&
    tm report -o auto >/dev/null && tm report -o run --x run >/dev/null && tm report -o time --x time >/dev/null && diff -r auto run && ! diff -r auto time >/dev/null && grep -q '"byRun":true' auto/index.html &&
    ! tm report -o bad --x no 2>err && grep -q "unknown --x 'no': run or time" err && store && rm -rf auto time && tm report -o auto >/dev/null && tm report -o time --x time >/dev/null && diff -r auto time
}
# at PATH: what xmllint finds there in the feed
at() { xmllint --xpath "$1" site/feed.atom 2>/dev/null; }
# An id, a title, a date and a link for each alarm and each end that the page's runs have, the newest first; what the page links to, is there.
has_a_feed() {
  store && tm report -o site >/dev/null && xmllint --noout --nonet site/feed.atom && grep -q '<link rel="alternate" type="application/atom+xml" title="Alarms" href="feed.atom">' site/index.html || return
  n=$(sqlite3 tidemark.db "SELECT count(*) FROM verdict WHERE class = 'regressed' AND leads = 1") && [[ $n -gt 3 && $(at 'count(//*[local-name()="entry"][*[local-name()="category"]/@term="raised"])') == "$n" ]] &&
    [[ $(at 'count(//*[local-name()="entry"])') -gt $n ]] && grep -q 'closed by itself' site/feed.atom || return
  for part in id title updated link category content; do [[ $(at "count(//*[local-name()='entry'][count(*[local-name()='$part'])=1])") == "$(at 'count(//*[local-name()="entry"])')" ]] || return; done
  grep -o '<id>urn:uuid:[0-9a-f]\{8\}-[0-9a-f]\{4\}-8[0-9a-f]\{3\}-[89ab][0-9a-f]\{3\}-[0-9a-f]\{12\}</id>' site/feed.atom | sort -u | wc -l >ids && [[ $(<ids) == $(($(at 'count(//*[local-name()="entry"])') + 1)) ]] &&
    grep -o '<updated>[^<]*' site/feed.atom | sed 1d | sort -rc && for link in $(grep -o '#p[0-9]*' site/feed.atom); do grep -q "id=${link#?}>" site/index.html || return; done
}
# An entry keeps its id: on the next night, on another machine, judged again, and after it was decided about.
ids_stay() {
  store && tm report -o site >/dev/null && grep -o '<id>.*</id>' site/feed.atom >all && tm dump -o dump.jsonl && tm --db other.db restore dump.jsonl >/dev/null && tm --db other.db rebuild >/dev/null &&
    plugin=$(sqlite3 -noheader tidemark.db "SELECT name FROM verdict JOIN plugin USING (plugin_id) WHERE class = 'open' AND run_id = (SELECT judged_run FROM lineage) AND leads = 1 LIMIT 1") && tm --db other.db accept "$plugin" --reason x >/dev/null &&
    { head -n 1 "$TMPDIR/demo.csv" && grep 2026-10-01 "$TMPDIR/demo.csv" | sed 's/2026-10-01/2026-10-02/g'; } >next.csv && tm --db other.db ingest next.csv --host h1 >/dev/null && { tm --db other.db gate >/dev/null || true; } && tm --db other.db report -o later >/dev/null && grep -o '<id>.*</id>' later/feed.atom >later.ids &&
    [[ ! $(grep -vxFf later.ids all) && $(wc -l <later.ids) -gt $(wc -l <all) ]] && grep -q "has a level that decision [0-9]* accepts" later/feed.atom
}
# A new plugin that is ten times slower from night to night, and back: of very many the newest fifty.
feed_is_bounded() {
  awk 'BEGIN { print "run,started_at,plugin,calls,wall_ms"; for (n = 1; n <= 40; n++) for (i = 0; i < 70; i++) printf "n%02d,%d,p%02d,10,%d\n", n, 1760000000 + 86400 * n, i, (1000 + n * 7919 % 23 + i) * (n > 12 + i % 25 ? 3 : 1) }' >in.csv &&
    tm ingest in.csv --host h >/dev/null && { tm gate >/dev/null; tm report -o site >/dev/null; } && [[ $(grep -c '<entry>' site/feed.atom) == 50 ]] && xmllint --noout site/feed.atom
}
# Somebody's own feed, or a link, is no feed of ours.
keeps_somebodys_feed() {
  store && mkdir site && echo '<feed/>' >site/feed.atom && ! tm report -o site 2>err && grep -q "feed.atom' was not written by tidemark" err && [[ $(<site/feed.atom) == '<feed/>' && ! -e site/index.html ]] &&
    rm site/feed.atom && echo precious >other && ln -s ../other site/feed.atom && ! tm report -o site 2>err && grep -q "feed.atom' is not a file" err && [[ $(<other) == precious ]]
}
no_alarm_no_entry() {
  printf 'run,started_at,plugin,calls,wall_ms\nn1,2026-01-01T00:00:00Z,a,3,9\n' >in.csv && tm ingest in.csv >/dev/null && tm report -o site >/dev/null && xmllint --noout site/feed.atom && ! grep -q '<entry>' site/feed.atom && grep -q '<updated>2026-01-01T00:00:00Z' site/feed.atom
}
# What is served or mounted is the folder itself.
stays_the_same_folder() { store && mkdir site && before=$(stat -c %i site) && tm report -o site >/dev/null && tm report -o site >/dev/null && [[ $(stat -c %i site) == "$before" ]]; }
in_turn() {
  store && mkdir site && exec 9<site && flock 9 || return
  tm report -o site >out 9<&- &
  sleep 0.5
  [[ ! -e site/index.html ]] && kill -0 $! && flock -u 9 && wait $! && [[ -s site/index.html ]]
}
foreign_page() {
  store && mkdir site && echo '<html>mine' >site/index.html && ! tm report -o site 2>err && grep -q 'was not written by tidemark' err &&
    [[ $(cat site/index.html) == '<html>mine' && ! -e site/charts ]]
}
foreign_charts() {
  store && mkdir -p site/charts other && echo x >site/charts/logo.svg && echo y >other/p1.svg && ! tm report -o site 2>err && grep -q "holds 'logo.svg'" err && [[ -s site/charts/logo.svg ]] &&
    rm -r site/charts && ln -s ../other site/charts && ! tm report -o site 2>err && grep -q 'not a directory of charts' err && [[ -s other/p1.svg && ! -e site/index.html ]] &&
    rm site/charts && mkfifo site/index.html && ! timeout 10 "$TIDEMARK" report -o site 2>err && grep -q 'is not a file' err
}
without_gnuplot() {
  store && path_without_gnuplot "$TIDEMARK" report -o site >out 2>err && grep -q 'has no charts.*gnuplot' err && [[ -s site/index.html && ! -e site/charts ]] &&
    ! grep -q 'charts/p' site/index.html
}
failing_gnuplot() {
  store && mkdir bin && printf '#!/bin/sh\necho oops >&2; exit 3\n' >bin/gnuplot && chmod +x bin/gnuplot &&
    PATH=$PWD/bin:$PATH tm report -o site >out 2>err && grep -q 'has no charts' err && [[ -s site/index.html && ! -e site/charts ]]
}
never_judged() {
  tm ingest "$TMPDIR/demo.csv" --host h1 >/dev/null && tm report -o a >/dev/null && store && tm report -o b >/dev/null && cmp a/index.html b/index.html
}
earlier_run() {
  store && run=$(tm sql 'SELECT run FROM profiles ORDER BY started_at LIMIT 1 OFFSET 240' | tail -n 1) && tm report -o site --run "$run" >/dev/null && grep -qF "$run" site/index.html
}
last_n() { store && tm report -o site --last 7 | grep -q '7 runs$'; }
usage() {
  store && ! tm report 2>err && grep -q 'report needs -o DIR' err && ! tm report -o '' 2>/dev/null && ! tm report -o no/such/place 2>err && grep -q "cannot make the directory 'no/such/place'" err &&
    ! tm report -o site --charts none 2>err && grep -q "unknown charts 'none'" err && ! tm report -o site --last 0 2>/dev/null && ! tm report -o site --branch nope 2>err && grep -q 'no run' err && [[ ! -e site ]] && ! tm report site 2>err && grep -q "cannot use 'site'" err
}
a_file_in_the_way() { store && touch site && ! tm report -o site 2>err && grep -q site err && [[ ! -s site ]]; }
no_store() { ! tm report -o site 2>err && [[ ! -e site && ! -e tidemark.db ]]; }
empty_run() {
  printf 'run,started_at,plugin,calls,wall_ms\nn1,2026-01-01T00:00:00Z,a,0,0\n' >in.csv && tm ingest in.csv >/dev/null && tm report -o site >/dev/null && grep -q 'the run was empty' site/index.html
}
one_run() { printf 'run,started_at,plugin,calls,wall_ms\nn1,2026-01-01T00:00:00Z,a,3,9\n' >in.csv && tm ingest in.csv >/dev/null && tm report -o site && grep -qi 'not judged' site/index.html; }
leaves_nothing() { store && mkdir tmp && TMPDIR=$PWD/tmp tm report -o site >/dev/null && [[ -z $(ls -A tmp) ]]; }

check 'makes a page and a chart of each plugin' makes_a_site
check 'makes the same bytes of the same store' same_bytes
check 'has a feed of alarms and their ends' has_a_feed
check 'gives an entry of the feed its id for good' ids_stay
check 'keeps the feed short' feed_is_bounded
check 'makes a feed without an alarm' no_alarm_no_entry
check 'writes over no feed of others' keeps_somebodys_feed
if command -v taskset >/dev/null; then check 'makes the same bytes by any number of processors' same_on_any_machine; fi
check 'draws only what changed, if asked for' only_changed
check 'names the charts that are there, and no other' charts_are_there
check 'removes the charts of an earlier report' old_charts_go
check 'removes the charts of a report that was killed, and what it had begun' leftovers_go
check 'draws damaged charts anew' damaged_charts_go
check 'follows no planted link' planted_links
check 'waits for another report of the same folder' in_turn
check 'keeps the folder, and what else is in it' stays_the_same_folder
check 'does not overwrite what is not its own' foreign_page
check 'leaves alone what lies where the charts would' foreign_charts
check 'makes the page without gnuplot' without_gnuplot
check 'makes the page with a failing gnuplot' failing_gnuplot
check 'judges what was not judged' never_judged
check 'reports an earlier run' earlier_run
check 'shows so many runs' last_n
check 'leads to commits where it is told to' links_commits
check 'takes the address of commits from a repository, and no secret of it' links_to_origin
check 'refuses what is no address of commits' bad_links
check 'has runs side by side where time would clump them' x_axis
check 'says what is wrong with the command line' usage
check 'does not replace a file by a folder' a_file_in_the_way
check 'makes no store' no_store
check 'tells of an empty run' empty_run
check 'tells of a run with nothing to compare' one_run
check 'leaves nothing behind' leaves_nothing
