"""Bad events: each becomes a dead letter with its reason, none crashes or stalls, the others are applied."""
import json
import random
import re
import sys

import pytest

from harness import MEMORY_BYTES, TOP, event, received, wait_for

sys.path.insert(0, str(TOP / "tests/reference"))
from badevents import EVENTS  # noqa: E402

UNTIL = "2199-12-31T23:59:59+08:00"
VALUE_KEPT = 256 * 1024
WIDE = {"max.message.bytes": str(48 << 20)}
REASON = re.compile(r"^[^:]+: found .+, expected .+", re.S)
BIG_FETCH = {"kafka": {"fetch.message.max.bytes": 48 << 20, "receive.message.max.bytes": 100000000, "queued.max.messages.kbytes": 65536}}


def check_letters(stack, wanted):
    """wanted: key → value of what must lie in the dead letters, nothing else."""
    letters = {message.key(): (message, headers) for message, headers in stack.dead_letters()}
    assert set(letters) == set(wanted), sorted(set(letters) ^ set(wanted))[:5]
    for key, value in wanted.items():
        message, headers = letters[key]
        assert (message.value() or b"") == (value or b"")[:VALUE_KEPT], key
        assert headers["dlq-topic"].decode() in stack.topics.values()
        assert headers["dlq-partition"].isdigit() and headers["dlq-offset"].isdigit()
        assert REASON.match(headers["dlq-reason"].decode()), (key, headers["dlq-reason"])
        assert ("dlq-bytes" in headers) == (len(value or b"") > VALUE_KEPT)
    return {key: headers["dlq-reason"].decode() for key, (_, headers) in letters.items()}


@pytest.fixture
def sent(stack):
    """Every odd event of the reference, among plain good ones."""
    stack.spawn()
    tickets = stack.topics["tickets"]
    records, values, history = [], {}, []
    for number, (name, value, mark) in enumerate(EVENTS):
        key = b"%d %s" % (number, name.encode("utf-8", "backslashreplace"))
        records.append((tickets, key, value))
        records.append((tickets, b"any", received("NEIGHBOUR%d" % number)))
        history += [records[-2][2], records[-1][2]]
        if mark == "bad":
            values[key] = value
    stack.kafka.send(records)
    stack.note(history, [tickets] * len(history))
    stack.settled()
    return stack, values


def test_each_bad_event_is_a_dead_letter_and_its_neighbours_are_applied(sent):
    stack, values = sent
    check_letters(stack, values)
    counted = stack.status()[stack.topics["tickets"]]
    assert counted["dead_letters"] == len(values) and counted["records"] == 2 * len(EVENTS)
    assert counted["applied"] == counted["records"] - counted["dead_letters"]
    stack.check_same(UNTIL)


def test_dead_letters_are_shown_counted_and_sent_again(sent):
    stack, values = sent
    shown = stack.json("ingest", "dlq")
    assert len(shown) == len(values)
    assert all({"reason", "topic", "partition", "offset"} <= set(letter) for letter in shown)
    assert not any("value" in letter or "key" in letter for letter in shown)
    assert all(REASON.match(letter["reason"]) for letter in shown)
    # People's form: one letter, one line.
    assert len(stack.run("ingest", "dlq").stdout.splitlines()) == len(values)
    raw = stack.json("ingest", "dlq", "--raw")
    assert len(raw) == len(values) and any(letter["value"] == "hello" for letter in raw)
    cut = sum(letter["cut"] for letter in shown)
    assert cut == sum(len(value) > VALUE_KEPT for value in values.values()) > 0
    done = stack.run("ingest", "dlq", "replay", good=(0, 1))
    assert b"cut" in done.stderr
    stack.settled()
    again = stack.status()[stack.topics["tickets"]]
    assert again["records"] == 2 * len(EVENTS) + len(values) - cut
    assert again["dead_letters"] == 2 * len(values) - cut
    # A second look finds headers of the last time alone.
    for message, headers in stack.dead_letters():
        assert len([name for name, _ in message.headers() if name == "dlq-reason"]) == 1, message.key()


