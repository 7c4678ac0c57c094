#!/usr/bin/env bash
# Foreign programs judge the interface for programs: its document, every operation, its webhooks. See README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT

need() { command -v "$1" >/dev/null || { echo "MISSING: $1" >&2; exit 1; }; }
need cargo; need python3
wait_for() { for _ in $(seq 600); do (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.2; done; echo "nobody listens on $1" >&2; tail -20 "$work/assent.log" >&2; exit 1; }

venv=${ASSENT_API_VENV:-$work/venv}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/api/requirements.txt"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(cd "$root" && cargo build --quiet -p assent)
assent="$root/target/debug/assent"
export ASSENT_CALLS_PER_MINUTE=1000000
ASSENT_PRIVATE_HOSTS=127.0.0.1 "$assent" demo --people 60 --listen "127.0.0.1:$port" --keep "$work/data" >"$work/assent.log" 2>&1 & pids+=($!)
wait_for "$port"

key() { "$assent" --data-dir "$work/data" --json key new "$1" --company halden "${@:2}" | "$venv/bin/python" -c 'import json, sys; print(json.load(sys.stdin)["key"])'; }
support=$(key "interop support" --role support --purpose service.support)
sales=$(key "interop sales" --role sales)
admin=$(key "interop admin" --role admin)
base="http://127.0.0.1:$port"
own=$("$venv/bin/python" "$here/api/own_key.py" "$base" yui.ito@example.org ngozi.adeyemi@example.org)

"$venv/bin/python" "$here/api/document.py" "$base"
"$venv/bin/python" "$here/api/webhooks.py" "$base" "$admin" "$work"

# Every operation, by cases made from the document alone; a few minutes in all. One worker: two threads at once break `ast.parse` of
# Python 3.11 (“AST constructor recursion depth mismatch”).
judge() {
    echo "schemathesis as $1"
    (cd "$work" && "$venv/bin/schemathesis" --config-file "$here/api/schemathesis.toml" run "$base/v1/openapi.json" \
        --header "Authorization: Bearer $2" --seed 20260501 --max-examples "${ASSENT_API_CASES:-12}" --workers 1 \
        --exclude-operation-id getDocument "${@:3}") \
        || { echo "the server said:" >&2; tail -20 "$work/assent.log" >&2; exit 1; }
}
judge support "$support"
judge sales "$sales"
judge admin "$admin"
judge "a person's own program" "$own" --include-path-regex '^/v1/me'
if grep -i "panicked\|is not as told" "$work/assent.log"; then echo "the server complained" >&2; exit 1; fi
echo "Document, operations and webhooks hold."
