#!/usr/bin/env bash
# Prints the layout of llama.cpp's structs and enums as a C compiler sees it, from the headers of the very release that
# native/runtime pins. The headers are fetched once, checked, and kept in .source/ (ignored by git). Standard output
# carries the facts and nothing else. Exit 3: a tool is missing.
set -euo pipefail

# The npm package that carries the release's source; its numbers are those of @node-llama-cpp/<platform>.
version=3.21.1
sha512=13737412fd956b4c33c9dbd7605c0cf47bf2a34ecfa168edf13ffd18c738dc2bedf18915fcd53fb5852010c0b582b4cfbf6a3d3d18d08b41b759be4ffdac2232

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$here/.source/$version

fail() { printf 'print_abi: %s\n' "$2" >&2; exit "$1"; }
need() { command -v "$1" > /dev/null || fail 3 "$1 is not on the PATH; $2"; }

grep -q "\"@node-llama-cpp/linux-x64\": \"$version\"" "$here/../runtime/package.json" ||
    fail 1 "native/runtime/package.json does not pin $version; give print_abi.sh the same version and its sha512"

need cc "install a C compiler (Debian: gcc libc6-dev, macOS: xcode-select --install)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ ! -f "$source/include/llama.h" ]; then
    need npm "install Node.js 20 or newer, it fetches the headers"
    need git "install git, it unpacks the headers"

    (cd "$work" && npm pack --silent --ignore-scripts "node-llama-cpp@$version" > /dev/null) ||
        fail 1 "npm could not fetch node-llama-cpp@$version"
    package=$work/node-llama-cpp-$version.tgz
    if command -v sha512sum > /dev/null; then found=$(sha512sum "$package"); else found=$(shasum -a 512 "$package"); fi
    [ "${found%% *}" = "$sha512" ] ||
        fail 1 "node-llama-cpp@$version has sha512 ${found%% *}, expected $sha512; do not use it"

    tar -xzf "$package" -C "$work" package/llama/gitRelease.bundle
    unpack() {
        git clone --quiet --no-checkout "$work/package/llama/gitRelease.bundle" "$work/source" &&
            git -C "$work/source" checkout --quiet HEAD -- include ggml/include
    }
    unpack 2> "$work/log" || fail 1 "git could not unpack the release's source: $(cat "$work/log")"

    mkdir -p "$here/.source"
    if [ ! -f "$source/include/llama.h" ]; then # no other run was faster
        rm -rf "$source"
        mv "$work/source" "$source"
    fi
fi

cc -std=gnu11 -Wall -Wextra -Werror "-I$source/include" "-I$source/ggml/include" \
    "$here/print_abi.c" -o "$work/print_abi" >&2
"$work/print_abi"
