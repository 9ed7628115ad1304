#!/usr/bin/env bash
# Runs the benchmark one case a process, so that peak memory is that of the case, and prints one table.
# The baseline needs Debian's package python3-torch; without it the ratios are against our own ordinary step.
# Usage: bench/run.sh [CASE ...]     cases: noise accounting decode cnn_mnist-64 cnn_mnist-512 resnet18_gn-64 vit_tiny-32 vit_base-8
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build bench/Pellicle.Bench -c Release -v quiet --nologo >&2
cases=("$@")
[ ${#cases[@]} -gt 0 ] || cases=(noise accounting decode cnn_mnist-64 cnn_mnist-512 resnet18_gn-64 vit_tiny-32 vit_base-8)
head=1
for c in "${cases[@]}"; do
  if [ $head = 1 ]; then dotnet bench/Pellicle.Bench/bin/Release/net10.0/Pellicle.Bench.dll "$c"; head=0
  else dotnet bench/Pellicle.Bench/bin/Release/net10.0/Pellicle.Bench.dll "$c" | grep '^| [a-z]' | grep -v '^| case' ; fi
done
