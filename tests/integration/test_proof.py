"""The ledger proves itself: whoever changes, removes or puts in a record is found out, and no crash of a writer looks like it."""
import csv
import hashlib
import io
import json
import signal
import struct

import pytest

from harness import RedisServer, received, wait_for
from test_notify import make_sink, make_town, ended, simple  # noqa: F401

NOTICES = 60


def verify(stack, *arguments, good=(0,), config=None):
    lines = stack.json("notify", "verify", *arguments, good=good, config=config)
    return lines[:-1], lines[-1]


def heads(stack):
    return {(shard, name.decode()): value.decode() for shard, rows in enumerate(stack.hashes("heads")) for name, value in rows.items()}


def written(stack):
    """Messages of the ledger."""
    return stack.kafka.read(stack.topics["ledger"])


def copy(stack, name, messages):
    """Another ledger of these messages, each a message or (key, value, headers), and a configuration that reads it."""
    topic = "%s.%s" % (stack.prefix, name)
    stack.kafka.create([topic], 1)
    stack.kafka.send([(topic, *(message if isinstance(message, tuple) else (message.key(), message.value(), message.headers()))) for message in messages])
    return stack.configure(name + ".ini", topics=dict(stack.topics, ledger=topic))


def forged(message, **changes):
    value = dict(json.loads(message.value()), **changes)
    return message.key(), json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), message.headers()


@pytest.fixture
def told(make_town, make_sink):  # noqa: F811
    """A stack whose notices are sent and recorded, by one notifier that has ended."""
    sink = make_sink()
    stack = make_town({"all": (sink, {})})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([simple(number) for number in range(NOTICES)])
    wait_for("all notices", lambda: (ended(stack) or {}).get("delivered") == NOTICES)
    stack.stop("notify")
    return stack


def test_an_untouched_ledger_is_whole(told):
    faults, sums = verify(told)
    assert faults == [] and sums["verified"] and sums["faults"] == 0
    messages = written(told)
    assert sums["records"] == len(messages) >= NOTICES and sums["loose"] == sums["older"] == sums["copies"] == 0
    assert sums["heads"] == sums["chains"] == len(heads(told)) and sums["proven_from"] is None
    # By hand: each names the hash of the one before it.
    last = {}
    for message in messages:
        value = json.loads(message.value())
        assert value["ledger"] == 2 and value["seq"] == last.get(value["shard"], (0, None))[0] + 1
        assert value["prev"] == last.get(value["shard"], (0, None))[1]
        last[value["shard"]] = value["seq"], hashlib.sha256(message.value()).hexdigest()
        assert value["why"]["policy"] == "meilong-2024" and value["why"]["rule"]
    for (shard, _), head in heads(told).items():
        assert head.split()[:2] == [str(last[shard][0]), last[shard][1]]
    assert "whole: %d records" % len(messages) in told.run("notify", "verify").stdout.decode()


def test_whatever_is_done_to_a_copy_shows(told):
    messages = written(told)
    values = [json.loads(message.value()) for message in messages]
    by_place = {(value["shard"], value["seq"]): i for i, value in enumerate(values)}
    middle = next(i for i, value in enumerate(values) if value["seq"] > 1 and (value["shard"], value["seq"] + 1) in by_place)
    last = max(range(len(values)), key=lambda i: values[i]["seq"])
    place = {name: values[middle][name] for name in ("shard", "chain", "seq")}
    subject = values[middle]["case"]

    def found(name, messages, kind, **more):
        faults, sums = verify(told, config=copy(told, name, messages), good=(1,))
        assert sums["faults"] >= 1 and not sums["verified"]
        hits = [fault for fault in faults if fault["fault"] == kind and all(fault[key] == value for key, value in more.items())]
        assert hits, faults
        return faults

    def without(i):
        return messages[:i] + messages[i + 1:]

    assert verify(told, config=copy(told, "same", messages))[1]["records"] == len(messages)
    changed = messages[:middle] + [forged(messages[middle], outcome="exhausted")] + messages[middle + 1:]
    found("changed", changed, "changed", case=subject, offset=middle, partition=0, **place)
    found("removed", without(middle), "missing", **place)
    found("cut", without(last), "missing", shard=values[last]["shard"], seq=values[last]["seq"])
    at_the_end = messages[:last] + [forged(messages[last], outcome="exhausted")] + messages[last + 1:]
    found("last", at_the_end, "head", shard=values[last]["shard"], seq=values[last]["seq"], case=values[last]["case"])
    found("inserted", messages + [forged(messages[middle], outcome="exhausted")], "forked", **place)
    plain = dict(values[middle], ledger=1)
    found("plain", messages + [(messages[middle].key(), json.dumps(plain).encode(), messages[middle].headers())], "unchained", offset=len(messages))
    found("garbage", messages + [(b"x", b"nonsense", [])], "strange", offset=len(messages), case="x")
    headers = messages[:middle] + [(messages[middle].key(), messages[middle].value(), [("told", b"0")])] + messages[middle + 1:]
    found("headers", headers, "cover", offset=middle, **place)
    key = messages[:middle] + [(b"S99999", messages[middle].value(), messages[middle].headers())] + messages[middle + 1:]
    found("key", key, "cover", offset=middle, **place)
    found("nothing", [], "missing")
    # What may happen to an honest log: other order (records that were refused once are produced later), and repeats.
    faults, sums = verify(told, config=copy(told, "mixed", messages[::-1] + messages[:5]))
    assert sums["verified"] and sums["copies"] == 5 and faults == []
    # A chain of somebody else's, which nothing vouches for, is named; with --strict it fails.
    alien = forged(messages[middle], chain="00000000000000aa", seq=1, prev=None, after=None)
    config = copy(told, "alien", messages + [alien])
    faults, sums = verify(told, config=config)
    assert [(fault["fault"], fault["chain"]) for fault in faults] == [("loose", "00000000000000aa")] and sums["loose"] == 1
    assert [fault["case"] for fault in verify(told, "--strict", config=config, good=(1,))[0]] == [subject]
    text = told.run("notify", "verify", config=told.dir / "changed.ini", good=(1,)).stdout.decode()
    assert "BROKEN: shard %(shard)d chain %(chain)s record %(seq)d: not as it was written" % place in text and subject in text


