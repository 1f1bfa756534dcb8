"""Rules that change: activated, recalculated, taken back, while the hotline goes on."""
import json
import random
import re
import signal
import subprocess
import time
from datetime import datetime, timedelta, timezone

import pytest

from conftest import BROKER_TOPICS
from harness import BUILD, SOAK, TOP, Kafka, Load, Process, Stack, event, first_difference, instant_ms, received, wait_for
from test_notify import AFTER, SECRET, Sink, answered, ended, make_sink, make_town, results, simple, status  # noqa: F401

START = "2026-11-20T10:00:00+08:00"


def amended(stack, name="amended.json", holidays=("11-24",), version="2026-2", year=2026):
    """The shipped calendar with more holidays in a year."""
    calendar = json.loads((TOP / "conf/calendar/cn.json").read_text())
    calendar["version"] = version
    found = next(one for one in calendar["years"] if one["year"] == year)
    found["holidays"] = sorted(found["holidays"] + list(holidays))
    path = stack.dir / name
    path.write_text(json.dumps(calendar))
    return path


def cases(count, time="2026-11-19T09:00:00+08:00", prefix="G"):
    return [received("%s%05d" % (prefix, i), time, kind="complaint", unit="u%d" % (i % 7)) for i in range(count)]


def deadlines(stack, until="2026-11-20T20:00:00+08:00"):
    return {row["case"]: [clock["deadline"] for clock in row["clocks"]] for row in map(json.loads, stack.dump(until))}


@pytest.fixture
def running(make_stack):
    """Three hundred open cases, a clock that makes a minute a second, and the timer daemon."""
    stack = make_stack(start=START, speed=60)
    stack.spawn()
    stack.spawn("sla")
    stack.produce(cases(300))
    stack.settled()
    return stack


def blobs(stack):
    return {key: stack.redis.client.hgetall(key) for key in stack.keys("case")}


def test_a_calendar_counts_for_new_cases_until_recalculated(running):
    stack = running
    before = stack.dump()
    record = stack.run("sla", "rules", "activate", "--calendar", amended(stack), "--yes").stdout.decode().strip()
    assert record.startswith("activate-")
    assert stack.dump() == before
    activated = next(row["activated"] for row in stack.json("sla", "rules") if row.get("calendar") == "cn-state-council 2026-2")
    start = stack.business_ms()
    wait_for("a minute of business time", lambda: stack.business_ms() > start + 60000)
    stack.produce(cases(10, "2026-11-20T10:30:00+08:00", "N"))
    stack.settled()
    assert activated < "2026-11-20T10:30:00+08:00"
    now = deadlines(stack)
    assert now["G00000"] == ["2026-11-27T00:00:00+08:00"] and now["N00000"] == ["2026-12-01T00:00:00+08:00"]


def test_recalculation_shows_applies_and_is_taken_back(running):
    stack = running
    before, stored = stack.dump("2026-11-20T20:00:00+08:00"), blobs(stack)
    stack.run("sla", "rules", "activate", "--calendar", amended(stack), "--yes")
    shown, = stack.json("sla", "recalc", "--dry-run")
    assert (shown["cases"], shown["deadlines_later"], shown["deadlines_earlier"]) == (300, 300, 0)
    assert blobs(stack) == stored
    done = stack.run("sla", "recalc", "--yes", "--json").stdout.splitlines()
    assert json.loads(done[-1])["written"] == 300
    record = json.loads(done[-1])["recalc"]
    assert set(map(tuple, deadlines(stack).values())) == {("2026-11-28T00:00:00+08:00",)}
    config = stack.configure("amended.ini", sla={"calendar": stack.dir / "amended.json"})
    replayed = stack.run("sla", "replay", "--json", "--until", "2026-11-20T20:00:00+08:00", stack.history_file(), config=config).stdout
    assert [line.replace(b',"duplicates":0', b"") for line in replayed.splitlines()] == stack.dump("2026-11-20T20:00:00+08:00")
    again = stack.run("sla", "recalc", "--yes")
    assert b"Nothing would move" in again.stderr
    stack.run("sla", "recalc", "--undo", record, "--yes")
    assert stack.dump("2026-11-20T20:00:00+08:00") == before


