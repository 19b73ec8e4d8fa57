# Turns the SQL files into one C source (mode=c) or its header (mode=h).
# Migrations are [0-9]*.sql in order, views.sql and aside.sql are one script each; in queries.sql and invariants.sql every statement has a name:  -- name: run_find
function quoted(line) {
  gsub(/\\/, "\\\\", line)
  gsub(/"/, "\\\"", line)
  return "    \"" line "\\n\"\n"
}
function base(path) {
  sub(/.*\//, "", path)
  return path
}
FNR == 1 {
  file = base(FILENAME)
  kind = file ~ /^[0-9]/ ? "migrations" : file
  sub(/\.sql$/, "", kind)
  if (kind == "migrations") text["migrations", ++count["migrations"]] = ""
  if (kind == "views" || kind == "aside") count[kind] = 1
  named = kind == "queries" || kind == "invariants"
}
named && /^-- name: / {
  name[kind, ++count[kind]] = $3
  next
}
named && !count[kind] { next }
/^[ \t]*(--.*)?$/ { next }
{ text[kind, count[kind]] = text[kind, count[kind]] quoted($0) }
END {
  print "/* Made from the SQL files of schema/ by scripts/embed.awk. */"
  if (mode == "h") {
    print "#ifndef TM_SCHEMA_SQL_H\n#define TM_SCHEMA_SQL_H\n\nenum tm_query {"
    for (i = 1; i <= count["queries"]; i++) print "    TM_Q_" toupper(name["queries", i]) ","
    print "    TM_Q_COUNT\n};\n"
    print "enum { TM_MIGRATION_COUNT = " count["migrations"] ", TM_INVARIANT_COUNT = " count["invariants"] " };\n"
    print "struct tm_named_sql {\n    const char *name, *sql;\n};\n"
    print "extern const char *const tm_migrations[];\nextern const char tm_views[], tm_aside_tables[];"
    print "extern const struct tm_named_sql tm_queries[], tm_invariants[];\n\n#endif"
    exit
  }
  print "#include \"schema/sql.h\"\n\nconst char *const tm_migrations[] = {"
  for (i = 1; i <= count["migrations"]; i++) printf "%s    ,\n", text["migrations", i]
  printf "};\n\nconst char tm_views[] =\n%s    ;\n\nconst char tm_aside_tables[] =\n%s    ;\n", text["views", 1], text["aside", 1]
  for (k = 1; k <= 2; k++) {
    kind = k == 1 ? "queries" : "invariants"
    print "\nconst struct tm_named_sql tm_" kind "[] = {"
    for (i = 1; i <= count[kind]; i++) printf "    {\"%s\",\n%s    },\n", name[kind, i], text[kind, i]
    print "};"
  }
}