def test_exports_hold_every_record(told):
    messages = written(told)
    exported = told.run("notify", "export").stdout.splitlines()
    assert sorted(exported) == sorted(message.value() for message in messages)
    rows = list(csv.DictReader(io.StringIO(told.run("notify", "export", "--csv").stdout.decode("utf-8-sig"), newline="")))
    values = {(value["shard"], value["seq"]): value for value in map(json.loads, exported)}
    assert len(rows) == len(values)
    for row in rows:
        value = values[int(row["shard"]), int(row["seq"])]
        assert all(row[name] == ("" if value[name] is None else str(value[name])) for name in ("case", "time", "outcome", "endpoint", "attempt", "step", "id"))
        assert row["policy"] == value["why"]["policy"] and (row["sent"] != "") == (value["sent_ms"] is not None)
    delivered = sum(value["outcome"] == "delivered" for value in values.values())
    assert len(told.run("notify", "export", "--outcome", "delivered").stdout.splitlines()) == delivered == NOTICES
    assert told.run("notify", "export", "--to", "2024-10-01").stdout == b"" and told.run("notify", "export", "--unit", "none").stdout == b""
    told.run("notify", "export", "--from", "soon", good=(2,))
    told.run("notify", "export", "--csv", "--json", good=(2,))


def test_the_ledger_of_a_case_tells_who_acknowledged(told):
    (record,) = told.json("notify", "ledger", "S00001", "--outcome", "delivered")
    ack = {"specversion": "1.0", "source": "/bihuan/acknowledge", "subject": "S00001", "time": "2199-01-01T00:00:00+08:00", "data": {"unit": "wuye"}}
    body = struct.pack(">BBI", 1, 0, 1)
    for text in ("S00001", record["id"], record["endpoint"], ""):
        body += bytes([len(text)]) + text.encode()
    seen = dict(ack, id="ack_" + hashlib.sha256(body).hexdigest()[:32], type="ticket.seen", time=record["time"])
    signed = dict(ack, id="of-the-platform", source="/12345/meilong", type="ticket.signed", time="2024-10-15T10:00:00+08:00")
    told.produce([json.dumps(line).encode() for line in (seen, signed)])
    told.settled()
    rows = told.json("notify", "ledger", "S00001")
    assert [row.get("acknowledgement") or row["outcome"] for row in rows] == ["signed", "delivered", "seen"]
    assert (rows[2]["by"], rows[2]["notice"], rows[2]["unit"]) == (record["endpoint"], record["id"], "wuye") and rows[0]["by"] is None
    table = told.run("notify", "ledger", "S00001").stdout.decode().splitlines()
    assert table[0].split()[:4] == ["time", "case", "what", "outcome"] and "acknowledged" in table[3] and "all" in table[3]
    assert len(told.run("notify", "ledger").stdout.splitlines()) == 1 + len(written(told))
    # Without Redis the rest is shown, and that something is not is said.
    told.redis.kill()
    done = told.run("notify", "ledger", "S00001", good=(1,))
    assert b"delivered" in done.stdout and b"acknowledgements are not shown" in done.stderr


