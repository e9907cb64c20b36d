#!/usr/bin/env bash
# Installs what the tests need if it is missing, builds everything, runs every test.
# The last line is "N passed, N failed, N skipped", summed from the result files.
set -euo pipefail
cd "$(dirname "$0")/.."
results=artifacts/test-results
rm -rf "$results"
mkdir -p "$results"
failed=0

need() { # command, Debian package(s)
    command -v "$1" >/dev/null 2>&1 && return 0
    echo "== installing ${*:2}"
    local sudo=""
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${@:2}" >/dev/null
}

need node nodejs
need npm npm
need curl curl
need faketime faketime
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need initdb postgresql

echo "== build"
dotnet build KnowledgePay.Orleans.sln -c Release -nologo -v quiet

for project in tests/*.Tests/*.csproj; do
    name=$(basename "$project" .csproj)
    echo "== $name"
    dotnet test --project "$project" -c Release --no-build \
        --report-xunit-trx --report-xunit-trx-filename "$name.trx" --results-directory "$PWD/$results" || failed=1
done

echo "== allocation budgets"
dotnet run -c Release --no-build --project tests/KnowledgePay.Benchmarks -- budgets || failed=1

echo "== clients that nobody here wrote"
tests/clients/run.sh "$results" || failed=1

tests/sum-results.sh "$results" || failed=1
exit $failed
