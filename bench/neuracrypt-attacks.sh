#!/usr/bin/env bash
# Measures the attacks on encoded releases and prints what the commands print.
# Usage: bench/neuracrypt-attacks.sh [PART ...]     parts: fingerprint curve matching pairs linear others tradeoff; SHARED=../shared/data can be set.
# PELLICLE="dotnet .../pellicle.dll" runs another build than the launcher.
# Releases, keys and reports go to a folder that is removed at the end; OUT=DIR keeps the reports.
set -euo pipefail
cd "$(dirname "$0")/.."
pellicle=${PELLICLE:-./pellicle}
shared=${SHARED:-../shared/data}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=${OUT:-$work/reports}
mkdir -p "$out"
xray=pack:$shared/pneumonia-xray-224.zip
nih=pack:$shared/nih-xray-64.zip
read -ra parts <<<"${*:-fingerprint curve matching pairs linear others tradeoff}"

# release NAME SOURCE IMAGES KEYGEN-OPTION...: a key and a release of some pictures, once.
release() {
  local name=$1 source=$2 images=$3
  shift 3
  [ -d "$work/$name" ] && return
  $pellicle encode keygen --out "$work/$name.key" --unsealed --quiet "$@" >/dev/null
  $pellicle encode run "$source" --limit "$images" --key "$work/$name.key" --out "$work/$name" --secret "$work/$name-secret" --quiet \
    --i-accept-reidentification-risk "benchmark on public pictures" >/dev/null
}

# attack NAME SOURCE IMAGES OPTION...: attacks a release with its truth.
attack() {
  local name=$1 source=$2 images=$3
  shift 3
  echo "### $name: attack encoding --limit $images $*"
  $pellicle attack encoding "$work/$name" --gallery "$source" --limit "$images" --truth "$work/$name-secret" --key "$work/$name.key" --quiet "$@" | sed '/^These encodings/,$d'
}

for part in "${parts[@]}"; do
  case $part in
    fingerprint)
      release xray-full "$xray" 128
      attack xray-full "$xray" 128 --methods fingerprint,noise,seed-search --keys 1 --out "$out/fingerprint.html"
      release nih-64 "$nih" 128 --image-size 64 --patch-size 8
      attack nih-64 "$nih" 128 --methods fingerprint,noise --keys 3 --out "$out/fingerprint-nih.html" ;;
    curve)
      release nih-64 "$nih" 128 --image-size 64 --patch-size 8
      attack nih-64 "$nih" 776 --images 128 --keys 1 --methods fingerprint --curve 128,256,512,760 --out "$out/curve-nih.html"
      release xray-full "$xray" 128
      attack xray-full "$xray" 2295 --images 128 --keys 3 --methods fingerprint --precision bfloat16 --curve 64,128,256,512,1024,2000 --out "$out/curve-xray.html" ;;
    matching)
      release xray-128 "$xray" 200 --image-size 128 --hidden 1024
      attack xray-128 "$xray" 200 --images 48 --keys 1 --methods matching --out "$out/matching.html"
      release nih-64-1024 "$nih" 200 --image-size 64 --patch-size 8 --hidden 1024
      attack nih-64-1024 "$nih" 200 --images 48 --keys 1 --methods matching --out "$out/matching-nih.html" ;;
    pairs)
      release xray-64 "$xray" 1200 --image-size 64 --patch-size 8 --hidden 256
      attack xray-64 "$xray" 1200 --images 1100 --keys 1 --methods known-plaintext,wrong-pairs --pairs 1,10,100,1000 --out "$out/pairs.html" ;;
    linear)
      release xray-linear "$xray" 300 --kind linear --image-size 64 --patch-size 8 --hidden 256
      attack xray-linear "$xray" 300 --images 160 --keys 1 --methods mmd,known-plaintext --pairs 10,100 --steps 500 --out "$out/linear.html" ;;
    others)
      release xray-64 "$xray" 1200 --image-size 64 --patch-size 8 --hidden 256
      attack xray-64 "$xray" 1200 --images 128 --keys 3 --methods mmd,gan,contrastive,transfer,inversion --steps 300 --out "$out/others.html" ;;
    tradeoff)
      echo "### attack tradeoff, 64x64, patches of 8, 256 wide"
      $pellicle attack tradeoff "$xray" --image-size 64 --patch-size 8 --hidden 256 --quiet --out "$out/tradeoff.html" | sed '/^These encodings/,$d' ;;
    *)
      echo "unknown part '$part'" >&2
      exit 2 ;;
  esac
done