def test_a_head_that_no_log_has_is_missed(told):
    (shard, name), head = next(iter(heads(told).items()))
    key = told.keys("heads")[shard]
    seq, digest, at_ms = head.split()
    told.redis.client.hset(key, name, "%d %s %s" % (int(seq) + 1, digest, at_ms))
    assert [fault["fault"] for fault in verify(told, good=(1,))[0]] == ["missing"]
    told.redis.client.hset(key, name, "%s %s %s" % (seq, "0" * 64, at_ms))
    assert [fault["fault"] for fault in verify(told, good=(1,))[0]] == ["head"]
    # Heads that are gone prove less, and break nothing.
    told.redis.client.delete(*told.keys("heads"))
    assert verify(told)[1]["loose"] == len(written(told))


def test_a_rebuilt_store_knows_the_heads(told, folder):
    server = RedisServer(folder / "other").start()
    try:
        told.run("sla", "rebuild", "--into", server.socket, "--yes")
        config = told.configure("other.ini", redis={"address": server.socket})
        for shard, rows in enumerate(told.hashes("heads")):
            assert server.client.hgetall(told.keys("heads")[shard]) == rows
        assert verify(told, "--strict", config=config)[1]["heads"] == len(heads(told))
    finally:
        server.process.end()


def test_chains_are_tied_and_kills_leave_no_gap(make_town, make_sink):  # noqa: F811
    sink = make_sink("--delay-ms", "5")
    stack = make_town({"all": (sink, {})}, notify={"lease": 5, "retry": "0s 0.2s 0.2s"})
    stack.spawn(), stack.spawn("sla"), stack.spawn("one", program="notify"), stack.spawn("two", program="notify")
    count = 0
    for round in range(4):
        stack.produce([simple(number) for number in range(count, count + 150)])
        count += 150
        wait_for("some notices", lambda: len(written(stack)) > (round + 0.3) * 150)
        assert verify(stack)[1]["verified"]                      # while two write
        victim = ("one", "two")[round % 2]
        stack.processes[victim].popen.send_signal(signal.SIGKILL)
        stack.kill(victim)
        assert verify(stack)[1]["verified"]
        stack.spawn(victim, program="notify")
    wait_for("all notices", lambda: (ended(stack) or {}).get("delivered") == count, 120)
    stack.stop("one"), stack.stop("two")
    before = heads(stack)
    stack.spawn("three", program="notify")
    stack.produce([simple(number) for number in range(count, count + 50)])
    wait_for("all notices", lambda: (ended(stack) or {}).get("delivered") == count + 50)
    stack.stop("three")
    faults, sums = verify(stack)
    assert sums["verified"] and sums["records"] == len({(v["shard"], v["chain"], v["seq"]) for v in (json.loads(m.value()) for m in written(stack))})
    values = [json.loads(message.value()) for message in written(stack)]
    ties = [tie for value in values for tie in (value.get("after") or [])]
    assert ties and len({value["chain"] for value in values}) >= 3
    # The last writer is tied to all that stood, and stands alone where it wrote.
    assert {(value["shard"], tie["chain"], tie["seq"]) for value in values for tie in value.get("after") or []} >= {
        (shard, name, int(head.split()[0])) for (shard, name), head in before.items() if (shard, name) not in heads(stack)}
    assert all(len(rows) == 1 for rows in stack.hashes("heads") if set(rows) - {name.encode() for _, name in before})
    # A chain whose end is cut is missed though Redis has forgotten it: a later one names it.
    tie = ties[0]
    cut = [message for message in written(stack) if (json.loads(message.value())["chain"], json.loads(message.value())["seq"]) != (tie["chain"], tie["seq"])]
    faults, sums = verify(stack, config=copy(stack, "cut", cut), good=(1,))
    assert (tie["chain"], tie["seq"]) in {(fault["chain"], fault["seq"]) for fault in faults}
    # So is `retry`'s own record.
    assert stack.run("notify", "retry").returncode == 0


def test_what_retry_records_is_chained(make_town, make_sink):  # noqa: F811
    sink = make_sink("--status", "500")
    stack = make_town({"all": (sink, {})}, notify={"retry": "0s"})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([received("S%05d" % 1, "2024-10-15T09:00:00+08:00", simple=True, unit="wuye")])
    wait_for("exhausted", lambda: (ended(stack) or {}).get("exhausted") == 1)
    stack.stop("notify")
    stack.run("notify", "retry")
    values = [json.loads(message.value()) for message in written(stack)]
    (reopened,) = [value for value in values if value["outcome"] == "reopened"]
    (before,) = {value["chain"] for value in values} - {reopened["chain"]}
    assert [tie["chain"] for tie in reopened["after"]] == [before]
    assert verify(stack, "--strict")[1]["verified"] and {name for _, name in heads(stack)} == {reopened["chain"]}
