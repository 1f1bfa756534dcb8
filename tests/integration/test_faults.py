"""What a kill, an outage or a changed log leaves: nothing lost, nothing counted twice."""
import functools
import random
import signal
import subprocess
import threading
import time

import pytest

from harness import CACHE, MEMORY_BYTES, SOAK, Load, event, received, wait_for

UNTIL = "2030-01-01T00:00:00+08:00"
ROUNDS = 40 if SOAK else 4
EVENTS = 400000 if SOAK else 16000
# Small batches, so that much is under way at any moment.
SMALL = {"ingest": {"batch_records": 64, "batch_ms": 2}}
# A name of its own in the group: a restart then costs no rebalance.
NAMED = {"ingest": {"batch_records": 64, "batch_ms": 2, "instance": "only"}}


@pytest.fixture
def make_stack(make_stack):
    """Here all shards must stand at the end of the log: what is behind might count again."""
    return functools.partial(make_stack, strict=True)


def delete_records(stack, topic, partition, before):
    """Cuts the front of a log, as retention does."""
    request = stack.dir / "delete.json"
    request.write_text('{"version":1,"partitions":[{"topic":"%s","partition":%d,"offset":%d}]}' % (topic, partition, before))
    subprocess.run(["java", "-XX:TieredStopAtLevel=1", "-cp", "%s/kafka/libs/*" % CACHE, "org.apache.kafka.tools.DeleteRecordsCommand", "--bootstrap-server",
                    stack.kafka.bootstrap, "--offset-json-file", str(request)], check=True, capture_output=True, timeout=60)
    assert stack.kafka.ends(topic, partition)[0] == before


# --- our own programs killed ---

def test_ingest_killed_at_random_moments_loses_and_repeats_nothing(make_stack, town):
    stack, dice = make_stack(sections=NAMED), random.Random(1)
    stack.produce(town(EVENTS, "--bad"))
    for _ in range(ROUNDS):
        before = stack.records()
        process = stack.spawn()
        wait_for(lambda: "nothing is applied:\n" + process.text()[-1000:], lambda: stack.records() > before)
        threading.Event().wait(dice.uniform(0, 0.15))
        stack.kill()
    stack.spawn()
    stack.check(UNTIL)


def test_ingest_told_to_end_under_load_goes_on_where_it_was(make_stack, town):
    stack = make_stack(sections=NAMED)
    stack.produce(town(EVENTS))
    for _ in range(2):
        before = stack.records()
        stack.spawn()
        wait_for("records", lambda: stack.records() > before)
        assert stack.stop() == 0
    stack.spawn()
    stack.check(UNTIL)


def test_ingests_that_join_and_leave_share_the_work(make_stack, town):
    stack = make_stack(sections=SMALL, partitions=4)
    load = Load(stack, town(EVENTS))
    group = stack.sections["ingest"]["group"]
    stack.spawn("first", "ingest")
    load.start()
    wait_for("records", stack.records)
    stack.spawn("second", "ingest")
    wait_for("two members", lambda: len(stack.kafka.members(group)) == 2)
    before = stack.records()
    wait_for("more records", lambda: stack.records() > before or not load.is_alive())
    assert stack.stop("first") == 0
    wait_for("one member", lambda: len(stack.kafka.members(group)) == 1)
    stack.spawn("third", "ingest")
    wait_for("two members", lambda: len(stack.kafka.members(group)) == 2)
    stack.kill("second")
    load.finish()
    stack.check(UNTIL)


