"""Retention: a closed case past it refuses what came before, goes on from what comes after, and nobody's figures notice."""
import json
import re

import pytest

from harness import SOAK, RedisServer, Stack, event, first_difference, received, wait_for

DAY_MS = 86400000
STUB_MAX_BYTES = 120
CLOSED = 1614737405000              # the newest record time of a life below: 2021-03-03T10:10:05+08:00
SHRINKS = CLOSED + 400 * DAY_MS     # 2022-04-07T10:10:05+08:00
LATER, AT, BEFORE = "2025-01-01T00:00:00+08:00", "2022-04-07T10:10:05+08:00", "2022-04-07T10:10:04.999+08:00"
TITLE = "小区电梯故障，三天无人维修"
COUNT = 10000 if SOAK else 1500


def life(case, last="closed"):
    """Received, handled, answered in time and closed; each event with the record time that it is sent with."""
    steps = [(1614564600000, received(case, "2021-03-01T10:10:00+08:00", title=TITLE, item="property", area="gumei", citizen={"phone": "13812341234"}, unit=None)),
             (1614564900000, event(case, "ticket.dispatched", "2021-03-01T10:15:00+08:00", {"unit": "古美路街道"})),
             (1614565200000, event(case, "ticket.signed", "2021-03-01T10:20:00+08:00")),
             (1614568200000, event(case, "ticket.contacted", "2021-03-01T11:10:00+08:00", {"reached": True})),
             (1614651000000, event(case, "ticket.answered", "2021-03-02T10:10:00+08:00", {"outcome": "solved"})),
             (1614733800000, event(case, "ticket.called_back", "2021-03-03T09:10:00+08:00", {"reached": True, "satisfaction": 4})),
             (1614737400000, event(case, "ticket." + last, "2021-03-03T10:10:00+08:00", {"into": "INTO"} if last == "merged" else {}))]
    return [(stamp + 5000, line) for stamp, line in steps]


def late(case):
    return event(case, "ticket.urged", "2021-03-02T09:00:00+08:00")


def reopened(case, time):
    return event(case, "ticket.reopened", time)


def rated(rating, case, time, stars):
    return event(rating, "rating.submitted", time, {"satisfaction": stars, "case": case, "unit": "wuye"})


def send(stack, stamped):
    """Sends (record time, line)."""
    failures = []
    for stamp, line in stamped:
        topic, key = stack.topic_of(line)
        stack.kafka.producer.produce(topic, line, key, timestamp=stamp, on_delivery=lambda error, _: failures.append(error) if error else None)
        stack.kafka.producer.poll(0)
        stack.note([line], [topic])
    assert stack.kafka.producer.flush(60) == 0 and not failures, failures[:3]


def send_marks(stack, stamp, time="2022-04-10T09:00:00+08:00"):
    """One record in each partition that is read: the log is read up to there."""
    for name, kind, data in (("tickets", "ticket.received", {"kind": "help"}), ("ratings", "rating.submitted", {"satisfaction": 5})):
        for partition in stack.kafka.partitions(stack.topics[name]):
            case = "MARK-%s-%d-%d" % (name, partition, stamp)
            line = event(case, kind, time, data)
            stack.kafka.producer.produce(stack.topics[name], line, case, partition=partition, timestamp=stamp)
            stack.note([line], [stack.topics[name]])
    assert stack.kafka.producer.flush(60) == 0


def blobs(stack):
    return {field[1:].decode(): blob for shard in stack.hashes("case") for field, blob in shard.items()}


def has_history(blob):
    return TITLE.encode() in blob


def shrunk(stack, cases):
    """Are these cases stubs, as small as a stub is?"""
    found = blobs(stack)
    return all(len(found[case]) <= STUB_MAX_BYTES and not has_history(found[case]) for case in cases)


def summary(stack, *options, **more):
    return stack.json("report", "summary", *options, **more)[0]


def refused(stack):
    """Subjects of the dead letters, with their reasons."""
    return sorted((json.loads(message.value())["subject"], headers["dlq-reason"].decode()) for message, headers in stack.dead_letters())


@pytest.fixture
def town(make_stack):
    def make(start="2026-01-01T00:00:00+08:00", **options):
        return make_stack(start=start, topic_config={"retention.ms": "-1"}, **options)
    return make


# What comes when nobody has shrunk anything, and after a sweep has.

CASES = ["again", "late", "reopened", "reopened-before", "untouched", "rated", "voided", "merged"]


