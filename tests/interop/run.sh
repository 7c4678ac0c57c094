#!/usr/bin/env bash
# Has three foreign programs verify a log we wrote, and refuse it after tampering. See README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
log=${1:-$work/log}

need() { command -v "$1" >/dev/null || { echo "MISSING: $1" >&2; exit 1; }; }
need cargo; need go; need node; need npm
gopath=${GOPATH_MOD:-/usr/share/gocode}
[ -d "$gopath/src/golang.org/x/mod/sumdb" ] || { echo "MISSING: golang-golang-x-mod-dev in $gopath" >&2; exit 1; }

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' || { echo "MISSING: Python 3.12 or newer (set PYTHON)" >&2; exit 1; }

if [ ! -e "$log/checkpoint" ]; then
    (cd "$root" && cargo run --quiet -p assent-verify --example sample_log -- "$log")
fi
(cd "$root" && cargo run --quiet -p assent-verify --bin assent-verify -- export "$log" --since "$log/checkpoint.old")

GO111MODULE=off GOPATH=$gopath GOCACHE=$work/gocache go build -o "$work/gocheck" "$here/go/check.go"
(cd "$work" && npm init -y >/dev/null 2>&1 && npm install --silent --no-audit --no-fund @sigstore/verify@3.1.1 >/dev/null)
"$python" -m venv "$work/venv" && "$work/venv/bin/pip" install --quiet --disable-pip-version-check aics-tlog==0.2.1

check() {
    case $1 in
        go) "$work/gocheck" "$2" ;;
        node) NODE_PATH=$work/node_modules node "$here/check.cjs" "$2" ;;
        page) node "$here/page.mjs" "$work/receipt.mjs" "$2" ;;
        python) "$work/venv/bin/python" "$here/check.py" "$2" ;;
    esac
}

cp "$root/crates/web/assets/receipt.js" "$work/receipt.mjs"
agree() { for who in go node page python; do check $who "$1"; done; }
agree "$log"

# Each kind of tampering, on a copy, must be refused by every checker that looks at that part.
refused() {
    local what=$1 edit=$2; shift 2
    rm -rf "$work/bad" && cp -r "$log" "$work/bad"
    (cd "$work/bad" && "$python" -c "$edit")
    for who in "$@"; do
        if check "$who" "$work/bad" >"$work/said" 2>&1; then
            echo "ACCEPTED by $who although $what" >&2; exit 1
        fi
        echo "$who refused: $what"
    done
}
flip='
import sys
def flip(path, at):
    b = bytearray(open(path, "rb").read()); b[at] ^= 1; open(path, "wb").write(b)
def replace(path, old, new):
    t = open(path).read(); assert old in t; open(path, "w").write(t.replace(old, new, 1))
import glob
receipts = glob.glob("receipts/*")
'
refused "a leaf hash changed" "$flip
flip('tile/0/136', 32 * 184 + 5)" go python
refused "an entry changed" "$flip
flip('tile/entries/136', 100)" go python
refused "the root changed" "$flip
for p in ['checkpoint'] + receipts:
    lines = open(p).read().split('\n'); i = lines.index('70000') + 1
    lines[i] = ('A' if lines[i][0] != 'A' else 'B') + lines[i][1:]; open(p, 'w').write('\n'.join(lines))" go node page python
refused "the size changed" "$flip
for p in ['checkpoint'] + receipts: replace(p, '\n70000\n', '\n69999\n')" go node page python
refused "the older head changed" "$flip
replace('checkpoint.old', '\n65000\n', '\n64999\n')" go python
refused "the receipt's index changed" "$flip
for p in receipts: replace(p, '\nindex ', '\nindex 3')" go node page
refused "a receipt's proof changed" "$flip
for p in receipts:
    lines = open(p).read().split('\n'); lines[4] = ('A' if lines[4][0] != 'A' else 'B') + lines[4][1:]
    open(p, 'w').write('\n'.join(lines))" go node page
refused "two of three cosignatures are gone" "$flip
t = open('checkpoint').read().split('\n')
open('checkpoint', 'w').write('\n'.join(l for l in t if not l.startswith(('\u2014 witness2', '\u2014 witness3'))))" python

# The same, over the ledger of the running program and receipts that it handed out: exported, used, exported again.
(cd "$root" && cargo build --quiet -p assent)
assent="$root/target/debug/assent"
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$assent" demo --people 60 --listen "127.0.0.1:$port" --keep "$work/data" >"$work/assent.log" 2>&1 & server=$!
for _ in $(seq 600); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.2; done
field() { "$python" -c 'import json, sys; told = json.load(sys.stdin)
for key in sys.argv[1:]: told = told[int(key) if key.isdigit() else key]
sys.stdout.write(told)' "$@"; }
key=$("$assent" --data-dir "$work/data" --json key new interop --company halden --role dpo | field key)
told() { "$python" -c 'import sys, urllib.request as u
sys.stdout.write(u.urlopen(u.Request(sys.argv[1], headers={"Authorization": "Bearer " + sys.argv[2]})).read().decode())' "http://127.0.0.1:$port/v1/$1" "$key"; }
exported() {
    "$assent" --data-dir "$work/data" export-ledger --company halden --region eu --to "$1" >/dev/null
    sed -n 's/^log //p' "$1/assent-ledger.txt" >"$1/log.vkey"
}
exported "$work/before"
for _ in 1 2 3; do told "people?limit=20" >"$work/people"; done
person=$(field data 0 id <"$work/people")
log=$work/live
exported "$log"
cp "$work/before/checkpoint" "$log/checkpoint.old"
mkdir "$log/receipts"
for entry in 1 2 3; do told "people/$person/uses/$entry/receipt" | field receipt >"$log/receipts/$entry.tlog-proof"; done
agree "$log"
refused "an entry of the running program's ledger changed" "$flip
flip('tile/entries/000', 100)" go python
refused "a receipt that the running program gave out changed" "$flip
for p in receipts:
    lines = open(p).read().split('\n'); lines[4] = ('A' if lines[4][0] != 'A' else 'B') + lines[4][1:]
    open(p, 'w').write('\n'.join(lines))" go node page
"$assent" verify export "$log" --since "$log/checkpoint.old"
"$assent" verify "$log/receipts/1.tlog-proof" --policy "$log/assent-ledger.txt"
echo "All foreign verifiers agree."