def test_a_letter_that_has_become_good_is_applied_when_sent_again(stack):
    """It lay there as it came before its time; a good one that was applied meanwhile counts as a duplicate."""
    stack.spawn()
    line = received("LATE")
    stack.kafka.send([(stack.topics["dlq"], b"LATE", line, [("dlq-topic", stack.topics["tickets"].encode()), ("dlq-reason", b"x: found y, expected z"),
                                                          ("dlq-partition", b"0"), ("dlq-offset", b"0")])])
    stack.run("ingest", "dlq", "replay")
    stack.settled()
    assert stack.status()[stack.topics["tickets"]]["applied"] == 1
    stack.run("ingest", "dlq", "replay")
    stack.settled()
    counted = stack.status()[stack.topics["tickets"]]
    assert (counted["applied"], counted["duplicates"], counted["dead_letters"]) == (1, 1, 0)


def test_an_event_of_the_future_is_a_dead_letter(make_stack):
    """More than 10 minutes after the later of the record's timestamp and the clock."""
    stack = make_stack(start="2024-10-15T10:00:00+08:00")
    stack.spawn()
    # The record's own timestamp is the test's present; 2190 is after both.
    stack.produce([received("FUTURE", time="2190-10-15T10:30:00+08:00")])
    stack.settled()
    assert stack.status()[stack.topics["tickets"]]["dead_letters"] == 1
    tickets = stack.topics["tickets"]
    at = 1728957600000            # 2024-10-15T10:00:00+08:00
    for case, minutes in (("SOON", 9), ("FAR", 700)):
        hour, minute = divmod(10 * 60 + minutes, 60)
        stack.kafka.producer.produce(tickets, received(case, time="2024-10-15T%02d:%02d:00+08:00" % (hour, minute)), case, timestamp=at)
    assert stack.kafka.producer.flush(30) == 0
    stack.settled()
    assert {message.key() for message, _ in stack.dead_letters()} == {b"FUTURE", b"FAR"}
    assert "time" in {letter["reason"].split(":")[0] for letter in stack.json("ingest", "dlq")}


def test_monstrous_records_stop_nobody(make_stack):
    stack = make_stack(topic_config=WIDE, sections=BIG_FETCH)
    tickets, ratings = stack.topics["tickets"], stack.topics["ratings"]
    head = received("DEEP")[:-2]
    bad = {
        b"deep arrays": head + b',"x":' + b"[" * 100000 + b"]" * 100000 + b"}}",
        b"deep objects": b'{"a":' * 100000 + b"1" + b"}" * 100000,
        b"deep and open": b"[" * 200000,
        b"20 MB of text": received("BIG", text="x" * (20 << 20)),
        b"20 MB of blanks": b" " * (20 << 20),
        b"20 MB of an open string": b'{"specversion":"' + b"x" * (20 << 20),
        b"20 MB of numbers": b"[" + b"1," * (10 << 20) + b"1]",
        b"200,000 members": b"{" + b",".join(b'"%d":0' % i for i in range(20000)) + b"}",
        b"nothing": b"",
        b"no value": None,
        b"a blank": b" ",
        b"zeros": b"\0" * 1000,
        b"noise": bytes(range(256)) * 100,
    }
    stack.spawn()
    records = []
    for number, (key, value) in enumerate(bad.items()):
        records += [(tickets, key, value), (tickets, b"any", received("AFTER%d" % number)), (ratings, key + b"!", value)]
    stack.kafka.send(records)
    stack.note([record[2] for record in records if b"AFTER" in (record[2] or b"")[:200]], [record[0] for record in records])
    stack.settled()
    check_letters(stack, dict(bad, **{}) | {key + b"!": value for key, value in bad.items()})
    stack.check_counted()
    stack.check_same(UNTIL)
    assert stack.processes["ingest"].memory_bytes() < MEMORY_BYTES + (400 << 20)