def afterwards():
    """Records stamped at the shrinking or later."""
    again = life("again")[4][1]
    return [(SHRINKS, again), (SHRINKS, late("late")), (SHRINKS, reopened("reopened", AT)), (SHRINKS, reopened("reopened-before", BEFORE)),
            (SHRINKS + DAY_MS, event("reopened", "ticket.dispatched", "2022-04-08T09:00:00+08:00", {"unit": "chengguan"})),
            (SHRINKS + DAY_MS, event("reopened", "ticket.answered", "2022-04-08T10:00:00+08:00", {"outcome": "explained"})),
            (SHRINKS + DAY_MS, event("reopened", "ticket.answered", "2022-04-08T10:00:00+08:00", {"outcome": "explained"})),
            (SHRINKS, rated("R1", "rated", "2021-04-01T10:00:00+08:00", 2)), (SHRINKS, rated("R2", "voided", "2021-04-01T10:00:00+08:00", 2)),
            (SHRINKS, reopened("voided", AT)), (SHRINKS, reopened("answered", "2021-04-01T10:00:00+08:00"))]


def fill(stack):
    for case in CASES:
        send(stack, life(case, case if case in ("voided", "merged") else "closed"))
    send(stack, life("answered")[:5])


def test_both_sides_of_the_shrinking_and_with_or_without_it(town, folder):
    dumps, letters, figures = [], [], []
    for swept in (False, True):
        stack = town()
        stack.spawn()
        fill(stack)
        if swept:
            send_marks(stack, SHRINKS + 2 * DAY_MS, "2022-04-08T07:00:00+08:00")
            stack.settled()
            before = summary(stack)
            stack.spawn("sla")
            wait_for("the sweep", lambda: shrunk(stack, CASES), 60)
            assert dict(summary(stack), as_of=None) == dict(before, as_of=None)
        send(stack, afterwards())
        if not swept:
            send_marks(stack, SHRINKS + 2 * DAY_MS, "2022-04-08T07:00:00+08:00")
        stack.settled()
        dumps.append(stack.dump(LATER))
        letters.append(refused(stack))
        figures.append(dict(summary(stack), as_of=None))
        stack.check_counted()
        if not swept:
            first = stack
    assert dumps[0] == dumps[1], first_difference(*dumps)
    assert letters[0] == letters[1] and figures[0] == figures[1]
    assert letters[0] == [("again", "retired"), ("late", "retired"), ("reopened-before", "retired")]
    cases = {line["case"]: line for line in map(json.loads, dumps[0])}
    assert [cases[name]["state"] for name in ("again", "late", "reopened-before", "untouched")] == ["closed"] * 4
    assert cases["reopened"]["state"] == "answered" and cases["reopened"]["unit"] == "chengguan" and cases["reopened"]["outcome"] == "explained"
    assert [(clock["round"], clock["outcome"]) for clock in cases["reopened"]["clocks"]] == [(1, "met"), (2, "met")]
    assert (cases["rated"]["satisfaction"], cases["voided"]["satisfaction"], cases["voided"]["state"]) == (2, 4, "voided")
    assert cases["answered"]["state"] == "dispatched"
    total = figures[0]["total"]
    assert (total["reopened"], total["answered"], total["urged"], total["voided"], total["merged"]) == (2, 10, 0, 1, 1)
    # A second Redis, fed by the same topics, with a timer daemon that sweeps from the beginning.
    with Stack(folder / "again", first.kafka, topics=first.topics, start="2026-01-01T00:00:00+08:00") as second:
        second.spawn(), second.spawn("sla")
        second.settled()
        assert second.dump(LATER) == dumps[0]
        wait_for("the sweep", lambda: shrunk(second, set(CASES) - {"reopened"}), 60)
        assert second.dump(LATER) == dumps[0]
        assert dict(summary(second), as_of=None) == figures[0]


def test_before_the_shrinking_a_case_is_whole(town):
    stack = town()
    stack.spawn()
    for case in ("again", "late", "reopened"):
        send(stack, life(case))
    send(stack, [(SHRINKS - 1, life("again")[4][1]), (SHRINKS - 1, late("late")), (SHRINKS - 1, reopened("reopened", BEFORE)),
                 (SHRINKS, late("again")), (SHRINKS, late("reopened")), (SHRINKS - 2 + 400 * DAY_MS, reopened("late", AT))])
    stack.check()
    assert refused(stack) == [] and stack.status()[stack.topics["tickets"]]["duplicates"] == 1


# What the verbs say of it.

