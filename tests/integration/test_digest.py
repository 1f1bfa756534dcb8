"""Digests: the morning's tells each recipient what its cases owe, over a holiday week as well, once, whatever is killed; what was gathered
goes with it and not by itself."""
import json
import random
import signal
from datetime import date, datetime, timedelta, timezone

import pytest

from harness import SOAK, event, instant_ms, received, wait_for
from test_notify import make_sink, records      # noqa: F401 (a fixture)

ZONE = timezone(timedelta(hours=8))
# 2026, by the State Council's notice.
OFF = {date(2026, 9, 25)} | {date(2026, 10, day) for day in range(1, 8)}
WORKED = {date(2026, 9, 20), date(2026, 10, 10)}
MORNING = "2026-10-08T08:30:00+08:00"
SENDING = {"version": "test", "title": "test",
           "hours": [{"periods": [["08:00", "20:00"]]}],
           "digests": [{"times": ["08:30", "14:00"], "gathers": {"when": ["workdays_before", "hours_before", "workdays_after"]}}]}
COUNT = 3000 if SOAK else 400
LINES = 20
SECTIONS = ("overdue", "today", "tomorrow", "other")


def works(day):
    return day in WORKED or (day.weekday() < 5 and day not in OFF)


def workday_after(day, count=1):
    while count:
        day += timedelta(days=1)
        count -= works(day)
    return day


def local(text):
    return datetime.fromisoformat(text).astimezone(ZONE)


def section_of(clock, now):
    if clock["outcome"] not in ("running", "overdue"):
        return None
    last, today = date.fromisoformat(clock["last_day"]), now.date()
    if local(clock["deadline"]) < now:
        return "overdue"
    if last <= today:
        return "today"
    return "tomorrow" if last <= workday_after(today) else None


def leaders_know(clock, now):
    """The shipped policy copies leaders from the first working day after on, at 09:00."""
    first = workday_after(date.fromisoformat(clock["last_day"]))
    return datetime(first.year, first.month, first.day, 9, tzinfo=ZONE) <= now


def expected(cases, now, urgent, unit=None, role="handler"):
    """Sections of a recipient, from cases as dump prints them: how many, and the first."""
    found = {name: [] for name in SECTIONS}
    for case in cases:
        for clock in case["clocks"]:
            section = section_of(clock, now)
            if section is None or (unit and case["unit"] != unit) or (role == "leader" and not (section == "overdue" and leaders_know(clock, now))):
                continue
            found[section].append((case["case"] not in urgent, instant_ms(clock["deadline"]), case["case"]))
    return {name: (len(lines), [line[2] for line in sorted(lines)[:LINES]]) for name, lines in found.items()}


def said(digest):
    return {name: (digest["data"][name]["total"], [line["case"] for line in digest["data"][name]["cases"]]) for name in SECTIONS}


@pytest.fixture
def make_town(folder, make_stack):
    secret = folder / "secret"
    secret.write_text("whsec_YmlodWFuLWludGVncmF0aW9uLXRlc3RzLTAwMDE=\n")
    secret.chmod(0o600)
    sending = folder / "sending.json"
    sending.write_text(json.dumps(SENDING))

    def make(endpoints, start, speed=20, notify=None, **options):
        sections = {"endpoint " + name: dict({"url": sink.url, "secret_file": secret}, **more) for name, (sink, more) in endpoints.items()}
        sections["notify"] = dict({"retry": "0s 0.3s 0.3s 0.3s", "lease": 5, "sending": sending}, **(notify or {}))
        return make_stack(start=start, speed=speed, sections=sections, **options)
    return make


def digests(sink):
    return [request for request in sink.requests() if request["body"].get("type") == "digest"]


