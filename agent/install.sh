#!/bin/sh
# Installs the Nephos agent:
#   curl -fsSL https://HOST/install.sh | sudo sh -s -- --endpoint https://HOST --token TOKEN
# Run again it upgrades and keeps the settings that are not given anew. --uninstall takes away all it brought.
#
# Everything is in functions and the last line calls them, so that a download that breaks off runs nothing.
# shellcheck disable=SC2317 # cleanup is called by trap

set -eu
umask 022

VERSION="@VERSION@"
BUNDLE_SHA256="@SHA256@"
UNIT_SHA256="@UNIT_SHA256@"
NODE_VERSION="v22.20.0" # Only where neither the machine nor its distribution has a Node.js that fits.

usage() {
  cat <<'USAGE'
Nephos agent installer

  --endpoint URL          address of your Nephos (first time)
  --token TOKEN           an enrolment token or an agent's own token, from the dashboard (first time)
  --name NAME             how this machine is called; default its host name
  --region REGION         where it stands
  --health-endpoint URL   an address of this machine to check along
  --interval MS           milliseconds between samples; default 30000
  --root DIR              only put the files below DIR, for building an image: no user, no package, nothing started
  --uninstall             remove the agent and everything this installer brought
USAGE
}

say() { printf '%s\n' "$*"; }
fail() {
  printf 'nephos-agent: %s\n' "$*" >&2
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

main() {
  endpoint='' token='' name='' region='' health_endpoint='' interval='' root='' uninstall=no
  while [ $# -gt 0 ]; do
    case $1 in
      --uninstall) uninstall=yes; shift; continue ;;
      --help | -h) usage; exit 0 ;;
    esac
    [ $# -ge 2 ] || fail "$1 is not an option, or lacks its value. See --help."
    case $1 in
      --endpoint) endpoint=$2 ;;
      --token) token=$2 ;;
      --name) name=$2 ;;
      --region) region=$2 ;;
      --health-endpoint) health_endpoint=$2 ;;
      --interval) interval=$2 ;;
      --root) root=${2%/} ;;
      *) fail "$1 is not an option. See --help." ;;
    esac
    shift 2
  done

  [ "$(uname -s)" = Linux ] || fail "this installer is for Linux; on this system run the agent in the foreground instead."
  if [ -z "$root" ] && [ "$(id -u)" != 0 ]; then
    fail "this needs root. Run it with sudo: curl -fsSL https://HOST/install.sh | sudo sh -s -- ..."
  fi
  home=$root/opt/nephos-agent
  settings_directory=$root/etc/nephos-agent
  settings=$settings_directory/agent.env
  state=$root/var/lib/nephos-agent
  unit=$root/etc/systemd/system/nephos-agent.service
  command_link=$root/usr/local/bin/nephos-agent
  # What this installer brought besides its own directories, one per line, so that exactly that can be taken away again.
  record=$home/installed

  if [ "$uninstall" = yes ]; then uninstall; else install; fi
}

install() {
  for tool in sha256sum mktemp awk chmod mv; do
    has "$tool" || fail "$tool is missing on this machine. Install it, then run this again."
  done
  [ -n "$endpoint" ] || endpoint=$(setting NEPHOS_ENDPOINT)
  [ -n "$token" ] || token=${NEPHOS_TOKEN:-$(setting NEPHOS_TOKEN)}
  unset NEPHOS_TOKEN
  [ -n "$endpoint" ] || fail "--endpoint is missing: the address of your Nephos, as https://HOST."
  [ -n "$token" ] || fail "--token is missing: make one for this machine in the dashboard."
  for value in "$endpoint" "$token" "$name" "$region" "$health_endpoint" "$interval"; do
    case $value in *[[:cntrl:]]*) fail "an option holds a line break or another control character." ;; esac
  done
  case $endpoint in *token=nee_*) fail "--endpoint holds an enrolment token. Give the address alone, and the token as --token." ;; esac
  case $root:$token in
    ?*:nee_*) fail "--root builds an image, and an enrolment token is exchanged on the machine itself. Run this line there at its first boot instead, or give an agent's own token, which begins with nep_." ;;
  esac
  base=$(base_of "$endpoint")

  staging=$(mktemp -d)
  trap cleanup EXIT
  trap 'exit 1' INT TERM HUP
  fetch "$base/agent/nephos-agent.mjs" "$staging/nephos-agent.mjs"
  check "$staging/nephos-agent.mjs" "$BUNDLE_SHA256"
  fetch "$base/agent/nephos-agent.service" "$staging/nephos-agent.service"
  check "$staging/nephos-agent.service" "$UNIT_SHA256"

  make_directory "$root/opt" "$root/var/lib" "$root/usr/local/bin" "$root/etc/systemd/system"
  mkdir -p "$home" "$settings_directory" "$state"
  chmod 755 "$home" "$settings_directory"
  for made in $directories_made; do note "directory $made"; done
  find_node
  ensure_user
  put_files
  begin_settings
  case $token in nee_*) enrol ;; esac
  put_setting NEPHOS_TOKEN "$token"
  mv "$new" "$settings"
  start
}

