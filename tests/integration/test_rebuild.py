"""bihuan-sla rebuild: another Redis made from the topics is the same, nothing is sent for it, and the programs follow when
it is switched to."""
import json
import random
import shutil
import signal
import threading

import pytest
import redis

from harness import BUILD, SOAK, Load, Process, RedisServer, event, instant_ms, received, wait_for
from test_faults import delete_records
from test_repeats import at as appealed_at, ticket as appeal
from test_retention import SHRINKS, late, life, reopened, send
from test_rules import START, amended, cases
from test_notify import AFTER, DEADLINE, Sink, answered, ended, simple, status

EVENTS = 60000 if SOAK else 6000
UNTIL = "2199-12-31T23:59:59+08:00"
SECRET = "whsec_YmlodWFuLWludGVncmF0aW9uLXRlc3RzLTAwMDE="
CASE_FORMAT = 3
OUT = ("results", "ledger", "dlq")


@pytest.fixture
def other(folder):
    """Makes Redis servers beside a stack's own."""
    made = []

    def make(copy_of=None):
        server = RedisServer(folder / ("r%d" % len(made)))
        if copy_of:
            shutil.copytree(copy_of.dir / "appendonlydir", server.dir / "appendonlydir")
        made.append(server.start())
        return server
    yield make
    for server in made:
        server.process.end()


@pytest.fixture
def sink(folder):
    made = Sink(folder)
    yield made
    made.process.end()


@pytest.fixture
def make_town(folder, make_stack, sink):
    """A stack with one endpoint for all, a few seconds after the deadline of simple tickets."""
    secret = folder / "secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)

    def make(sinks=None, start=AFTER, retry="0s 0.2s 0.2s 0.2s", more=None, **options):
        sections = {"endpoint " + name: {"url": one.url, "secret_file": secret} for name, one in (sinks or {"all": sink}).items()}
        sections["notify"] = {"retry": retry, "lease": 5}
        sections["ingest"] = {"instance": "only"}
        sections.update(more or {})
        return make_stack(start=start, sections=sections, **options)
    return make


def sent(stack):
    """Where the topics end that we write to."""
    return {name: [stack.kafka.ends(stack.topics[name], p) for p in stack.kafka.partitions(stack.topics[name])] for name in OUT}


def rebuild(stack, server, *options, good=(0,)):
    """Runs it to its end; what it says of itself."""
    done = stack.run("sla", "rebuild", "--into", server.socket, "--yes", "--json", *options, good=good)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return (lines[-1] if lines and "rebuild" in lines[-1] else {}), [line for line in lines if "differs" in line], done.stderr.decode()


def dump_of(stack, server, until=UNTIL):
    config = stack.configure("other.ini", redis={"address": server.socket})
    return stack.run("sla", "dump", "--json", "--until", until, config=config).stdout.splitlines()


def rows(server, shards, name):
    """Sums of counters by name over all shards, of rows of 32-bit counters."""
    found = {}
    for shard in range(shards):
        for field, row in server.client.hgetall("{s%02d}figures:%s" % (shard, name)).items():
            counters = [int.from_bytes(row[i:i + 4], "little", signed=True) for i in range(0, len(row), 4)]
            found[field] = [a + b for a, b in zip(found.get(field, [0] * len(counters)), counters)]
    return found


def owed(server, shards):
    """Names of cases in the outbox or leased."""
    return {name for shard in range(shards) for key in ("out", "lease") for name in server.client.zrange("{s%02d}%s" % (shard, key), 0, -1)}


def revision_and_tolds(blob):
    """Of a stored case (sla/case_codec.c): behind checksum, format, edition, instant, timer and record time."""
    assert blob[8] == CASE_FORMAT, "another format: see where these are"
    at, found = 10, []
    for _ in range(6):
        value = shift = 0
        while True:
            byte, at = blob[at], at + 1
            value, shift = value | (byte & 127) << shift, shift + 7
            if byte < 128:
                break
        found.append(value)
    return found[3], found[5]


def told(server, shards):
    return {field: revision_and_tolds(blob) for shard in range(shards) for field, blob in server.client.hgetall("{s%02d}case" % shard).items()}