def history(count):
    """Tickets of the three weeks before the holiday, some answered or suspended. The critical ones by name."""
    dice, lines, critical = random.Random(20261008), [], set()
    for number in range(count):
        at = datetime(2026, 9, 14, 9, tzinfo=ZONE) + timedelta(minutes=dice.randrange(16 * 24 * 60))
        case, more = "D%05d" % number, {}
        if dice.random() < 0.05:
            critical.add(case)
            more["urgency"] = "critical"
        lines.append(received(case, at.isoformat(), unit=dice.choice(("wuye", "chengguan")), simple=dice.random() < 0.2, title="电梯故障 %d" % number, **more))
        later = (at + timedelta(hours=dice.randrange(1, 40))).isoformat()
        kind = dice.random()
        if kind < 0.3:
            lines.append(event(case, "ticket.answered", later, {"outcome": "solved"}))
        elif kind < 0.4:
            lines.append(event(case, "ticket.suspended", later, {"reason": "材料"}))
    return lines, critical


def filled(stack, lines):
    stack.spawn()
    stack.produce(lines)
    stack.settled()


def the_digest(sink, count=1):
    return wait_for("a digest", lambda: digests(sink)[count - 1:count])[0]


def states(stack):
    return {name.decode(): value.decode().split() for name, value in stack.redis.client.hgetall("bihuan:digests").items()}


def set_clock(stack, now):
    """Business time goes on from another instant, for programs that start after that. What waits for a real time waits on."""
    anchor, start, speed = stack.redis.client.get("bihuan:clock").split()
    seconds, micros = stack.redis.client.time()
    moved = seconds * 1000 + micros // 1000 - (instant_ms(now) - int(start)) / float(speed)
    stack.redis.client.set("bihuan:clock", "%d %s %s" % (moved, start.decode(), speed.decode()))


def test_the_first_morning_after_the_holidays_is_right(make_town, make_sink):
    handlers, leaders = make_sink(), make_sink()
    stack = make_town({"wuye": (handlers, {"units": "wuye", "roles": "handler"}), "heads": (leaders, {"units": "*", "roles": "leader"})},
                      "2026-09-30T23:00:00+08:00")
    lines, critical = history(COUNT)
    filled(stack, lines)
    stack.spawn("sla"), stack.spawn("notify")
    stack.stop("notify"), stack.stop("sla")
    set_clock(stack, "2026-10-03T08:29:30+08:00")     # a day of rest: nobody is told anything
    stack.spawn("sla"), stack.spawn("notify")
    wait_for("past the time of a digest", lambda: stack.business_ms() > instant_ms("2026-10-03T08:34:00+08:00"))
    stack.stop("notify"), stack.stop("sla")
    assert not digests(handlers) and not digests(leaders) and not states(stack)
    set_clock(stack, "2026-10-08T08:29:00+08:00")
    stack.spawn("sla"), stack.spawn("notify")
    for sink, unit, role in ((handlers, "wuye", "handler"), (leaders, None, "leader")):
        request = the_digest(sink)
        digest = request["body"]
        assert request["id"] == digest["id"] and request["verified"] is True
        assert instant_ms(digest["time"]) >= instant_ms(MORNING)
        cases = [json.loads(line) for line in stack.dump(digest["time"])]
        assert said(digest) == expected(cases, local(digest["time"]), critical, unit, role)
        assert digest["data"]["overdue"]["total"] > LINES
    assert digest["data"]["today"]["total"] == 0      # leaders are told what is overdue
    line = digests(handlers)[0]["body"]["data"]["today"]["cases"][0]
    assert line["unit"] == "wuye" and line["clock"] == "answer" and line["title"].startswith("电梯故障") and line["time_left_ms"] > 0
    ledger = wait_for("both in the ledger", lambda: [one for one in records(stack, "ledger") if one["type"] == "digest"][1:] and
                      [one for one in records(stack, "ledger") if one["type"] == "digest"])
    assert {(one["outcome"], one["endpoint"], one["attempt"]) for one in ledger} == {("delivered", "wuye", 1), ("delivered", "heads", 1)}
    assert {one["id"] for one in ledger} == {digests(handlers)[0]["id"], digests(leaders)[0]["id"]}
    assert all(instant_ms(one["due"]) == instant_ms(MORNING) and len(one["hash"]) == 64 for one in ledger)
    wait_for("both settled", lambda: sorted(value[2] for value in states(stack).values()) == ["delivered", "delivered"])
    assert len(digests(handlers)) == len(digests(leaders)) == 1


