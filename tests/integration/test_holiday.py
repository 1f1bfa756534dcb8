"""A holiday week, National Day 2026, from the last afternoon before it to the second noon after it, with the sending hours that are shipped: people are left in peace but
for what is urgent, machines are told at any hour, and the first morning's digest says how things stand.

All real time is moved (tests/support/shift.c), from one moment at which something may happen to the next; around these it runs as ever."""
import collections
import email
import email.policy
import json
import re
import struct
import time
from datetime import date, datetime, timedelta

import pytest

from harness import BUILD, SOAK, TOP, event, instant_ms, received, wait_for
from services import Certificates, MailServer, Service
from test_digest import ZONE, expected, works
from test_notify import close, records, status

START, END = "2026-09-30T16:55:00+08:00", "2026-10-09T12:00:00+08:00" if SOAK else "2026-10-08T12:00:00+08:00"
MORNING = "2026-10-08T09:00:00+08:00"
GRACE_S, LATE_S = 3, 20     # what is sent is on its way for a moment; business time runs as real time does
DIGESTS = ("09:00", "11:30", "14:30", "17:00")
UNITS = {"version": "1", "dispatcher": "paidan", "people": [
    {"person": "li", "name": "甲", "contacts": [{"endpoint": "group", "address": "li.jia"}]},
    {"person": "sun", "name": "乙", "contacts": [{"endpoint": "mail", "address": "sun@example.cn"}]},
    {"person": "zhao", "name": "丙", "contacts": [{"endpoint": "mail", "address": "zhao@example.cn"}]},
    {"person": "qian", "name": "丁", "contacts": [{"endpoint": "mail", "address": "qian@example.cn"}]}],
    "units": [{"unit": "wuye", "name": "物业管理科", "handlers": ["li"], "leaders": ["zhao"]},
              {"unit": "chengguan", "name": "城管中队", "handlers": ["sun"], "leaders": ["zhao"]},
              {"unit": "paidan", "name": "派单组", "handlers": ["qian"]}]}
UNIT_OF = {"li": "wuye", "sun": "chengguan"}


class Town:
    """A stack whose real time can be moved."""

    def __init__(self, make_stack, folder, robot, mails, hook):
        self.shift_file = folder / "shift"
        self.shift_file.write_bytes(bytes(8))
        self.moves = [(0, 0)]     # since when (the machine's own time), by how many seconds
        units = folder / "units.json"
        units.write_text(json.dumps(UNITS, ensure_ascii=False))
        self.stack = make_stack(start=START, speed=1, grace=GRACE_S, redis_env={"LD_PRELOAD": str(BUILD / "support/shift.so"), "SHIFT_FILE": str(self.shift_file)}, sections={
            "notify": {"retry": "0s 1s 1s 1s", "units": units, "sending": TOP / "conf/sending.json"},
            "endpoint hook": {"url": "http://127.0.0.1:%d/" % hook.port, "units": "*", "roles": "*"},
            "endpoint group": {"channel": "wecom", "url": "http://127.0.0.1:%d/cgi-bin/webhook/send?key=abc" % robot.port, "units": "-", "rate": 0},
            "endpoint mail": {"channel": "email", "url": "smtp://localhost:%d" % mails.port, "from": "bihuan@example.cn", "units": "-", "ca_file": folder / "ca.pem"}})

    def business(self, at):
        """Business time of a moment of the machine's own clock."""
        anchor, start, speed = self.anchor
        shift = [by for since, by in self.moves if since <= at][-1]
        return datetime.fromtimestamp((start + (at + shift) * 1000 - anchor) / 1000, ZONE)

    def begin(self):
        anchor, start, speed = self.stack.redis.client.get("bihuan:clock").split()
        self.anchor = int(anchor), int(start), float(speed)

    def to_business_ms(self, real_ms):
        return real_ms - self.anchor[0] + self.anchor[1]

    def move_to(self, business_ms):
        by = (business_ms - self.stack.business_ms()) / 1000
        if by <= 0:
            return
        now = time.time()
        self.moves.append((now, self.moves[-1][1] + by))
        with open(self.shift_file, "r+b") as file:
            file.write(struct.pack("=q", round(self.moves[-1][1] * 1e6)))

    def next_moment(self):
        """When something may happen next: a timer, a case that waits, a digest."""
        client, now, found = self.stack.redis.client, self.stack.business_ms(), []
        for due, out in zip(self.stack.keys("due"), self.stack.keys("out")):
            found += [score + GRACE_S * 1000 for _, score in client.zrange(due, 0, 0, withscores=True)]
            found += [self.to_business_ms(score) for _, score in client.zrange(out, 0, 0, withscores=True)]
        day = datetime.fromtimestamp(now / 1000, ZONE).date()
        # On days of rest none is expected; the short form looks at one of them.
        days = [one for one in (day, day + timedelta(days=1)) if SOAK or works(one) or one == date(2026, 10, 3)]
        found += [instant_ms("%sT%s:00+08:00" % (one, at)) for one in days for at in DIGESTS]
        return min([one for one in found if one > now], default=now + 3600e3)

    def quiet(self, after_ms):
        """All that was due by then is done, and the programs have seen the time."""
        now = status(self.stack)
        if not now["notifiers"] or now["backlog"]["due"] or now["notifiers"][0]["errands"] or now["notifiers"][0]["unacknowledged"]:
            return False
        client, business = self.stack.redis.client, self.stack.business_ms()
        if self.to_business_ms(instant_ms(now["notifiers"][0]["at"])) < after_ms:
            return False
        if any(client.zcount(key, "-inf", business - GRACE_S * 1000 - 1) for key in self.stack.keys("due")) or any(client.zcard(key) for key in self.stack.keys("lease")):
            return False
        return all(value.split()[-1] == b"-" and value.split()[2] != b"pending" for value in client.hvals("bihuan:digests"))

    def run_to(self, end_ms):
        """Lets everything happen up to then. How many moments there were."""
        moments = 0
        # A lease is real time as well: none may be out while that is moved.
        wait_for(lambda: "it is quiet: %s" % self.stack.tails(), lambda: self.quiet(self.stack.business_ms() - 2000))
        while self.stack.business_ms() < end_ms:
            moment = min(self.next_moment(), end_ms)
            self.move_to(moment - 500)
            wait_for(lambda: "%s is over: %s" % (datetime.fromtimestamp(moment / 1000, ZONE), self.stack.tails()), lambda: self.quiet(moment + 1500 + GRACE_S * 500))
            moments += 1
        return moments