def test_from_the_beginning_of_the_topics_it_is_the_same(make_stack, town, other):
    stack = make_stack(strict=True)
    stack.produce(town(EVENTS, "--bad"))
    stack.spawn()
    stack.settled()
    before = sent(stack)
    new = other()
    said, differences, _ = rebuild(stack, new)
    assert not differences and said["different"] == 0 and said["alike"] == said["cases"] > 0 and not said["switched"]
    assert said["records"] >= EVENTS and said["left_out"] == len(stack.dead_letters())
    assert dump_of(stack, new) == stack.dump(UNTIL) != []
    assert rows(new, stack.shards, "records") == rows(stack.redis, stack.shards, "records")
    assert sent(stack) == before
    refused = stack.run("notify", "run", config=stack.configure("other.ini", redis={"address": new.socket}), good=(1,))
    assert b"is being rebuilt" in refused.stderr
    assert stack.positions() == {field: min(int(new.client.hget("{s%02d}position" % s, field).split()[0]) for s in range(stack.shards))
                                 for field in stack.positions()}


def test_a_record_that_was_refused_then_is_refused_again_and_another_at_its_place_is_not(make_stack, other):
    """More than 10 minutes ahead when it came in, and not any more when the store is rebuilt."""
    stack = make_stack(start="2199-03-01T09:00:00+08:00", speed=1200, strict=True)
    stack.spawn()
    stack.produce([received("A", "2199-03-01T09:00:00+08:00"), received("B", "2199-03-01T21:00:00+08:00")])
    stack.settled()
    assert stack.status()[stack.topics["tickets"]]["dead_letters"] == 1
    wait_for("the clock", lambda: stack.business_ms() > instant_ms("2199-03-01T21:00:00+08:00"))    # B is ahead no more
    new = other()
    said, differences, _ = rebuild(stack, new)
    assert not differences and said["left_out"] == 1 and said["cases"] == 1
    assert dump_of(stack, new) == stack.dump(UNTIL)


