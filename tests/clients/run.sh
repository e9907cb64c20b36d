#!/usr/bin/env bash
# Clients that nobody here wrote, against the built server: the CloudEvents SDK, an OpenAPI linter, a generated TypeScript client.
# usage: tests/clients/run.sh RESULTS_DIR  (writes "passed failed" into RESULTS_DIR/clients.count)
set -euo pipefail
results=$(mkdir -p "${1:?usage: tests/clients/run.sh RESULTS_DIR}" && cd "$1" && pwd)
cd "$(dirname "$0")"
server_dll=../../src/KnowledgePay.Server/bin/Release/net10.0/KnowledgePay.Server.dll
work=$(mktemp -d)
server_pid=""
echo "0 1" >"$results/clients.count" # until it is known to be otherwise

clean_up() {
    if [ -n "$server_pid" ]; then
        kill "$server_pid" 2>/dev/null || true
        wait "$server_pid" 2>/dev/null || true
    fi
    rm -rf "$work" generated
}
trap clean_up EXIT
trap 'exit 130' INT TERM

[ -f "$server_dll" ] || { echo "build the server first: dotnet build src/KnowledgePay.Server -c Release" >&2; exit 1; }

npm install --silent --no-progress
free_ports() {
    node -e '
        const net = require("node:net");
        const open = [1, 2, 3].map(() => net.createServer().listen(0, "127.0.0.1"));
        Promise.all(open.map(s => new Promise(r => s.once("listening", r)))).then(() => {
            console.log(open.map(s => s.address().port).join(" "));
            open.forEach(s => s.close());
        });'
}

read -r port silo gateway < <(free_ports)
export SERVER="http://127.0.0.1:$port" KEY="clients-first-operator-key" CHECKS_FILE="$work/checks"
KnowledgePay__Security__BootstrapKey=$KEY KnowledgePay__Silo__Port=$silo KnowledgePay__Silo__GatewayPort=$gateway \
    dotnet "$server_dll" --urls "$SERVER" --data "$work/data" >"$work/server.log" 2>&1 &
server_pid=$!
for ((i = 0; ; i++)); do
    curl -sf -m 5 -o /dev/null "$SERVER/health/ready" && break
    if [ "$i" -ge 240 ] || ! kill -0 "$server_pid" 2>/dev/null; then
        echo "the server did not start:" >&2
        tail -n 50 "$work/server.log" >&2
        exit 1
    fi
    sleep 0.5
done

: >"$CHECKS_FILE"
step() { # what it shows, command: one check, and its output where it fails
    local what=$1
    shift
    if "$@" >"$work/step.log" 2>&1; then
        echo "  ok    $what"
        echo "1 0" >>"$CHECKS_FILE"
    else
        echo "  FAIL  $what"
        cat "$work/step.log"
        echo "0 1" >>"$CHECKS_FILE"
        return 1
    fi
}

failed=0
echo "-- CloudEvents SDK"
node cloudevents.mjs || failed=1

echo "-- OpenAPI document"
mkdir -p generated
bin=node_modules/.bin
step "the document is served" curl -sSf -o generated/openapi.json "$SERVER/openapi/v1.json" || failed=1
step "spectral:oas finds no error and no warning" "$bin/spectral" lint --ruleset spectral.yaml --fail-severity warn generated/openapi.json || failed=1

echo "-- generated TypeScript client"
if step "a client is generated" "$bin/openapi-typescript" generated/openapi.json --output generated/knowledgepay.ts &&
    step "it compiles, strictly, with its callers" "$bin/tsc" --project tsconfig.json; then
    cp checks.mjs generated/out/
    node generated/out/calls.js || failed=1
else
    failed=1
fi

# A program that ends before it counted has failed at more than a check.
read -r passed wrong < <(awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }' "$CHECKS_FILE")
if [ "$failed" -ne 0 ] && [ "$wrong" -eq 0 ]; then
    wrong=1
fi
echo "$passed $wrong" >"$results/clients.count"
echo "clients: $passed passed, $wrong failed"
[ "$wrong" -eq 0 ]
