#!/bin/sh
# Checks every runbook without a fleet: lint, then a dry run of all against the recording that ci/site.lua names.
# Leaves reports/runbooks.xml and reports/runbooks.json.
set -u
cd "$(dirname "$0")/.." || exit 70
mkdir -p reports
worst=0

opsh lint --strict runbooks || worst=$?
opsh --dry-run --site ci/site.lua --junit reports/runbooks.xml --report reports/runbooks.json runbooks/*.lua || {
  status=$?
  [ "$status" -le "$worst" ] || worst=$status
}

exit "$worst"