MANY, LONG, KEY = [("h%d" % i, b"x") for i in range(200)], [("long", b"y" * (3 << 20))], b"k" * (3 << 20)


@pytest.fixture
def wide_stack(make_stack):
    """Takes large records; its dead letters have the broker's usual limit of 1 MB."""
    stack = make_stack(topic_config=WIDE, sections=BIG_FETCH)
    stack.kafka.delete([stack.topics["dlq"]])
    stack.kafka.create([stack.topics["dlq"]])
    stack.spawn()
    return stack


def test_good_events_with_a_huge_key_or_huge_headers_are_applied(wide_stack):
    tickets, good = wide_stack.topics["tickets"], [received("G%d" % i) for i in range(3)]
    wide_stack.kafka.send([(tickets, KEY, good[0]), (tickets, b"any", good[1], MANY), (tickets, b"any", good[2], LONG)])
    wide_stack.note(good, [tickets] * 3)
    wide_stack.check(UNTIL)


@pytest.mark.parametrize("key, headers", [(KEY, []), (b"short", LONG)], ids=["key", "headers"])
def test_a_bad_event_whose_key_or_headers_are_huge_stops_nobody(wide_stack, key, headers):
    tickets = wide_stack.topics["tickets"]
    wide_stack.kafka.send([(tickets, key, b"bad", headers), (tickets, b"any", received("AFTER"))])
    wide_stack.note([received("AFTER")], [tickets] * 2)
    wide_stack.settled(15)
    wide_stack.check_counted()
    wide_stack.check_same(UNTIL)
    assert [message.value() for message, _ in wide_stack.dead_letters()] == [b"bad"]


def test_a_dead_letter_keeps_all_of_many_headers_or_says_that_it_is_cut(wide_stack):
    tickets = wide_stack.topics["tickets"]
    wide_stack.kafka.send([(tickets, b"m", b"bad", MANY)])
    wide_stack.settled()
    message, headers = wide_stack.dead_letters()[0]
    assert "dlq-bytes" in headers or [header for header in message.headers() if not header[0].startswith("dlq-")] == MANY
    assert message.key() == b"m" and message.value() == b"bad"
    done = wide_stack.run("ingest", "dlq", "replay", good=(0, 1))
    assert ("dlq-bytes" in headers) == (b"cut" in done.stderr and b"0 sent" in done.stderr), done.stderr


# --- binary mode ---

ATTRIBUTES = {"specversion": "1.0", "id": "b-1", "source": "/12345/test", "type": "ticket.received", "subject": "BIN", "time": "2024-10-15T09:00:00+08:00"}
DATA = b'{"kind":"complaint","unit":"wuye"}'


def binary(value=DATA, extra=(), **changes):
    attributes = {name: text for name, text in dict(ATTRIBUTES, **changes).items() if text is not None}
    return value, [("ce_" + name, text if isinstance(text, bytes) else text.encode()) for name, text in attributes.items()] + list(extra)


def test_binary_mode_is_the_same_event(stack):
    stack.spawn()
    tickets = stack.topics["tickets"]
    records = [binary(extra=[("traceparent", b"00-ab"), ("content-type", b"application/json")]),
               binary(None, id="b-2", type="ticket.signed", time="2024-10-15T10:00:00+08:00"),
               binary(b"", id="b-3", type="ticket.urged", time="2024-10-15T11:00:00+08:00"),
               binary(b"null", id="b-4", type="ticket.answered", time="2024-10-15T12:00:00.5+08:00"),
               binary(id="b-1")]
    stack.kafka.send([(tickets, b"BIN", value, headers) for value, headers in records])
    lines = [json.dumps(dict({name[3:]: text.decode() for name, text in headers if name.startswith("ce_")}, data=json.loads(value or b"null"))).encode()
             for value, headers in records]
    stack.note(lines, [tickets] * len(lines))
    stack.check("2024-10-16T00:00:00+08:00")
    counted = stack.status()[tickets]
    assert (counted["applied"], counted["duplicates"], counted["dead_letters"]) == (4, 1, 0)


