#!/usr/bin/env bash
# A consent record of the portal is read by JSON-LD processors that are not ours. See README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

need() { command -v "$1" >/dev/null || { echo "MISSING: $1" >&2; exit 1; }; }
need cargo; need node; need npm; need python3
record=$work/record.json
(cd "$root" && ASSENT_TEST_RECORD=$record cargo test --quiet -p assent-sources --lib -- sqlite::the_consent_record >/dev/null)
[ -s "$record" ] || { echo "the story wrote no record" >&2; exit 1; }
cp "$here/consent/check.mjs" "$work"
(cd "$work" && npm init -y >/dev/null 2>&1 && npm install --silent --no-audit --no-fund jsonld@9.0.0 >/dev/null)
python3 -m venv "$work/venv" && "$work/venv/bin/pip" install --quiet --disable-pip-version-check pyld==2.0.4 rdflib==7.1.4
(cd "$work" && node check.mjs "$record" "$here/consent/dpv-2.3.txt")
"$work/venv/bin/python" "$here/consent/check.py" "$record" "$root/crates/kernel/data/purposes.tsv" "$root/crates/kernel/data/categories.tsv"
