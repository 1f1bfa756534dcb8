"""bihuan-notify: each notice owed reaches its department, under one id, and none that is owed no more; results and
ledger tell the same story."""
import collections
import json
import signal
import time

import pytest

from harness import BUILD, SOAK, Process, event, received, wait_for

SECRET = "whsec_YmlodWFuLWludGVncmF0aW9uLXRlc3RzLTAwMDE="
RECEIVED, DEADLINE, AFTER = "2024-10-15T09:00:00+08:00", "2024-10-17T00:00:00+08:00", "2024-10-17T00:00:05+08:00"   # a simple ticket
COUNT = 5000 if SOAK else 400


class Sink:
    """A webhook sink, and what it took."""

    def __init__(self, folder, name="sink", *options):
        self.dir, self.name, self.options = folder, name, options
        self.log, ready = folder / (name + ".jsonl"), folder / (name + ".ready")
        self.process = Process([BUILD / "support/sink", "--ready", ready, "--log", self.log, "--secret", SECRET, *options], folder / (name + ".log"))
        wait_for("the sink", ready.exists)
        self.url = ready.read_text().strip().split("=", 1)[1]

    def requests(self):
        text = self.log.read_text() if self.log.exists() else ""
        return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]     # what is being written comes next time

    def taken(self):
        return [request for request in self.requests() if 200 <= request["status"] < 300]

    def notices(self):
        return [request["body"] for request in self.taken()]


@pytest.fixture
def make_sink(folder):
    made = []

    def make(*options):
        made.append(Sink(folder, "sink%d" % len(made), *options))
        return made[-1]
    yield make
    for sink in made:
        sink.process.end()


@pytest.fixture
def make_town(folder, make_stack):
    """A stack whose clock stands a few seconds after the deadline of simple tickets, with endpoints by name."""
    secret = folder / "secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)

    def make(endpoints, start=AFTER, notify=None, **options):
        sections = {"endpoint " + name: dict({"url": sink.url, "secret_file": secret}, **more) for name, (sink, more) in endpoints.items()}
        sections["notify"] = dict({"retry": "0s 0.2s 0.2s 0.2s", "lease": 5}, **(notify or {}))
        return make_stack(start=start, sections=sections, **options)
    return make


def simple(number, unit="wuye", **data):
    return received("S%05d" % number, RECEIVED, simple=True, unit=unit, **data)


def answered(number, time, **data):
    return event("S%05d" % number, "ticket.answered", time, dict({"outcome": "solved"}, **data))


def status(stack):
    return stack.json("notify", "status")[0]


def ended(stack):
    """Nothing is pending; what became of all notices."""
    now = status(stack)
    return now if now["pending"] == 0 and now["owed"] else None


def close(figures):
    assert figures["owed"] == sum(figures[name] for name in ("delivered", "superseded", "exhausted", "shadowed", "pending")), figures


def records(stack, topic):
    return [json.loads(message.value()) for message in stack.kafka.read(stack.topics[topic])]


def results(stack, kind):
    return [record for record in records(stack, "results") if record["type"] == kind]


def test_an_overdue_ticket_is_told_to_its_department_and_to_the_platform(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"all": (sink, {})})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([simple(1, title="电梯故障 请打 13812341234")])
    figures = wait_for("the notice", lambda: ended(stack))
    close(figures)
    (notice,), (request,) = sink.notices(), sink.taken()
    assert request["verified"] is True and request["id"] == notice["id"]
    assert notice["type"] == "notice" and notice["subject"] == "S00001"
    data = notice["data"]
    assert (data["unit"], data["class"], data["clock"], data["round"], data["step"]) == ("wuye", "simple", "answer", 1, "overdue")
    assert data["deadline"] == DEADLINE and data["time_left_ms"] < 0 and "13812341234" not in data["title"]
    assert figures["delivered"] == 1 and figures["superseded"] == 2
    overdue = results(stack, "clock.overdue")
    assert len(overdue) == 1 and overdue[0]["data"]["deadline"] == DEADLINE and overdue[0]["data"]["unit"] == "wuye"
    sent = results(stack, "notice.sent")
    assert [record["data"]["case"] for record in sent] == ["S00001"]
    ledger = [record for record in records(stack, "ledger") if record["type"] == "notice"]
    assert [(record["outcome"], record["status"], record["attempt"], record["id"]) for record in ledger] == [("delivered", 200, 1, notice["id"])]
    shown = stack.run("notify", "ledger", "S00001").stdout.decode()
    assert "overdue" in shown and "delivered" in shown and shown.splitlines()[-1].endswith(" all")   # the endpoint
    assert stack.json("notify", "ledger", "S00001") and not stack.json("notify", "ledger", "S99999")