def test_faults_of_binary_mode_are_dead_letters_with_all_their_headers(stack):
    bad = {"no " + name: binary(**{name: None}) for name in ATTRIBUTES if name != "specversion"}
    bad.update({"empty " + name: binary(**{name: ""}) for name in ATTRIBUTES})
    bad.update({"twice " + name: binary(extra=[("ce_" + name, text.encode())]) for name, text in ATTRIBUTES.items()})
    bad.update({"other version": binary(specversion="0.3"), "unknown type": binary(type="ticket.eaten"), "long id": binary(id="i" * 129),
                "no UTF-8": binary(subject=b"\xff\xfe"), "a NUL": binary(subject=b"a\0b"), "time": binary(time="2024-10-15"),
                "whole event as data, in part": binary(received("X")[:-1]), "an array": binary(b"[]"), "no JSON": binary(b"hello"), "no data": binary(None),
                "deep": binary(b'{"kind":"complaint","x":' + b"[" * 40 + b"]" * 40 + b"}"),
                "32 levels and data's own": binary(b'{"kind":"complaint","x":' + b"[" * 31 + b"]" * 31 + b"}"),
                "too long": binary(b'{"kind":"complaint","text":"' + b"x" * (256 << 10) + b'"}')})
    stack.spawn()
    tickets = stack.topics["tickets"]
    for key, (value, headers) in bad.items():
        stack.kafka.send([(tickets, key.encode(), value, headers), (tickets, b"any", received("BESIDE " + key))])
    lines = [received("BESIDE " + key) for key in bad]
    stack.note(lines, [tickets] * (2 * len(bad)))
    stack.settled()
    check_letters(stack, {key.encode(): value for key, (value, _) in bad.items()})
    for message, _ in stack.dead_letters():
        original = bad[message.key().decode()][1]
        assert [header for header in message.headers() if not header[0].startswith("dlq-")] == original
    stack.check_counted()
    stack.check_same(UNTIL)
    # Sent again they are what they were: binary mode, and bad.
    done = stack.run("ingest", "dlq", "replay", good=(0, 1))
    assert b"cut" in done.stderr
    stack.settled()
    assert stack.status()[tickets]["dead_letters"] == 2 * len(bad) - 1


def test_headers_of_other_kinds_do_not_make_binary_mode(stack):
    stack.spawn()
    tickets = stack.topics["tickets"]
    stack.kafka.send([(tickets, b"a", received("A"), [("ce_id", b"x"), ("ce_type", b"ticket.eaten"), ("content-type", b"application/cloudevents+json")])])
    stack.note([received("A")], [tickets])
    stack.check("2024-10-16T00:00:00+08:00")


def test_a_dead_letter_that_the_topic_refuses_is_tried_until_it_takes_it(make_stack):
    """Nothing moves past a record before its dead letter is acknowledged; none is forgotten."""
    stack = make_stack()
    stack.kafka.delete([stack.topics["dlq"]])
    stack.kafka.create([stack.topics["dlq"]], **{"max.message.bytes": "2000"})
    stack.spawn()
    tickets, value = stack.topics["tickets"], random.Random(1).randbytes(20000)
    stack.kafka.send([(tickets, b"fits not", value)])
    process = stack.processes["ingest"]
    wait_for(lambda: "it says so\n" + process.text(), lambda: "ingest.dlq" in process.text(), 30)
    assert sum(stack.positions().values()) == 0 and stack.records() == 0
    stack.kafka.configure(stack.topics["dlq"], **{"max.message.bytes": "1000000"})
    stack.note([value], [tickets])
    stack.settled()
    stack.check_counted()
    assert [message.value() for message, _ in stack.dead_letters()] == [value]