def test_a_notifier_killed_while_it_sends_repeats_under_the_same_id(make_town, make_sink):
    sink = make_sink("--delay-ms", "2500")
    stack = make_town({"wuye": (sink, {"units": "wuye", "roles": "handler"})}, "2026-10-08T08:29:50+08:00")
    filled(stack, history(60)[0])
    stack.spawn("notify")
    wait_for("it is leased", lambda: any(value[-1] != "-" for value in states(stack).values()))
    first = the_digest(sink)     # logged when it is taken, answered later
    stack.kill("notify")
    stack.spawn("notify")
    second = the_digest(sink, 2)
    assert second["id"] == first["id"]
    wait_for("settled", lambda: [value[2] for value in states(stack).values()] == ["delivered"])
    assert len(digests(sink)) == 2
    ledger = [one for one in records(stack, "ledger") if one["type"] == "digest"]
    assert [(one["outcome"], one["id"]) for one in ledger] == [("delivered", first["id"])]


def test_one_that_was_left_while_it_was_put_together_is_taken_up(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"wuye": (sink, {"units": "wuye", "roles": "handler"})}, "2026-10-08T08:29:50+08:00")
    filled(stack, history(60)[0])
    stack.spawn("notify")
    first = the_digest(sink)
    (recipient, value), = wait_for("settled", lambda: [one for one in states(stack).items() if one[1][2] == "delivered"])
    stack.kill("notify")
    seconds = int(stack.redis.client.time()[0])
    # As a notifier leaves it that is killed after its claim.
    stack.redis.client.hset("bihuan:digests", recipient, " ".join([value[0], value[1], "pending", "0", "0", "0", "0", "0", "0", "0", str((seconds + 3) * 1000), "gone-1"]))
    stack.spawn("notify")
    second = the_digest(sink, 2)
    assert second["id"] == first["id"]
    assert int(stack.redis.client.time()[0]) >= seconds + 3
    wait_for("settled", lambda: states(stack)[recipient][2] == "delivered" and states(stack)[recipient][-1] == "-")


def test_two_notifiers_send_one(make_town, make_sink):
    sinks = [make_sink() for _ in range(4)]
    stack = make_town({"e%d" % i: (sink, {"units": "wuye", "roles": "handler"}) for i, sink in enumerate(sinks)}, "2026-10-08T08:29:50+08:00")
    filled(stack, history(200)[0])
    for name in ("notify", "notify2", "notify3"):
        stack.spawn(name, program="notify", wait=False)
    wait_for("all settled", lambda: [value[2] for value in states(stack).values()] == ["delivered"] * 4)
    assert [len(digests(sink)) for sink in sinks] == [1] * 4
    assert len({digests(sink)[0]["id"] for sink in sinks}) == 4


def test_one_that_fails_is_tried_again_under_its_id_and_given_up(make_town, make_sink):
    sink, dead = make_sink("--fail-first", "2"), make_sink("--status", "500")
    # Notices as well: none is owed by one that only knows digests, as nothing falls due in these minutes.
    stack = make_town({"wuye": (sink, {"units": "wuye", "roles": "handler"}), "dead": (dead, {"units": "wuye", "roles": "handler"})}, "2026-10-08T08:29:50+08:00")
    filled(stack, [received("D00001", "2026-09-23T10:00:00+08:00", unit="wuye", title="a")])     # due today, reminded of later
    stack.spawn("notify")
    wait_for("both ended", lambda: sorted(value[2] for value in states(stack).values()) == ["delivered", "exhausted"])
    ids = {request["id"] for request in digests(dead)}
    assert len(ids) == 1 and len(digests(dead)) == 4
    ledger = [(one["endpoint"], one["attempt"], one["outcome"]) for one in records(stack, "ledger") if one["type"] == "digest"]
    assert [one for one in sorted(ledger) if one[0] == "dead"] == [("dead", 1, "failed"), ("dead", 2, "failed"), ("dead", 3, "failed"), ("dead", 4, "exhausted")]
    assert [one[2] for one in sorted(ledger) if one[0] == "wuye"][-1] == "delivered"


