#!/bin/sh
# Puts promtool at the given path: the one this machine has, or that of Debian's prometheus package alone. The whole package would
# start a server on port 9090 of every address.
set -eu
if there=$(command -v promtool); then
    ln -sf "$there" "$1"
    exit
fi
echo "Fetching promtool"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if [ "$(id -u)" = 0 ]; then apt-get update -qq; fi
if ! (cd "$folder" && apt-get download -qq -o APT::Sandbox::User=root prometheus); then
    echo "The package prometheus cannot be fetched, of which the tests need promtool. Try as root:  apt-get update" >&2
    exit 1
fi
dpkg-deb --fsys-tarfile "$folder"/prometheus_*.deb | tar -xO ./usr/bin/promtool >"$folder/promtool"
chmod 755 "$folder/promtool"
mv "$folder/promtool" "$1"
