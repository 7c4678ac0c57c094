"""Messages reach a foreign library's receiver, signed; a receiver that was killed gets them when it is back."""
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

base, key, work = sys.argv[1:4]
here = os.path.dirname(os.path.abspath(__file__))


def call(line, body=None, headers=()):
    method, path = line.split(" ")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data, method=method)
    request.add_header("Authorization", f"Bearer {key}")
    if data is not None:
        request.add_header("Content-Type", "application/json")
    for name, value in headers:
        request.add_header(name, value)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def free():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def start(port, secrets, out):
    process = subprocess.Popen([sys.executable, f"{here}/receiver.py", str(port), ",".join(secrets), out])
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return process
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the receiver does not come up")


def until(what, ready, seconds=30):
    for _ in range(seconds * 10):
        found = ready()
        if found:
            return found
        time.sleep(0.1)
    raise SystemExit(f"not within {seconds} s: {what}")


def lines(out):
    return [json.loads(line) for line in open(out)] if os.path.exists(out) else []


port, out = free(), f"{work}/received"
hook = call("POST /v1/webhooks", {"url": f"http://127.0.0.1:{port}/hooks", "events": ["task.changed"], "private": True})
receiver = start(port, [hook["secret"]], out)
task = call("POST /v1/tasks", {"text": "Told to nobody but by its id"})["id"]
first = until("the first message", lambda: lines(out))[0]
assert first["type"] == "task.changed" and first["data"] == {"id": task}, first

receiver.kill()
receiver.wait()
task = call("POST /v1/tasks", {"text": "Told later"})["id"]
waiting = until("a failed try", lambda: [
    one for one in call(f"GET /v1/webhooks/{hook['id']}/deliveries")["data"] if one["state"] == "waiting" and one["tries"] == 1
])[0]
# Another secret meanwhile: both libraries' keys verify the same message.
fresh = call(f"POST /v1/webhooks/{hook['id']}/secret")["secret"]
receiver = start(port, [hook["secret"], fresh], out)
both = until("the message again", lambda: [one for one in lines(out) if one["data"]["id"] == task][1:] and lines(out)[1:])
assert [one["id"] for one in both] == [waiting["id"]] * 2, (both, waiting)
call(f"POST /v1/webhooks/{hook['id']}/deliveries/{first['id']}/again")
until("the first message once more", lambda: sum(one["id"] == first["id"] for one in lines(out)) >= 3)
receiver.kill()
text = open(out).read()
assert "Told" not in text, "a message holds a value"
tag = call(f"GET /v1/webhooks/{hook['id']}")["etag"]
call(f"DELETE /v1/webhooks/{hook['id']}", headers=[("If-Match", f'"{tag}"')])
print("Standard Webhooks: signed, verified by the foreign library; a killed receiver got it again; two secrets at a time.")
