#!/usr/bin/env bash
# Staff, and the people they serve, sign in through a real OpenID Connect provider that is not ours (npm oidc-provider). See README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT

need() { command -v "$1" >/dev/null || { echo "MISSING: $1" >&2; exit 1; }; }
need cargo; need node; need npm
free() { node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }
wait_for() { for _ in $(seq 600); do (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.2; done; echo "nobody listens on $1" >&2; exit 1; }

(cd "$work" && npm init -y >/dev/null 2>&1 && npm install --silent --no-audit --no-fund oidc-provider@9.13.3 >/dev/null)
cp "$here/oidc/"*.mjs "$work"
ours=$(free); theirs=$(free)
(cd "$root" && cargo build --quiet -p assent)
ASSENT_PRIVATE_HOSTS=127.0.0.1 "$root/target/debug/assent" demo --people 40 --listen "127.0.0.1:$ours" --keep "$work/data" >"$work/assent.log" 2>&1 & pids+=($!)
node "$work/provider.mjs" "$theirs" "http://127.0.0.1:$ours/sign-in/back/halden" \
    "http://127.0.0.1:$ours/my/halden/back/example" >"$work/provider.log" 2>&1 & pids+=($!)
wait_for "$ours"; wait_for "$theirs"
ADMIN=${ADMIN:-henrike.voss@example.org} node "$work/check.mjs" "http://127.0.0.1:$ours" "http://127.0.0.1:$theirs" \
    || { tail -20 "$work/assent.log" "$work/provider.log" >&2; exit 1; }
# The same two doors in a real browser, with scripts and without.
(cd "$root" && ASSENT_TEST_PROVIDED="http://127.0.0.1:$ours" \
    cargo test --quiet -p assent --test browser -- --ignored --exact through_a_foreign_provider) \
    || { tail -20 "$work/assent.log" "$work/provider.log" >&2; exit 1; }
echo "oidc: both doors in a browser"
