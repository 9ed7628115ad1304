#!/usr/bin/env bash
# Runs "pellicle bench" case by case, with an ordinary step of PyTorch beside ours where Debian's package python3-torch is
# installed, and prints the tables one after another.
# Usage: bench/run.sh [CASE ...]     cases: those of "pellicle bench --help"
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build src/Pellicle.Cli -c Release -v quiet --nologo >&2
cases=("$@")
[ ${#cases[@]} -gt 0 ] || cases=(noise accounting decode cnn_mnist-64 cnn_mnist-512 resnet18_gn-64 vit_tiny-32 vit_tiny-32-bfloat16 vit_base-8 vit_base-8-bfloat16)
baseline=()
if /usr/bin/python3 -c 'import torch' 2>/dev/null; then baseline=(--baseline bench/baseline/plain_pytorch.py); fi
failed=()
for c in "${cases[@]}"; do
  # A case that fails is named at the end; the others are measured all the same.
  timeout 600 dotnet src/Pellicle.Cli/bin/Release/net10.0/pellicle.dll bench "$c" --threads "$(nproc)" "${baseline[@]}" || failed+=("$c")
done
if [ ${#failed[@]} -gt 0 ]; then echo "not measured: ${failed[*]}" >&2; exit 1; fi
