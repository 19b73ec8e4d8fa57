# Is this OpenMetrics 1.0 as we write it? Gauges only, help and unit before the samples, a family in one piece, no sample twice.
# Prints each fault; exit 1 if there was one. Run with LC_ALL=C. With -v times=1 each sample has its time, in seconds.

function fault(what) {
  printf "%s:%d: %s: %s\n", FILENAME, FNR, what, $0
  bad = 1
}

# What is left of the labels behind `{`, once they are read to the closing brace; "?" if they are wrong.
function read_labels(rest, seen, name) {
  split("", seen)
  while (match(rest, /^[a-zA-Z_][a-zA-Z0-9_]*="/)) {
    name = substr(rest, 1, RLENGTH - 2)
    if (name in seen) return "?"
    seen[name]
    rest = substr(rest, RLENGTH + 1)
    if (!match(rest, /^([^"\\]|\\[n"\\])*"/)) return "?"
    rest = substr(rest, RLENGTH + 1)
    if (substr(rest, 1, 1) == "}") return substr(rest, 2)
    if (substr(rest, 1, 1) != ",") return "?"
    rest = substr(rest, 2)
  }
  return "?"
}

function begin_file() {
  if (FILENAME == file) return
  finish_file()
  file = FILENAME
  family = ""
  ended = 0
  split("", families)
  split("", samples)
}

function finish_file() {
  if (file != "" && !ended) fault("no end")
}

{ begin_file() }
ended { fault("behind the end"); next }
$0 == "# EOF" { ended = 1; next }
/^# HELP [a-z0-9_]+ [^\\]+$/ {
  if ($3 in families) fault("a family in two pieces")
  family = $3
  families[family]
  typed = 0
  sampled = 0
  next
}
/^# TYPE [a-z0-9_]+ gauge$/ {
  if ($3 != family || typed || sampled) fault("a type out of place")
  typed = 1
  next
}
/^# UNIT [a-z0-9_]+ (seconds|bytes|ratio)$/ {
  if ($3 != family || !typed || sampled) fault("a unit out of place")
  if (substr($3, length($3) - length($4)) != "_" $4) fault("a name without its unit")
  next
}
/^#/ { fault("no such line"); next }
{
  at = index($0, "{")
  name = substr($0, 1, at - 1)
  if (at == 0 || name != family || !typed) { fault("a sample out of place"); next }
  value = read_labels(substr($0, at + 1))
  if (times && !sub(/ [0-9]+$/, "", value)) fault("no time")
  if (value !~ /^ -?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?$/) fault("no labels and value")
  key = substr($0, 1, length($0) - length(value))
  if (key in samples) fault("a sample twice")
  samples[key]
  sampled = 1
}
END {
  finish_file()
  if (NR == 0) { print "nothing to read"; bad = 1 }
  exit bad
}
