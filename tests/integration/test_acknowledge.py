"""bihuan-notify acknowledge: a link in a message becomes an event in Kafka, once, and only when somebody presses the button."""
import base64
import hashlib
import hmac
import http.client
import json
import re
import struct
import time
import urllib.parse

import pytest

from harness import event, received, wait_for

KEY, OLD = b"a-key-of-the-tests-0001", b"a-key-of-the-tests-0000"
RECEIVED = "2024-10-15T09:00:00+08:00"
SEEN, SIGNED = 0, 1


def token(case="S00001", action=SEEN, of=0, notice="ntc_%032x" % 7, recipient="liwei", unit="wuye", until=None, key=KEY):
    """Made from the documents alone."""
    body = struct.pack(">BBI", 1, of << 4 | action, int(until or time.time() + 3600))
    for text in (case, notice, recipient, unit):
        body += bytes([len(text.encode())]) + text.encode()
    return base64.urlsafe_b64encode(body + hmac.new(key, body, hashlib.sha256).digest()).rstrip(b"=").decode()


class Desk:
    def __init__(self, stack, config=None):
        self.process = stack.spawn("acknowledge", program="notify", verb="acknowledge", config=config)
        self.port = int(re.findall(r"event=acknowledge\.start port=(\d+)", self.process.text())[-1])

    def ask(self, method, t=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, "/ack" + ("?" + urllib.parse.urlencode({"t": t}) if t is not None else ""), headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body


@pytest.fixture
def make_desk(folder, make_stack):
    keys = folder / "ack.keys"
    keys.write_bytes(KEY + b"\n" + OLD + b"\n")
    keys.chmod(0o600)

    def make(**options):
        stack = make_stack(start="2024-10-15T10:00:00+08:00", sections={"acknowledge": {"url": "https://bihuan.example.cn/ack", "listen": "127.0.0.1:0", "key_file": keys}}, **options)
        stack.spawn()
        stack.produce([received("S%05d" % number, RECEIVED, unit="wuye") for number in (1, 2, 3)])
        stack.settled()
        return stack, Desk(stack)
    return make


def events(stack, topic="tickets"):
    """What came from the desk."""
    return [json.loads(message.value()) for message in stack.kafka.read(stack.topics[topic]) if b"/bihuan/acknowledge" in message.value()]


def case(stack, name="S00001"):
    return stack.json("sla", "case", name)[0]


def test_a_press_of_the_button_is_an_event_and_a_look_is_none(make_desk):
    stack, desk = make_desk()
    t = token()
    for method in ("GET", "HEAD", "GET"):      # previews and scanners
        code, page = desk.ask(method, t, **{"User-Agent": "Slackbot-LinkExpanding"})
        assert code == 200
    assert "<form method=\"post\"" in page and "S00001" in page and "liwei" in page and "wuye" in page and "<script" not in page
    assert events(stack) == []
    code, page = desk.ask("POST", t)
    assert code == 200 and "已登记" in page and "<form" not in page
    (made,) = events(stack)
    assert (made["type"], made["subject"], made["data"]) == ("ticket.seen", "S00001", {"unit": "wuye", "by": "liwei", "notice": "ntc_%032x" % 7})
    assert made["time"].startswith("2024-10-15T10:") and made["specversion"] == "1.0"
    # At once again: before or after it is applied, it is not sent twice.
    code, page = desk.ask("POST", t)
    assert code == 200 and "此前已登记" in page and made["time"][:19] in page
    stack.settled()
    desk.process.stop()
    desk = Desk(stack)                          # one that remembers nothing asks Redis
    for method in ("POST", "GET"):
        code, page = desk.ask(method, t)
        assert code == 200 and "此前已登记" in page and made["time"][:19] in page
    assert len(events(stack)) == 1
    after = case(stack)
    assert after["state"] == "dispatched" or after["state"] == "received"
    assert after["duplicates"] == 0
    # Another recipient's is another event.
    assert desk.ask("POST", token(recipient="wangfang"))[0] == 200 and len(events(stack)) == 2


def test_signed_for_is_what_the_platform_would_have_sent(make_desk):
    stack, desk = make_desk()
    code, page = desk.ask("GET", token(action=SIGNED))
    assert code == 200 and "确认签收" in page
    assert desk.ask("POST", token(action=SIGNED))[0] == 200
    stack.settled()
    assert case(stack)["state"] == "signed" and events(stack)[0]["type"] == "ticket.signed"


def test_links_that_are_none(make_desk):
    stack, desk = make_desk()
    good = token()
    forged = [token(key=b"another-key-0123456789"), good[:-1], good + "A", "A" * 2000, "", good.replace(good[10], "!"), token(of=1, action=SIGNED),
              token(action=2), token(of=2)]
    for t in forged:
        for method in ("GET", "POST"):
            code, page = desk.ask(method, t)
            assert code == 403 and "链接无效" in page, t
    assert desk.ask("GET")[0] == desk.ask("POST")[0] == 404
    for method in ("GET", "POST"):
        code, page = desk.ask(method, token(until=time.time() - 1))
        assert code == 410 and "已过期" in page
        code, page = desk.ask(method, token(case="S99999"))
        assert code == 404 and "查无此件" in page
    code, page = desk.ask("GET", token(case="<b>&\"'", recipient="<script>alert(1)</script>"))
    assert "<script>" not in page and "&lt;b&gt;&amp;&quot;&#39;" in page
    assert desk.ask("DELETE", good)[0] == 405
    assert events(stack) == []
    assert desk.ask("POST", token(key=OLD))[0] == 200 and len(events(stack)) == 1     # a key that is on its way out


def test_a_closed_case_keeps_it_as_history(make_desk):
    stack, desk = make_desk()
    stack.produce([event("S00002", "ticket.answered", "2024-10-15T09:30:00+08:00", {"outcome": "solved"})])
    stack.settled()
    code, page = desk.ask("POST", token(case="S00002", action=SIGNED))
    assert code == 200 and "仅作留痕" in page
    stack.settled()
    assert case(stack, "S00002")["state"] == "answered" and len(events(stack)) == 1


def test_a_rating_is_seen_and_not_signed_for(make_desk):
    stack, desk = make_desk()
    stack.produce([event("R00001", "rating.submitted", RECEIVED, {"satisfaction": 1, "unit": "wuye"})])
    stack.settled()
    assert desk.ask("POST", token(case="R00001", of=1))[0] == 200
    assert [made["type"] for made in events(stack, "ratings")] == ["rating.seen"]
    stack.settled()
    assert stack.json("sla", "case", "R00001")[0]["state"] == "open"


def test_what_kafka_does_not_take_is_not_said_to_be_recorded(make_desk):
    stack, desk = make_desk()
    desk.process.stop()
    desk = Desk(stack, stack.configure("away.ini", kafka=dict(stack.sections["kafka"], **{"bootstrap.servers": "127.0.0.1:1"})))
    assert desk.ask("GET", token())[0] == 200
    code, page = desk.ask("POST", token())
    assert code == 503 and "请稍后再试" in page and "已登记，谢谢" not in page
    begun = time.time()
    assert desk.ask("POST", token(recipient="wangfang"))[0] == 503 and time.time() - begun < 4     # others do not wait for it again
    assert desk.ask("GET", token())[0] == 200 and events(stack) == []


def test_without_redis_it_says_so_and_goes_on_after(make_desk):
    stack, desk = make_desk()
    stack.redis.kill()
    code, page = desk.ask("POST", token())
    assert code == 503 and "请稍后再试" in page and events(stack) == []
    stack.redis.start()
    wait_for("the store again", lambda: desk.ask("GET", token())[0] == 200)
    assert desk.ask("POST", token())[0] == 200 and len(events(stack)) == 1


def test_check_looks_at_url_and_key(make_desk):
    stack, desk = make_desk()
    stack.run("notify", "check")
    (stack.dir / "short").write_text("short")
    for changes, words in (({"url": "bihuan.example.cn"}, "[acknowledge] url"), ({"key_file": ""}, "key_file or key_env is needed"), ({"key_file": stack.dir / "short"}, "fewer than 16"),
                           ({"key_file": stack.dir / "gone"}, "[acknowledge] key")):
        config = stack.configure("bad.ini", acknowledge=dict(stack.sections["acknowledge"], **changes))
        assert words in stack.run("notify", "check", config=config, good=(2, 1)).stderr.decode()
        assert stack.run("notify", "acknowledge", config=config, good=(2,)).stderr
