"""A receiver with the Standard Webhooks library: writes down what it could verify, a line each."""
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks.webhooks import Webhook

port, secrets, out = int(sys.argv[1]), sys.argv[2].split(","), sys.argv[3]


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        for secret in secrets:
            message = Webhook(secret).verify(body, headers)
            with open(out, "a") as file:
                file.write(json.dumps({"id": headers["webhook-id"], **message}) + "\n")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


HTTPServer(("127.0.0.1", port), Receiver).serve_forever()