@pytest.fixture
def retired(town):
    stack = town()
    stack.spawn()
    fill(stack)
    send_marks(stack, SHRINKS + 2 * DAY_MS, "2022-04-08T07:00:00+08:00")
    stack.settled()
    stack.whole = {case: stack.run("sla", "case", case, "--json").stdout for case in CASES}
    stack.whole_dump, stack.whole_figures = stack.dump(LATER), summary(stack, "--as-of", "2021-03-03T10:10:00+08:00")
    stack.spawn("sla")
    wait_for("the sweep", lambda: shrunk(stack, CASES), 60)
    return stack


def test_dump_prints_it_as_it_stood_and_refuses_what_was_before(retired):
    assert retired.dump(LATER) == retired.whole_dump == retired.replay(LATER)
    assert retired.dump(AT) == retired.replay(AT)
    assert len(retired.dump()) == len(retired.whole_dump)
    done = retired.run("sla", "dump", "--json", "--until", BEFORE, good=(1,))
    assert [json.loads(line)["case"] for line in done.stdout.splitlines()] == ["INTO", "answered"]
    for case in CASES:
        assert re.search(rb"case %s: .*retention.*%s" % (case.encode(), AT.encode().replace(b"+", rb"\+")), done.stderr), done.stderr
    done = retired.run("sla", "dump", "--json", "--until", "2021-02-01T00:00:00+08:00")     # nothing was there yet
    assert done.stdout == b"" and b"retention" not in done.stderr


def test_the_other_verbs(retired):
    view = json.loads(retired.run("sla", "case", "untouched", "--json").stdout)
    whole = json.loads(retired.whole["untouched"])
    assert whole["shrunk"] is None and view["shrunk"] == AT and view["history"] == [] and view["title"] is None and whole["title"]
    for name in ("class", "state", "unit", "received", "policy", "clocks", "outcome", "satisfaction", "duplicates"):
        assert view[name] == whole[name], name
    assert AT in retired.run("sla", "case", "untouched").stdout.decode()
    assert "retention" in retired.run("sla", "case", "untouched", "--as-of", BEFORE, good=(1,)).stderr.decode()
    assert "no case" in retired.run("sla", "case", "untouched", "--as-of", "2021-02-01T00:00:00+08:00", good=(1,)).stderr.decode()
    assert "retention" in retired.run("sla", "explain", "untouched", good=(1,)).stderr.decode()
    listed = {json.loads(line)["case"] for line in retired.run("sla", "cases", "--state", "closed", "--json").stdout.splitlines()}
    assert set(CASES) <= listed
    assert b"8 tickets" in retired.run("sla", "repeats").stderr and b"8 tickets" in retired.run("sla", "repeats", "--from", "2021-05-30").stderr
    assert not retired.run("sla", "repeats", "--from", "2021-05-31").stderr and not retired.run("sla", "repeats", "--to", "2021-03-01").stderr


def test_figures_of_then(retired):
    """As of the last of the cases' own instants they are exact; before it they cannot be told."""
    assert summary(retired, "--as-of", "2021-03-03T10:10:00+08:00") == retired.whole_figures
    done = retired.run("report", "summary", "--as-of", "2021-03-03T10:09:59.999+08:00", "--json", good=(1,))
    assert b"%d cases" % len(CASES) in done.stderr and done.stdout == b""
    assert summary(retired, "--as-of", "2021-02-28T00:00:00+08:00")["total"]["received"] == 0


def test_another_retention_is_refused(retired):
    other = retired.configure("other.ini", sla=dict(retired.sections["sla"], retention=401))
    assert b"retention 400" in retired.run("sla", "dump", config=other, good=(1,)).stderr


def test_the_title_is_forgotten(retired):
    send(retired, [(SHRINKS + 3 * DAY_MS, line) for _, line in life("fresh")])
    retired.settled()
    found = blobs(retired)
    assert has_history(found["fresh"]) and not any(has_history(found[case]) for case in CASES)


# A sweep that must wait.

def swept_once_more(stack):
    """Waits until each shard was swept again."""
    sweeps = lambda: stack.redis.client.info("commandstats").get("cmdstat_hscan", {}).get("calls", 0)
    begun = sweeps()
    wait_for("the sweep to come round", lambda: sweeps() >= begun + 2 * stack.shards, 60)


def test_nothing_shrinks_while_the_log_is_unread(town):
    """The clock alone is no reason: what is older may still stand unread in a partition."""
    stack = town()
    stack.spawn()
    fill(stack)
    stack.settled()
    stack.stop()
    send(stack, [(SHRINKS - 1, late("late"))])
    stack.spawn("sla")
    swept_once_more(stack)
    assert all(has_history(blobs(stack)[case]) for case in CASES)
    stack.spawn()
    stack.settled()
    wait_for("the sweep", lambda: shrunk(stack, CASES), 60)
    assert refused(stack) == [] and summary(stack)["total"]["urged"] == 1


