#!/usr/bin/env bash
# What ten days of refits forget: people of the simulator on courses whose popularity drifts as a file of dated interest says.
#   forgetting.sh POPULARITY.csv.gz ITEM_COLUMN TIME_COLUMN [ALGORITHM…]
# One early person in ten is never learned from. After ten daily refits (kpay learn recommender --from) each such person's latest early courses are looked for
# from those before them, by the refitted model and by one that is learned anew from the same data; then the same with their newest courses.
set -euo pipefail
popularity=$1 item=$2 time=$3
shift 3
algorithms=("${@:-ease}")
kpay=${KPAY:-"dotnet $(cd "$(dirname "$0")/../../.." && pwd)/src/KnowledgePay.Cli/bin/Release/net10.0/kpay.dll"}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
$kpay simulate marketplace --users 20000 --courses 604 --events 1500000 --seed 1 --days 80 --end 2026-01-01T00:00:00Z \
    --popularity "$popularity" --map "item=$item,timestamp=$time" --out "$work/sim" >/dev/null 2>&1
echo user,item,timestamp >"$work/all.csv"
sed -nE 's/.*"type":"knowledgepay.course.enrolled","subject":"([^"]+)","time":"([^"]+)","data":\{"courseId":"([^"]+)".*/\1,\3,\2/p' "$work/sim/events.ndjson" >>"$work/all.csv"

# Who is watched: ids that end in 7, with five courses or more by the first day's morning.
first=2025-12-22
watch() { # until: writes $work/history-$1.csv and $work/test-$1.csv
    awk -F, -v until="$1" -v first=$first -v history="$work/history-$1.csv" -v test="$work/test-$1.csv" '
        NR == 1 { print > history; print "user,item" > test; next }
        $1 ~ /7$/ && $3 < until { rows[$1, n[$1]++] = $0; if ($3 < first) early[$1]++ }
        END {
            for (user in n) if (early[user] >= 5) {
                held = int(n[user] / 5 + .5); if (held > 5) held = 5; if (held < 1) held = 1
                for (k = 0; k < n[user]; k++)
                    if (k < n[user] - held) print rows[user, k] > history
                    else { split(rows[user, k], cells, ","); print cells[1] "," cells[2] > test }
            }
        }' "$work/all.csv"
}
until_day() { awk -F, -v until="$1" 'NR == 1 || ($1 !~ /7$/ && $3 < until)' "$work/all.csv" >"$work/day.csv"; }
quality() { # model, until
    $kpay predict recommender --model "$1" --history "$work/history-$2.csv" --count 20 --out "$work/recs.csv" >/dev/null 2>&1
    $kpay evaluate recommender --recs "$work/recs.csv" --test "$work/test-$2.csv" --k 20 | tr '\n' ' '
}

watch $first
watch 2026-01-01
echo "$(($(cut -d, -f1 "$work/history-$first.csv" | sort -u | wc -l) - 1)) people watched, $(($(wc -l <"$work/all.csv") - 1)) courses taken by all"
for algorithm in "${algorithms[@]}"; do
    until_day $first
    $kpay learn recommender --interactions "$work/day.csv" --algorithm "$algorithm" --out "$work/day-0" >/dev/null 2>&1
    echo "$algorithm before the ten days: early $(quality "$work/day-0" $first)"
    started=$(date +%s%N)
    for day in 1 2 3 4 5 6 7 8 9 10; do
        until_day "$(date -u -d "$first +$day days" +%F)"
        $kpay learn recommender --interactions "$work/day.csv" --algorithm "$algorithm" --from "$work/day-$((day - 1))" --out "$work/day-$day" >/dev/null 2>&1
    done
    refits=$((($(date +%s%N) - started) / 10000000))
    started=$(date +%s%N)
    $kpay learn recommender --interactions "$work/day.csv" --algorithm "$algorithm" --out "$work/anew" >/dev/null 2>&1
    anew=$((($(date +%s%N) - started) / 1000000))
    echo "$algorithm after ten refits ($refits ms each): early $(quality "$work/day-10" $first) newest $(quality "$work/day-10" 2026-01-01)"
    echo "$algorithm learned anew ($anew ms):        early $(quality "$work/anew" $first) newest $(quality "$work/anew" 2026-01-01)"
    rm -rf "$work"/day-* "$work/anew"
done
