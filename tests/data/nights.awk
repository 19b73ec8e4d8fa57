# Nights of five plugins for the command sessions: awk -v first=1 -v last=20 [-v host=ci] [-v branch=main] -f nights.awk. From night `from`
# on `who` takes `times` as long; `fails` of 100 calls of it fail; `without` is not there. Night n is the n-th of August 2026, at 2 o'clock.
BEGIN {
  if (!host) host = "ci"
  if (!branch) branch = "main"
  if (!times) times = 1
  n_plugins = split("pdf-parser web-search ocr-reader git-blame mail-sender", plugins, " ")
  print "run,started_at,host,branch,commit,plugin,calls,errors,wall_ms,cpu_ms,peak_mem_kb"
  for (n = first; n <= last; n++)
    for (i = 1; i <= n_plugins; i++) {
      if (plugins[i] == without && n >= from) continue
      noise = ((n * 7919 + i * 104729) * (n + 13 * i) % 9973) / 9973 - 0.5
      factor = (plugins[i] == who || who == "*") && n >= from ? times : 1
      wall = 50 * i * (1 + 0.04 * noise) * factor
      printf "%s%d,%d,%s,%s,%07x,%s,100,%d,%.3f,%.3f,%d\n", branch == "main" ? "night-" : branch "-", n, 1785542400 + 86400 * (n - 1) + 7200 + (branch != "main") * 3600,
        host, branch, 7654321 * n % 268435456, plugins[i], (plugins[i] == who && n >= from ? fails : 0), 100 * wall, 80 * wall, 20000 * i * (1 + 0.01 * noise)
    }
}
