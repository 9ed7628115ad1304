#!/usr/bin/env bash
# Training on encodings against training on pictures, alone and over two simulated hospitals: test AUC with intervals, CPU time, memory.
# Usage: bench/neuracrypt-training.sh PACK OUT [PART ...]     parts: rates seeds hospitals wide; SEEDS="1 2 3", EPOCHS and PELLICLE can be set.
# rates: the learning rate of each side by its validation AUC. seeds: both sides at the rate chosen. hospitals: alone against joint. wide: one run at the size of the paper.
set -euo pipefail
pack=$1 out=$2
read -ra parts <<<"${*:3}"
[ ${#parts[@]} -gt 0 ] || parts=(rates seeds hospitals wide)
pellicle=${PELLICLE:-./pellicle}
seeds=${SEEDS:-"1 2 3"} epochs=${EPOCHS:-20}
export PELLICLE_PASSPHRASE=${PELLICLE_PASSPHRASE:-"a passphrase of the benchmark"}
mkdir -p "$out"
classifier=(--model vit_encoded --num-layers 1 --non-private --class-balance --keep-best --tuning-metric auc --batch 32 --threads 1)
plain=(--data "$pack" --encode-trainable --encoder-depth 0 --encoder-hidden 256 --encoder-patch 8 --image-size 64 --validation-share 0.1)
encoded=(--data "encoded:$out/public")
accept=(--audit off --i-accept-reidentification-risk "benchmark on public pictures")

# release NAME KEYGEN-OPTION... -- RUN-OPTION...: a key and its encodings, once.
release() {
    local name=$1 keygen=()
    shift
    [ -d "$out/$name" ] && return
    while [ "$1" != -- ]; do keygen+=("$1"); shift; done
    shift
    $pellicle encode keygen "${keygen[@]}" --out "$out/$name.key" --json > "$out/$name-keygen.json"
    $pellicle encode run "$pack" --key "$out/$name.key" --out "$out/$name" --secret "$out/$name-secret" --validation-share 0.1 "${accept[@]}" "$@" --json > "$out/$name.json"
}

# train NAME OPTION...: trains once and prints validation and test AUC with the interval.
train() {
    local name=$1
    shift
    [ -s "$out/$name.json" ] || /usr/bin/time -f "$name: %U + %S CPU-s, %M KB" $pellicle train "${classifier[@]}" "$@" --json --out "$out/$name-run" > "$out/$name.json"
    echo "$name: best epoch $(tr -d '\n ' < "$out/$name.json" | grep -o '"bestEpoch":{[^}]*}'), test $($pellicle eval "$out/$name-run" --bootstrap 5000 --json | tr -d '\n ' | grep -oE '"auc":(\[[^]]*\]|[0-9.]+)' | tr '\n' ' ')"
}

for part in "${parts[@]}"; do
    case $part in
        rates)
            release public --hidden 256 --image-size 64 --patch-size 8 --
            for rate in 1e-4 3e-4 1e-3; do
                train "encoded-$rate-1" "${encoded[@]}" --epochs "$epochs" --warmup 200 --lr "$rate" --seed 1
                train "plain-$rate-1" "${plain[@]}" --epochs "$epochs" --warmup 200 --lr "$rate" --seed 1
            done ;;
        seeds)
            release public --hidden 256 --image-size 64 --patch-size 8 --
            for seed in $seeds; do
                train "encoded-1e-4-$seed" "${encoded[@]}" --epochs "$epochs" --warmup 200 --lr 1e-4 --seed "$seed"
                train "plain-3e-4-$seed" "${plain[@]}" --epochs "$epochs" --warmup 200 --lr 3e-4 --seed "$seed"
            done ;;
        hospitals)
            $pellicle encode spec --classes normal,pneumonia --hidden 256 --image-size 64 --patch-size 8 --out "$out/spec.json" --json > /dev/null
            for seed in $seeds; do
                $pellicle encode hospitals "$pack" --simulate 2 --spec "$out/spec.json" --validation-share 0.1 "${classifier[@]}" --epochs "${HOSPITAL_EPOCHS:-20}" --warmup 200 --lr 1e-4 --seed "$seed" --out "$out/hospitals-$seed"
            done ;;
        wide)
            release wide -- --dtype bf16 --precision bfloat16
            train wide-1 --data "encoded:$out/wide" --epochs "${WIDE_EPOCHS:-6}" --warmup 100 --lr 1e-4 --seed 1 ;;
        *)
            echo "unknown part '$part'" >&2
            exit 2 ;;
    esac
done
