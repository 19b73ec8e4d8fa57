# Turns the SQL files into one C source (mode=c) or its header (mode=h).
# Those of schema/postgres/ are the same for PostgreSQL, its queries in the order of schema/queries.sql.
# Migrations are [0-9]*.sql in order, views.sql and aside.sql are one script each, with statistics.sql before the views; in queries.sql and invariants.sql every statement has a name:  -- name: run_find
function quoted(line) {
  gsub(/\\/, "&&", line)
  gsub(/"/, "\\\"", line)
  return "    \"" line "\\n\"\n"
}
function base(path) {
  sub(/.*\//, "", path)
  return path
}
FNR == 1 {
  file = base(FILENAME)
  other = FILENAME ~ /\/postgres\// ? "postgres_" : ""
  kind = file ~ /^[0-9]/ ? "migrations" : file
  sub(/\.sql$/, "", kind)
  if (kind == "statistics") kind = "views"
  named = kind == "queries" || kind == "invariants"
  once = kind == "views" || kind == "aside"
  kind = other kind
  if (kind ~ /migrations$/) text[kind, ++count[kind]] = ""
  if (once) count[kind] = 1
}
named && /^-- name: / {
  name[kind, ++count[kind]] = $3
  place[kind, $3] = count[kind]
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
    print "enum {\n    TM_MIGRATION_COUNT = " count["migrations"] ",\n    TM_INVARIANT_COUNT = " count["invariants"] ","
    print "    TM_POSTGRES_MIGRATION_COUNT = " count["postgres_migrations"] + 0 ",\n    TM_POSTGRES_INVARIANT_COUNT = " count["postgres_invariants"] + 0 "\n};\n"
    print "struct tm_named_sql {\n    const char *name, *sql;\n};\n"
    print "extern const char *const tm_migrations[];\nextern const char tm_views[], tm_aside_tables[];"
    print "extern const struct tm_named_sql tm_queries[], tm_invariants[];"
    if (count["postgres_migrations"]) {
      print "\nextern const char *const tm_postgres_migrations[], *const tm_postgres_queries[];"
      print "extern const char tm_postgres_views[], tm_postgres_aside_tables[];\nextern const struct tm_named_sql tm_postgres_invariants[];"
    }
    print "\n#endif"
    exit
  }
  print "#include \"schema/sql.h\""
  scripts("", "")
  if (count["postgres_migrations"]) {
    scripts("postgres_", "postgres_")
    print "\nconst char *const tm_postgres_queries[] = {"
    for (i = 1; i <= count["queries"]; i++) {
      if (!place["postgres_queries", name["queries", i]]) {
        print "schema/postgres/queries.sql lacks " name["queries", i] >"/dev/stderr"
        exit 1
      }
      printf "%s    ,\n", text["postgres_queries", place["postgres_queries", name["queries", i]]]
    }
    print "};"
  }
  statements("queries", "queries")
  statements("invariants", "invariants")
  if (count["postgres_invariants"]) statements("postgres_invariants", "postgres_invariants")
}
function scripts(prefix, of,    i) {
  print "\nconst char *const tm_" prefix "migrations[] = {"
  for (i = 1; i <= count[of "migrations"]; i++) printf "%s    ,\n", text[of "migrations", i]
  printf "};\n\nconst char tm_%sviews[] =\n%s    ;\n\nconst char tm_%saside_tables[] =\n%s    ;\n", prefix, text[of "views", 1], prefix, text[of "aside", 1]
}
function statements(kind, as,    i) {
  print "\nconst struct tm_named_sql tm_" as "[] = {"
  for (i = 1; i <= count[kind]; i++) printf "    {\"%s\",\n%s    },\n", name[kind, i], text[kind, i]
  print "};"
}