base_of() { printf '%s' "$1" | sed 's/[?#].*$//; s:/*$::; s:/ingest/vultr$::; s:/ingest$::'; } # ENDPOINT

cleanup() { rm -rf ${staging:+"$staging"} ${new:+"$new" "$new.2"}; }

fetch() { # URL FILE
  if has curl; then
    curl -fsSL --connect-timeout 15 --max-time 300 -o "$2" "$1" 2>"$staging/why" && return
  elif has wget; then
    wget -q -T 60 -O "$2" "$1" 2>"$staging/why" && return
  else
    fail "neither curl nor wget is on this machine. Install one of them, then run this again."
  fi
  fail "cannot fetch $1. $(head -n 1 "$staging/why") Check the address and this machine's way out to it."
}

check() { # FILE SHA256
  actual=$(sha256sum "$1" | cut -d ' ' -f 1)
  [ "$actual" = "$2" ] && return
  fail "the checksum of ${1##*/} differs: expected $2, got $actual. Nothing was installed. If Nephos was just upgraded, run this again."
}

make_directory() { # DIR...
  directories_made=''
  for directory in "$@"; do
    [ -d "$directory" ] && continue
    parent=$directory
    while [ ! -d "$parent" ]; do
      directories_made="$directories_made $parent"
      parent=${parent%/*}
      [ -n "$parent" ] || parent=/
    done
    mkdir -p "$directory"
  done
}

note() { grep -qxF "$1" "$record" 2>/dev/null || printf '%s\n' "$1" >>"$record"; }
noted() { # KIND
  if [ -f "$record" ]; then sed -n "s/^$1 //p" "$record"; fi
}

# --- Node.js -----------------------------------------------------------------------------------------------------------

# 18.15 is the first with the call that tells how full a filesystem is.
node_fits() { [ -x "$1" ] && "$1" -e 'process.exit(require("fs").promises.statfs ? 0 : 1)' >/dev/null 2>&1; }

find_node() {
  if [ -n "$root" ]; then
    node=node
    return
  fi
  node=$home/runtime/bin/node
  node_fits "$node" && return
  for candidate in node nodejs; do
    node=$(command -v "$candidate" 2>/dev/null) || continue
    # One in somebody's home or in a snap cannot be started by a confined service.
    case $(readlink -f "$node") in /root/* | /home/* | /snap/* | /usr/bin/snap) continue ;; esac
    node_fits "$node" && return
  done
  install_package_node
  for candidate in /usr/bin/node /usr/bin/nodejs; do
    node=$candidate
    node_fits "$node" && return
  done
  install_private_node
}

fits_major() { # VERSION
  major=${1#*:}
  major=${major%%.*}
  case $major in '' | *[!0-9]*) return 1 ;; esac
  [ "$major" -ge 18 ]
}

apt_candidate() { apt-cache policy nodejs 2>/dev/null | sed -n 's/^ *Candidate: *//p'; }

install_package_node() {
  if has apt-get; then
    fits_major "$(apt_candidate)" || apt-get update -q </dev/null >"$staging/log" 2>&1 || true
    fits_major "$(apt_candidate)" || return 0
    say "Installing Node.js from the distribution"
    dpkg-query -W -f '${Package}:${Architecture}\n' | sort >"$staging/before"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends nodejs </dev/null >"$staging/log" 2>&1 || true
    dpkg-query -W -f '${Package}:${Architecture}\n' | sort >"$staging/after"
  elif has apk; then
    fits_major "$(apk search -e nodejs 2>/dev/null | sed -n 's/^nodejs-//p' | head -n 1)" || return 0
    say "Installing Node.js from the distribution"
    apk info 2>/dev/null | sort >"$staging/before"
    apk add --quiet --virtual .nephos-agent nodejs </dev/null >"$staging/log" 2>&1 || true
    apk info 2>/dev/null | sort >"$staging/after"
  elif has dnf || has yum; then
    manager=dnf
    has dnf || manager=yum
    fits_major "$($manager -q info nodejs 2>/dev/null </dev/null | sed -n 's/^Version *: *//p' | tail -n 1)" || return 0
    say "Installing Node.js from the distribution"
    rpm -qa | sort >"$staging/before"
    $manager install -y -q --setopt=install_weak_deps=False nodejs </dev/null >"$staging/log" 2>&1 || true
    rpm -qa | sort >"$staging/after"
  elif has zypper; then
    fits_major "$(zypper -n info nodejs-default 2>/dev/null </dev/null | sed -n 's/^Version *: *//p')" || return 0
    say "Installing Node.js from the distribution"
    rpm -qa | sort >"$staging/before"
    zypper -n install --no-recommends nodejs-default </dev/null >"$staging/log" 2>&1 || true
    rpm -qa | sort >"$staging/after"
  elif has pacman; then
    fits_major "$(pacman -Si nodejs 2>/dev/null | sed -n 's/^Version *: *//p')" || return 0
    say "Installing Node.js from the distribution"
    pacman -Qq | sort >"$staging/before"
    pacman -S --noconfirm --needed nodejs </dev/null >"$staging/log" 2>&1 || true
    pacman -Qq | sort >"$staging/after"
  else
    return 0
  fi
  sort "$staging/before" "$staging/before" "$staging/after" | uniq -u | while read -r package; do
    note "package $package"
  done
}

install_private_node() {
  mirror=${NEPHOS_NODE_MIRROR:-https://nodejs.org/dist}
  case $(uname -m) in
    x86_64) architecture=x64 ;;
    aarch64) architecture=arm64 ;;
    armv7l) architecture=armv7l ;;
    ppc64le | s390x) architecture=$(uname -m) ;;
    *) fail "there is no ready Node.js for $(uname -m). Install Node.js 18.15 or newer, then run this again." ;;
  esac
  if ls /lib/ld-musl-* >/dev/null 2>&1; then
    fail "there is no ready Node.js for musl systems. Install Node.js 18.15 or newer (apk add nodejs), then run this again."
  fi
  archive=node-$NODE_VERSION-linux-$architecture.tar.gz
  say "Fetching Node.js $NODE_VERSION for the agent alone"
  fetch "$mirror/$NODE_VERSION/SHASUMS256.txt" "$staging/SHASUMS256.txt"
  fetch "$mirror/$NODE_VERSION/$archive" "$staging/$archive"
  check "$staging/$archive" "$(awk -v archive="$archive" '$2 == archive { print $1 }' "$staging/SHASUMS256.txt")"
  rm -rf "$home/runtime"
  mkdir -p "$home/runtime/bin"
  tar -xzf "$staging/$archive" -C "$staging" "${archive%.tar.gz}/bin/node" || fail "cannot unpack $archive: tar and gzip are needed."
  mv "$staging/${archive%.tar.gz}/bin/node" "$home/runtime/bin/node"
  chown 0:0 "$home/runtime/bin/node"
  node=$home/runtime/bin/node
  node_fits "$node" || fail "the fetched Node.js does not start on this machine. Install Node.js 18.15 or newer, then run this again."
}

