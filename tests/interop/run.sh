#!/usr/bin/env bash
# Has three foreign programs verify a log we wrote, and refuse it after tampering. See README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=${1:-$work/log}

need() { command -v "$1" >/dev/null || { echo "MISSING: $1" >&2; exit 1; }; }
need cargo; need go; need node; need npm
gopath=${GOPATH_MOD:-/usr/share/gocode}
[ -d "$gopath/src/golang.org/x/mod/sumdb" ] || { echo "MISSING: golang-golang-x-mod-dev in $gopath" >&2; exit 1; }

python=${PYTHON:-}
for candidate in "$python" python3.14 python3.13 python3.12 python3 "$HOME"/.pyenv/versions/3.1[2-9]*/bin/python3; do
    [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && { python=$candidate; break; }
    python=
done
[ -n "$python" ] || { echo "MISSING: Python 3.12 or newer (set PYTHON)" >&2; exit 1; }

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
for who in go node page python; do
    check $who "$log"
done

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
echo "All foreign verifiers agree."
