#!/usr/bin/env bash
# Training on encodings against training on pictures, alone and over two simulated hospitals: test AUC with intervals, CPU time, memory.
# Usage: bench/neuracrypt-training.sh PACK OUT [HIDDEN] [EPOCHS] [SEEDS]
set -euo pipefail
pack=$1 out=$2 hidden=${3:-256} epochs=${4:-10} seeds=${5:-"1 2 3"}
pellicle=${PELLICLE:-./pellicle}
export PELLICLE_PASSPHRASE=${PELLICLE_PASSPHRASE:-"a passphrase of the benchmark"}
mkdir -p "$out"
common=(--model vit_encoded --num-layers 1 --non-private --class-balance --keep-best --tuning-metric auc --epochs "$epochs" --batch 32 --lr 5e-4 --json)

$pellicle encode keygen --hidden "$hidden" --out "$out/a.key" --json > "$out/keygen.json"
/usr/bin/time -f "encode: %U + %S CPU-s, %e s, %M KB" $pellicle encode run "$pack" --key "$out/a.key" --out "$out/public" --secret "$out/secret" --validation-share 0.1 \
    --i-accept-reidentification-risk "benchmark" --json > "$out/encode.json"

for seed in $seeds; do
    /usr/bin/time -f "encoded, seed $seed: %U + %S CPU-s, %e s, %M KB" $pellicle train --data "encoded:$out/public" "${common[@]}" --seed "$seed" --out "$out/encoded-$seed" > "$out/encoded-$seed.json"
    /usr/bin/time -f "plain, seed $seed: %U + %S CPU-s, %e s, %M KB" $pellicle train --data "$pack" --encode-trainable --encoder-hidden "$hidden" --encoder-depth 4 --validation-share 0.1 "${common[@]}" --seed "$seed" --out "$out/plain-$seed" > "$out/plain-$seed.json"
    for kind in encoded plain; do
        $pellicle eval "$out/$kind-$seed" --bootstrap 5000 --json > "$out/eval-$kind-$seed.json"
        echo "$kind seed $seed: $(grep -o '"auc": [0-9.]*' "$out/eval-$kind-$seed.json" | head -1), interval $(tr -d '\n ' < "$out/eval-$kind-$seed.json" | grep -o '"intervals":{[^}]*}')"
    done
done

$pellicle encode spec --classes normal,pneumonia --hidden "$hidden" --out "$out/spec.json" --json > /dev/null
$pellicle encode hospitals "$pack" --simulate 2 --spec "$out/spec.json" --validation-share 0.1 "${common[@]}" --out "$out/hospitals" > "$out/hospitals.json"
$pellicle eval "$out/hospitals/joint" --by source --bootstrap 5000
