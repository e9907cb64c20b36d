#!/usr/bin/env bash
# Sums the counters of all .trx files below a folder; prints "N passed, N failed, N skipped" and fails when a test failed or none ran.
set -euo pipefail
passed=0 failed=0 skipped=0
while IFS= read -r counters; do
    total=$(sed -n 's/.* total="\([0-9]*\)".*/\1/p' <<<"$counters")
    p=$(sed -n 's/.* passed="\([0-9]*\)".*/\1/p' <<<"$counters")
    executed=$(sed -n 's/.* executed="\([0-9]*\)".*/\1/p' <<<"$counters")
    passed=$((passed + p))
    failed=$((failed + executed - p))
    skipped=$((skipped + total - executed))
done < <(grep -rhoE '<Counters [^>]*>' --include='*.trx' "$1")
if [ -f "$1/clients.count" ]; then
    read -r p f <"$1/clients.count"
    passed=$((passed + p)) failed=$((failed + f))
fi
if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
