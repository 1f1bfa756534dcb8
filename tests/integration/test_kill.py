"""The kill matrix: a notifier is killed at each point of what it says to Redis, to Kafka and to those that it tells: before that is sent, after it, and when the
answer has come and nobody has looked at it. Others go on. Each notice arrives, under one id; the ledger proves it; the numbers close.

tests/support/mortal.c kills, at a point that has a name."""
import collections
import email
import email.policy
import json
import re

import pytest

from harness import BUILD, SANITIZED, SOAK, Waited, wait_for
from services import Certificates, MailServer, Service
from test_notify import AFTER, SECRET, ended, close, make_sink, records, results, simple, status      # noqa: F401 (a fixture)

WHENS = ("before", "after", "received")
PRODUCE = "kafka:0"
TIMES = (1, 2, 3, 5, 8) if SOAK else (1,)
MAIL_TIMES = range(2, 16) if SOAK else (9, 10)
CASES = 40 if SOAK else 4
KILLS_AT_ONCE_S = 20
UNITS = {"version": "1", "people": [
    {"person": "li", "name": "甲", "contacts": [{"endpoint": "group", "address": "li.jia"}]},
    {"person": "wang", "name": "乙", "contacts": [{"endpoint": "group", "address": "wang.yi"}]},
    {"person": "zhao", "name": "丙", "contacts": [{"endpoint": "broken"}, {"endpoint": "mail", "address": "zhao@example.cn"}]}],
    "units": [{"unit": "wuye", "name": "物业管理科", "handlers": ["li", "wang", "zhao"]}]}


@pytest.fixture
def robot():
    made = Service("wecom")
    yield made
    made.close()


@pytest.fixture
def mails(folder):
    made = MailServer(Certificates(folder))
    yield made
    made.close()


def port_of(url):
    return re.search(r":(\d+)", url.split("//")[1])[1]


class Killer:
    """Starts notifiers that die at named points, and counts them."""

    def __init__(self, stack):
        self.stack, self.log, self.kills = stack, stack.dir / "kills", 0

    def kill_at(self, when, what, times=1, seconds=KILLS_AT_ONCE_S, feed=None):
        """One life, that ends there. feed: sends what it has to work on, once it runs. False: the point did not come."""
        env = {"LD_PRELOAD": str(BUILD / "support/mortal.so"), "MORTAL_AT": "%s %s %d" % (when, what, times), "MORTAL_LOG": str(self.log)}
        if SANITIZED:
            env["ASAN_OPTIONS"] = "verify_asan_link_order=0"
        before = self.log.read_text().count("\n") if self.log.exists() else 0
        notify = self.stack.spawn("notify", env=env)
        if feed and notify.alive():
            feed()
        try:
            wait_for("its end", lambda: not notify.alive(), seconds)
        except Waited:
            self.stack.kill("notify")
            return False
        assert notify.popen.returncode == -9, notify.text()[-2000:]
        del self.stack.processes["notify"]
        assert self.log.read_text().count("\n") == before + 1, "it ended elsewhere"
        self.kills += 1
        return True


def verified(stack):
    """The ledger's chains are whole."""
    done = stack.run("notify", "verify", "--json", good=None)
    assert done.returncode == 0, done.stdout.decode()[-2000:] + done.stderr.decode()[-1000:]


def one_id_each(named, cases):
    """named: (case, id) of each message. Every case is there, under one id; returns how often each came."""
    ids, times = collections.defaultdict(set), collections.Counter()
    for case, id in named:
        ids[case].add(id)
        times[case] += 1
    assert set(ids) == set(cases), "missing: %s; too many: %s" % (sorted(set(cases) - set(ids))[:5], sorted(set(ids) - set(cases))[:5])
    assert all(len(one) == 1 for one in ids.values()), {case: one for case, one in ids.items() if len(one) > 1}
    return times


def case_and_id(mail):
    message = email.message_from_bytes(mail, policy=email.policy.default)
    return re.search(r"S\d{5}", message.get_body(("plain",)).get_content())[0], message["message-id"].strip("<>").split("@")[0]


