#!/bin/sh
# Puts on this machine what the project needs: Debian packages (only those missing), a virtual environment
# in .venv with pinned versions, and the Chinese faces of the font. Safe to run again; does nothing when
# nothing is missing.
#
#   deploy/setup.sh run     what `make run` needs
#   deploy/setup.sh test    that, and what `make test` needs
set -eu
cd "$(dirname "$0")/.."
what=${1:-run}

say() { printf '%s\n' "· $*"; }

packages() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$@"; }

if [ "$what" = test ]; then wanted=$(packages deploy/apt-run.txt deploy/apt-test.txt); else wanted=$(packages deploy/apt-run.txt); fi
missing=""
for package in $wanted; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done

if [ -n "$missing" ]; then
    say "installing Debian packages:$missing"
    sudo=""
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { say "these packages need root: run 'apt-get install$missing' as root, then again"; exit 1; }
        sudo=sudo
    fi
    # The packages' own system services are not wanted: the project starts its own broker and database.
    policy=/usr/sbin/policy-rc.d
    ours=no
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
        $sudo chmod 755 "$policy"
        ours=yes
    fi
    trap '[ "$ours" = no ] || $sudo rm -f "$policy"' EXIT INT TERM
    export DEBIAN_FRONTEND=noninteractive
    $sudo apt-get update -qq
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    [ "$ours" = no ] || $sudo rm -f "$policy"
    trap - EXIT INT TERM
fi

python=${PYTHON:-python3}
if [ ! -x .venv/bin/python ]; then
    say "making the virtual environment .venv"
    "$python" -m venv .venv
fi
extras="kiosk,server,bench,camera,panel,usb"
[ "$what" = test ] && extras="$extras,dev"
stamp=$(cat pyproject.toml constraints.txt | sha256sum | cut -c1-16)-$extras
if [ "$(cat .venv/.jiaohao 2>/dev/null || true)" != "$stamp" ] && ! grep -qs "^${stamp%%-*}-.*,dev$" .venv/.jiaohao; then
    say "installing Python packages (pinned in constraints.txt)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[$extras]"
    printf '%s\n' "$stamp" > .venv/.jiaohao
fi
.venv/bin/python -m kiosk fonts --out var/fonts