@pytest.mark.parametrize("after", ["a moment", "an outage"])
def test_who_reads_goes_by_rules_that_came_while_all_was_quiet(running, after):
    """A reason that the new policy alone lists as a code is kept from then on: nobody's commit was refused meanwhile."""
    stack = running
    suspension = {"reasons": [{"reason": "citizen-absent"}, {"reason": "correction", "then": "restarts"}]}
    record = activate(stack, "--policy", changed_policy(stack, "reasons.json", suspension=suspension))
    if after == "an outage":
        stack.redis.client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    activated = next(instant_ms(row["activated"]) for row in listed(stack) if row.get("record") == record and "activated" in row)
    wait_for("it counts", lambda: stack.business_ms() > activated + 120000)
    at = lambda minutes: datetime.fromtimestamp(activated // 1000 + 60 * minutes, timezone(timedelta(hours=8))).isoformat()
    stack.produce(cases(3, at(0), "N") + [event("N%05d" % i, "ticket.suspended", at(1), {"reason": "correction"}) for i in range(3)])
    stack.settled()
    kept = [field for rows in blobs(stack).values() for field, blob in rows.items() if b"correction" in blob]
    assert sorted(kept) == [b"tN%05d" % i for i in range(3)]


# What is set up again and again

def changed_policy(stack, name, **members):
    """The shipped policy with other members."""
    policy = json.loads((TOP / "conf/policy/meilong-2024.json").read_text())
    policy.update(members)
    path = stack.dir / name
    path.write_text(json.dumps(policy))
    return path


def activate(stack, *arguments):
    return stack.run("sla", "rules", "activate", *arguments, "--yes").stdout.decode().strip()


def recalc(stack, *arguments):
    """What it showed, and what it did."""
    return [json.loads(line) for line in stack.run("sla", "recalc", *arguments, "--yes", "--json").stdout.splitlines()]


def listed(stack):
    return stack.json("sla", "rules")


def recorded(stack):
    return [message.value() for message in stack.kafka.read(stack.topics["control"])]


def same_as_replay(stack, until, **sla):
    """Dump and summary are those of a replay of all that was sent, under other files."""
    config = stack.configure("replay.ini", sla=sla)
    done = stack.run("sla", "replay", "--json", "--until", until, stack.history_file(), config=config, good=(0, 1))
    theirs = [re.sub(rb',"duplicates":\d+', b"", line) for line in done.stdout.splitlines()]
    ours = stack.dump(until)
    assert ours == theirs, first_difference(ours, theirs)
    theirs = stack.json("sla", "replay", "--summary", "--until", until, stack.history_file(), config=config, good=(0, 1))
    assert stack.json("report", "summary", "--as-of", until) == theirs
    return theirs


def figures_now(stack):
    return [{name: value for name, value in row.items() if name != "as_of"} for row in stack.json("report", "summary")]


def written(stack):
    """How often anything was changed in Redis, and the ends of all topics."""
    ends = {name: [stack.kafka.ends(topic, p)[1] for p in stack.kafka.partitions(topic)] for name, topic in stack.topics.items()}
    return stack.redis.client.info("persistence")["rdb_changes_since_last_save"], ends, stack.redis.client.llen("bihuan:rules")


@pytest.fixture
def past(make_stack, life_cycles):
    """A store full of whole lives of 2024 at the end of time, all daemons running."""
    stack = make_stack(sections={"notify": {"mode": "shadow"}})
    for name in ("ingest", "sla", "notify"):
        stack.spawn(name)
    stack.feed(life_cycles(11, 3000 if SOAK else 600, "--shuffle"))
    stack.settled()
    return stack


END = "2199-12-31T23:59:59+08:00"
HOLIDAYS_2024 = {"holidays": ("03-05", "06-18", "09-03", "10-15", "11-12"), "version": "2024-2", "year": 2024}


def quiet(stack):
    """Nothing is due or owed any more."""
    def none():
        pipeline = stack.redis.client.pipeline(transaction=False)
        for name in ("out", "lease"):
            for key in stack.keys(name):
                pipeline.zcard(key)
        return sum(pipeline.execute()) == 0
    wait_for("an empty outbox", none)


# Recalculation

def test_where_nothing_would_move_nothing_is_written(past):
    stack = past
    quiet(stack)
    for name in ("ingest", "sla", "notify"):
        stack.stop(name)
    activate(stack, "--calendar", amended(stack, holidays=("08-06",), year=2011))     # a Saturday, of rest already
    before = written(stack)
    shown, = recalc(stack)
    assert shown["cases"] == 0 and shown["cases_seen"] > 0 and 0 < shown["cases_bound_otherwise"] <= shown["cases_seen"]
    stack.run("sla", "recalc", "--dry-run")
    stack.run("sla", "recalc", "--received-from", "2030-01-01", "--yes")
    assert b"Nothing was changed" not in stack.run("sla", "recalc").stderr
    assert written(stack) == before


def test_a_question_without_a_terminal_changes_nothing(past):
    stack = past
    quiet(stack)
    for name in ("ingest", "sla", "notify"):
        stack.stop(name)
    before = written(stack)
    assert b"Nothing was changed" in stack.run("sla", "rules", "activate", "--calendar", amended(stack, **HOLIDAYS_2024)).stderr
    assert b"Nothing was changed" in stack.run("sla", "forget", "--citizen", "k1:AAAA").stderr
    assert written(stack) == before
    record = activate(stack, "--calendar", stack.dir / "amended.json")
    before = written(stack)
    assert b"Nothing was changed" in stack.run("sla", "recalc").stderr
    assert b"Nothing was changed" in stack.run("sla", "rules", "withdraw", record).stderr
    assert written(stack) == before


def test_recalculated_beside_live_traffic_it_is_as_replayed(make_stack, life_cycles):
    stack = make_stack(sections={"notify": {"mode": "shadow"}})
    for name in ("ingest", "sla", "notify"):
        stack.spawn(name)
    lines = life_cycles(12, 6000 if SOAK else 1500, "--shuffle").read_bytes().splitlines()
    load = Load(stack, lines, pause_s=0.02)
    load.start()
    wait_for("some records", lambda: stack.records() > len(lines) / 5)
    activate(stack, "--calendar", amended(stack, **HOLIDAYS_2024))
    record = recalc(stack)[-1]["recalc"]
    load.finish()
    stack.settled()
    amended_figures = same_as_replay(stack, END, calendar=stack.dir / "amended.json")
    quiet(stack)
    wait_for("the walk's figures", lambda: [dict(row, as_of=END) for row in stack.json("report", "summary")] == amended_figures)
    recalc(stack, "--undo", record)
    assert same_as_replay(stack, END) != amended_figures
    stack.check_counted()
    for name in ("ingest", "sla", "notify"):
        assert stack.stop(name) == 0


def test_undone_all_is_as_it_was(past):
    stack = past
    quiet(stack)
    dump, figures = stack.dump(END), figures_now(stack)
    activate(stack, "--calendar", amended(stack, **HOLIDAYS_2024))
    assert figures_now(stack) == figures
    done = recalc(stack)
    assert done[0]["deadlines_later"] > 0 and done[0]["cases"] == sum(row["cases"] for row in done[0]["units"])
    quiet(stack)
    assert stack.dump(END) != dump and figures_now(stack) != figures
    undone = recalc(stack, "--undo", done[1]["recalc"])
    assert undone[0]["deadlines_earlier"] == done[0]["deadlines_later"] and undone[0]["breaches_vanish"] == done[0]["breaches_appear"]
    quiet(stack)
    assert stack.dump(END) == dump
    wait_for("the figures of before", lambda: figures_now(stack) == figures)
    assert recalc(stack, "--undo", done[1]["recalc"])[0]["cases"] == 0        # taken back already
    rows = listed(stack)
    assert [row["taken_back"] for row in rows if row.get("decision") == "recalc"] == [True]


def test_only_the_span_is_bound_anew(past):
    stack = past
    activate(stack, "--calendar", amended(stack, **HOLIDAYS_2024))
    before = {json.loads(line)["case"]: line for line in stack.dump(END)}
    recalc(stack, "--received-from", "2024-06-01", "--received-before", "2024-10-01T00:00:00+08:00")
    after = {json.loads(line)["case"]: line for line in stack.dump(END)}
    moved = [json.loads(line)["received"] for case, line in after.items() if before[case] != line]
    assert moved and all("2024-06-01" <= time < "2024-10-01" for time in moved)


def test_other_reminders_alone_are_taken_over(running):
    """No deadline moves; the timers do."""
    stack = running
    policy = json.loads((TOP / "conf/policy/meilong-2024.json").read_text())
    policy["ladders"] = {name: [{"step": "early", "workdays_before": 3, "to": ["handler"]}] + ladder for name, ladder in policy["ladders"].items()}
    activate(stack, "--policy", changed_policy(stack, "early.json", ladders=policy["ladders"], title="earlier reminders"))
    due = [stack.redis.client.zrange(key, 0, -1, withscores=True) for key in stack.keys("due")]
    stack.stop("ingest"), stack.stop("sla")
    done = recalc(stack)
    assert len(done) == 2 and done[1]["written"] == 300, done
    assert [stack.redis.client.zrange(key, 0, -1, withscores=True) for key in stack.keys("due")] != due
    again = recalc(stack)
    assert len(again) == 1
    recalc(stack, "--undo", done[1]["recalc"])
    assert [stack.redis.client.zrange(key, 0, -1, withscores=True) for key in stack.keys("due")] == due


def start_recalc(stack, *arguments):
    return subprocess.Popen([BUILD / "bihuan-sla", "recalc", "--config", stack.config, "--yes", *arguments], cwd=TOP, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture
def many(make_stack):
    """Many open cases, and no timer daemon that would go on with a walk."""
    stack = make_stack(start=START, speed=1)
    stack.spawn()
    stack.produce(cases(100000 if SOAK else 20000))
    stack.settled()
    return stack


def test_killed_again_and_again_it_ends_alike(many):
    stack = many
    activate(stack, "--calendar", amended(stack))
    dice, records = random.Random(1), stack.redis.client.llen("bihuan:rules")
    for _ in range(8):
        process = start_recalc(stack)
        time.sleep(dice.uniform(0.1, 0.9))
        process.kill()
        process.communicate()
    stack.redis.client.delete("bihuan:deciding")      # of the killed one; it would be over in a minute
    stack.run("sla", "recalc", "--yes")
    assert stack.redis.client.llen("bihuan:rules") == records + 1 == len(recorded(stack))
    same_as_replay(stack, "2026-11-20T20:00:00+08:00", calendar=stack.dir / "amended.json")
    assert stack.redis.client.hget("bihuan:meta", "walked") == b"%d" % (records + 1)
    assert not any(b"not carried through" in line for line in stack.run("sla", "check", good=(0, 2)).stderr.splitlines())


def test_interrupted_it_says_how_to_go_on(many):
    stack = many
    activate(stack, "--calendar", amended(stack))
    process = start_recalc(stack)
    said = b""
    while b"Recorded as" not in said:
        said += process.stderr.read1() if hasattr(process.stderr, "read1") else process.stderr.readline()
        assert process.poll() is None or b"Recorded as" in said, said
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=30)
    if process.returncode == 0:
        pytest.skip("it was done before it could be interrupted")
    assert process.returncode == 1 and b"recalc goes on with it" in rest
    assert b"not carried through" in stack.run("sla", "check", good=(0, 2)).stderr
    assert b"not carried through" in stack.run("sla", "recalc", "--dry-run").stderr
    stack.run("sla", "recalc", "--yes")
    assert b"not carried through" not in stack.run("sla", "check", good=(0, 2)).stderr
    same_as_replay(stack, "2026-11-20T20:00:00+08:00", calendar=stack.dir / "amended.json")


@pytest.mark.parametrize("behind", ["ingest", "sla", "notify"])
def test_who_was_behind_follows(past, life_cycles, behind):
    stack = past
    stack.processes[behind].signal(signal.SIGSTOP)
    activate(stack, "--calendar", amended(stack, **HOLIDAYS_2024))
    recalc(stack)
    lines = life_cycles(13, 200, "--shuffle").read_bytes().splitlines()
    lines = [line.replace(b'"subject": "', b'"subject": "X').replace(b'"subject":"', b'"subject":"X') for line in lines]
    stack.produce(lines)
    stack.processes[behind].signal(signal.SIGCONT)
    stack.settled()
    quiet(stack)
    same_as_replay(stack, END, calendar=stack.dir / "amended.json")
    wait_for("rules renewed", lambda: " event=rules.renewed " in stack.processes[behind].text())
    assert stack.stop(behind) == 0


# Deciding

def test_a_first_start_of_all_at_once_makes_one_record(make_stack):
    stack = make_stack(sections={"notify": {"mode": "shadow"}})
    for name in ("ingest", "sla", "notify"):
        stack.spawn(name, wait=False)
    for name in ("ingest", "sla", "notify"):
        wait_for("%s serves" % name, lambda: ".start " in stack.processes[name].text())
        assert stack.processes[name].alive()
    assert len(recorded(stack)) == 1 == stack.redis.client.llen("bihuan:rules")


def test_two_deciders_at_once(past):
    stack = past
    commands = [["activate", "--calendar", amended(stack, "a%d.json" % i, holidays=("12-%d" % (20 + i),), version="x%d" % i)] for i in range(3)]
    started = [subprocess.Popen([BUILD / "bihuan-sla", "rules", *map(str, command), "--config", stack.config, "--yes"], cwd=TOP, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE) for command in commands]
    ends = [(process.communicate(timeout=60), process.returncode) for process in started]
    good = [out.decode().strip() for (out, _), code in ends if code == 0]
    assert good and all(b"somebody else is deciding" in error for (_, error), code in ends if code)
    assert [json.loads(record)["id"] for record in recorded(stack)][1:] == sorted(good, key=[json.loads(record)["id"] for record in recorded(stack)].index)
    assert stack.redis.client.lrange("bihuan:rules", 0, -1) == recorded(stack)
    assert stack.redis.client.get("bihuan:deciding") is None


def test_what_is_in_use_is_not_withdrawn(running):
    stack = running
    before = stack.dump("2026-11-20T20:00:00+08:00")
    record = activate(stack, "--calendar", amended(stack))
    done = recalc(stack)[-1]["recalc"]
    refused = stack.run("sla", "rules", "withdraw", record, "--yes", good=(1,))
    assert b"300 cases" in refused.stderr and not refused.stdout
    recalc(stack, "--undo", done)
    assert stack.run("sla", "rules", "withdraw", record, "--yes").stdout.startswith(b"withdraw-")
    assert [row["state"] for row in listed(stack) if row.get("record") == record] == ["withdrawn"]
    count = len(recorded(stack))
    assert b"already" in stack.run("sla", "rules", "withdraw", record, "--yes", good=(1,)).stderr
    assert b"not there" in stack.run("sla", "rules", "withdraw", "nobody", "--yes", good=(1,)).stderr
    first = json.loads(recorded(stack)[0])["id"]
    assert stack.run("sla", "rules", "withdraw", first, "--yes", good=(1,)).stderr
    assert len(recorded(stack)) == count
    assert stack.dump("2026-11-20T20:00:00+08:00") == before


def test_a_version_that_would_never_count_is_refused(running):
    """Another policy is effective later, so this one would not be in force for anybody."""
    stack = running
    newer = changed_policy(stack, "newer.json", title="newer", effective_from="2026-11-01T00:00:00+08:00")
    older = changed_policy(stack, "older.json", title="older", effective_from="2024-02-01T00:00:00+08:00")
    activate(stack, "--policy", newer)
    refused = stack.run("sla", "rules", "activate", "--policy", older, "--yes", good=(1,))
    assert b"--effective-from" in refused.stderr
    assert activate(stack, "--policy", older, "--effective-from", "2026-11-02T00:00:00+08:00").startswith("activate-")
    states = {row["sha256"]: row["state"] for row in listed(stack) if "policy" in row}
    start = stack.business_ms()
    wait_for("two minutes of business time", lambda: stack.business_ms() > start + 120000)
    assert [row["state"] for row in listed(stack) if "policy" in row] == ["earlier", "earlier", "in force"], states


def test_usage(running):
    stack = running
    for arguments in (["rules", "revoke"], ["rules", "withdraw"], ["rules", "list", "x"], ["rules", "activate", "--effective-from", "soon"],
                      ["recalc", "--received-from", "soon"], ["recalc", "--undo", "x" * 60], ["recalc", "--undo", "x", "--received-from", "2024-01-01"],
                      ["recalc", "x"], ["forget"], ["forget", "A", "--citizen", "k1:A"], ["forget", "--citizen", "", "--yes"],
                      ["forget", "--citizen", "13812341234", "--yes"], ["forget", "--citizen", "k1:A:B", "--yes"], ["rules", "activate", "--policy", "/nonexistent"]):
        done = stack.run("sla", *arguments, good=(2,))
        assert done.stderr and not done.stdout, arguments
    for arguments in (["recalc", "--undo", "nobody", "--yes"], ["forget", "NOBODY", "--yes"]):
        assert stack.run("sla", *arguments, good=(1,)).stderr
    done = subprocess.run([BUILD / "bihuan-sla", b"recalc", b"--undo", b"\xff\xfe", b"--config", str(stack.config).encode()], capture_output=True, cwd=TOP)
    assert done.returncode == 1 and done.stderr
    assert b"nothing to do" in stack.run("sla", "rules", "activate", "--yes").stderr
    assert len(recorded(stack)) == 1
    exported = stack.run("sla", "rules", "export").stdout.splitlines()
    assert exported == recorded(stack)


# Losses

def restarted(stack):
    for name in ("ingest", "sla", "notify"):
        stack.spawn(name, wait=False)
    for name in ("ingest", "sla", "notify"):
        wait_for("%s serves" % name, lambda: stack.processes[name].text().count(".start ") > 1, 30)


def decided(stack):
    """An activation, two recalculations, one of them taken back. The rules as listed."""
    activate(stack, "--calendar", amended(stack, **HOLIDAYS_2024))
    recalc(stack, "--received-before", "2024-07-01")
    record = recalc(stack)[-1]["recalc"]
    recalc(stack, "--undo", record)
    return listed(stack)


def test_an_emptied_redis_takes_the_rules_from_the_topic(past):
    stack = past
    rules, dump = decided(stack), stack.dump(END)
    for name in ("ingest", "sla", "notify"):
        stack.stop(name)
    stack.redis.client.flushall()
    restarted(stack)
    stack.settled()
    assert listed(stack) == rules and stack.dump(END) == dump
    assert stack.redis.client.lrange("bihuan:rules", 0, -1) == recorded(stack)
    quiet(stack)
    assert not walk_due(stack)


def walk_due(stack):
    return b"not carried through" in stack.run("sla", "check", good=(0, 2)).stderr


def test_emptied_while_all_run_they_go_on(past):
    stack = past
    rules, dump = decided(stack), stack.dump(END)
    for _ in range(3):
        stack.redis.client.flushall()
        wait_for("the rules are back", lambda: stack.redis.client.llen("bihuan:rules") == len(recorded(stack)))
        stack.settled()
        assert listed(stack) == rules and stack.dump(END) == dump
    assert all(process.alive() for process in stack.processes.values())


def test_a_server_that_was_put_back_takes_over_what_was_decided_since(past):
    stack = past
    for name in ("ingest", "sla", "notify"):
        stack.stop(name)
    client = stack.redis.client
    before = {key: client.dump(key) for key in client.keys("*")}
    rules = decided(stack)
    dump = stack.dump(END)
    client.delete(*client.keys("*"))
    for key, value in before.items():
        client.restore(key, 0, value)
    assert client.llen("bihuan:rules") == 1
    for name in ("ingest", "sla", "notify"):
        stack.spawn(name)
    wait_for("the decisions are taken over", lambda: client.llen("bihuan:rules") == len(recorded(stack)))
    assert listed(stack) == rules and stack.dump(END) == dump


def test_a_record_that_nobody_can_follow_stays_out(past):
    stack = past
    stack.kafka.send([(stack.topics["control"], b"garbage", b'{"control":1,"kind":"undo","id":"g","at":"2024-01-01T00:00:00+08:00","by":"me","of":"nobody"}')])
    refused = stack.run("sla", "rules", "activate", "--calendar", amended(stack, **HOLIDAYS_2024), "--yes", good=(1,))
    assert b"record" in refused.stderr and b"not there" in refused.stderr
    assert stack.redis.client.llen("bihuan:rules") == 1
    stack.produce(cases(5, "2024-11-19T09:00:00+08:00"))
    stack.settled()
    assert b"not there" in stack.run("sla", "check", good=(2,)).stderr
    assert all(process.alive() for process in stack.processes.values())


def test_check_compares_files_topic_and_redis(past):
    stack = past
    assert b"rules" not in stack.run("sla", "check").stderr
    changed = stack.configure("changed.ini", sla={"calendar": amended(stack, **HOLIDAYS_2024)})
    assert b"differs from the calendar in force" in stack.run("sla", "check", config=changed).stderr
    changed = stack.configure("changed.ini", sla={"policy": changed_policy(stack, "titled.json", title="another")})
    assert b"differs from the policy in force" in stack.run("sla", "check", config=changed).stderr
    stack.kafka.configure(stack.topics["control"], **{"cleanup.policy": "delete"})
    assert b"compact" in stack.run("sla", "check").stderr
    stack.kafka.delete([stack.topics["control"]])
    assert b"has lost the rules" in stack.run("sla", "check", good=(2,)).stderr
    refused = stack.run("sla", "recalc", "--yes", good=(1,))
    assert b"has lost the rules" in refused.stderr


# What was told

def test_what_was_told_is_corrected(make_town, make_sink):
    """A simple ticket, overdue by the calendar and not by the amended one, and back."""
    sink = make_sink()
    stack = make_town({"all": (sink, {})})
    for name in ("ingest", "sla", "notify"):
        stack.spawn(name)
    stack.produce([simple(1)])
    wait_for("the overdue notice", lambda: len(sink.taken()) == 1)
    wait_for("clock.overdue", lambda: len(results(stack, "clock.overdue")) == 1)
    activate(stack, "--calendar", amended(stack, holidays=("10-16",), version="2024-2", year=2024))
    shown, = stack.json("sla", "recalc", "--dry-run")
    assert (shown["cases"], shown["breaches_vanish"], shown["corrections_owed"]) == (1, 1, 3)
    record = recalc(stack)[-1]["recalc"]
    wait_for("both are told", lambda: len(sink.taken()) == 3)
    wait_for("clock.withdrawn", lambda: len(results(stack, "clock.withdrawn")) == 1)
    told = sorted((notice["data"] for notice in sink.notices()[1:]), key=lambda data: data["deadline"])
    assert (told[0]["step"], told[0]["deadline"]) == ("withdrawn", "2024-10-17T00:00:00+08:00")
    assert (told[1]["deadline"], told[1]["deadline_before"]) == ("2024-10-18T00:00:00+08:00", "2024-10-17T00:00:00+08:00")
    quiet(stack)
    recalc(stack, "--undo", record)
    wait_for("told anew", lambda: len(sink.taken()) == 4)
    wait_for("clock.overdue anew", lambda: len(results(stack, "clock.overdue")) == 2)
    anew = sink.notices()[3]["data"]
    assert (anew["step"], anew["deadline"], anew["deadline_before"]) == ("corrected", "2024-10-17T00:00:00+08:00", "2024-10-18T00:00:00+08:00")
    quiet(stack)
    second = results(stack, "clock.overdue")
    assert len({one["id"] for one in second}) == 2 and second[1]["data"]["revision"] > results(stack, "clock.withdrawn")[0]["data"]["revision"]
    record = recalc(stack)[-1]["recalc"]
    wait_for("taken back again", lambda: len(results(stack, "clock.withdrawn")) == 2)
    wait_for("both are told again", lambda: len(sink.taken()) == 6)
    quiet(stack)
    stack.produce([answered(1, "2024-10-17T00:00:03+08:00")])
    wait_for("the answer", lambda: len(results(stack, "case.answered")) == 1)
    quiet(stack)
    assert results(stack, "case.answered")[0]["data"]["clock_outcome"] == "met"
    assert len(sink.taken()) == 6 == len({notice["id"] for notice in sink.notices()})
    assert (len(results(stack, "clock.overdue")), len(results(stack, "clock.withdrawn"))) == (2, 2)


def test_in_shadow_nothing_is_sent(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"all": (sink, {})}, notify={"mode": "shadow"})
    for name in ("ingest", "sla", "notify"):
        stack.spawn(name)
    stack.produce([simple(i) for i in range(5)])
    stack.settled()
    wait_for("shadowed", lambda: stack.json("notify", "status")[0]["shadowed"] == 5)
    activate(stack, "--calendar", amended(stack, holidays=("10-16",), version="2024-2", year=2024))
    recalc(stack)
    quiet(stack)
    assert not sink.requests() and not stack.kafka.read(stack.topics["results"])


