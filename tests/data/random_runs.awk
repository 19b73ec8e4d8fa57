# Runs of all kinds, as CSV: awk -v seed=N -v kind=profile|call -f random_runs.awk. Names hold what CSV must quote, what programs obey, and
# characters of all lengths; about a third of the values is not there, and the others have as many digits as a double can have.
function any(n) { return int(rand() * n) }
function field(text) { gsub(/"/, "\"\"", text); return "\"" text "\"" }
function name(stem, n) { return stem any(n) pieces[1 + any(n_pieces)] }
function number(  power) {
  power = any(5)
  return power == 0 ? any(1000000) : power == 1 ? sprintf("%.17g", rand() * 1e6) : power == 2 ? sprintf("%.3f", rand() * 100) : power == 3 ? sprintf("%.17ge-9", rand()) : sprintf("%d.5", any(1e9))
}
function maybe(value) { return rand() < 0.35 ? "" : value }
BEGIN {
  srand(seed)
  n_pieces = split("|, x|\"q\"|  |'; DROP|日本|é|𝕏|=1+1|%s%n|\\n|] unit=x|::error::|#|a=b|{}|\xe2\x80\xae|--|.", pieces, "|")
  heads = kind == "call" ? "plugin,call,wall_ms,errors,hits" : "plugin,calls,errors,wall_ms,cpu_us,mem_delta_bytes,peak_mem_kb,occupied_s,longest_step_ns,cancelled,timeouts,clock,plugin_version,hits,size_kb,in" seed "_percent"
  print "run,started_at,branch,commit,host,version," heads
  for (run = 0; run < 20; run++) {
    facts = field("r" run pieces[1 + any(n_pieces)] seed kind) "," 1700000000 + any(100) * 86400 + run "," field(name("b", 3)) "," maybe(field(name("c", 9))) "," field(name("h", 2)) "," maybe(field(name("v", 3)))
    split("", seen)
    for (row = 0; row < 1 + any(12); row++) {
      plugin = name("p", 40)
      if (kind == "call") {
        for (i = 0; i < 1 + any(30); i++) print facts "," field(plugin) "," i "," number() "," maybe(any(2)) "," maybe(number())
      } else if (!(plugin in seen)) {
        calls = rand() < 0.1 ? 0 : 1 + any(1e6)
        errors = calls ? any(calls) : 0
        wall = rand() < 0.5 ? number() : ""
        print facts "," field(plugin) "," calls "," maybe(errors) "," wall "," (wall == "" ? number() : maybe(number())) "," maybe(any(1e6) - 500000.5) "," maybe(number()) "," maybe(number()) "," maybe(number()) "," maybe(any(9)) "," maybe(any(9)) "," maybe(field(name("clock", 2))) "," maybe(field(name("1.", 5))) "," maybe(number()) "," maybe("-" number()) "," maybe(number())
      }
      seen[plugin] = 1
    }
  }
}
