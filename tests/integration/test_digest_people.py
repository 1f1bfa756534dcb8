"""Digests of people, with the shipped sending hours: what falls due at nine is told once, at nine; by robot and by mail, in the ledger without the
address, at the next place where the first refuses; whatever is killed."""
import json
import signal
import time

import pytest

from harness import Stack, TOP, instant_ms, received, wait_for
from services import Certificates, MailServer
from test_delivery import robot, texts, town, units, wecom      # noqa: F401 (fixtures)
from test_digest import set_clock, states
from test_rules import BROKER_TOPICS, own_broker
from test_notify import make_sink, records      # noqa: F401 (a fixture)

SHIPPED = json.loads((TOP / "conf/sending.json").read_text())
NINE = "2026-10-08T09:00:00+08:00"
LI = ("li", ("group", "13800000001"))
REMINDED = [received("D00001", "2026-09-28T10:00:00+08:00", unit="wuye", title="电梯故障"),      # last day 10-10: reminded two working days before, at 09:00
            received("D00002", "2026-09-21T10:00:00+08:00", unit="wuye", title="路灯不亮")]      # overdue before the holiday: the leader's second day


@pytest.fixture
def morning(town):      # noqa: F811
    """A town a little before nine, with sla's grace as shipped."""
    def make(endpoints, who, start="2026-10-08T08:59:40+08:00", lines=REMINDED, **options):
        stack = town(endpoints, who, SHIPPED, start=start, speed=options.pop("speed", 20), grace=60, notify=options.pop("notify", None), **options)
        stack.spawn()
        stack.produce(lines)
        stack.settled()
        return stack
    return make


def hook(folder, sink):
    """An endpoint of handlers that takes what is signed."""
    (folder / "secret").write_text("whsec_YmlodWFuLWludGVncmF0aW9uLXRlc3RzLTAwMDE=\n")
    (folder / "secret").chmod(0o600)
    return {"url": sink.url, "units": "wuye", "roles": "handler", "secret_file": folder / "secret"}


def notices(stack):
    return [one for one in records(stack, "ledger") if one["type"] == "notice"]


def digests(stack):
    return [one for one in records(stack, "ledger") if one["type"] == "digest"]


def brought(stack, *expected):
    """Those, as (case, person), are told by digests, whose ids these are."""
    told = [one for one in notices(stack) if one["outcome"] == "delivered"]
    found = sorted((one["case"], one["to"][0]["person"]) for one in told)
    return found == sorted(expected) and {one["digest"] for one in told}


def all_told(stack, *expected):
    return wait_for(lambda: "all are told by digests: %s; %s" % (notices(stack), states(stack)), lambda: brought(stack, *expected))


def test_what_falls_due_at_nine_is_told_once_at_nine(morning, robot):      # noqa: F811
    who = units(LI, ("zhao", ("group", "13700000007")), leaders=("zhao",))
    stack = morning({"group": wecom(robot)}, who)
    stack.spawn("sla"), stack.spawn("notify")
    ids = all_told(stack, ("D00001", "li"), ("D00002", "li"), ("D00002", "zhao"))
    wait_for("both digests are settled", lambda: sorted(value[2] for value in states(stack).values()) == ["delivered"] * 2)
    assert ids <= {one["id"] for one in digests(stack)} and all(instant_ms(one["due"]) == instant_ms(NINE) for one in digests(stack))
    assert len(robot.requests) == 2 and all("D00002" in text for text in texts(robot))      # li's and zhao's
    assert ["D00001" in text for text in sorted(texts(robot), key=len)] == [False, True]
    stack.stop("notify"), stack.stop("sla")
    set_clock(stack, "2026-10-08T11:29:30+08:00")
    stack.spawn("sla"), stack.spawn("notify")
    wait_for("nothing more at 11:30", lambda: sorted(value[2] for value in states(stack).values()) == ["empty"] * 2)
    assert len(robot.requests) == 2 and len(digests(stack)) == 2


