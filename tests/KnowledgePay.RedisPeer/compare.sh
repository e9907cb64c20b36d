#!/usr/bin/env bash
# The engine beside a stateless service that reads profiles from Redis: the same decisions, world and load, in turns on one machine.
# Redis syncs its file once a second, so that the peer may lose a second of acknowledged decisions, and in the last line before each answer,
# as the engine does for credit: its record and event are on the disk before they are answered.
# usage: tests/KnowledgePay.RedisPeer/compare.sh [SECONDS a turn] [TURNS]
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-6} turns=${2:-3}
engine=http://127.0.0.1:8091 peer=http://127.0.0.1:8092 redis_port=8093 key=comparison-first-operator-key
work=$(mktemp -d)
pids=()
clean_up() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

command -v redis-server >/dev/null || { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server >/dev/null; }
dotnet build KnowledgePay.Orleans.sln -c Release -nologo -v quiet >&2
kpay() { dotnet src/KnowledgePay.Cli/bin/Release/net10.0/kpay.dll "$@"; }

redis-server --port $redis_port --bind 127.0.0.1 --dir "$work" --save "" --appendonly yes --appendfsync everysec --daemonize no >"$work/redis.log" 2>&1 &
pids+=($!)
KnowledgePay__Security__BootstrapKey=$key KnowledgePay__Silo__Port=8094 KnowledgePay__Silo__GatewayPort=8095 \
    dotnet src/KnowledgePay.Server/bin/Release/net10.0/KnowledgePay.Server.dll --urls $engine --data "$work/data" >"$work/engine.log" 2>&1 &
pids+=($!)
for ((i = 0; i < 300; i++)); do redis-cli -p $redis_port ping >/dev/null 2>&1 && curl -sf $engine/health/ready >/dev/null && break; sleep 0.1; done
dotnet tests/KnowledgePay.RedisPeer/bin/Release/net10.0/KnowledgePay.RedisPeer.dll $peer 127.0.0.1:$redis_port $key >"$work/peer.log" 2>&1 &
pids+=($!)
for ((i = 0; i < 600; i++)); do grep -q ready "$work/peer.log" && break; sleep 0.1; done
grep -q ready "$work/peer.log" || { cat "$work/peer.log" >&2; exit 1; }
# The world of the engine's side; the peer has folded the same.
kpay load --server $engine --key $key --mix ping=1 --duration 1s --warm-up 0s --empty false >"$work/prepared" || { cat "$work/prepared" >&2; exit 1; }

load() { # server, mix, courses, seconds
    kpay load --server "$1" --key $key --prepare false --mix "$2" --courses "$3" --duration "${4}s" --warm-up 2s
}

# name, mix, courses asked about: of eight courses the day's quote is there after the warm-up, of ten thousand it seldom is.
for line in "price, quoted before today|price=1|8|everysec" "price, first of the day|price=1|10000|everysec" "credit|credit=1|10000|everysec" "credit, peer synced as well|credit=1|10000|always"; do
    IFS='|' read -r name mix courses sync <<<"$line"
    redis-cli -p $redis_port config set appendfsync "$sync" >/dev/null
    for server in $engine $peer; do load "$server" "$mix" "$courses" 2 >"$work/warm" 2>/dev/null || { cat "$work/warm" "$work/peer.log" >&2; exit 1; }; done
    for ((turn = 0; turn < turns; turn++)); do
        load $engine "$mix" "$courses" "$seconds" >"$work/engine.$turn" 2>/dev/null || cat "$work/engine.$turn" >&2
        load $peer "$mix" "$courses" "$seconds" >"$work/peer.$turn" 2>/dev/null || cat "$work/peer.$turn" >&2
    done
    middle() { # file prefix, line's start, field: the median over the turns
        for ((turn = 0; turn < turns; turn++)); do awk -v start="$2" -v field="$3" 'index($0, start) == 1 { print $field }' "$work/$1.$turn"; done | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
    }
    e=$(middle engine requests/s 2) p=$(middle peer requests/s 2)
    printf '%-27s engine %6s/s (%s of its empty endpoint, p99 %s ms)   peer %6s/s (%s of its own, p99 %s ms)   engine/peer %s\n' "$name" \
        "$e" "$(middle engine ratio 2)" "$(middle engine "${mix%%=*}" 6)" "$p" "$(middle peer ratio 2)" "$(middle peer "${mix%%=*}" 6)" "$(awk -v a="$e" -v b="$p" 'BEGIN { printf "%.2f", a / b }')"
done
