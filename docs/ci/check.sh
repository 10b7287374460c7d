#!/bin/sh
# Checks every runbook without a fleet: lint, then a dry run against the recording. Leaves report.xml and report.json.
set -u
cd "$(dirname "$0")/.." || exit 70
worst=0

opsh lint --strict runbooks || worst=$?

opsh --dry-run --site ci/site.lua --replay ci/recording \
  --junit report.xml --report report.json runbooks/*.lua target=all speed=routine || {
  status=$?
  [ "$worst" -ne 0 ] || worst=$status
}

exit "$worst"
