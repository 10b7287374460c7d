#!/bin/sh
# Checks every runbook without a fleet: lint, then a dry run of each against its recording. Leaves reports/NAME.{xml,json}.
#   ci/check.sh                 checks
#   ci/check.sh record SITE     records what the dry runs read, where the fleet is reached
# ci/arguments/NAME holds the arguments of runbooks/NAME.lua, one name=value a line.
set -u
cd "$(dirname "$0")/.." || exit 70
mode=${1:-replay}
site=ci/site.lua
[ "$mode" = replay ] || site=${2:?give the site that reaches the fleet}
mkdir -p reports ci/recordings
worst=0

if [ "$mode" = replay ]; then
  opsh lint --strict runbooks || worst=$?
fi

for runbook in runbooks/*.lua; do
  name=$(basename "$runbook" .lua)
  set --
  if [ -f "ci/arguments/$name" ]; then
    while IFS= read -r word; do
      [ -z "$word" ] || set -- "$@" "$word"
    done <"ci/arguments/$name"
  fi
  opsh --dry-run --site "$site" "--$mode" "ci/recordings/$name" \
    --junit "reports/$name.xml" --report "reports/$name.json" "$runbook" "$@" </dev/null || {
    status=$?
    [ "$status" -le "$worst" ] || worst=$status
  }
done

exit "$worst"
