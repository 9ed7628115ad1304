#!/usr/bin/env bash
# Measures encrypted predictions of named networks, three parties as threads of one process, and prints one table.
# Rounds and bytes are exact; times depend on the machine: compare ratios.
# Usage: bench/mpc.sh [--batch N] [--runs N] [--simulate-network RTT,RATE] [--layers] [NAME ...]
# Networks: a b c d lenet alexnet_cifar skin_fast skin_vgg resnet18 vit_tiny; without one, the small ones at batch 1 and 128, then the large ones with few runs.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build bench/Pellicle.Mpc.Bench -c Release -v quiet --nologo >&2
program=(dotnet bench/Pellicle.Mpc.Bench/bin/Release/net10.0/Pellicle.Mpc.Bench.dll)
grep -m1 'model name' /proc/cpuinfo | cut -d: -f2
echo "$(nproc) cores, load at the start $(cut -d' ' -f1 /proc/loadavg), $(date -u +%F)"
if [ $# -gt 0 ]; then exec "${program[@]}" "$@"; fi
"${program[@]}" a b c d alexnet_cifar
"${program[@]}" --batch 128 --runs 5 a b c d
"${program[@]}" --runs 5 skin_fast
"${program[@]}" --runs 2 resnet18 skin_vgg vit_tiny