def test_results_follow_the_case(make_town, make_sink):
    stack = make_town({"all": (make_sink(), {})})
    stack.spawn(), stack.spawn("notify")
    stack.produce([simple(1), answered(1, "2024-10-16T10:00:00+08:00", outcome="explained"),
                   event("S00001", "ticket.called_back", "2024-10-16T11:00:00+08:00", {"reached": True, "satisfaction": 4}),
                   event("S00001", "ticket.closed", "2024-10-16T12:00:00+08:00")])
    stack.produce([event("R1", "rating.submitted", "2024-10-15T10:00:00+08:00", {"satisfaction": 1, "unit": "wuye"}),
                   event("R1", "rating.rectified", "2024-10-16T10:00:00+08:00")])
    wait_for("four results", lambda: len(records(stack, "results")) >= 4)
    told = {record["type"]: record["data"] for record in records(stack, "results")}
    assert set(told) == {"case.answered", "case.called_back", "case.closed", "case.rectified"} | ({"notice.sent"} & set(told))
    assert (told["case.answered"]["outcome"], told["case.answered"]["clock_outcome"]) == ("explained", "met")
    assert told["case.called_back"]["satisfaction"] == 4
    assert (told["case.rectified"]["case"], told["case.rectified"]["clock"], told["case.rectified"]["clock_outcome"]) == ("R1", "rectify", "met")
    revisions = [record["data"]["revision"] for record in records(stack, "results") if record["data"]["case"] == "S00001"]
    assert len(set(revisions)) == len(revisions)


def test_killed_under_load_every_notice_arrives_under_one_id(make_town, make_sink):
    sink = make_sink("--fail-every", "7", "--fail-status", "503")
    stack = make_town({"all": (sink, {})}, notify={"retry": "0s 0.2s 0.3s 0.5s 0.7s 1s 1s 1s 1s 1s"})     # the seventh may be the same case again
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce(simple(i, "u%d" % (i % 5)) for i in range(COUNT))
    for _ in range(3):
        before = len(sink.requests())
        wait_for("some more requests", lambda: len(sink.requests()) > before + COUNT // 20 or ended(stack))
        stack.kill("notify")
        stack.spawn("notify")
    figures = wait_for(lambda: "all ended: %s" % status(stack), lambda: ended(stack))
    close(figures)
    by_case = collections.defaultdict(set)
    for notice in sink.notices():
        by_case[notice["data"]["case"]].add(notice["id"])
    assert len(by_case) == COUNT and all(len(ids) == 1 for ids in by_case.values())
    assert figures["delivered"] == COUNT and figures["exhausted"] == 0
    assert len({record["id"] for record in results(stack, "clock.overdue")}) == COUNT
    stack.check()


def test_two_notifiers_share_the_work_and_send_nothing_twice(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"all": (sink, {})})
    stack.spawn(), stack.spawn("sla"), stack.spawn("one", "notify"), stack.spawn("two", "notify")
    stack.produce(simple(i) for i in range(COUNT))
    close(wait_for("all ended", lambda: ended(stack)))
    taken = collections.Counter(request["id"] for request in sink.taken())
    assert len(taken) == COUNT and set(taken.values()) == {1}
    assert "settle" not in stack.processes["one"].text()


def test_no_notice_begins_long_after_its_case_was_answered(make_town, make_sink):
    sink = make_sink("--delay-ms", "40")     # a few at once: the line grows long
    stack = make_town({"all": (sink, {})}, notify={"in_flight": 4})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce(simple(i) for i in range(COUNT))
    wait_for("some requests", lambda: len(sink.requests()) > 20)
    stack.produce(answered(i, "2024-10-17T00:00:04+08:00") for i in range(COUNT))
    stack.settled()
    committed_ms = time.time() * 1000
    figures = wait_for("all ended", lambda: ended(stack))
    late = [request for request in sink.requests() if request["received_ms"] > committed_ms + 1000]
    assert not late, "%d of %d began more than 1 s after the commit" % (len(late), len(sink.requests()))
    assert len(sink.requests()) < COUNT
    close(figures)


