# Shared by pellicle, build.sh and test.sh: what the build needs, and whether it is up to date. Sourced, never run.
# The caller sets $root.

say() { printf 'pellicle: %s\n' "$*" >&2; }
fail() {
  printf 'pellicle: error: %s\n' "$1" >&2
  [ -z "${2:-}" ] || printf 'pellicle: hint: %s\n' "$2" >&2
  exit 3
}

# Sets $dotnet to a command that has the .NET 10 SDK, or to one that can at least run programs.
find_dotnet() {
  local candidate folder
  dotnet=
  for candidate in "$(command -v dotnet 2>/dev/null)" "${DOTNET_ROOT:+$DOTNET_ROOT/dotnet}" "${HOME:+$HOME/.dotnet/dotnet}" /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet; do
    [ -n "$candidate" ] && [ -x "$candidate" ] || continue
    folder=$(dirname -- "$(readlink -f -- "$candidate")")
    if compgen -G "$folder/sdk/10.*" >/dev/null || { [ -z "${1:-}" ] && compgen -G "$folder/shared/Microsoft.NETCore.App/10.*" >/dev/null; }; then
      dotnet=$candidate
      return 0
    fi
  done
  return 1
}

has_file() {
  local pattern
  for pattern in "$@"; do
    compgen -G "$pattern" >/dev/null && return 0
  done
  return 1
}

# Prints one line "package: what it is for" for each missing part.
missing_parts() {
  find_dotnet sdk || echo "dotnet-sdk-10.0: the .NET 10 SDK"
  command -v cmake >/dev/null || echo "cmake: builds the native part"
  command -v c++ >/dev/null || echo "g++: C++ compiler for the native part"
  has_file "${TORCH_ROOT:-/nowhere}/include/ATen/core/dispatch/Dispatcher.h" /usr/include/ATen/core/dispatch/Dispatcher.h /usr/local/include/ATen/core/dispatch/Dispatcher.h ||
    echo "libtorch-dev: tensors"
  has_file /usr/include/dnnl.hpp /usr/local/include/dnnl.hpp || echo "libdnnl-dev: matrix products of oneDNN"
  has_file /usr/lib/*/libblas.so /usr/lib/libblas.so /usr/local/lib/libblas.so || echo "libblas-dev: linear algebra"
  has_file /usr/lib/*/openblas-openmp/libblas.so.3 /usr/lib/*/libopenblas.so /usr/local/lib/libopenblas.so || echo "libopenblas0-openmp: fast linear algebra"
  has_file /usr/include/jpeglib.h /usr/local/include/jpeglib.h || echo "libjpeg-dev: JPEG images"
  has_file /usr/include/png.h /usr/local/include/png.h || echo "libpng-dev: PNG images"
}

# The same for parts that a few sources need; without them the build goes on.
optional_parts() {
  has_file /usr/include/gdcm-*/gdcmImageReader.h /usr/local/include/gdcm-*/gdcmImageReader.h || echo "libgdcm-dev: DICOM images"
}

install_text() {
  local packages
  packages=$(missing_parts | cut -d: -f1 | tr '\n' ' ')
  printf 'sudo apt-get update && sudo apt-get install -y --no-install-recommends %s' "${packages:-dotnet-sdk-10.0}"
}

# A fingerprint of all sources (path, time, size) and of optional parts: also notices files that were deleted or put back, and parts that came later.
source_mark() {
  local folders=(src native)
  [ "$1" = all ] && folders+=(tests)
  (cd "$root" && { optional_parts; find "${folders[@]}" Directory.Build.props Directory.Packages.props global.json \
    \( -name bin -o -name obj -o -name TestResults \) -prune -o -type f -printf '%p %T@ %s\n'; } | LC_ALL=C sort | cksum)
}

stamp_of() { printf '%s/artifacts/build-%s.stamp' "$root" "$1"; }

# True if the last successful build of $1 (cli or all) saw exactly today's sources.
is_built() {
  local stamp
  stamp=$(stamp_of "$1")
  [ -f "$stamp" ] && [ "$(<"$stamp")" = "$(source_mark "$1")" ]
}
