#!/bin/sh
# Puts jiaohao on this Debian 12 or Raspberry Pi OS machine, as root:
#
#   deploy/raspi/install.sh server            a hall's server and broker
#   deploy/raspi/install.sh kiosk             a kiosk on the panel of this machine
#   deploy/raspi/install.sh server kiosk      both (a small hall on one machine)
#
# Programs go to /opt/jiaohao/VERSION with /opt/jiaohao/current pointing at it (so the version before stays
# for a way back), settings to /etc/jiaohao, data to /var/lib/jiaohao. Run it again to bring a newer version.
# Units are enabled; they are started too where systemd runs.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)

fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
say() { printf '· %s\n' "$*"; }

server=no
kiosk=no
for part in "$@"; do
    case $part in
        server) server=yes ;;
        kiosk) kiosk=yes ;;
        *) fail "unknown part '$part': say server, kiosk, or both" ;;
    esac
done
[ "$server$kiosk" != nono ] || fail "say what this machine is: server, kiosk, or both"
[ "$(id -u)" -eq 0 ] || fail "run as root"
[ -r /etc/debian_version ] || fail "this is for Debian 12 and Raspberry Pi OS"

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
packages="python3-venv python3-dev gcc"
extras=""
[ "$server" = no ] || { packages="$packages mosquitto espeak-ng"; extras="server"; }
[ "$kiosk" = no ] || {
    packages="$packages fonts-noto-cjk espeak-ng libgl1 libegl1 libgles2 libgbm1 libmtdev1"
    packages="$packages libzbar0 libusb-1.0-0 uhubctl"
    extras="${extras:+$extras,}kiosk,camera,panel,usb"
    # Raspberry Pi OS has these two: on PyPI lgpio is an empty shell for newer Pythons, and Picamera2 needs libcamera's.
    if apt-cache show python3-lgpio >/dev/null 2>&1; then packages="$packages python3-lgpio"; else extras="$extras,raspi"; fi
    if apt-cache show python3-picamera2 >/dev/null 2>&1; then packages="$packages python3-picamera2"; fi
}

say "Debian packages: $packages"
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $packages >/dev/null

version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$source/pyproject.toml")
home=/opt/jiaohao/$version
say "programs: $home"
mkdir -p "$home" /etc/jiaohao /var/lib/jiaohao
for piece in kiosk devices queue_server firmware_cfg pyproject.toml constraints.txt README.md LICENSE; do
    rm -rf "${home:?}/$piece"
    cp -a "$source/$piece" "$home/"
done
# Also where one stands already: an environment of an earlier installation did not see the system's packages.
python3 -m venv --system-site-packages "$home/venv"
"$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    -c "$home/constraints.txt" --editable "${home}[$extras]"
ln -sfn "$home" /opt/jiaohao/current

groups=""
for group in dialout lp video input render audio gpio plugdev; do
    if getent group "$group" >/dev/null; then groups="$groups${groups:+,}$group"; fi
done
getent passwd jiaohao >/dev/null || useradd --system --home-dir /var/lib/jiaohao --shell /usr/sbin/nologin jiaohao
usermod -a -G "$groups" jiaohao
chown -R jiaohao:jiaohao /var/lib/jiaohao
chmod 0750 /var/lib/jiaohao

units=""
if [ "$server" = yes ]; then
    [ -e /etc/jiaohao/city.toml ] || cp "$home/queue_server/halls/demo.toml" /etc/jiaohao/city.toml
    [ -e /etc/jiaohao/server.env ] || install -m 0640 -g jiaohao "$here/server.env" /etc/jiaohao/server.env
    # the project's broker brings its own configuration; the package's would take the same port
    systemctl disable mosquitto.service >/dev/null 2>&1 || true
    install -m 0644 "$here/systemd/jiaohao-broker.service" "$here/systemd/jiaohao-server.service" /etc/systemd/system/
    units="jiaohao-broker.service jiaohao-server.service"
fi
if [ "$kiosk" = yes ]; then
    [ -e /etc/jiaohao/kiosk.toml ] || cp "$home/firmware_cfg/profiles/raspi.toml" /etc/jiaohao/kiosk.toml
    "$home/venv/bin/python" -m kiosk fonts --out /var/lib/jiaohao/fonts
    install -m 0644 "$here/systemd/jiaohao-kiosk.service" /etc/systemd/system/
    install -m 0644 "$here/udev/70-jiaohao.rules" /etc/udev/rules.d/
    units="$units jiaohao-kiosk.service"
fi

# shellcheck disable=SC2086
systemctl enable $units >/dev/null 2>&1
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    if [ "$server" = yes ]; then systemctl stop mosquitto.service 2>/dev/null || true; fi
    # shellcheck disable=SC2086
    systemctl restart $units
    say "started: $units"
else
    say "enabled, to start with the machine: $units"
fi
if [ "$server" = yes ]; then
    say "city: /etc/jiaohao/city.toml; the one-time secret for the first staff account: journalctl -u jiaohao-server"
    say "to copy to each kiosk's /var/lib/jiaohao: from /var/lib/jiaohao/server/secrets the files people-box.pub,"
    say "  server-sign.pub, and mqtt-KIOSK as mqtt-password (readable by jiaohao alone)"
fi
if [ "$kiosk" = yes ]; then say "profile: /etc/jiaohao/kiosk.toml (set id, site, hall, owner and the ports of the devices)"; fi