def test_from_a_backup_only_what_came_after_is_read(make_stack, town, other):
    stack, lines = make_stack(strict=True), town(EVENTS)
    stack.produce(lines[:EVENTS // 2])
    stack.spawn()
    stack.settled()
    backup = other(copy_of=stack.redis)
    stack.produce(lines[EVENTS // 2:])
    stack.settled()
    said, differences, _ = rebuild(stack, backup)
    assert not differences and said["alike"] == said["cases"] and said["records"] < len(lines) // 2 + 1000
    assert dump_of(stack, backup) == stack.dump(UNTIL)
    assert rows(backup, stack.shards, "records") == rows(stack.redis, stack.shards, "records")


def test_what_was_told_is_told_no_more(make_town, sink, other):
    """Delivered, failing, withdrawn, answered: the new store owes what the old one owes, and counts alike."""
    stack = make_town()
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([simple(i) for i in range(200)])
    stack.produce([answered(i, "2024-10-17T08:00:00+08:00") for i in range(0, 200, 4)])
    wait_for("all is told", lambda: ended(stack))
    stack.produce([answered(i, "2024-10-16T15:00:00+08:00") for i in range(1, 200, 4)])   # in time, and the news came late
    wait_for("withdrawals", lambda: sum(b'"withdrawn"' in m.value() for m in stack.kafka.read(stack.topics["ledger"])) >= 50)
    wait_for("nothing is owed", lambda: ended(stack) and not owed(stack.redis, stack.shards))
    twice = [(m.topic(), m.key(), m.value(), m.headers()) for m in stack.kafka.read(stack.topics["ledger"])[::3]]
    stack.kafka.send(twice)     # as a crash between record and settle leaves it
    withdrawn = [m.key() for m in stack.kafka.read(stack.topics["results"]) if b'"clock.withdrawn"' in m.value()]
    assert len(withdrawn) == len(set(withdrawn)) == 50
    before, requests, new = sent(stack), len(sink.requests()), other()
    said, differences, _ = rebuild(stack, new, "--switch")
    assert not differences and said["switched"] and said["told"] > 0 and not said["older"] and not said["damaged"] and not said["orphans"]
    assert rows(new, stack.shards, "notices") == rows(stack.redis, stack.shards, "notices")
    assert not owed(new, stack.shards)
    assert new.client.get("bihuan:clock") == stack.redis.client.get("bihuan:clock")
    assert told(new, stack.shards) == told(stack.redis, stack.shards) and all(revision and tolds for revision, tolds in told(new, stack.shards).values())
    stack.produce([simple(900)])    # the daemons went along: this one is told, and it alone
    wait_for("the daemons follow", lambda: "S00900" in [r["body"]["subject"] for r in sink.taken()])
    wait_for("nothing is owed there", lambda: not owed(new, stack.shards))
    assert [r["body"]["subject"] for r in sink.requests()[requests:]] == ["S00900"]
    assert stack.dump(UNTIL) == dump_of(stack, new)      # who looks at the old address is sent on, and told so
    assert b"the data has moved to" in stack.run("sla", "check").stderr
    after = sent(stack)
    assert after["dlq"] == before["dlq"]
    new_results = stack.kafka.read(stack.topics["results"])[sum(high for _, high in before["results"]):]
    assert {m.key() for m in new_results} == {b"S00900"}


def test_beside_live_traffic_nothing_is_lost_or_sent_twice(folder, make_town, sink, other):
    """Overdue tickets come in all the while, one endpoint is slow and another fails each notice twice."""
    slow, failing, new = Sink(folder, "slow", "--delay-ms", "60"), Sink(folder, "failing", "--fail-each", "2"), other()
    try:
        stack = make_town({"slow": slow, "failing": failing}, retry="0s 0.3s 0.5s 1s 1s 1s")
        stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
        count = EVENTS // 4
        stack.produce([simple(i) for i in range(count // 2)])
        wait_for("records", lambda: stack.records() > count // 4)
        load = Load(stack, [simple(i) for i in range(count // 2, count)], piece=10, pause_s=0.05)
        load.start()
        said, differences, errors = rebuild(stack, new, "--switch")
        assert not differences and said["switched"] and said["figures"] == "alike" and said["told"], errors
        assert load.is_alive(), "the switch was not under load"
        load.finish()
        stack.redis.kill()    # nobody needs it any more
        old, stack.redis = stack.redis, new
        stack.config = stack.configure("bihuan.ini", redis={"address": new.socket})
        stack.settled()
        stack.check_counted()
        stack.check_same()
        figures = wait_for("all is told", lambda: ended(stack))
        assert figures["owed"] == sum(figures[name] for name in ("delivered", "superseded", "exhausted", "shadowed")) == 3 * count, figures
        for one in (slow, failing):
            taken = [r["body"]["subject"] for r in one.taken()]
            assert len(taken) == len(set(taken)) == count
        assert len(failing.requests()) == 3 * count     # what was tried before the switch counts after it
        ids = [json.loads(m.value())["id"] for m in stack.kafka.read(stack.topics["results"])]
        assert len(ids) == len(set(ids))
        assert old.client is not new.client
    finally:
        slow.process.end(), failing.process.end()


def test_exhausted_and_made_owed_again_is_known_after_a_rebuild(folder, make_town, other):
    dead = Sink(folder, "dead", "--status", "500")
    try:
        stack, new = make_town({"dead": dead}, retry="0s 0.1s"), other()
        stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
        stack.produce([simple(i) for i in range(5)])
        wait_for("all is exhausted", lambda: (ended(stack) or {}).get("exhausted") == 5)
        stack.kill("notify")
        stack.run("notify", "retry")
        assert status(stack)["exhausted"] == 0
        said, _, _ = rebuild(stack, new, "--switch")
        assert said["switched"] and said["figures"] == "alike"
        assert rows(new, stack.shards, "notices") == rows(stack.redis, stack.shards, "notices")
        assert len(owed(new, stack.shards)) == 5
    finally:
        dead.process.end()


def test_a_store_that_lags_is_matched_where_it_stands(make_stack, town, other):
    """What the running store has not decided yet, the new one has not either; afterwards it is decided once."""
    stack, new, lines = make_stack(strict=True), other(), town(EVENTS, "--bad")
    stack.produce(lines[:EVENTS // 2])
    stack.spawn()
    stack.settled()
    stack.kill()
    stack.produce(lines[EVENTS // 2:])
    said, differences, _ = rebuild(stack, new, "--switch")
    assert not differences and said["switched"] and said["records"] < EVENTS // 2 + 1000
    stack.spawn()     # by the old address
    stack.redis = new
    stack.check()


def test_a_store_whose_shards_stand_apart_is_matched_shard_by_shard(make_stack, town, other):
    """As a kill leaves it: one shard is behind the others, and what it has not applied the new one does not."""
    stack, new, lines = make_stack(strict=True), other(), town(2000)
    stack.produce(lines[:1000])
    stack.spawn()
    stack.settled()
    client = stack.redis.client
    earlier = {key: client.dump(key) for key in client.scan_iter("{s00}*")}
    stack.produce(lines[1000:])
    stack.settled()
    stack.kill()
    client.delete(*client.scan_iter("{s00}*"))
    for key, value in earlier.items():
        client.restore(key, 0, value)
    assert stack.positions(min) != stack.positions(max)
    said, differences, _ = rebuild(stack, new, "--switch")
    assert not differences and said["switched"]
    assert dump_of(stack, new) == stack.dump(UNTIL) and rows(new, stack.shards, "records") == rows(stack.redis, stack.shards, "records")
    stack.redis = new
    stack.spawn()
    stack.check()


def test_a_topic_whose_beginning_is_gone_needs_a_backup(make_stack, town, other):
    stack, lines, fresh = make_stack(strict=True), town(2000), other()
    stack.produce(lines)
    stack.spawn()
    stack.settled()
    backup = other(copy_of=stack.redis)
    topic = stack.topics["tickets"]
    for partition in stack.kafka.partitions(topic):
        delete_records(stack, topic, partition, 100)
    assert "begins at offset 100" in rebuild(stack, fresh, good=(1,))[2]
    said, differences, _ = rebuild(stack, backup)
    assert not differences and said["alike"] == said["cases"]
    said, differences, _ = rebuild(stack, fresh, "--accept-gap", "--switch", good=(1,))
    assert differences and not said["switched"]


def test_killed_at_random_moments_and_run_again_it_goes_on(make_stack, town, other):
    stack, new, dice = make_stack(strict=True), other(), random.Random(3)
    stack.produce(town(EVENTS, "--bad"))
    stack.spawn()
    stack.settled()
    for number in (signal.SIGKILL, signal.SIGINT, signal.SIGKILL):
        process = Process([BUILD / "bihuan-sla", "rebuild", "--config", stack.config, "--into", new.socket, "--switch", "--yes"], stack.dir / "rebuild.log")
        threading.Event().wait(dice.uniform(0.05, 1.2))
        process.signal(number)
        process.popen.wait(30)
        if b"moved" in stack.redis.client.hgetall("bihuan:meta"):
            break
    said, differences, _ = rebuild(stack, new, "--switch", good=(0, 2))
    assert not differences and (said.get("switched") or stack.redis.client.hget("bihuan:meta", "moved") == str(new.socket).encode())
    stack.redis = new
    stack.settled()
    stack.check_counted()
    stack.check_same()


def test_killed_when_all_waits_for_it_the_programs_go_on_and_it_is_taken_up_again(make_stack, town, other):
    stack, new = make_stack(strict=True), other()
    stack.produce(town(2000))
    stack.spawn()
    stack.settled()
    process = Process([BUILD / "bihuan-sla", "rebuild", "--config", stack.config, "--into", new.socket, "--switch", "--yes"], stack.dir / "rebuild.log")
    wait_for("the fence", lambda: (stack.redis.client.hget("{s00}position", "moved") or b"").startswith(b"fence"))
    process.kill()
    moved = stack.redis.client.hget("bihuan:meta", "moved")
    assert moved.startswith(b"pending"), moved
    stack.produce([received("LAST")])
    stack.settled()     # by itself, when what was held up has ended
    said, differences, _ = rebuild(stack, new, "--switch")
    assert not differences and said["switched"]
    stack.redis = new
    stack.settled()
    stack.check_counted()
    stack.check_same()


@pytest.mark.parametrize("what", ["case", "one more", "one less", "figures"])
def test_a_difference_is_found_and_nothing_is_switched(make_stack, town, other, what):
    stack, new = make_stack(strict=True), other()
    stack.produce(town(2000))
    stack.spawn()
    stack.settled()
    rebuild(stack, new)
    key = next(k for k in stack.keys("case") if new.client.hlen(k) > 1)
    one, two = sorted(new.client.hkeys(key))[:2]
    if what == "case":
        new.client.hset(key, one, new.client.hget(key, two))
    elif what == "one more":
        new.client.hset(key, one + b"X", new.client.hget(key, one))
    elif what == "one less":
        new.client.hdel(key, one)
    else:
        month = next(k for k in new.client.keys("{s00}figures:2*"))
        new.client.hdel(month, new.client.hkeys(month)[0])
    said, differences, errors = rebuild(stack, new, "--switch", good=(1,))
    assert differences and not said["switched"], errors
    named = {line["differs"] for line in differences}
    assert named == {"figures"} if what == "figures" else (one[1:].decode() in named or one[1:].decode() + "X" in named)
    stack.produce([received("LAST")])     # the running store goes on unharmed
    stack.settled(20)
    assert stack.redis.client.hget("bihuan:meta", "moved") is None


def test_a_target_that_is_not_ours_is_refused(make_stack, other):
    stack, strange = make_stack(strict=True), other()
    stack.spawn()
    stack.produce([received("A")])
    stack.settled()
    strange.client.set("theirs", "1")
    assert "none of ours" in rebuild(stack, strange, good=(2,))[2] and strange.client.dbsize() == 1
    assert "the server that runs" in rebuild(stack, stack.redis, good=(2,))[2]
    done = stack.run("ingest", "fill", "--into", strange.socket, good=(2,))
    assert b"no rebuild is under way" in done.stderr


def test_where_the_store_is_gone_it_is_made_from_the_topics_alone(make_town, sink, other):
    stack = make_town()
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([simple(i) for i in range(20)])
    wait_for("all is told", lambda: ended(stack))
    before, dump, notices = sent(stack), stack.dump(UNTIL), rows(stack.redis, stack.shards, "notices")
    for name in ("ingest", "sla", "notify"):
        stack.kill(name)
    stack.redis.kill()
    new = other()
    assert "--alone" in rebuild(stack, new, good=(1,))[2]
    said, _, _ = rebuild(stack, new, "--alone", "--switch")
    assert said["figures"] == "not compared"
    assert dump_of(stack, new) == dump and rows(new, stack.shards, "notices") == notices and sent(stack) == before


def names_somebody(stack, server):
    """Is a citizen's keyed hash in any case?"""
    return any(b"k1:" in blob for key in stack.keys("case") for blob in server.client.hgetall(key).values())


@pytest.mark.parametrize("begun", ["empty", "a copy from before"])
def test_rules_that_changed_and_whom_to_forget_come_along(folder, make_stack, other, begun):
    """Decided, carried through and forgotten in the running store, before and while another is made of it."""
    key = folder / "key"
    key.write_text("a key of at least thirty-two bytes, to be sure\n")
    key.chmod(0o600)
    stack = make_stack(start=START, speed=60, sections={"privacy": {"key_file": key, "key_id": "k1"}})
    stack.spawn(), stack.spawn("sla")
    who = {"name": "王小明", "phone": "13812341234", "id_no": "310112199001011234"}
    stack.produce(cases(100) + [received("W%d" % i, "2026-11-19T09:00:00+08:00", citizen=who) for i in range(3)])
    stack.settled()
    new = other(copy_of=stack.redis if begun != "empty" else None)
    rebuild(stack, new)
    assert names_somebody(stack, stack.redis) and names_somebody(stack, new)
    stack.run("sla", "rules", "activate", "--calendar", amended(stack), "--yes")
    stack.run("sla", "recalc", "--yes")
    stack.run("sla", "forget", "W1", "--yes")
    stack.produce(cases(20, "2026-11-20T09:00:00+08:00", "N"))
    stack.settled()
    said, differences, _ = rebuild(stack, new, "--switch")
    assert not differences and said["switched"] and said["figures"] == "alike"
    assert new.client.lrange("bihuan:rules", 0, -1) == stack.redis.client.lrange("bihuan:rules", 0, -1)
    assert new.client.hget("bihuan:meta", "walked") == stack.redis.client.hget("bihuan:meta", "walked")
    assert not names_somebody(stack, stack.redis) and not names_somebody(stack, new)
    fresh = other()    # and from nothing, under all that was decided
    stack.config = stack.configure("bihuan.ini", redis={"address": new.socket})
    said, differences, _ = rebuild(stack, fresh, "--switch")
    assert not differences and said["switched"] and said["figures"] == "alike"
    assert not names_somebody(stack, fresh)


def test_killed_right_after_it_sent_all_over_they_go_there(make_stack, other):
    stack, new = make_stack(start=START), other()
    stack.spawn()
    stack.produce(cases(10))
    stack.settled()
    assert rebuild(stack, new, "--switch")[0]["switched"]
    wait_for("the consumer there", lambda: "store.moved" in stack.processes["ingest"].text())
    stack.stop("ingest")
    new.client.hset("bihuan:meta", "rebuild", stack.redis.client.hget("bihuan:meta", "life"))    # what it takes away last
    before, stack.redis = stack.redis, new
    stack.spawn()
    stack.produce(cases(10, prefix="H"))
    stack.settled()
    assert before is not new and not new.client.hexists("bihuan:meta", "rebuild")


def test_alone_a_backup_takes_over_what_was_decided_since(make_stack, other):
    stack = make_stack(start=START, speed=60, sections={"ingest": {"instance": "only"}})
    stack.spawn()
    stack.produce(cases(30))
    stack.settled()
    new = other(copy_of=stack.redis)
    stack.run("sla", "rules", "activate", "--calendar", amended(stack), "--yes")
    stack.run("sla", "recalc", "--yes")
    stack.settled()
    before = stack.dump(UNTIL)
    stack.stop("ingest")
    said, _, errors = rebuild(stack, new, "--alone", "--switch")
    assert new.client.lrange("bihuan:rules", 0, -1) == stack.redis.client.lrange("bihuan:rules", 0, -1), errors
    assert new.client.hget("bihuan:meta", "walked") == stack.redis.client.hget("bihuan:meta", "walked")
    assert dump_of(stack, new) == before


def test_cases_past_their_retention_come_out_alike(make_town, sink, other):
    """Shrunk here, still whole or never there; late records refused then are refused again; one that went on does so."""
    stack, names = make_town(start="2025-01-01T00:00:00+08:00", strict=True), ["L%d" % i for i in range(30)]
    stack.spawn(), stack.spawn("notify")
    for name in names:
        send(stack, life(name))
    stack.settled()
    wait_for("results", lambda: not owed(stack.redis, stack.shards))
    send(stack, [(SHRINKS + 1000, late(name)) for name in names[:10]])                                   # refused: retired
    send(stack, [(SHRINKS + 1000, reopened(name, "2022-04-08T09:00:00+08:00")) for name in names[10:20]])  # shrinks, and goes on
    stack.settled()
    assert len(stack.dead_letters()) == 10
    wait_for("what is owed since", lambda: not owed(stack.redis, stack.shards))
    before, taken, new = sent(stack), len(sink.requests()), other()
    said, differences, errors = rebuild(stack, new, "--switch")
    assert not differences and said["switched"] and said["figures"] == "alike" and said["left_out"] == 10, errors
    assert dump_of(stack, new) == stack.dump(UNTIL) and sent(stack) == before
    stack.redis = new
    stack.settled()
    wait_for("nothing is owed", lambda: not owed(new, stack.shards))
    assert len(sink.requests()) == taken and sent(stack) == before


def test_what_a_retired_case_says_of_others_counts_and_comes_along(make_stack, other):
    """A merge that came too late is refused by its own case; the case merged into hears of it in any case, wherever either lies."""
    stack, names = make_stack(start="2025-01-01T00:00:00+08:00", strict=True, sections={"ingest": {"instance": "only"}}), ["L%d" % i for i in range(12)]
    stack.spawn()
    for name in names:
        send(stack, life(name))
    stack.settled()
    send(stack, [(SHRINKS + 1000, event(name, "ticket.merged", "2021-03-04T09:00:00+08:00", {"into": "INTO-" + name})) for name in names])
    stack.settled()
    assert len(stack.dead_letters()) == len(names)
    assert {b"tINTO-" + name.encode() for name in names} <= told_names(stack.redis, stack.shards)
    new = other()
    said, differences, errors = rebuild(stack, new, "--switch")
    assert not differences and said["switched"] and said["figures"] == "alike", errors
    assert told_names(new, stack.shards) == told_names(stack.redis, stack.shards)


def test_gathered_appeals_are_gathered_again_and_their_alert_is_not_sent_again(folder, make_town, sink, other):
    key = folder / "citizen.key"
    key.write_text("a key of at least thirty-two bytes, to be sure\n")
    key.chmod(0o600)
    stack, new = make_town(start=appealed_at(9), more={"privacy": {"key_file": key, "key_id": "k1"}, "appeals": {"cluster_citizens": 3}}), other()
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([appeal("A%d" % n, n, appealed_at(8 + n / 10)) for n in range(5)] + [appeal("B", 0, appealed_at(8.5))])
    wait_for("the alert", lambda: [r for r in sink.taken() if r["body"]["data"]["step"] == "cluster"])
    wait_for("nothing is owed", lambda: not owed(stack.redis, stack.shards))
    before, taken = sent(stack), len(sink.requests())
    said, differences, errors = rebuild(stack, new, "--switch")
    assert not differences and said["switched"] and said["figures"] == "alike" and not said["orphans"], errors
    assert rows(new, stack.shards, "notices") == rows(stack.redis, stack.shards, "notices")
    there = told_names(stack.redis, stack.shards)
    assert {name[:1] for name in there} == {b"a", b"p", b"t"} and told_names(new, stack.shards) == there
    stack.config = stack.configure("bihuan.ini", redis={"address": new.socket})
    assert stack.json("sla", "case", "B")[0]["repeats"]["earlier"] != []
    stack.produce([appeal("C", 9, appealed_at(8.7))])     # the same burst
    stack.redis = new
    stack.settled()
    wait_for("nothing is owed", lambda: not owed(new, stack.shards))
    assert len(sink.requests()) == taken and sent(stack)["dlq"] == before["dlq"]


def test_appeals_of_whom_was_forgotten_are_not_brought_back_by_a_backup(folder, make_stack, other):
    key = folder / "citizen.key"
    key.write_text("a key of at least thirty-two bytes, to be sure\n")
    key.chmod(0o600)
    stack = make_stack(start=appealed_at(9), sections={"privacy": {"key_file": key, "key_id": "k1"}, "ingest": {"instance": "only"}})
    stack.spawn()
    stack.produce([appeal("A%d" % n, n % 3, appealed_at(8 + n / 10)) for n in range(6)])
    stack.settled()
    before, new = gathered(stack.redis, stack.shards), other(copy_of=stack.redis)
    stack.run("sla", "forget", "A1", "--yes")
    stack.produce([event("A4", "ticket.urged", appealed_at(8.9))])     # the one who fills brings this case up by itself
    stack.settled()
    now = gathered(stack.redis, stack.shards)
    assert len(now) == len(before) - 1 and gathered(new, stack.shards) == before
    said, differences, errors = rebuild(stack, new, "--switch")
    assert not differences and said["switched"] and gathered(new, stack.shards) == now, errors


def gathered(server, shards):
    """What gathers appeals, and in how many bytes."""
    return {name: len(blob) for shard in range(shards) for name, blob in server.client.hgetall("{s%02d}case" % shard).items() if name[:1] in b"ap"}


def told_names(server, shards):
    """Names of all that lies among the cases."""
    return {name for shard in range(shards) for name in server.client.hkeys("{s%02d}case" % shard)}
