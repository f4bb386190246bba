#!/bin/sh
# Sees to what the build needs: Swift, pkg-config and GSL. Installs the last two with apt where it
# can; elsewhere it says in one line what to install.

if ! command -v "${SWIFT:-swift}" >/dev/null 2>&1; then
  echo "Swift 6.2 or newer is needed and was not found: see https://www.swift.org/install" >&2
  exit 1
fi

has_gsl() { command -v pkg-config >/dev/null 2>&1 && pkg-config --exists gsl; }
has_gsl && exit 0

if command -v apt-get >/dev/null 2>&1; then
  if [ "$(id -u)" = 0 ]; then
    as_root=env
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root='sudo -n env'
  else
    as_root=
  fi
  if [ -n "$as_root" ]; then
    echo 'installing libgsl-dev and pkg-config' >&2
    install="$as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq libgsl-dev pkg-config"
    # The lists of packages may be missing or old: they are fetched where the first try fails.
    $install >/dev/null 2>&1 </dev/null ||
      { $as_root apt-get update -qq >&2 </dev/null && $install >/dev/null </dev/null; }
    has_gsl && exit 0
  fi
fi

echo 'GSL and pkg-config are needed: "apt-get install libgsl-dev pkg-config" on Debian and Ubuntu,' \
  '"dnf install gsl-devel pkgconf" on Fedora, "brew install gsl pkgconf" on macOS' >&2
exit 1
