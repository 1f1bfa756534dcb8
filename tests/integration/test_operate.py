"""Operating the notifier: silences, metrics, the live status."""
import json
import os
import pty
import re
import signal
import subprocess
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from prometheus_client.parser import text_string_to_metric_families

from harness import BUILD, RedisServer, event, instant_ms, wait_for
from test_notify import AFTER, RECEIVED, ended, make_sink, make_town, records, simple, status  # noqa: F401


def silence(stack, *arguments, good=(0,)):
    return stack.run("notify", "silence", *arguments, "--yes", good=good).stdout.decode().strip()


def silences(stack):
    return {row["silence"]: row for row in stack.json("notify", "silence", "--list")}


def controls(stack):
    return records(stack, "control")


# --- silences ---

def test_a_silence_is_recorded_listed_and_lifted(make_town, make_sink):
    stack = make_town({"all": (make_sink(), {})})
    stack.spawn(), stack.spawn("sla")
    stack.produce([simple(1), simple(2, unit="chengguan", item="noise")])
    stack.settled()
    before = stack.dump("2026-12-31T00:00:00+08:00")
    shown = stack.run("notify", "silence", "--unit", "wuye", "--for", "3d", "--reason", "系统检修")
    assert b"1 open cases, 1 notices" in shown.stderr and b"--yes does it" in shown.stderr and not silences(stack)
    unit = silence(stack, "--unit", "wuye", "--for", "3d", "--reason", "系统检修")
    assert unit.startswith("silence-")
    item = silence(stack, "--item", "noise", "--from", "2024-12-01T00:00:00+08:00", "--until", "2024-12-02T00:00:00+08:00", "--reason", "drill")
    now = silences(stack)
    assert (now[unit]["state"], now[unit]["unit"], now[unit]["reason"], now[unit]["notices"], now[unit]["cases"]) == ("in force", "wuye", "系统检修", 1, 1)
    assert 0 <= instant_ms(now[unit]["from"]) - instant_ms(now[unit]["until"]) + 3 * 86400000 < 60000
    assert (now[item]["state"], now[item]["item"], now[item]["unit"]) == ("to come", "noise", None)
    record = next(one for one in controls(stack) if one["id"] == unit)
    assert (record["kind"], record["unit"], record["reason"]) == ("silence", "wuye", "系统检修") and record["by"] and record["at"] and record["recorded"]
    assert b"silence" not in stack.run("sla", "rules").stdout and unit.encode() in stack.run("sla", "rules", "export").stdout
    assert not any("walk" in line or "carried" in line for line in stack.run("sla", "check").stderr.decode().splitlines())
    assert stack.dump("2026-12-31T00:00:00+08:00") == before
    lifted = json.loads(stack.run("notify", "lift", unit, "--yes", "--json").stdout)
    assert lifted["of"] == unit
    assert silences(stack)[unit]["state"] == "lifted" and silences(stack)[unit]["lifted_by"]
    for name, why in ((unit, b"is lifted already"), ("silence-00", b"is no silence")):
        assert why in stack.run("notify", "lift", name, "--yes", good=(1,)).stderr


def test_what_is_no_silence_is_refused(make_town, make_sink):
    stack = make_town({"all": (make_sink(), {})})
    for arguments in (["--unit", "a", "--all", "--for", "1h", "--reason", "x"], ["--for", "1h", "--reason", "x"], ["--unit", "a", "--reason", "x"],
                      ["--unit", "a", "--for", "1h"], ["--unit", "a", "--for", "1h", "--until", AFTER, "--reason", "x"], ["--unit", "", "--for", "1h", "--reason", "x"],
                      ["--all", "--for", "0h", "--reason", "x"], ["--all", "--for", "367d", "--reason", "x"], ["--all", "--for", "9999999999999999999d", "--reason", "x"],
                      ["--all", "--for", "2w", "--reason", "x"], ["--all", "--until", "2001-01-01T00:00:00+08:00", "--reason", "x"],
                      ["--all", "--until", "tomorrow", "--reason", "x"], ["--unit", "a" * 200, "--for", "1h", "--reason", "x"]):
        silence(stack, *arguments, good=(2,))
    assert not any(one["kind"] == "silence" for one in controls(stack))