def cases():
    """Tickets of the days before, some urgent; their units by turns. Some are answered in time."""
    lines, urgent = [], set()
    number = 0
    for day, count in ((22, 4), (23, 4), (24, 4), (28, 4), (29, 8), (30, 8)):
        for i in range(count):
            number += 1
            case, more = "S%05d" % number, {}
            if i % 4 == 3:
                more["urgency"] = ("critical", "urgent")[number % 2]
                urgent.add(case)
            if day >= 29:
                more["simple"] = i < 4
            lines.append(received(case, "2026-09-%dT10:00:00+08:00" % day, unit=("wuye", "chengguan")[number // 4 % 2], title="路灯不亮 %d" % number, **more))
    # Without a unit: the dispatcher's.
    lines += [received("S90001", "2026-09-29T10:00:00+08:00", unit=None, simple=True, title="积水"), received("S90002", "2026-09-30T10:00:00+08:00", unit=None, title="积水")]
    return lines, urgent


def may_send(at, roles):
    """Is a person told at that time, by the shipped hours? Independently of the program."""
    clock = at.hour * 60 + at.minute
    if "dispatcher" in roles:
        return 8 * 60 <= clock < 20 * 60
    return works(at.date()) and 8 * 60 + 30 <= clock < 18 * 60


def test_a_holiday_week(make_stack, folder):
    robot, hook, mails = Service("wecom"), Service("webhook"), MailServer(Certificates(folder))
    try:
        week(make_stack, folder, robot, hook, mails)
    finally:
        robot.close(), hook.close(), mails.close()


def week(make_stack, folder, robot, hook, mails):
    town = Town(make_stack, folder, robot, mails, hook)
    stack = town.stack
    lines, urgent = cases()
    stack.spawn()
    town.begin()
    stack.produce(lines)
    stack.settled()
    stack.spawn("sla"), stack.spawn("notify")
    moments = town.run_to(instant_ms("2026-10-05T12:00:00+08:00"))
    answered = {"S00017", "S00026"}
    stack.produce(event(case, "ticket.answered", "2026-10-05T11:59:00+08:00", {"outcome": "solved"}) for case in sorted(answered))
    stack.settled()
    moments += town.run_to(instant_ms("2026-10-08T08:59:59+08:00"))
    at_morning = stack.dump(MORNING)
    moments += town.run_to(instant_ms(END))
    figures = status(stack)
    close(figures)
    assert "given_up" not in stack.processes["notify"].text()
    print("%d moments, %s" % (moments, {name: figures[name] for name in ("owed", "delivered", "superseded", "exhausted", "pending")}))

    ledger = records(stack, "ledger")
    # When: each request that a person got.
    messages = [("group", request.at, json.dumps(request.json, ensure_ascii=False), "li") for request in robot.requests]
    for mail in mails.mails:
        message = email.message_from_bytes(mail["content"], policy=email.policy.default)
        messages.append(("mail", mail["at"], message["subject"] + "\n" + message.get_body(("plain",)).get_content(), mail["to"][0].split("@")[0]))
    quiet = collections.Counter()
    for endpoint, at, text, person in messages:
        when, named = town.business(at), set(re.findall(r"S\d{5}", text))
        roles = {"dispatcher"} if person == "qian" else set()
        assert named
        open_ = may_send(when, roles) or may_send(when - timedelta(seconds=LATE_S), roles)
        assert open_ or (len(named) == 1 and named <= urgent), "%s was told at %s: %s" % (person, when, text[:300])
        quiet[open_] += 1
    assert quiet[False], "nothing urgent was sent in the holidays: the test shows nothing"
    nights = [town.business(request.at) for request in hook.requests]
    assert any(not may_send(when, set()) for when in nights), "webhooks go at any hour"
    assert not any(request.json["type"] == "digest" for request in hook.requests)

    # Once: a notice is told to each of its recipients by itself or by one digest.
    told = collections.Counter()
    for record in ledger:
        if record["type"] == "notice" and record["outcome"] == "delivered":
            for one in record["to"]:
                told[record["id"], one["person"] or record["endpoint"]] += 1
    assert set(told.values()) == {1}, [one for one in told.items() if one[1] > 1][:5]
    alone = collections.Counter((endpoint, person, text) for endpoint, _, text, person in messages)
    assert max(alone.values()) == 1, alone.most_common(2)
    held = [record for record in ledger if record["type"] == "notice" and record["case"] in answered and record["time"] > "2026-10-05T12" and record["outcome"] == "delivered"]
    assert not held, held[:2]

    # The first morning: as the cases stood.
    digests = [record for record in ledger if record["type"] == "digest"]
    outside = [record["due"] for record in digests if not works(datetime.fromisoformat(record["due"]).astimezone(ZONE).date()) and {one["person"] for one in record["to"]} != {"qian"}]
    assert not outside, outside
    stood = [json.loads(line) for line in at_morning]
    now = datetime.fromisoformat(MORNING)
    for person, unit in UNIT_OF.items():
        mornings = [record for record in digests if record["to"][0]["person"] == person and instant_ms(record["due"]) == instant_ms(MORNING)]
        assert len(mornings) == 1 and mornings[0]["outcome"] == "delivered", (person, mornings)
        wanted = expected(stood, now, urgent, unit)
        got = mornings[0]["sections"]
        assert {name: got[name] for name in ("overdue", "today", "tomorrow")} == {name: wanted[name][0] for name in ("overdue", "today", "tomorrow")}, (person, got, wanted)
        (text,) = [text for _, at, text, other in messages if other == person and len(set(re.findall(r"S\d{5}", text))) > 1 and
                   instant_ms(MORNING) <= town.business(at).timestamp() * 1000 < instant_ms(MORNING) + 600e3]
        shown = [case for name in ("overdue", "today", "tomorrow") for case in wanted[name][1]]
        assert set(shown) <= set(re.findall(r"S\d{5}", text)), (person, shown, text)
    # A later one adds something.
    texts = collections.defaultdict(list)
    for endpoint, at, text, person in sorted(messages, key=lambda message: message[1]):
        if len(set(re.findall(r"S\d{5}", text))) > 1 or "汇总" in text:
            texts[person, town.business(at).date()].append((town.business(at), set(re.findall(r"S\d{5}", text))))
    for (person, day), those in texts.items():
        for (_, before), (when, after) in zip(those, those[1:]):
            assert after - before, "%s was told of the same cases again at %s: %s" % (person, when, sorted(after))
