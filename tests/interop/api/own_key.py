"""A person comes in by their letter and lets a program act for them; the key is printed. Forms are sent as a browser sends them."""
import re
import sys
import time
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

base, email, officer = sys.argv[1:4]


class Forms(HTMLParser):
    """Every form of a page: where it goes, and what it sends unasked."""

    def __init__(self, text):
        super().__init__()
        self.all = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag == "form":
            self.all.append((said.get("action"), said.get("method", "get").lower(), {}))
        elif self.all and tag in ("input", "button") and said.get("type") == "hidden":
            self.all[-1][2][said["name"]] = said.get("value", "")


def send(session, page, action, **fields):
    """Opens a page, fills in one of its forms, and sends it."""
    shown = session.get(urljoin(base, page))
    shown.raise_for_status()
    for to, method, hidden in Forms(shown.text).all:
        if method == "post" and urljoin(shown.url, to or "") == urljoin(base, action):
            answer = session.post(urljoin(shown.url, to or ""), data=hidden | fields)
            answer.raise_for_status()
            return answer
    sys.exit(f"{page} has no form to {action}")


staff = requests.Session()
send(staff, "/sign-in", "/sign-in", email=officer, password="demo-demo-demo")
person = requests.Session()
send(person, "/my/halden", "/my/halden", email=email)
# Nobody can tell by the answer's time whether somebody is known: the letter is written afterwards.
link = None
for _ in range(50):
    link = link or re.search(r"/my/link/[A-Za-z0-9_-]+", staff.get(urljoin(base, "/outbox")).text)
    time.sleep(0 if link else 0.2)
if not link:
    sys.exit("no letter with a link waits in the outbox")
send(person, link.group(), link.group())
made = send(person, "/me/programs", "/me/programs", name="interop", may="answer")
key = re.search(r"assent_own_[A-Za-z0-9_-]+", made.text)
print(key.group() if key else sys.exit("no key was shown"))