def test_silences_survive_a_store_that_was_emptied_or_rebuilt(make_town, make_sink):
    stack = make_town({"all": (make_sink(), {})})
    stack.spawn(), stack.spawn("sla")
    stack.produce([simple(1)])
    stack.settled()
    one, two = (silence(stack, "--unit", name, "--for", "3d", "--reason", "x") for name in ("wuye", "chengguan"))
    stack.run("notify", "lift", two, "--yes")
    known = silences(stack)
    stack.kill("sla"), stack.kill()
    stack.redis.client.flushall()
    stack.spawn(), stack.spawn("sla")
    stack.settled()
    assert {name: row["state"] for name, row in silences(stack).items()} == {one: "in force", two: "lifted"}
    assert {name: (row["from"], row["until"], row["by"]) for name, row in silences(stack).items()} == \
        {name: (row["from"], row["until"], row["by"]) for name, row in known.items()}


def outbox(stack):
    """When each case that owes something may be taken, by its field."""
    return {field: at for key in stack.keys("out") for field, at in stack.redis.client.zrange(key, 0, -1, withscores=True)}


def test_what_a_silence_held_back_is_looked_at_when_it_is_lifted(make_town, make_sink):
    stack = make_town({"all": (make_sink(), {})})
    stack.spawn(), stack.spawn("sla")
    stack.produce([simple(1), simple(2), simple(3, unit="chengguan")])
    stack.settled()
    wait_for("the outbox", lambda: len(outbox(stack)) == 3)
    now = max(outbox(stack).values())
    later = now + 7200000
    for key in stack.keys("out"):
        for field in stack.redis.client.zrange(key, 0, -1):
            if field != b"tS00002":
                stack.redis.client.zadd(key, {field: later})
    name = silence(stack, "--unit", "wuye", "--for", "2h", "--reason", "x")
    done = json.loads(stack.run("notify", "lift", name, "--yes", "--json").stdout)
    after = outbox(stack)
    assert done["looked_at"] == 1 and after[b"tS00001"] < now + 600000 and after[b"tS00003"] == later


def test_a_rebuilt_store_has_the_silences_and_nothing_else_differs(make_town, make_sink):
    stack = make_town({"all": (make_sink(), {})})
    stack.spawn(), stack.spawn("sla")
    stack.produce([simple(1), simple(2, unit="chengguan")])
    stack.settled()
    one, two = (silence(stack, "--unit", name, "--for", "3d", "--reason", "x") for name in ("wuye", "chengguan"))
    stack.run("notify", "lift", two, "--yes")
    known = silences(stack)
    new = RedisServer(stack.dir / "new")
    new.start()
    try:
        done = stack.run("sla", "rebuild", "--into", new.socket, "--yes", "--json")
        assert not [line for line in done.stdout.splitlines() if b"differs" in line]
        config = stack.configure("new.ini", redis={"address": new.socket})
        rows = [json.loads(line) for line in stack.run("notify", "silence", "--list", "--json", config=config).stdout.splitlines()]
        assert {row["silence"]: row["state"] for row in rows} == {one: "in force", two: "lifted"} == {name: row["state"] for name, row in known.items()}
    finally:
        new.kill()


def test_two_who_decide_at_once_are_both_recorded(make_town, make_sink):
    stack = make_town({"all": (make_sink(), {})})
    stack.spawn(), stack.spawn("sla")
    stack.settled()

    def decide(name):
        def tried():
            done = stack.run("notify", "silence", "--unit", name, "--for", "3d", "--reason", "x", "--yes", good=(0, 1))
            assert done.returncode == 0 or b"somebody else is deciding" in done.stderr
            return done.stdout.decode().strip()
        return wait_for("the decision", tried)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(decide, ["u%d" % i for i in range(4)]))
    assert len(set(made)) == 4 and set(silences(stack)) == set(made)
    assert sorted(one["id"] for one in controls(stack) if one["kind"] == "silence") == sorted(made)


