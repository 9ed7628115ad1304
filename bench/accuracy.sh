#!/usr/bin/env bash
# Runs the recipes over several seeds and prints one table in Markdown: what a private model reaches, beside the same recipe without privacy.
# Usage: bench/accuracy.sh [RECIPE ...]     SEEDS="1 2 3" and SHARED=../shared/data can be set. Runs go to a folder that is removed at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
shared=${SHARED:-../shared/data}
read -ra seeds <<<"${SEEDS:-1 2 3}"
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT

# recipe | data | metric | target epsilons | further options ($odir: convolutions trained on public fundus photographs)
tasks=(
  "mnist|mnist.zip|accuracy|1.16 2.91 6.86|"
  "pneumoniamnist|pneumoniamnist-28.zip|AUC|3|"
  "pneumonia-xray|pneumonia-xray-224.zip|AUC|8|"
  "ham10000|ham10000-200x150.zip|AUC|8|"
  "ham10000|ham10000-200x150.zip|AUC|8|--weights \$odir --weights-are-public"
  "ham10000|ham10000-200x150.zip|AUC|8|--weights \$odir --weights-are-public --patient-column lesion --unit patient"
)

# train RECIPE DATA SEED OPTION...: prints the text result of one run.
train() {
  local recipe=$1 data=$2 seed=$3
  shift 3
  ./pellicle train --data "$shared/$data" --recipe "$recipe" --seed "$seed" --out "$runs/$recipe-$seed-$RANDOM$RANDOM" --quiet "$@"
}

# pretrained: a run of cnn_small on ODIR, made once.
pretrained() {
  [ -d "$runs/odir" ] || ./pellicle train --data "$shared/odir5k-224.zip" --model cnn_small --image-size 48 --batch 64 --epochs 12 --optimizer adamw --lr 0.003 \
    --schedule one-cycle --weight-decay 0.01 --augment flip,color --non-private --out "$runs/odir" --quiet >/dev/null
}

# metric NAME: the figure on the test split.
metric() { awk -v name="$1" '$1 == "test" { for (i = 2; i < NF; i++) if ($i == name) print $(i + 1) }'; }

median() { tr ' ' '\n' | sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

echo "| recipe | further options | guarantee | metric on the test split | by seed (${seeds[*]}) | median | without privacy |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
for task in "${tasks[@]}"; do
  IFS='|' read -r recipe data name epsilons further <<<"$task"
  [ $# -eq 0 ] || [[ " $* " == *" $recipe "* ]] || continue
  [[ $further != *odir* ]] || pretrained
  read -ra options <<<"${further//\$odir/$runs/odir}"
  plain=$(train "$recipe" "$data" "${seeds[0]}" --non-private "${options[@]}" | metric "$name")
  for epsilon in $epsilons; do
    values=()
    for seed in "${seeds[@]}"; do
      text=$(train "$recipe" "$data" "$seed" --target-epsilon "$epsilon" --delta 1e-5 "${options[@]}")
      values+=("$(metric "$name" <<<"$text")")
    done
    guarantee=$(sed -n 's/^ *privacy *//p' <<<"$text" | head -n 1)
    echo "| $recipe | ${further//\$odir/ODIR} | $guarantee | $name | ${values[*]} | $(median <<<"${values[*]}") | $plain |"
  done
done
echo
echo "Recipes were tuned on parts of the training data; neither that choice nor these figures are covered by the guarantee."
echo "ODIR: cnn_small trained without privacy on fundus photographs that are public; see pretrained() in bench/accuracy.sh."
