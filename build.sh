#!/usr/bin/env bash
# Builds Pellicle (Release). With --cli only the program, without it the tests as well. Installs missing packages when it may.
set -u -o pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd) || exit 3
# shellcheck source=build/common.sh
. "$root/build/common.sh"

what=all
case "${1:-}" in
  '') ;;
  --cli) what=cli ;;
  -h | --help) echo "usage: build.sh [--cli]"; exit 0 ;;
  *) printf 'pellicle: error: unknown option %s\nusage: build.sh [--cli]\n' "$1" >&2; exit 2 ;;
esac

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
export DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
if [ -z "${HOME:-}" ] || [ ! -w "${HOME:-/}" ]; then
  export DOTNET_CLI_HOME=$root/artifacts/home NUGET_PACKAGES=$root/artifacts/packages
  mkdir -p "$DOTNET_CLI_HOME"
fi

install_missing() {
  local missing packages as_root=()
  missing=$(missing_parts)
  [ -n "$missing" ] || return 0
  packages=$(cut -d: -f1 <<<"$missing" | tr '\n' ' ')
  while IFS= read -r line; do say "missing: $line"; done <<<"$missing"
  if [ "${PELLICLE_NO_INSTALL:-}" = 1 ]; then
    fail "parts are missing, and PELLICLE_NO_INSTALL=1 forbids installing them: $packages" "$(install_text)"
  fi
  command -v apt-get >/dev/null || fail "parts are missing, and this system has no apt-get: $packages" "install them by the means of this system"
  if [ "$(id -u)" != 0 ]; then
    { command -v sudo >/dev/null && sudo -n true 2>/dev/null; } || fail "parts are missing, and installing them needs root: $packages" "$(install_text)"
    as_root=(sudo -n)
  fi
  say "installing $packages"
  local log=$root/artifacts/apt.log
  # An old package list is often good enough; refresh it only when the first try fails.
  # shellcheck disable=SC2086
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages >"$log" 2>&1 &&
     ! { "${as_root[@]}" apt-get update && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    case "$packages" in
      *dotnet-sdk*) fail "installing failed: $packages(log: $log)" "if dotnet-sdk-10.0 is unknown to apt here, add Microsoft's package feed (https://learn.microsoft.com/dotnet/core/install/linux) or put a .NET 10 SDK in PATH" ;;
      *) fail "installing failed: $packages(log: $log)" "$(install_text)" ;;
    esac
  fi
  missing=$(missing_parts)
  [ -z "$missing" ] || fail "still missing after the installation: $(tr '\n' ';' <<<"$missing")" "see $log"
}

# Never fails: what needs these parts says so when it is used.
install_optional() {
  local missing packages as_root=()
  missing=$(optional_parts)
  [ -n "$missing" ] || return 0
  packages=$(cut -d: -f1 <<<"$missing" | tr '\n' ' ')
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  # shellcheck disable=SC2086
  if [ "${PELLICLE_NO_INSTALL:-}" = 1 ] || ! command -v apt-get >/dev/null ||
     ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages >"$root/artifacts/apt-optional.log" 2>&1; then
    say "going on without $missing"
  fi
}

mkdir -p "$root/artifacts" || fail "cannot write into $root" "run from a writable checkout, or set PELLICLE_NO_BUILD=1 with a built tree"
exec 9>"$root/artifacts/build.lock"
if ! flock -n 9; then
  say "another process is building; waiting for it"
  flock 9
fi
is_built "$what" && exit 0

install_missing
install_optional
find_dotnet sdk
say "building ($what); this takes a minute or two the first time"
mark=$(source_mark "$what")
target=$root/Pellicle.slnx
[ "$what" = cli ] && target=$root/src/Pellicle.Cli/Pellicle.Cli.csproj
log=$root/artifacts/build-$what.log
# No build server may stay behind: it would keep the caller's pipes open.
if ! (cd "$root" && "$dotnet" build "$target" -c Release -nologo -v quiet -nodeReuse:false -p:UseSharedCompilation=false -p:NuGetAudit=false) >"$log" 2>&1 9>&-; then
  grep -E '(error|Error) ' "$log" | sort -u | head -n 20 >&2
  fail "the build failed (log: $log)" ""
fi
printf '%s\n' "$mark" >"$(stamp_of "$what").new" && mv "$(stamp_of "$what").new" "$(stamp_of "$what")"
# Building everything builds the program too.
[ "$what" = all ] && source_mark cli >"$(stamp_of cli)"
say "built"