# --- metrics ---

METRICS = {name: "127.0.0.1:0" for name in ("ingest", "sla", "notify")}


def metered(stack):
    stack.config = stack.configure("metered.ini", metrics=METRICS)


def fetch(process, path="/metrics"):
    port = wait_for("the port", lambda: re.search(r"metrics\.listen .*port=(\d+)", process.text()))[1]
    with urllib.request.urlopen("http://127.0.0.1:%s%s" % (port, path), timeout=10) as answer:
        return answer.headers["content-type"], answer.read().decode()


def samples(process):
    """{(name, labels): value}, as Prometheus' own client reads them."""
    kind, text = fetch(process)
    assert kind.startswith("text/plain; version=0.0.4")
    found = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation and family.type in ("counter", "gauge", "histogram"), family
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found, key
            found[key] = sample.value
    return found


def value(process, name, **labels):
    return samples(process).get((name, tuple(sorted(labels.items()))))


def test_each_daemon_shows_what_it_does(make_town, make_sink):
    sink, bad = make_sink(), make_sink("--status", "500")
    stack = make_town({"good": (sink, {"units": "wuye"}), "bad": (bad, {"units": "chengguan"})})
    metered(stack)
    ingest, sla, notify = stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    first = simple(1)
    stack.produce([first, first, simple(2), simple(3, unit="chengguan"), event("S00004", "ticket.dispatched", RECEIVED)])
    wait_for("the notices", lambda: ended(stack))
    topic = stack.topics["tickets"]
    assert [value(ingest, "bihuan_ingest_records_total", topic=topic, outcome=outcome) for outcome in ("applied", "duplicate", "dead_letter")] == [3, 1, 1]
    assert value(ingest, "bihuan_ingest_batches_total") >= 1 and value(ingest, "bihuan_ingest_commit_seconds_count") == value(ingest, "bihuan_ingest_batches_total")
    wait_for("no lag", lambda: value(ingest, "bihuan_ingest_consumer_lag_records", topic=topic) == 0)
    assert value(ingest, "bihuan_ingest_paused") == 0
    wait_for("the cases", lambda: value(sla, "bihuan_sla_cases") == 3)
    assert value(sla, "bihuan_sla_oldest_due_lag_seconds") < 60 and value(sla, "bihuan_sla_mended_total") == 0
    assert value(notify, "bihuan_notify_deliveries_total", channel="webhook", endpoint="good", outcome="delivered") == 2
    assert value(notify, "bihuan_notify_deliveries_total", channel="webhook", endpoint="bad", outcome="retry") == 4
    assert value(notify, "bihuan_notify_delivery_seconds_count", channel="webhook") == 6
    assert value(notify, "bihuan_notify_results_published_total") > 0
    wait_for("nothing owed", lambda: value(notify, "bihuan_notify_outbox_cases") == 0)
    for process, program in ((ingest, "bihuan-ingest"), (sla, "bihuan-sla"), (notify, "bihuan-notify")):
        assert any(name == "bihuan_build_info" and dict(labels)["program"] == program for name, labels in samples(process))
        assert fetch(process, "/healthz")[1] == "ok\n"
        try:
            fetch(process, "/else")
            raise AssertionError("/else is there")
        except urllib.error.HTTPError as error:
            assert error.code == 404


def test_lag_shows_that_nobody_fires(make_town, make_sink):
    """Timers that are due while a daemon that is gone still holds them."""
    stack = make_town({"all": (make_sink(), {})}, start="2024-10-16T23:59:00+08:00", speed=60)
    metered(stack)
    stack.spawn()
    stack.produce([simple(1)])
    stack.settled()
    for shard in range(stack.shards):
        stack.redis.client.set("{s%02d}timer" % shard, "gone 0", px=600000)
    late = instant_ms("2024-10-17T00:05:00+08:00")
    wait_for("five minutes past the deadline", lambda: stack.business_ms() > late)
    sla = stack.spawn("sla")
    wait_for("the lag", lambda: value(sla, "bihuan_sla_oldest_due_lag_seconds") >= 300)
    assert value(sla, "bihuan_sla_timers_fired_total") == 0
    for shard in range(stack.shards):
        stack.redis.client.delete("{s%02d}timer" % shard)
    wait_for("no lag", lambda: value(sla, "bihuan_sla_oldest_due_lag_seconds") == 0)
    assert value(sla, "bihuan_sla_timers_fired_total") >= 1