def test_what_falls_due_while_the_digest_is_under_way_is_left_to_that(morning, robot):      # noqa: F811
    robot.behaviour = "failing"
    stack = morning({"group": wecom(robot)}, units(LI), lines=REMINDED[:1], notify={"retry": "0s 1s 2s 3s 4s 5s 6s 7s"})
    stack.spawn("sla"), stack.spawn("notify")
    wait_for("it is left to the digest that is tried again", lambda: [one for one in notices(stack) if one["outcome"] == "gathered"])
    assert [value[2] for value in states(stack).values()] == ["pending"]
    robot.behaviour = "ok"
    (told,) = all_told(stack, ("D00001", "li"))
    assert {one["id"] for one in digests(stack)} == {told} and [value[2] for value in states(stack).values()] == ["delivered"]
    assert [one["outcome"] for one in notices(stack)] == ["gathered", "delivered"]


def test_mail_and_the_next_place(morning, robot, folder):      # noqa: F811
    """The robot refuses: the digest goes by mail, and the ledger knows no address."""
    mails = MailServer(Certificates(folder))
    robot.behaviour = (200, {}, b'{"errcode":93000,"errmsg":"invalid webhook url"}')
    try:
        mail = {"channel": "email", "url": "smtp://localhost:%d" % mails.port, "from": "bihuan@example.cn", "units": "-", "ca_file": folder / "ca.pem"}
        who = units(LI + (("mail", "li@example.cn"),), ("wang", ("mail", "wang@example.cn")), handlers=("li", "wang"))
        who["units"][0]["rosters"] = [{"weekdays": [4], "people": ["li"]}]
        stack = morning({"group": wecom(robot), "mail": mail}, who)
        stack.spawn("sla"), stack.spawn("notify")
        all_told(stack, ("D00001", "li"), ("D00002", "li"))
        assert len(robot.requests) == 1 and len(mails.mails) == 1      # li alone is on duty
        said = json.dumps(digests(stack), ensure_ascii=False)
        assert [(one["endpoint"], one["outcome"], one["attempt"]) for one in digests(stack)] == [("group", "failed", 1), ("mail", "delivered", 2)]
        assert "li@example.cn" not in said and "13800000001" not in said
        assert {one["to"][0]["person"] for one in digests(stack)} == {"li"} and "@example.cn" in digests(stack)[1]["to"][0]["address"]
        assert len({one["id"] for one in digests(stack)}) == 1
    finally:
        mails.close()


def test_what_is_left_to_a_digest_late_is_not_lost(folder, make_sink):      # noqa: F811
    """Kafka takes the record of the gathering only after the digest was put together: what was gathered is in it, and told by it."""
    sink, broker, kafka = make_sink(), *own_broker(folder)
    (folder / "sending.json").write_text(json.dumps({"version": "1", "hours": [], "digests": [{"times": ["09:03"], "gathers": {"when": ["workdays_before"]}}]}))
    sections = {"endpoint wuye": hook(folder, sink), "notify": {"lease": 5, "sending": folder / "sending.json"}}
    with Stack(folder / "s", kafka, topics=BROKER_TOPICS, start="2026-10-08T08:59:00+08:00", speed=60, sections=sections) as stack:
        try:
            stack.spawn()
            stack.produce([REMINDED[0], received("D00003", "2026-09-23T10:00:00+08:00", unit="wuye")])      # this ends today: its reminder was yesterday's
            stack.settled()
            stack.spawn("sla"), stack.spawn("notify")
            wait_for("yesterday's is gathered", lambda: [one for one in notices(stack) if one["outcome"] == "gathered"])
            wait_for("nearly nine", lambda: stack.business_ms() > instant_ms("2026-10-08T08:59:50+08:00"))
            broker.signal(signal.SIGSTOP)
            wait_for("the digest", lambda: sink.requests())
            broker.signal(signal.SIGCONT)
            told = wait_for(lambda: "all is told: %s %s" % ([(one["case"], one["outcome"], one["digest"]) for one in notices(stack)], states(stack)), lambda: len([one for one in notices(stack) if one["outcome"] == "delivered"]) == 2 and notices(stack))
            (digest,) = [request["body"] for request in sink.requests()]
            assert [line["case"] for line in digest["data"]["other"]["cases"]] == ["D00001"]
            assert {one["digest"] for one in told if one["outcome"] == "delivered"} == {digest["id"]}
        finally:
            broker.end()


