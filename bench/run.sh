#!/usr/bin/env bash
# Runs the benchmark case by case and prints one table. The steps that are compared take turns, each in a process of its
# own, so that peak memory is that of one network.
# The baseline needs Debian's package python3-torch; without it the ratios are against our own ordinary step.
# Usage: bench/run.sh [CASE ...]     cases: noise accounting decode cnn_mnist-64 cnn_mnist-512 resnet18_gn-64 vit_tiny-32 vit_base-8
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build bench/Pellicle.Bench -c Release -v quiet --nologo >&2
cases=("$@")
[ ${#cases[@]} -gt 0 ] || cases=(noise accounting decode cnn_mnist-64 cnn_mnist-512 resnet18_gn-64 vit_tiny-32 vit_base-8)
program=bench/Pellicle.Bench/bin/Release/net10.0/Pellicle.Bench.dll
failed=()
head=1
for c in "${cases[@]}"; do
  # A case that fails is named at the end; the others are measured all the same.
  if ! out=$(timeout 420 dotnet "$program" "$c"); then failed+=("$c"); continue; fi
  if [ $head = 1 ]; then echo "$out"; head=0; else grep '^| [a-z]' <<<"$out" | grep -v '^| case' || true; fi
done
if [ ${#failed[@]} -gt 0 ]; then echo "not measured: ${failed[*]}" >&2; exit 1; fi