def test_no_kill_loses_a_notice_or_gives_it_another_id(make_stack, make_sink, robot, mails, folder):      # noqa: F811
    """A webhook, a robot that two people share, and one who is reached by mail after a webhook that fails."""
    hook, broken = make_sink(), make_sink("--status", "500")
    secret, units = folder / "secret", folder / "units.json"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)
    units.write_text(json.dumps(UNITS, ensure_ascii=False))
    stack = make_stack(start=AFTER, sections={
        "notify": {"retry": "0s 0.2s 0.2s 0.2s 0.2s 0.2s 0.2s", "fallback_after": 2, "lease": 5, "units": units},
        "endpoint hook": {"url": hook.url, "secret_file": secret, "units": "wuye"},
        "endpoint broken": {"url": broken.url, "secret_file": secret, "units": "-"},
        "endpoint group": {"channel": "wecom", "url": "http://127.0.0.1:%d/cgi-bin/webhook/send?key=abc" % robot.port, "units": "-", "rate": 6000},
        "endpoint mail": {"channel": "email", "url": "smtp://localhost:%d" % mails.port, "from": "bihuan@example.cn", "units": "-", "ca_file": folder / "ca.pem"}})
    stack.spawn(), stack.spawn("sla")
    killer, sent = Killer(stack), 0
    whats = ["bihuan_claim", "HMGET", "bihuan_rate", "bihuan_commit", "bihuan_head", PRODUCE] + ["tcp:%s" % port for port in (port_of(hook.url), port_of(broken.url), robot.port, mails.port)]
    points = [(when, what, times) for times in TIMES for what in whats for when in WHENS]
    points += [("after", "tcp:%s" % mails.port, times) for times in MAIL_TIMES]     # what goes before a mail are greetings and keys
    for point in points:
        stack.produce(simple(sent + i) for i in range(CASES))
        sent += CASES
        stack.settled()
        assert killer.kill_at(*point), "%s %s %d did not come" % point
    stack.spawn("notify")
    figures = wait_for(lambda: "all ended: %s" % status(stack), lambda: ended(stack))
    close(figures)
    assert (figures["owed"], figures["delivered"], figures["exhausted"]) == (3 * sent, sent, 0), figures     # two reminders before are passed over
    stack.check()

    cases = ["S%05d" % i for i in range(sent)]
    ledger = [record for record in records(stack, "ledger") if record["type"] == "notice"]
    id_of = {record["case"]: record["id"] for record in ledger}
    one_id_each([(record["case"], record["id"]) for record in ledger], cases)
    # What those say who got it, and what the ledger says of them.
    repeats = one_id_each([(request["body"]["data"]["case"], request["id"]) for request in hook.taken()], cases)
    at_group = collections.Counter(case for request in robot.requests for case in set(re.findall(r"S\d{5}", json.dumps(request.json))))
    by_mail = one_id_each([case_and_id(mail["content"]) for mail in mails.mails], cases)
    for case, id in [(request["body"]["data"]["case"], request["id"]) for request in hook.taken()] + [case_and_id(mail["content"]) for mail in mails.mails]:
        assert id == id_of[case]
    for request in robot.requests:
        assert "li.jia" in json.dumps(request.json) and "wang.yi" in json.dumps(request.json)
    assert set(at_group) == set(cases)
    proven = collections.defaultdict(set)
    for record in ledger:
        if record["outcome"] == "delivered":
            proven[record["case"]] |= {(record["endpoint"], one["person"]) for one in record["to"]}
            assert len(record["hash"]) == 64
    wanted = {("hook", None), ("group", "li"), ("group", "wang"), ("mail", "zhao")}
    assert all(proven[case] == wanted for case in cases), next((case, proven[case]) for case in cases if proven[case] != wanted)
    # A kill repeats what was on its way, and no more than that.
    most = max(repeats.values()), max(at_group.values()), max(by_mail.values())
    more = sum((counter[case] - 1) for counter in (repeats, at_group, by_mail) for case in cases)
    assert 0 < more <= killer.kills * 3 * CASES, (more, most)
    assert len({record["id"] for record in results(stack, "notice.sent")}) == len({record["id"] for record in results(stack, "clock.overdue")}) == sent
    verified(stack)
    print("kills %d, notices %d, repeats %d, at most %s" % (killer.kills, sent, more, most))