def own_broker(folder):
    """An embedded broker that can be stopped, and where it serves."""
    ready = folder / "broker.ready"
    broker = Process([BUILD / "support/broker", "--partitions", "2", "--ready", ready], folder / "broker.log")
    wait_for("the embedded broker", ready.exists)
    return broker, Kafka(ready.read_text().strip().split("=", 1)[1])


def test_emptied_while_kafka_is_away_they_wait(folder):
    broker, kafka = own_broker(folder)
    with Stack(folder / "s", kafka, topics=BROKER_TOPICS, start=START) as stack:
        try:
            stack.spawn(), stack.spawn("sla")
            stack.produce(cases(50))
            stack.settled()
            dump = stack.dump("2026-11-20T20:00:00+08:00")
            broker.signal(signal.SIGSTOP)
            stack.redis.client.flushall()
            wait_for("the timers wait", lambda: "event=rules.wait" in stack.processes["sla"].text())
            assert all(process.alive() for process in stack.processes.values()) and not stack.redis.client.llen("bihuan:rules")
            broker.signal(signal.SIGCONT)
            wait_for("the rules are back", lambda: stack.redis.client.llen("bihuan:rules") == 1)
            stack.settled()
            assert stack.dump("2026-11-20T20:00:00+08:00") == dump
        finally:
            broker.end()