def test_killed_during_the_look_at_the_cases(town, make_sink, folder):      # noqa: F811
    """Redis stands still the moment the digest is leased, and the notifier is killed as it waits for cases: another puts it together anew."""
    sink = make_sink()
    stack = town({"wuye": hook(folder, sink)}, None, dict(SHIPPED, digests=SHIPPED["digests"][3:]),
                 start="2026-10-08T08:58:00+08:00", speed=20)
    stack.spawn()
    stack.produce(received("D%05d" % number, "2026-09-23T10:00:00+08:00", unit="wuye") for number in range(12000))
    stack.settled()
    stack.spawn("notify")
    end = time.monotonic() + 60
    while not any(value[-1] != "-" for value in states(stack).values()):      # the look takes some ten ms: no time to pause in between
        assert time.monotonic() < end, "it is not leased"
    stack.redis.process.signal(signal.SIGSTOP)
    stack.kill("notify")
    assert not sink.requests()
    stack.redis.process.signal(signal.SIGCONT)
    assert [value[2] for value in states(stack).values()] == ["pending"]
    stack.spawn("notify")
    wait_for(lambda: "settled: %s, %d sent, %s" % (states(stack), len(sink.requests()), stack.processes["notify"].text()[-1500:]), lambda: [value[2] for value in states(stack).values()] == ["delivered"], seconds=30)
    (digest,) = [request["body"] for request in sink.requests()]
    assert digest["data"]["today"]["total"] == 12000 and len(digests(stack)) == 1


def test_killed_between_ledger_and_settle(folder, make_sink):      # noqa: F811
    """The record of what was sent is on its way as Kafka stands still, and the notifier is killed: the digest goes again under its id, and its notices are told once."""
    sink, broker, kafka = make_sink(), *own_broker(folder)
    sending = dict(SHIPPED, digests=SHIPPED["digests"][3:])
    (folder / "sending.json").write_text(json.dumps(sending))
    sections = {"endpoint wuye": hook(folder, sink), "notify": {"lease": 5, "sending": folder / "sending.json"}}
    with Stack(folder / "s", kafka, topics=BROKER_TOPICS, start="2026-10-08T08:58:00+08:00", speed=20, grace=60, sections=sections) as stack:
        try:
            stack.spawn()
            stack.produce(REMINDED[:1])
            stack.settled()
            stack.spawn("sla"), stack.spawn("notify")
            wait_for("nearly nine", lambda: stack.business_ms() > instant_ms("2026-10-08T08:59:50+08:00"))
            broker.signal(signal.SIGSTOP)
            first = wait_for("it is sent", lambda: sink.requests())[0]
            wait_for("its record waits", lambda: "digests=1" in stack.processes["notify"].text())
            stack.kill("notify")
            broker.signal(signal.SIGCONT)
            stack.spawn("notify")
            wait_for(lambda: "settled: %s, %d sent, %s" % (states(stack), len(sink.requests()), stack.processes["notify"].text()[-1500:]), lambda: [value[2] for value in states(stack).values()] == ["delivered"], seconds=30)
            told = wait_for("told", lambda: [one for one in notices(stack) if one["outcome"] == "delivered"])
            assert {request["id"] for request in sink.requests()} == {first["id"]} and len(sink.requests()) == 2
            assert [one["digest"] for one in told] == [first["id"]] and {one["id"] for one in digests(stack)} == {first["id"]}
        finally:
            broker.end()