def test_no_kill_loses_what_a_digest_takes(make_stack, make_sink, folder):      # noqa: F811
    """Notices are gathered, go with a digest, and are settled after it: each case is told, by a digest that is proven or alone; a digest goes again under its id alone."""
    sink = make_sink()
    secret, sending = folder / "secret", folder / "sending.json"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)
    sending.write_text(json.dumps({"version": "1", "digests": [{"times": ["09:05", "09:25"], "gathers": {"when": ["overdue", "workdays_after"]}}]}))
    stack = make_stack(start="2024-10-17T09:00:05+08:00", speed=20, sections={
        "notify": {"retry": "0s 0.2s 0.2s 0.2s 0.2s 0.2s 0.2s", "lease": 5, "sending": sending},
        "endpoint hook": {"url": sink.url, "secret_file": secret, "units": "wuye", "roles": "handler"}})
    stack.spawn(), stack.spawn("sla")
    killer, sent = Killer(stack), 0
    # While they are gathered, no more than a digest shows.
    for point in (("received", "bihuan_claim", 1), ("before", PRODUCE, 1), ("after", PRODUCE, 1), ("before", "bihuan_commit", 1), ("after", "bihuan_commit", 1)):
        stack.produce(simple(sent + i) for i in range(2))
        sent += 2
        stack.settled()
        assert killer.kill_at(*point), point
    # The digest: leased and not sent; sent and not answered; answered and not recorded; recorded and not settled; settled. Each time a lease has to end.
    points = [("received", "bihuan_digests", 1), ("after", "tcp:" + port_of(sink.url), 1), ("received", "tcp:" + port_of(sink.url), 1), ("after", PRODUCE, 1), ("after", "bihuan_digests", 2)]
    if SOAK:
        points = [(when, what, times) for what in ("bihuan_digests", "tcp:" + port_of(sink.url), PRODUCE) for when in WHENS for times in (1, 2)]
    came = [point for point in points if killer.kill_at(*point)]
    assert SOAK or came == points, set(points) - set(came)
    # What was gathered is settled.
    for point in (("before", "bihuan_commit", 1), ("received", PRODUCE, 1), ("after", "bihuan_commit", 1)):
        killer.kill_at(*point, seconds=5)
    stack.spawn("notify")
    figures = wait_for(lambda: "all ended: %s" % status(stack), lambda: (status(stack)["owed"] and ended(stack)), 2 * KILLS_AT_ONCE_S + 60)
    close(figures)
    assert (figures["delivered"], figures["exhausted"]) == (sent, 0), figures
    stack.check()
    ledger = records(stack, "ledger")
    digests = [request for request in sink.taken() if request["body"]["type"] == "digest"]
    assert digests
    of_instant = collections.defaultdict(set)
    for record in ledger:
        if record["type"] == "digest":
            of_instant[record["due"]].add(record["id"])
    assert all(len(ids) == 1 for ids in of_instant.values()), of_instant
    proven = {record["id"] for record in ledger if record["type"] == "digest" and record["outcome"] == "delivered"}
    assert {request["id"] for request in digests} == proven
    assert len(digests) <= len(proven) + killer.kills
    shown = {request["id"]: {line["case"] for section in ("overdue", "today", "tomorrow", "other") for line in request["body"]["data"][section]["cases"]} for request in digests}
    alone = {(request["body"]["data"]["case"], request["id"]) for request in sink.taken() if request["body"]["type"] == "notice"}
    told = collections.defaultdict(list)
    for record in ledger:
        if record["type"] == "notice" and record["outcome"] == "delivered":
            told[record["case"]].append(record)
    assert set(told) == {"S%05d" % i for i in range(sent)}
    for case, ends in told.items():
        for record in ends:
            if record["digest"]:
                assert record["digest"] in proven and case in set().union(*(shown[id] for id in [record["digest"]])), (case, record)
            else:
                assert (case, record["id"]) in alone, record
    verified(stack)
    print("kills %d, digests %d, requests of digests %d, alone %d" % (killer.kills, len(proven), len(digests), len(alone)))