def test_an_overdue_published_under_rules_just_replaced_is_taken_back(folder):
    """The timers have published it and wait for Kafka when the rules change: their commit is refused, and what they said is noted all the same."""
    broker, kafka = own_broker(folder)
    with Stack(folder / "s", kafka, topics=BROKER_TOPICS, start="2024-10-16T23:59:45+08:00") as stack:
        try:
            stack.spawn(), stack.spawn("sla")
            stack.produce([simple(i) for i in range(20)])
            stack.settled()
            activate(stack, "--calendar", amended(stack, holidays=("10-16",), version="2024-2", year=2024))
            wait_for("nearly midnight", lambda: stack.business_ms() > instant_ms("2024-10-16T23:59:58+08:00"))
            broker.signal(signal.SIGSTOP)
            fired = lambda: [int((stack.redis.client.get(key) or b"x 0").split()[1]) > instant_ms("2024-10-17T00:00:00+08:00") for key in stack.keys("timer")]
            wait_for("timers that fire", lambda: all(fired()))
            record = {"control": 1, "kind": "recalc", "id": "recalc-test", "at": "2024-10-17T00:00:01+08:00", "recorded": "2024-10-17T00:00:01+08:00", "by": "test",
                      "received_from": None, "received_before": None}
            count = stack.redis.client.rpush("bihuan:rules", json.dumps(record, separators=(",", ":")))
            for key in stack.keys("position"):
                stack.redis.client.hset(key, "rules", count)
            broker.signal(signal.SIGCONT)
            wait_for("clock.overdue", lambda: len(results(stack, "clock.overdue")) == 20)
            stack.spawn("notify")
            wait_for("clock.withdrawn", lambda: len(results(stack, "clock.withdrawn")) == 20)
            quiet(stack)
            assert (len(results(stack, "clock.overdue")), len(results(stack, "clock.withdrawn"))) == (20, 20)
            assert {clock for clocks in deadlines(stack, "2024-10-17T00:00:10+08:00").values() for clock in clocks} == {"2024-10-18T00:00:00+08:00"}
        finally:
            broker.end()


