#!/usr/bin/env bash
# Every mutant still applies to the sources: a change of a line takes its mutants along. make mutate runs them.
set -u
failures=0
if said=$("$TM_SOURCE_DIR/scripts/mutate" -n 2>&1); then
  echo "ok mutants apply ($said)"
else
  echo 'not ok mutants apply'
  sed 's/^/  /' <<<"$said"
  failures=1
fi
for named in 'synchronous = OFF' 'DBCONFIG_DEFENSIVE, 0' 'TRUSTED_SCHEMA, 1' 'append_summary(told), false' 'tm_commit(context->store) != 77'; do
  if grep -qF "$named" "$TM_SOURCE_DIR/tests/mutants.txt"; then echo "ok mutants have '$named'"; else echo "not ok mutants have '$named'" && failures=1; fi
done
[[ $failures == 0 ]]