# --- User, files, settings ---------------------------------------------------------------------------------------------

ensure_user() {
  [ -z "$root" ] || return 0
  if ! grep -q '^nephos-agent:' /etc/group; then
    if has groupadd; then groupadd --system nephos-agent; else addgroup -S nephos-agent; fi
    note "group nephos-agent"
  fi
  grep -q '^nephos-agent:' /etc/passwd && return
  shell=/usr/sbin/nologin
  [ -x "$shell" ] || shell=/sbin/nologin
  if has useradd; then
    useradd --system --gid nephos-agent --no-create-home --home-dir /nonexistent --shell "$shell" nephos-agent
  else
    adduser -S -D -H -h /nonexistent -s "$shell" -G nephos-agent nephos-agent
  fi
  note "user nephos-agent"
}

put_files() {
  chmod 644 "$staging/nephos-agent.mjs" "$staging/nephos-agent.service"
  # Moved, not copied over: a running agent keeps the file it started with.
  mv "$staging/nephos-agent.mjs" "$home/nephos-agent.mjs"
  mv "$staging/nephos-agent.service" "$unit"
  cat >"$staging/nephos-agent" <<WRAPPER
#!/bin/sh
# Starts the agent with the Node.js it was installed for; small heaps, because it needs no more.
STATE_DIRECTORY=/var/lib/nephos-agent
export STATE_DIRECTORY
exec ${node#"$root"} @NODE_FLAGS@ /opt/nephos-agent/nephos-agent.mjs "\$@"
WRAPPER
  chmod 755 "$staging/nephos-agent"
  mv "$staging/nephos-agent" "$home/nephos-agent"
  if [ ! -e "$command_link" ] && [ ! -L "$command_link" ]; then ln -s /opt/nephos-agent/nephos-agent "$command_link"; fi
  if [ -z "$root" ]; then
    chown 0:0 "$home/nephos-agent" "$home/nephos-agent.mjs" "$unit"
    chown nephos-agent:nephos-agent "$state"
  fi
  chmod 750 "$state"
}

setting() { # NAME
  [ -f "$settings" ] || return 0
  sed -n "s/^$1=//p" "$settings" | tail -n 1 | sed 's/^"\(.*\)"$/\1/; s/\\\(["\\$`]\)/\1/g'
}

# The settings as they will be, beside those there are, which stay as they are until everything is known.
begin_settings() {
  new=$settings_directory/.agent.env.new
  (umask 077 && if [ -f "$settings" ]; then cat "$settings"; else
    say "# Settings of the Nephos agent. Restart it after a change: systemctl restart nephos-agent"
  fi >"$new")
  put_setting NEPHOS_ENDPOINT "$endpoint"
  put_setting INSTANCE_NAME "$name"
  put_setting NEPHOS_REGION "$region"
  put_setting HEALTH_ENDPOINT "$health_endpoint"
  put_setting COLLECTION_INTERVAL "$interval"
}

# Exchanges the enrolment token for the agent's own. A line that is pasted a second time brings a token that was used up by
# the first; what the first brought then stays.
enrol() {
  kept=''
  if [ "$(base_of "$(setting NEPHOS_ENDPOINT)")" = "$base" ]; then kept=$(setting NEPHOS_TOKEN); fi
  case $kept in nep_*) ;; *) kept='' ;; esac
  if token=$(printf '%s\n' "$token" | as_service "$EXCHANGE" 2>"$staging/answer"); then
    say "This machine is enrolled."
    return
  fi
  why=$(told "$staging/answer")
  why=${why#Could not enrol: }
  case ${kept:+kept}:$why in
    'kept:401 token_unknown: '* | 'kept:409 already_enrolled: '*)
      say "This machine is enrolled already and keeps its own token; Nephos did not take the enrolment token (${why%%:*})."
      token=$kept
      ;;
    *)
      rest="It is not started."
      [ ! -f "$settings" ] || rest="The settings it had are unchanged."
      fail "the agent's files are in place, but this machine was not enrolled. ${why%.}. $rest"
      ;;
  esac
}