def test_an_afternoon_is_silent_unless_something_was_gathered(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"wuye": (sink, {"units": "wuye", "roles": "handler"})}, "2026-10-08T13:59:50+08:00", notify={"from": "2026-10-08T13:59:00+08:00"})
    filled(stack, history(60)[0])     # overdue ones, but all notices fell due before we were asked to send any
    stack.spawn("notify")
    wait_for(lambda: "settled: %s %s" % (states(stack), digests(sink)), lambda: [value[2] for value in states(stack).values()] == ["empty"], seconds=15)
    assert not digests(sink)


def test_shadow_records_and_sends_nothing(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"wuye": (sink, {"units": "wuye", "roles": "handler"})}, "2026-10-08T08:29:50+08:00", notify={"mode": "shadow"})
    filled(stack, history(60)[0])
    stack.spawn("notify")
    wait_for("settled", lambda: [value[2] for value in states(stack).values()] == ["shadowed"])
    assert not sink.requests()
    assert [one["outcome"] for one in records(stack, "ledger") if one["type"] == "digest"] == ["shadowed"]


def test_what_was_gathered_goes_with_the_digest_alone(make_town, make_sink, folder):
    """A reminder of 09:00 waits for the digest of 09:03, which tells of it though it is due in no section."""
    sink = make_sink()
    later = folder / "later.json"
    later.write_text(json.dumps(dict(SENDING, digests=[dict(SENDING["digests"][0], times=["08:30", "09:03"])])))
    stack = make_town({"wuye": (sink, {"units": "wuye", "roles": "handler"})}, "2026-10-08T08:59:50+08:00", speed=10, notify={"sending": later})
    filled(stack, [received("D00001", "2026-09-28T10:00:00+08:00", unit="wuye", title="a")])     # last day 10-10: reminded two working days before
    stack.spawn("sla"), stack.spawn("notify")
    wait_for("it is gathered", lambda: [one for one in records(stack, "ledger") if one["type"] == "notice" and one["outcome"] == "gathered"])
    assert [one["case"] for one in stack.json("notify", "ledger", "--outcome", "gathered")] == ["D00001"]
    digest = the_digest(sink)
    assert said(digest["body"]) == {"overdue": (0, []), "today": (0, []), "tomorrow": (0, []), "other": (1, ["D00001"])}
    ended = wait_for("it is told", lambda: [one for one in records(stack, "ledger") if one["type"] == "notice" and one["outcome"] == "delivered"])
    assert [one["digest"] for one in ended] == [digest["id"]]
    assert [request["body"]["type"] for request in sink.requests()] == ["digest"]


def test_a_rebuilt_store_sends_no_digest_twice(make_town, make_sink, folder):
    from harness import RedisServer
    sink = make_sink()
    stack = make_town({"wuye": (sink, {"units": "wuye", "roles": "handler"})}, "2026-10-08T08:29:50+08:00")
    filled(stack, history(60)[0])
    stack.spawn("notify")
    wait_for("settled", lambda: [value[2] for value in states(stack).values()] == ["delivered"])
    before = states(stack)
    target = RedisServer(folder / "target")
    target.start()
    try:
        stack.spawn("sla")
        done = stack.run("sla", "rebuild", "--into", target.socket, "--yes", "--json")
        assert json.loads(done.stdout.splitlines()[-1])["damaged"] == 0
        after = {name.decode(): value.decode().split() for name, value in target.client.hgetall("bihuan:digests").items()}
        assert after == before
    finally:
        target.process.end()


def test_what_is_silenced_is_in_no_digest(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"both": (sink, {"units": "*", "roles": "handler"})}, "2026-10-08T08:29:50+08:00")
    filled(stack, [received("D00001", "2026-09-23T10:00:00+08:00", unit="wuye"), received("D00002", "2026-09-23T10:00:00+08:00", unit="chengguan")])
    stack.run("notify", "silence", "--unit", "wuye", "--for", "2d", "--reason", "搬迁", "--yes")
    stack.spawn("notify")
    assert said(the_digest(sink)["body"])["today"] == (1, ["D00002"])