def test_an_overdue_that_turned_out_untrue_is_taken_back(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"all": (sink, {})})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([simple(1)])
    wait_for("the overdue notice", lambda: len(sink.taken()) == 1)
    wait_for("clock.overdue", lambda: len(results(stack, "clock.overdue")) == 1)    # what was never said is not taken back
    stack.produce([answered(1, "2024-10-16T15:00:00+08:00")])     # it was answered in time, the news came late
    wait_for("the correction", lambda: len(sink.taken()) == 2)
    correction = sink.notices()[1]["data"]
    assert (correction["step"], correction["deadline"]) == ("withdrawn", DEADLINE)
    wait_for("clock.withdrawn", lambda: len(results(stack, "clock.withdrawn")) == 1)
    assert results(stack, "case.answered")[0]["data"]["clock_outcome"] == "met"
    close(wait_for("all ended", lambda: ended(stack)))
    wait_for("nothing is owed any more", lambda: not any(stack.redis.client.zcard(key) for name in ("out", "lease") for key in stack.keys(name)))
    assert len(results(stack, "clock.withdrawn")) == 1


def test_what_keeps_failing_is_exhausted_and_can_be_retried(make_town, make_sink):
    sink = make_sink("--fail-each", "4", "--fail-status", "500")
    stack = make_town({"all": (sink, {})})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([simple(1)])
    figures = wait_for("it is given up", lambda: (ended(stack) or {}).get("exhausted") and ended(stack))
    close(figures)
    assert figures["exhausted"] == 1 and figures["delivered"] == 0
    assert [request["status"] for request in sink.requests()] == [500] * 4
    ledger = [record for record in records(stack, "ledger") if record["type"] == "notice"]
    assert [(record["attempt"], record["outcome"]) for record in ledger] == [(1, "failed"), (2, "failed"), (3, "failed"), (4, "exhausted")]
    assert b"1 exhausted" in stack.run("notify", "retry").stdout
    wait_for("it is delivered", lambda: len(sink.taken()) == 1)
    figures = wait_for("all ended", lambda: ended(stack))
    close(figures)
    assert (figures["delivered"], figures["exhausted"]) == (1, 0)
    assert len({request["id"] for request in sink.requests()}) == 1


def test_retry_after_is_honoured(make_town, make_sink):
    sink = make_sink("--fail-each", "1", "--fail-status", "429", "--retry-after", "2")
    stack = make_town({"all": (sink, {})})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([simple(1)])
    wait_for("it is delivered", lambda: len(sink.taken()) == 1)
    first, second = (request["received_ms"] for request in sink.requests())
    assert second - first >= 2000


def test_shadow_decides_and_records_and_sends_nothing(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"all": (sink, {})}, notify={"mode": "shadow"})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([simple(1), simple(2), answered(2, "2024-10-16T10:00:00+08:00")])
    figures = wait_for("all ended", lambda: ended(stack))
    close(figures)
    assert figures["shadowed"] == 1 and figures["delivered"] == 0
    assert not sink.requests() and not records(stack, "results")
    wait_for("three records", lambda: {record["type"] for record in records(stack, "ledger")} == {"notice", "clock.overdue", "case.answered"})
    assert {record["outcome"] for record in records(stack, "ledger")} == {"shadowed"}


def test_endpoints_by_unit_and_a_dead_one_delays_nobody(make_town, make_sink, folder):
    wuye, all_units, dead = make_sink(), make_sink(), make_sink()
    dead.process.end()
    stack = make_town({"wuye": (wuye, {"units": "wuye"}), "all": (all_units, {}), "dead": (dead, {"units": "shequ"})}, notify={"retry": "0s 600s"})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([simple(i, ("wuye", "shequ", "gongan")[i % 3]) for i in range(60)])
    wait_for("all that can be", lambda: len(wuye.taken()) == 20 and len(all_units.taken()) == 60)
    figures = wait_for("it is noted", lambda: [now for now in [status(stack)] if now["delivered"] == 40])[0]
    close(figures)
    assert figures["pending"] == 20
    assert {notice["data"]["unit"] for notice in wuye.notices()} == {"wuye"}
    pending = [record for record in records(stack, "ledger") if record["endpoint"] == "dead"]
    assert len(pending) == 20 and all(record["outcome"] == "failed" and record["error"] for record in pending)