def test_a_retry_whose_rules_change_meanwhile_goes_on_under_the_new_ones(folder):
    """It waits for the ledger when the rules change: its commit is refused, and what the ledger says is done all the same."""
    ready = folder / "broker.ready"
    broker, dead = Process([BUILD / "support/broker", "--partitions", "2", "--ready", ready], folder / "broker.log"), Sink(folder, "dead", "--status", "500")
    (folder / "secret").write_text(SECRET + "\n")
    (folder / "secret").chmod(0o600)
    wait_for("the embedded broker", ready.exists)
    sections = {"endpoint dead": {"url": dead.url, "secret_file": folder / "secret"}, "notify": {"retry": "0s 0.1s", "lease": 5}}
    with Stack(folder / "s", Kafka(ready.read_text().strip().split("=", 1)[1]), topics=BROKER_TOPICS, start=AFTER, sections=sections) as stack:
        try:
            stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
            stack.produce([simple(i) for i in range(3)])
            wait_for("all is exhausted", lambda: (ended(stack) or {}).get("exhausted") == 3)
            stack.stop("notify")
            broker.signal(signal.SIGSTOP)
            retry = Process([BUILD / "bihuan-notify", "retry", "--config", stack.config], folder / "retry.log")
            wait_for("it has read a case, and waits for the ledger",
                     lambda: any(client["cmd"] == "hget" and int(client["idle"]) >= 1 for client in stack.redis.client.client_list()))
            assert retry.alive()
            record = {"control": 1, "kind": "forget", "id": "forget-test", "at": "2024-10-17T00:00:01+08:00", "recorded": "2024-10-17T00:00:01+08:00",
                      "by": "test", "citizen_sha256": "0" * 64}
            count = stack.redis.client.rpush("bihuan:rules", json.dumps(record, separators=(",", ":")))
            for key in stack.keys("position"):
                stack.redis.client.hset(key, "rules", count)
            broker.signal(signal.SIGCONT)
            wait_for("its end", lambda: not retry.alive())
            assert (retry.popen.returncode, status(stack)["exhausted"]) == (0, 0), retry.text()
        finally:
            broker.end(), dead.process.end()