def test_nothing_shrinks_before_its_time_on_the_clock_that_people_go_by(town):
    """Business time may lag far behind the records' (a history played again): what has shrunk must have stood so by now."""
    stack = town(start="2022-04-08T08:00:00+08:00")
    stack.spawn()
    fill(stack)
    send_marks(stack, SHRINKS + 2 * DAY_MS, "2022-04-08T07:00:00+08:00")
    stack.settled()
    stack.spawn("sla")
    swept_once_more(stack)
    assert all(has_history(blobs(stack)[case]) for case in CASES) and refused(stack) == []


@pytest.mark.parametrize("mode", ["live", "shadow"])
def test_an_idle_partition(town, mode):
    """Nothing came since: each is read to its end, which Kafka says. In shadow mode it is not asked, and records must say it."""
    stack = town(sections={"notify": {"mode": mode}})
    stack.spawn()
    fill(stack)
    send(stack, [(CLOSED, rated("R1", "none", "2021-03-03T10:00:00+08:00", 5))])
    stack.settled()
    stack.spawn("sla")
    if mode == "shadow":
        swept_once_more(stack)
        assert all(has_history(blobs(stack)[case]) for case in CASES)
        send_marks(stack, SHRINKS + DAY_MS)
        stack.settled()
    wait_for("the sweep", lambda: shrunk(stack, CASES), 60)


def test_a_rebuild_makes_the_same_of_them_and_tells_nothing_again(town, folder):
    """One was overdue, which was told long ago, and goes on: nobody hears that it was not, though nothing of it is left to look at."""
    stack = town(sections={"ingest": {"instance": "only"}})
    stack.spawn(), stack.spawn("notify")
    fill(stack)
    send(stack, life("overdue")[:4] + [(CLOSED, event("overdue", "ticket.closed", "2021-03-20T10:10:00+08:00"))])
    send_marks(stack, CLOSED)
    stack.settled()
    pending = lambda client: sum(client.zcard(key) for name in ("out", "lease") for key in stack.keys(name))
    wait_for("the results", lambda: pending(stack.redis.client) == 0, 60)
    stack.spawn("sla")
    wait_for("the sweep", lambda: shrunk(stack, CASES + ["overdue"]), 60)
    send(stack, afterwards() + [(SHRINKS + 17 * DAY_MS, reopened("overdue", "2022-04-24T10:10:00+08:00"))])
    stack.settled()
    wait_for("the results", lambda: pending(stack.redis.client) == 0, 60)
    told = [len(stack.kafka.read(stack.topics[name])) for name in ("results", "dlq")]
    other = RedisServer(folder / "other").start()
    try:
        done = stack.run("sla", "rebuild", "--into", other.socket, "--yes", "--json")
        said = [json.loads(line) for line in done.stdout.splitlines()][-1]
        assert (said["different"], said["alike"]) == (0, said["cases"]), said
        assert pending(other.client) == 0
        config = stack.configure("other.ini", redis={"address": other.socket})
        assert stack.run("sla", "dump", "--json", "--until", LATER, config=config).stdout.splitlines() == stack.dump(LATER)
        assert dict(summary(stack, config=config), as_of=None) == dict(summary(stack), as_of=None)
        assert [len(stack.kafka.read(stack.topics[name])) for name in ("results", "dlq")] == told
    finally:
        other.process.end()


def test_memory(town):
    """Many at once; what they take is measured."""
    stack = town()
    stack.spawn()
    send(stack, [record for i in range(COUNT) for record in life("ML20210301%05d" % i)])
    send_marks(stack, SHRINKS + DAY_MS)
    stack.settled()
    memory = lambda: sum(stack.redis.client.memory_usage(key, samples=0) or 0 for key in stack.keys("case"))
    before, whole, figures = memory(), [len(blob) for blob in blobs(stack).values()], summary(stack)
    stack.spawn("sla")
    wait_for("the sweep", lambda: shrunk(stack, ["ML20210301%05d" % i for i in range(COUNT)]), 120)
    after, stubs = memory(), [len(blob) for case, blob in blobs(stack).items() if case.startswith("ML")]
    assert dict(summary(stack), as_of=None) == dict(figures, as_of=None)
    print("%d cases: %d bytes each in Redis, blob %.0f; then %d and %.0f" % (COUNT, before // COUNT, sum(whole) / len(whole), after // COUNT, sum(stubs) / len(stubs)))
    assert max(stubs) <= STUB_MAX_BYTES and after < before * 0.7