def test_redis_lost_and_rebuilt_repeats_under_the_same_ids(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"all": (sink, {})})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce(simple(i) for i in range(20))
    wait_for("all ended", lambda: ended(stack))
    first = {request["id"] for request in sink.taken()}
    highest = {record["data"]["case"]: record["data"]["revision"] for record in records(stack, "results")}
    stack.redis.client.flushall()
    wait_for("all is back", lambda: stack.records() == 20 and ended(stack))
    assert {request["id"] for request in sink.taken()} == first
    again = records(stack, "results")[len(highest):]
    assert len({record["id"] for record in records(stack, "results")}) == 40      # overdue and sent, twenty times
    last = {record["data"]["case"]: record["data"]["revision"] for record in again}
    assert all(last[case] > revision for case, revision in highest.items())


def test_redis_restarted_loses_no_notice(make_town, make_sink):
    sink = make_sink("--delay-ms", "20")
    stack = make_town({"all": (sink, {})}, fsync="always", notify={"in_flight": 8})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce(simple(i) for i in range(COUNT))
    wait_for("some requests", lambda: len(sink.requests()) > COUNT // 10)
    stack.redis.kill()
    stack.redis.start()
    figures = wait_for("all ended", lambda: ended(stack))
    close(figures)
    by_case = collections.defaultdict(set)
    for notice in sink.notices():
        by_case[notice["data"]["case"]].add(notice["id"])
    assert len(by_case) == COUNT and all(len(ids) == 1 for ids in by_case.values())


def test_a_reload_takes_other_endpoints_and_a_bad_one_keeps_the_old(make_town, make_sink):
    first, second = make_sink(), make_sink()
    stack = make_town({"all": (first, {})})
    stack.spawn(), stack.spawn("sla")
    notify = stack.spawn("notify")
    stack.produce([simple(1)])
    wait_for("the first sink", lambda: len(first.taken()) == 1)
    good = stack.config.read_text()
    stack.config.write_text(good + "[nonsense]\n")
    notify.signal(signal.SIGHUP)
    wait_for("the bad one is refused", lambda: "kept=old" in notify.text())
    stack.config.write_text(good.replace(first.url, second.url))
    notify.signal(signal.SIGHUP)
    wait_for("the good one is taken", lambda: "event=notify.reload endpoints=1" in notify.text())
    stack.produce([simple(2)])
    wait_for("the second sink", lambda: len(second.taken()) == 1)
    assert len(first.taken()) == 1
    assert stack.stop("notify") == 0


def test_render_fills_in_a_notice_and_sends_nothing(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"all": (sink, {})})
    stack.spawn()
    stack.produce([simple(1)])
    stack.settled()
    notice = stack.json("notify", "render", "S00001", "--step", "escalate-d2")[0]
    assert (notice["data"]["step"], notice["data"]["to"]) == ("escalate-d2", ["handler", "leader"])
    assert stack.run("notify", "render", "S00001", "--step", "nonsense", good=(1,)).stderr
    assert stack.run("notify", "render", "NONE", good=(1,)).stderr
    assert not sink.requests()


def test_check_names_what_is_wrong_with_endpoints(make_town, make_sink, folder):
    stack = make_town({"all": (make_sink(), {})})
    assert stack.run("notify", "check").stdout
    bad = stack.configure("bad.ini", **{"endpoint one": {"url": "ftp://127.0.0.1/", "secret_file": folder / "missing"},
                                        "endpoint two": {"url": "http://127.0.0.1/", "units": "wuye"}})
    done = stack.run("notify", "check", config=bad, good=(2,))
    assert b"[endpoint one]" in done.stderr and b"missing" in done.stderr and b"http://" in done.stderr and b"[endpoint two] no secret" in done.stderr
    assert SECRET.encode() not in done.stderr


