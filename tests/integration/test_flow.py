"""Events through Kafka and Redis come out as replay folds them."""
import json

import pytest

from harness import event, lines_of, received

POLICIES = ["meilong-2024", "shanghai-street-2018"]
EARLY, LATE = "2000-01-01T00:00:00+08:00", "2199-12-31T23:59:59.999+08:00"
UNTILS = (EARLY, "2010-02-12T12:00:00+08:00", "2024-10-12T00:00:00+08:00", "2024-10-13T00:00:00.001+08:00", "2026-12-24T09:00:00Z", LATE)


def test_the_embedded_broker_gives_what_replay_gives(small_stack, life_cycles):
    path = life_cycles(1, 120, "--shuffle", "--duplicates", "--bad")
    small_stack.feed(path)
    small_stack.spawn()
    small_stack.check(*UNTILS)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("seed, flags", [(2, ()), (3, ("--shuffle", "--duplicates", "--bad"))])
def test_kafka_gives_what_replay_gives(make_stack, life_cycles, policy, seed, flags):
    stack = make_stack(policy=policy)
    stack.spawn()
    stack.feed(life_cycles(seed, 150, *flags, policy=policy))
    stack.check(*UNTILS)


def test_arriving_in_the_opposite_order_changes_no_case(make_stack, life_cycles):
    lines = lines_of(life_cycles(4, 100))
    dumps = []
    for order in (lines, lines[::-1]):
        stack = make_stack()
        stack.spawn()
        stack.produce(order)
        stack.settled()
        dumps.append([stack.dump(until) for until in UNTILS])
        stack.stop()
    assert dumps[0] == dumps[1]


def test_the_number_of_shards_changes_no_case(make_stack, life_cycles):
    path = life_cycles(5, 80, "--shuffle", "--duplicates")
    for shards in (1, 33):
        stack = make_stack(shards=shards)
        stack.spawn()
        stack.feed(path)
        stack.check(*UNTILS)
        stack.stop()


def test_records_are_counted_as_applied_or_duplicates(stack, life_cycles):
    """A record is a duplicate when its case has an event of its source and id already; links add none."""
    path = life_cycles(6, 100, "--duplicates")
    keys = [(value["type"].split(".")[0], value["subject"], value["source"], value["id"]) for value in map(json.loads, lines_of(path))]
    stack.spawn()
    stack.feed(path)
    stack.settled()
    counted = [sum(row[name] for row in stack.status().values()) for name in ("applied", "duplicates", "dead_letters")]
    assert counted == [len(set(keys)), len(keys) - len(set(keys)), 0] and counted[1] > 0


def test_everything_sent_twice_counts_once(stack, town):
    lines = town(2000)
    stack.spawn()
    stack.produce(lines)
    stack.settled()
    once = stack.dump("2030-01-01T00:00:00+08:00")
    applied = sum(row["applied"] for row in stack.status().values())
    stack.produce(lines)
    stack.check()
    assert stack.dump("2030-01-01T00:00:00+08:00") == once
    assert sum(row["applied"] for row in stack.status().values()) == applied


def test_a_type_in_the_wrong_topic_and_a_foreign_key_are_applied_all_the_same(stack):
    lines = [received("A1"), event("A1", "ticket.signed", "2024-10-15T10:00:00+08:00"), event("R1", "rating.submitted", "2024-10-15T11:00:00+08:00",
             {"satisfaction": 2, "case": "A1", "unit": "wuye"})]
    topics = [stack.topics["ratings"], stack.topics["tickets"], stack.topics["tickets"]]
    stack.spawn()
    stack.kafka.send([(topics[0], b"other", lines[0]), (topics[1], None, lines[1]), (topics[2], b"\xff\x00", lines[2])])
    stack.note(lines, topics)
    stack.check("2024-10-20T00:00:00+08:00")
    cases = {(case["of"], case["case"]): case for case in map(json.loads, stack.dump("2024-10-20T00:00:00+08:00"))}
    assert cases["ticket", "A1"]["satisfaction"] == 2 and cases["ticket", "A1"]["state"] == "signed"
    assert cases["rating", "R1"]["class"] == "bad_review"