def test_an_address_that_is_taken_is_named(make_town, make_sink):
    stack = make_town({"all": (make_sink(), {})})
    metered(stack)
    port = re.search(r"port=(\d+)", wait_for("the port", lambda p=stack.spawn(): re.search(r"metrics\.listen .*", p.text()))[0])[1]
    for program in ("sla", "notify", "ingest"):
        config = stack.configure("taken.ini", metrics={program: "127.0.0.1:" + port})
        assert port.encode() in stack.run(program, "run", config=config, good=(1, 2)).stderr


# --- status ---

def endpoints(stack):
    return {row["endpoint"]: row for row in status(stack)["endpoints"]}


def test_status_shows_how_things_stand(make_town, make_sink):
    stack = make_town({"good": (make_sink(), {"units": "wuye"}), "bad": (make_sink("--status", "410"), {"units": "chengguan"})})
    stack.spawn(), stack.spawn("sla")
    stack.produce([simple(1), simple(2, unit="chengguan")])
    stack.settled()
    wait_for("the outbox", lambda: status(stack)["backlog"]["due"] == 2)
    assert status(stack)["endpoints"] == [] and status(stack)["notifiers"] == [] and status(stack)["mode"] == "live" and status(stack)["from"] is None
    name = silence(stack, "--unit", "elsewhere", "--for", "2h", "--reason", "drill")
    stack.spawn("notify")
    wait_for("the notices", lambda: ended(stack))
    wait_for("what it says", lambda: endpoints(stack).get("bad", {}).get("state") == "gone")
    now = endpoints(stack)
    assert (now["good"]["state"], now["good"]["delivered"], now["good"]["failed"], now["good"]["answer"]) == ("open", 1, 0, "200")
    assert (now["bad"]["delivered"], now["bad"]["failed"], now["bad"]["channel"]) == (0, 1, "webhook") and "410" in now["bad"]["answer"]
    assert [row["silence"] for row in status(stack)["silences"]] == [name] and status(stack)["backlog"] == {"cases": 0, "due": 0, "put_off": 0, "oldest_ms": 0}
    text = stack.run("notify", "status").stdout.decode()
    assert re.search(r"^good +webhook +open +0 +0 +1 +0  200 at ", text, re.M) and "silence  unit elsewhere until " in text and "1 notifiers run" in text
    stack.kill("notify")
    wait_for("it is gone", lambda: status(stack)["notifiers"] == [])


def live(stack, *options, **how):
    return subprocess.Popen([BUILD / "bihuan-notify", "status", "--live", "--config", stack.config, *options], **how)


def test_status_goes_on_until_it_is_told_to_end(make_town, make_sink):
    stack = make_town({"all": (make_sink(), {})})
    stack.spawn(), stack.spawn("notify")
    wait_for("a notifier", lambda: status(stack)["notifiers"])
    for options in ((), ("--json",)):
        process = live(stack, *options, stdout=subprocess.PIPE)
        lines = [process.stdout.readline().decode() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        for line in lines:
            assert json.loads(line)["endpoints"][0]["endpoint"] == "all" if options else "1 notifiers  0 cases wait" in line and "all open" in line, line
    ours, theirs = pty.openpty()
    process = live(stack, stdin=theirs, stdout=theirs)
    text = b""
    while text.count(b"any key ends this") < 2:
        text += os.read(ours, 4096)
    assert b"\x1b[H\x1b[J" in text
    os.write(ours, b"q")
    assert process.wait(20) == 0
    os.close(ours), os.close(theirs)