def test_an_ingest_that_was_frozen_while_another_took_over_spoils_nothing(make_stack, town):
    """The zombie: it wakes with batches in hand that are no longer its to commit."""
    stack = make_stack(sections=SMALL)
    lines = town(EVENTS)
    stack.produce(lines[:len(lines) // 2])
    frozen = stack.spawn("frozen", "ingest")
    wait_for("records", stack.records)
    frozen.signal(signal.SIGSTOP)
    stack.spawn("heir", "ingest")
    stack.produce(lines[len(lines) // 2:])
    stack.settled()
    frozen.signal(signal.SIGCONT)
    wait_for("both are members", lambda: len(stack.kafka.members(stack.sections["ingest"]["group"])) == 2)
    stack.check(UNTIL)


# --- Redis killed, emptied, slow, away ---

@pytest.mark.parametrize("fsync", ["always", "everysec"])
def test_redis_killed_under_load_comes_back_from_its_file(make_stack, town, fsync):
    stack, dice = make_stack(fsync=fsync, sections=NAMED), random.Random(2)
    stack.spawn()
    load = Load(stack, town(EVENTS))
    load.start()
    for _ in range(ROUNDS // 2):
        before = stack.records()
        wait_for(lambda: "records\n" + stack.tails(), lambda: stack.records() > before or not load.is_alive())
        threading.Event().wait(dice.uniform(0, 0.2))
        stack.redis.kill()
        stack.redis.start()
    load.finish()
    stack.check(UNTIL)


@pytest.mark.parametrize("how", ["FLUSHALL", "an empty server"])
def test_redis_emptied_under_load_is_filled_again_from_the_topics(make_stack, town, how):
    stack = make_stack(sections=NAMED)
    stack.spawn()
    load = Load(stack, town(EVENTS))
    load.start()
    wait_for("records", lambda: stack.records() > 1000)
    empty(stack, how)
    load.finish()
    stack.check(UNTIL)


@pytest.mark.parametrize("how", ["FLUSHALL", "an empty server"])
def test_redis_emptied_while_all_is_idle_is_filled_again_from_the_topics(make_stack, town, how):
    stack = make_stack()
    stack.spawn()
    stack.produce(town(1000))
    stack.settled()
    empty(stack, how)
    stack.settled(20)
    stack.check(UNTIL)


def empty(stack, how):
    if how == "FLUSHALL":
        stack.redis.client.flushall()
    else:
        stack.redis.lose_everything()
        stack.redis.start()


def test_one_shard_that_is_lost_is_filled_again_once_anything_comes(make_stack, town):
    stack = make_stack()
    stack.spawn()
    stack.produce(town(1000))
    stack.settled()
    stack.redis.client.delete(*stack.redis.client.keys("{s01}*"))
    stack.produce([received("LAST")])
    stack.check(UNTIL)


def test_redis_emptied_while_ingest_is_down_is_filled_again(make_stack, town):
    stack = make_stack(sections=NAMED)
    stack.spawn()
    stack.produce(town(1000))
    stack.settled()
    stack.kill()
    stack.redis.client.flushall()
    stack.spawn()
    stack.check(UNTIL)


def test_a_redis_that_hangs_costs_neither_membership_nor_memory(make_stack):
    """Longer than the group's session and than the time between two polls may last."""
    limits = {"kafka": {"max.poll.interval.ms": 6000, "queued.max.messages.kbytes": 8192},
              "ingest": {"queue_bytes": 1 << 20, "queue_records": 1000, "batch_records": 100}}
    stack = make_stack(sections=limits)
    group = stack.sections["ingest"]["group"]
    stack.spawn()
    stack.produce([received("FIRST")])
    stack.settled()
    members, memory = stack.kafka.members(group), stack.processes["ingest"].memory_bytes()
    stack.redis.process.signal(signal.SIGSTOP)
    begun = time.monotonic()
    stack.produce(received("BIG%d" % i, text="x" * 20000) for i in range(2500))
    wait_for("seven seconds", lambda: time.monotonic() - begun > 7)
    assert stack.processes["ingest"].memory_bytes() - memory < MEMORY_BYTES + (40 << 20)
    assert stack.kafka.members(group) == members
    stack.redis.process.signal(signal.SIGCONT)
    stack.check(UNTIL)
    assert stack.kafka.members(group) == members


def test_a_redis_that_is_away_for_a_while_is_waited_for(make_stack, town):
    stack = make_stack()
    lines = town(2000)
    stack.spawn()
    stack.produce(lines[:1000])
    stack.settled()
    stack.redis.kill()
    stack.produce(lines[1000:])
    wait_for(lambda: "ingest notices\n" + stack.tails(), lambda: "level=warn" in stack.processes["ingest"].text())
    assert stack.processes["ingest"].alive()
    stack.redis.start()
    stack.check(UNTIL)


def test_without_redis_at_the_start_nothing_is_read_and_nothing_lost(make_stack, town):
    """Ingest may wait for it, or end with 1 for its supervisor to start it again; both are right, a crash is not."""
    stack = make_stack(start_redis=False)
    stack.produce(town(500))
    process = stack.spawn(wait=False)
    wait_for("it says so", lambda: str(stack.redis.socket) in process.text())
    stack.redis.start()
    wait_for("it ends, or goes on", lambda: not process.alive() or stack.records() > 0)
    if not process.alive():
        assert process.popen.returncode == 1
        stack.processes.pop("ingest")
        stack.spawn()
    stack.check(UNTIL)


def test_kafka_away_at_the_start_is_waited_for(make_stack, town):
    stack = make_stack()
    nowhere = stack.configure("nowhere.ini", kafka={"bootstrap.servers": "127.0.0.1:1"})
    process = stack.spawn(config=nowhere, wait=False)      # the rules are in the topic, or nowhere yet
    wait_for(lambda: "it says so\n" + process.text(), lambda: "127.0.0.1:1" in process.text() and "event=rules.wait" in process.text())
    assert process.alive() and process.stop() == 0
    stack.processes.clear()
    stack.spawn(), stack.stop()
    process = stack.spawn(config=nowhere)                  # they are in Redis
    assert process.alive() and process.stop() == 0
    stack.processes.clear()


# --- the log itself changes ---

def second_life(lines):
    """The same events under other names, so that they are none of the known."""
    return [line.replace(b'"ML', b'"ZZ').replace(b'"PJ', b'"ZP') for line in lines]


@pytest.mark.parametrize("more", [0.5, 2], ids=["shorter", "longer"])
@pytest.mark.parametrize("running", [False, True], ids=["while ingest is down", "while ingest runs"])
def test_topics_made_again_with_other_content_are_read_from_their_beginning(make_stack, town, running, more):
    stack = make_stack(sections={"kafka": {"topic.metadata.refresh.interval.ms": 1000}, "log": {"level": "debug"}})
    lines = town(3000)
    ingest = stack.spawn()
    stack.produce(lines[:1000])
    stack.settled()
    wait_for("every log is watched", lambda: ingest.text().count("event=ingest.watched") >= 4)
    if not running:
        stack.stop()
    topics = [stack.topics["tickets"], stack.topics["ratings"]]
    stack.kafka.delete(topics)
    stack.kafka.create(topics)
    stack.produce(second_life(lines[1000:1000 + int(1000 * more)]))
    if not running:
        stack.spawn()
    stack.settled()
    # Found while it is read, it is found within some seconds.
    wait_for("another log is read from its beginning", lambda: stack.dump(UNTIL) == stack.replay(UNTIL), 20)
    if not (running and more > 1):     # else the part that was read before it was found counts again, as duplicates
        wait_for("each counts once", lambda: {topic: row["records"] for topic, row in stack.status().items()} == stack.sent)


def test_a_front_cut_off_stops_that_partition_alone_until_it_is_accepted(make_stack):
    stack = make_stack(sections=NAMED)
    tickets = stack.topics["tickets"]

    def send(partition, first, count):
        lines = [received("P%d-%d" % (partition, number)) for number in range(first, first + count)]
        for line in lines:
            stack.kafka.producer.produce(tickets, line, b"any", partition=partition)
        assert stack.kafka.producer.flush(30) == 0
        return lines
    stack.spawn()
    stack.note(send(0, 0, 20) + send(1, 0, 20), [tickets] * 40)
    stack.settled()
    assert stack.stop() == 0
    send(0, 20, 10)                                          # to be lost
    kept, other = send(0, 30, 10), send(1, 20, 20)
    delete_records(stack, tickets, 0, 30)
    stack.note(other, [tickets] * len(other))
    stack.spawn()
    stopped = "%s/0" % tickets
    stack.settled(but=[stopped])
    wait_for("it says which stopped", lambda: any("level=error" in line and stopped in line and "accept-gap" in line
                                                  for line in stack.processes["ingest"].text().splitlines()))
    more = send(1, 40, 5)
    stack.note(more, [tickets] * 5)
    stack.settled(but=[stopped])
    assert stack.positions()[stopped] == 20
    stack.check_counted()
    stack.check_same(UNTIL)
    said = stack.run("ingest", "accept-gap", tickets, "0").stdout
    assert b"20" in said and b"29" in said
    stack.note(kept, [tickets] * len(kept))
    stack.check(UNTIL)
    again = stack.run("ingest", "accept-gap", tickets, "0")
    assert stack.positions()[stopped] == 40 and b"no gap" in again.stdout


def test_a_front_cut_off_before_what_was_read_stops_nothing(make_stack):
    stack = make_stack(sections=NAMED)
    tickets = stack.topics["tickets"]
    stack.spawn()
    stack.produce(received("C%d" % i) for i in range(100))
    stack.settled()
    stack.stop()
    end = stack.kafka.ends(tickets, 0)[1]
    delete_records(stack, tickets, 0, end)
    stack.produce(received("D%d" % i) for i in range(100))
    stack.spawn()
    stack.check(UNTIL)


def test_an_event_whose_case_is_damaged_in_redis_is_a_dead_letter_and_the_rest_go_on(stack):
    stack.spawn()
    stack.produce([received("GOOD"), received("HURT")])
    stack.settled()
    for key in stack.keys("case"):
        if stack.redis.client.hexists(key, "tHURT"):
            stack.redis.client.hset(key, "tHURT", b"\x00" * 12)
    stack.produce([event("HURT", "ticket.signed", "2024-10-15T10:00:00+08:00"), event("GOOD", "ticket.signed", "2024-10-15T10:00:00+08:00")])
    stack.settled()
    stack.check_counted()
    letters = stack.dead_letters()
    assert len(letters) == 1 and letters[0][0].key() == b"HURT"
    assert [case["state"] for case in stack.json("sla", "case", "GOOD")] == ["signed"]