# A secret goes to the agent through a pipe, because every user of a machine can read a program's arguments.
EXCHANGE='IFS= read -r NEPHOS_TOKEN; export NEPHOS_TOKEN
exec /opt/nephos-agent/nephos-agent --enrol --config /etc/nephos-agent/.agent.env.new'

# The agent as the service runs it: its user, and nothing of the environment of this shell, so that it comes to the same
# instance id.
as_service() { # SCRIPT
  if has runuser; then
    env -i PATH="$PATH" runuser -u nephos-agent -- /bin/sh -c "cd / && $1"
  else
    env -i PATH="$PATH" su -s /bin/sh nephos-agent -c "cd / && $1"
  fi
}

# The last line of the agent's, without its time or name.
told() { tail -n 1 "$1" | sed 's/^[0-9TZ:.-]* //; s/^nephos-agent: //'; } # FILE

# Puts one setting in its place, or at the end; the others stay as they are. What was not given is left alone.
put_setting() { # NAME VALUE
  [ -n "$2" ] || return 0
  (umask 077 && SETTING_LINE="$1=\"$(printf '%s' "$2" | sed 's/[\\"$`]/\\&/g')\"" awk -v start="$1=" '
    index($0, start) == 1 { if (!done) print ENVIRON["SETTING_LINE"]; done = 1; next }
    { print }
    END { if (!done) print ENVIRON["SETTING_LINE"] }' "$new" >"$new.2")
  chmod 640 "$new.2"
  [ -n "$root" ] || chown root:nephos-agent "$new.2"
  mv "$new.2" "$new"
}

# --- Start and stop ----------------------------------------------------------------------------------------------------

start() {
  if [ -n "$root" ]; then
    say "The files of Nephos agent $VERSION are below $root. The image still needs Node.js 18.15 or newer and the user nephos-agent."
    return
  fi
  if [ -d /run/systemd/system ] && has systemctl; then
    systemctl daemon-reload
    systemctl enable --quiet nephos-agent.service
    systemctl restart nephos-agent.service
    started="It runs as service nephos-agent; read its log with: journalctl -u nephos-agent"
  else
    if has systemctl; then systemctl enable --quiet nephos-agent.service 2>/dev/null || true; fi
    started="systemd is not running here, so it was not started. Start it with: su -s /bin/sh nephos-agent -c nephos-agent"
  fi
  if ! as_service 'exec /opt/nephos-agent/nephos-agent --once' </dev/null >"$staging/answer" 2>&1; then
    say "Nephos agent $VERSION is installed. $started"
    fail "but Nephos did not take its first sample: $(told "$staging/answer")"
  fi
  say "Nephos agent $VERSION is installed, and Nephos took its first sample. $started"
}

uninstall() {
  if [ ! -e "$home" ] && [ ! -e "$settings_directory" ] && [ ! -e "$unit" ]; then
    say "There is no Nephos agent here."
    return
  fi
  if [ -z "$root" ] && has systemctl; then
    if [ -d /run/systemd/system ]; then systemctl stop nephos-agent.service 2>/dev/null || true; fi
    systemctl disable --quiet nephos-agent.service 2>/dev/null || true
  fi
  rm -f "$unit" "$root/etc/systemd/system/multi-user.target.wants/nephos-agent.service"
  if [ -z "$root" ] && [ -d /run/systemd/system ] && has systemctl; then
    systemctl daemon-reload
    systemctl reset-failed nephos-agent.service 2>/dev/null || true
  fi
  if [ "$(readlink "$command_link" 2>/dev/null)" = /opt/nephos-agent/nephos-agent ]; then rm -f "$command_link"; fi
  if [ -z "$root" ]; then
    remove_packages
    if [ -n "$(noted user)" ]; then
      if has userdel; then userdel nephos-agent; else deluser nephos-agent; fi
    fi
    if [ -n "$(noted group)" ] && grep -q '^nephos-agent:' /etc/group; then
      if has groupdel; then groupdel nephos-agent; else delgroup nephos-agent; fi
    fi
  fi
  directories=$(noted directory)
  rm -rf "$home" "$settings_directory" "$state"
  # Only those this installer made, and only where nobody has put anything into them since.
  for directory in $directories; do rmdir "$directory" 2>/dev/null || true; done
  say "The Nephos agent is removed."
}

# All of them or none: a package manager refuses where something else has come to need one, and then they stay.
remove_packages() {
  packages=$(noted package | tr '\n' ' ')
  [ -n "$packages" ] || return 0
  # shellcheck disable=SC2086 # a list of names
  if has dpkg; then
    dpkg --purge $packages >/dev/null 2>&1
  elif has apk; then
    apk del --quiet .nephos-agent >/dev/null 2>&1
  elif has rpm; then
    rpm -e $packages >/dev/null 2>&1
  else
    pacman -Rn --noconfirm $packages >/dev/null 2>&1
  fi || say "Node.js stays, because something else needs it by now: $packages"
}

main "$@"