# Forgetting

def in_redis(stack, text):
    """Keys whose every byte, fields and values, hold a text."""
    found = []
    for key in stack.redis.client.scan_iter(count=1000):
        kind = stack.redis.client.type(key)
        parts = {b"hash": lambda: [part for pair in stack.redis.client.hgetall(key).items() for part in pair],
                 b"string": lambda: [stack.redis.client.get(key)], b"list": lambda: stack.redis.client.lrange(key, 0, -1),
                 b"zset": lambda: stack.redis.client.zrange(key, 0, -1), b"set": lambda: list(stack.redis.client.smembers(key))}[kind]()
        if any(text in part for part in parts):
            found.append(key)
    return found


def test_a_citizen_is_forgotten(make_stack, folder):
    (folder / "citizen.key").write_text("0123456789abcdef0123456789abcdef\n")
    (folder / "citizen.key").chmod(0o600)
    stack = make_stack(start=START, speed=60, sections={"privacy": {"key_file": folder / "citizen.key", "key_id": "k1"}})
    stack.spawn(), stack.spawn("sla")
    wang, li = {"name": "王小明", "phone": "13812341234"}, {"name": "李四", "phone": "13955556666"}
    stack.produce([received("W%d" % i, "2026-11-19T09:00:00+08:00", citizen=wang, unit="wuye") for i in range(20)])
    stack.produce([received("L%d" % i, "2026-11-19T09:00:00+08:00", citizen=li, unit="wuye") for i in range(5)])
    stack.settled()
    assert in_redis(stack, "王*".encode()) and in_redis(stack, b"138****1234")
    keys = set(re.findall(rb"k1:([A-Za-z0-9_-]{22}):\xe7\x8e\x8b", b"".join(blob for rows in blobs(stack).values() for blob in rows.values())))
    assert len(keys) == 1
    hashed, = keys
    done, = stack.json("sla", "forget", "W3", "--yes")
    assert done["written"] == 20 and done["forget"].startswith("forget-")
    for text in (hashed, "王*".encode(), b"138****1234", b"1234"):
        assert not in_redis(stack, text) or text == b"1234"
    assert in_redis(stack, b"139****6666")
    assert hashed not in b"".join(recorded(stack))
    assert b"no ticket" in stack.run("sla", "forget", "W3", "--yes", good=(1,)).stderr
    # who comes again is a citizen like any other
    start = stack.business_ms()
    wait_for("a moment of business time", lambda: stack.business_ms() > start + 2000)
    now = datetime.fromtimestamp(stack.business_ms() / 1000, timezone(timedelta(hours=8))).isoformat(timespec="milliseconds")
    stack.produce([received("W99", now, citizen=wang, unit="wuye")])
    stack.settled()
    before = stack.dump("2026-11-20T20:00:00+08:00")
    holding = [field for rows in blobs(stack).values() for field, blob in rows.items() if hashed in blob]
    assert holding == [b"tW99"]
    stack.stop("ingest"), stack.stop("sla")
    stack.redis.client.flushall()
    stack.spawn(), stack.spawn("sla")
    stack.settled()
    assert [field for rows in blobs(stack).values() for field, blob in rows.items() if hashed in blob] == [b"tW99"]
    assert stack.dump("2026-11-20T20:00:00+08:00") == before
    wait_for("the scaled clock, begun anew, has passed it", lambda: stack.business_ms() > instant_ms(now))
    done, = stack.json("sla", "forget", "--citizen", "k1:" + hashed.decode(), "--yes")
    assert done["written"] == 1 and not in_redis(stack, hashed)