def test_nothing_personal_leaves(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"all": (sink, {})})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    secrets = ["欧阳震华", "13998765432", "310112198801019876"]
    text = "我是%s，电话%s，证件%s" % tuple(secrets)
    stack.produce([simple(1, title=text, text=text, address=text, citizen={"name": secrets[0], "phone": secrets[1], "id_no": secrets[2]}),
                   event("S00001", "ticket.urged", "2024-10-16T10:00:00+08:00", {"by": secrets[0], "reason": text})])
    wait_for("the notice", lambda: len(sink.taken()) == 1)
    wait_for("results", lambda: len(records(stack, "results")) == 2)
    seen = sink.log.read_text() + stack.processes["notify"].text() + stack.processes["ingest"].text()
    for topic in ("results", "ledger"):
        seen += "".join(message.value().decode() for message in stack.kafka.read(stack.topics[topic]))
    seen += stack.run("notify", "ledger").stdout.decode() + stack.run("sla", "case", "S00001").stdout.decode()
    assert "***" in seen
    for secret in secrets:
        assert secret not in seen


def test_a_case_that_moves_on_while_one_of_two_endpoints_waits(make_town, make_sink):
    quick, slow = make_sink(), make_sink("--delay-ms", "300")
    stack = make_town({"quick": (quick, {}), "slow": (slow, {})}, notify={"in_flight": 4})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce(simple(i) for i in range(12))
    wait_for("the quick one has some", lambda: len(quick.taken()) >= 4)
    stack.produce(event("S%05d" % i, "ticket.urged", "2024-10-17T00:00:01+08:00") for i in range(12))
    figures = wait_for(lambda: "all ended: %s" % status(stack), lambda: ended(stack))
    close(figures)
    assert figures["delivered"] == 12
    for sink in (quick, slow):
        assert {request["id"] for request in sink.taken()} == {request["id"] for request in quick.taken()}
    assert stack.stop("notify") == 0


def test_a_dead_endpoint_with_a_long_line_holds_up_nobody(make_town, make_sink):
    healthy, dead = make_sink(), make_sink("--delay-ms", "60000")
    stack = make_town({"healthy": (healthy, {"units": "wuye"}), "dead": (dead, {"units": "shequ"})}, notify={"in_flight": 4, "timeout": 2, "retry": "0s 1s 1s 1s 1s"})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce(simple(i, "shequ") for i in range(300))
    wait_for("the dead one is busy", lambda: dead.requests())
    begun = time.monotonic()
    stack.produce(simple(1000 + i, "wuye") for i in range(20))
    wait_for("all of the healthy one", lambda: len(healthy.taken()) == 20)
    assert time.monotonic() - begun < 20      # an order of magnitude: each time-out at the dead one takes 2 s, and there are hundreds


def test_a_notifier_ends_when_told_to_though_redis_is_away(make_town, make_sink):
    stack = make_town({"all": (make_sink(), {})})
    stack.spawn(), stack.spawn("notify")
    stack.produce([simple(1)])
    stack.settled()
    stack.redis.kill()
    assert stack.stop("notify") == 0
    stack.processes["ingest"].end()
    stack.processes.clear()


def test_a_ledger_that_cannot_be_written_for_a_while_repeats_no_webhook(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"all": (sink, {})})
    stack.kafka.configure(stack.topics["ledger"], **{"max.message.bytes": "100"})     # no record fits
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce(simple(i) for i in range(5))
    wait_for("it is refused", lambda: "event=notify.kafka" in stack.processes["notify"].text())
    wait_for("each was sent", lambda: len(sink.requests()) == 5)
    time_of_leases = stack.business_ms() + 8000      # a lease of 5 s would be over
    wait_for("longer than a lease", lambda: stack.business_ms() > time_of_leases)
    stack.kafka.configure(stack.topics["ledger"], **{"max.message.bytes": "1000000"})
    figures = wait_for("all ended", lambda: ended(stack))
    close(figures)
    assert figures["delivered"] == 5 and len(sink.requests()) == 5
    assert sum(record["type"] == "notice" for record in records(stack, "ledger")) == 5
