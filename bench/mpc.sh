#!/usr/bin/env bash
# Measures encrypted predictions of named networks with 'pellicle bench mpc': three processes with TLS on loopback, or with --in-threads one process.
# Rounds and bytes are exact; times depend on the machine: compare ratios.
# Usage: bench/mpc.sh [--in-threads] [OPTION of 'bench mpc' ...] [NAME ...]
# Without a name: the small networks at batch 1 and 128, then the large ones with few runs.
set -euo pipefail
cd "$(dirname "$0")/.."
./build.sh --cli >&2
export PELLICLE_NO_BUILD=1
where=(--processes) options=() names=()
while [ $# -gt 0 ]; do
  case "$1" in
    --in-threads) where=() ;;
    --layers) options+=("$1") ;;
    --*) options+=("$1" "$2"); shift ;;
    *) names+=(--network "$1") ;;
  esac
  shift
done
measure() { ./pellicle bench mpc "${where[@]}" "$@" "${options[@]}"; }
if [ ${#names[@]} -gt 0 ]; then measure "${names[@]}"; exit; fi
measure --network a --network b --network c --network d --network alexnet_cifar
measure --network a --network b --network c --network d --batch 128 --runs 5
measure --network skin_fast --runs 20
measure --network resnet18 --network skin_vgg --network vit_tiny --runs 3
