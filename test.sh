#!/usr/bin/env bash
# Builds everything and runs the tests. Last line: "N passed, N failed, N skipped". Exit code 0 only if all passed and at least one ran.
#   --fast   leaves out tests that take seconds     (default: leaves out those that take minutes)
#   --full   runs all, on the real data next to the repository
#   --only PATTERN   test projects whose name holds PATTERN
set -u -o pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd) || exit 3
cd "$root" || exit 3
# shellcheck source=build/common.sh
. "$root/build/common.sh"

filter='Speed!=Full'
only=
while [ $# -gt 0 ]; do
  case "$1" in
    --fast) filter='Speed!=Slow&Speed!=Full' ;;
    --full) filter= ;;
    --only) only=${2:?--only needs a pattern}; shift ;;
    -h | --help) sed -n '2,5p' "$0"; exit 0 ;;
    *) printf 'test.sh: error: unknown option %s\n' "$1" >&2; exit 2 ;;
  esac
  shift
done

bash "$root/build.sh" </dev/null || { echo "0 passed, 1 failed"; exit 1; }
find_dotnet sdk || exit 3
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 PELLICLE_NO_BUILD=1
[ -n "${HOME:-}" ] && [ -w "${HOME:-/}" ] || export DOTNET_CLI_HOME=$root/artifacts/home

results=$root/artifacts/tests
rm -rf "$results" && mkdir -p "$results"
passed=0 failed=0 skipped=0 broken=0

run_project() {
  local name=$1 log=$results/$1.log trx=$results/$1.trx counters total executed ok bad
  local dll=$root/tests/$name/bin/Release/net10.0/$name.dll
  local args=("$dll" --nologo --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=normal" --results-directory "$results")
  [ -n "$filter" ] && args+=(--filter "$filter")
  # A test that hangs must not hang the run; coreutils' timeout ends the group.
  timeout --kill-after=30 "${PELLICLE_TEST_TIMEOUT:-1500}" "$dotnet" test "${args[@]}" </dev/null >"$log" 2>&1
  local code=$?
  if [ ! -f "$trx" ]; then
    if [ $code = 0 ] && grep -q 'No test' "$log"; then
      echo "$name: no tests"
      return
    fi
    echo "FAILED $name: the test run ended with code $code and no results:"
    tail -n 15 "$log"
    broken=$((broken + 1))
    return
  fi
  counters=$(grep -o '<Counters [^>]*>' "$trx" | head -n 1)
  total=$(counter total) executed=$(counter executed) ok=$(counter passed)
  bad=$((executed - ok))
  passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + total - executed))
  echo "$name: $ok passed, $bad failed, $((total - executed)) skipped"
  if [ "$bad" -gt 0 ]; then
    awk '/^  Failed /{show=1} /^  (Passed|Skipped) /{show=0} /^Test Run /{show=0} show' "$log" | sed 's/^  Failed /FAILED /' | head -n 400
  elif [ $code != 0 ]; then
    echo "FAILED $name: all its results are good, but the test run ended with code $code:"
    tail -n 15 "$log"
    broken=$((broken + 1))
  fi
}

counter() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters" | head -n 1 | grep . || echo 0; }

for project in "$root"/tests/*.Tests; do
  name=$(basename -- "$project")
  case "$name" in *"$only"*) run_project "$name" ;; esac
done

failed=$((failed + broken))
if [ $((passed + failed)) = 0 ]; then
  echo "no test was run"
  echo "0 passed, 1 failed, $skipped skipped"
  exit 1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
