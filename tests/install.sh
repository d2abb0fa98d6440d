#!/bin/sh
# Installs the named Debian packages where they are missing; without root it names the command and stops.
set -eu
missing=
for package; do
    case $package in
        python3-venv) "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null && continue ;;
        libmagic1 | libarchive13)
            library=$(echo "$package" | sed -E 's/[0-9]+$/\\.so\\.&/')
            PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -q "$library" && continue
            ;;
        *) dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' && continue ;;
    esac
    missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
    echo "Missing system packages. Run as root:  apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "Installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Tests run their own instances of Postfix; this machine is not to become a mail server by it.
case $missing in
    *" postfix"*) echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections ;;
esac
# shellcheck disable=SC2086 # the list is meant to be split
if ! apt-get install -y -qq --no-install-recommends --no-remove $missing >/dev/null; then
    echo "Not installed. Where apt says that packages would be removed (another mail server, for one), decide yourself:" >&2
    echo "  apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
