#!/usr/bin/env bash
# One silo on PostgreSQL, then two that share the same machine, under the same load, which asks one of them: what the hop to the other costs.
# Half of the people are then on the silo that is not asked. Same world, same database server; figures by one turn after the other, medians.
# usage: tests/KnowledgePay.Cluster.Tests/two-silos.sh [SECONDS a turn] [TURNS]
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-8} turns=${2:-3}
key=two-silos-first-operator-key work=$(mktemp -d)
pids=()
binaries=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
clean_up() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    as_postgres "$binaries/pg_ctl -D $work/db stop -m immediate" >/dev/null 2>&1 || true
    rm -rf "$work"
}
as_postgres() { if [ "$(id -u)" = 0 ]; then su postgres -c "$1"; else bash -c "$1"; fi; }
trap clean_up EXIT
trap 'exit 130' INT TERM

dotnet build KnowledgePay.Orleans.sln -c Release -nologo -v quiet >/dev/null
kpay() { dotnet src/KnowledgePay.Cli/bin/Release/net10.0/kpay.dll "$@"; }
[ "$(id -u)" != 0 ] || chown postgres "$work"
as_postgres "$binaries/initdb -D $work/db -U postgres -A trust >/dev/null && $binaries/pg_ctl -D $work/db -l $work/db.log -w -o '-p 8190 -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work -c max_connections=200' start >/dev/null"
export KnowledgePay__Storage__ConnectionString="Host=127.0.0.1;Port=8190;Username=postgres;Database=postgres"
KnowledgePay__Security__MasterKey=$(head -c 32 /dev/urandom | base64)
export KnowledgePay__Security__MasterKey KnowledgePay__Security__BootstrapKey=$key KnowledgePay__Cluster__AdvertisedAddress=127.0.0.1 KnowledgePay__Storage__MigrateAtStart=true

start() { # number
    KnowledgePay__Silo__Port=$((8200 + $1)) KnowledgePay__Silo__GatewayPort=$((8210 + $1)) \
        dotnet src/KnowledgePay.Server/bin/Release/net10.0/KnowledgePay.Server.dll --config silo-config/cluster.json --urls http://127.0.0.1:$((8220 + $1)) --Logging:LogLevel:Default=Warning >"$work/silo.$1.log" 2>&1 &
    pids+=($!)
    for ((i = 0; i < 600; i++)); do curl -sf http://127.0.0.1:$((8220 + $1))/health/ready >/dev/null && return; sleep 0.1; done
    cat "$work/silo.$1.log" >&2
    return 1
}
load() { kpay load --server http://127.0.0.1:8221 --key $key --prepare false --mix "$1" --connections "$2" --duration "${seconds}s" --warm-up 3s --empty false --slices 1 2>/dev/null; }
measure() { # label
    for line in "price=1|1" "price=1|32" "recommend=1|1" "recommend=1|32" "event=1|32" "credit=1|32" "recommend=50,price=30,offers=15,credit=5|32"; do
        IFS='|' read -r mix connections <<<"$line"
        for ((turn = 0; turn < turns; turn++)); do
            before=$(cpu)
            load "$mix" "$connections" >"$work/out.$turn" || cat "$work/out.$turn" >&2
            echo "$(awk '$1 == "requests/s" { print $2 }' "$work/out.$turn") $(awk -v kind="${mix%%=*}" '$1 == kind { print $4, $6 }' "$work/out.$turn") $(awk -v b="$before" -v a="$(cpu)" 'BEGIN { print a - b }')"
        done | sort -n | awk -v label="$1" -v mix="$mix" -v c="$connections" -v s="$seconds" '{ r[NR] = $0 } END { split(r[int((NR + 1) / 2)], v, " "); printf "%-10s %-44s %2d connections: %7s/s, p50 %s ms, p99 %s ms, %3.0f us of the silos'"'"' processors a request\n", label, mix, c, v[1], v[2], v[3], v[4] * 1e6 / (v[1] * (s + 3)) }'
    done
}
# Seconds of processor of all silos so far.
cpu() { for pid in "${pids[@]}"; do awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) / hz }' "/proc/$pid/stat"; done | awk '{ s += $1 } END { print s }'; }

# New processes compile what they run for more than a minute, and all people have to be active.
warm_up() { kpay load --server http://127.0.0.1:8221 --key $key --prepare false --duration 60s --warm-up 40s --empty false --slices 1 >"$work/warm" 2>/dev/null || cat "$work/warm" >&2; }

start 1
kpay load --server http://127.0.0.1:8221 --key $key --mix recommend=1 --duration 2s --warm-up 0s --empty false --slices 1 >"$work/prepared" 2>/dev/null || { cat "$work/prepared" >&2; exit 1; }
warm_up
measure "one silo"
# Both start with nobody active, so that the people are spread over them.
kill "${pids[0]}" && wait "${pids[0]}" 2>/dev/null || true
pids=()
start 1
start 2
warm_up
measure "two silos"
