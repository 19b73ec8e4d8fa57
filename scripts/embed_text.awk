# Turns text files into one C source: page.css becomes the string tm_page_css.
FNR == 1 {
  name = FILENAME
  sub(/.*\//, "", name)
  gsub(/[^a-z0-9]/, "_", name)
  if (NR == 1) print "/* Made from text files by scripts/embed_text.awk. */\n#include \"report/page/sections.h\""
  printf "%s\nconst char tm_%s[] =\n", NR == 1 ? "" : "    ;\n", name
}
{
  gsub(/[\\"?]/, "\\\\&")
  print "    \"" $0 "\\n\""
}
END { print "    ;" }
