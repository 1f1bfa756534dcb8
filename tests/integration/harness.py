"""What the integration tests stand on: servers and programs in a directory of a
test's own, and the questions that tests ask of them.

A Stack is one private Redis, topics of its own on a Kafka that others share, one
configuration, and any number of our programs. All that a stack starts it ends. Tests wait for
conditions; the one pause is between two looks.
"""
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import threading
import time
from datetime import datetime
from pathlib import Path

import redis
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / os.environ.get("BUILD", "build")
CACHE = Path(os.environ.get("BIHUAN_CACHE", BUILD / "cache"))
SOAK = os.environ.get("SOAK", "") not in ("", "0")
LOOK_S = 0.03
READY_S = 30
PATIENCE_S = 600 if SOAK else 60
# What a program built with sanitizers needs besides.
SANITIZED = b"__asan_init" in (BUILD / "bihuan-ingest").read_bytes()
MEMORY_BYTES = 1 << 30 if SANITIZED else 0
FAULTS = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|Assertion .* failed|out of memory")
SHARDS = 4
PARTITIONS = 2
# With the 10 minutes that an event may be ahead, none is in the future.
END_OF_TIME = "2199-12-31T23:50:00+08:00"


class Waited(AssertionError):
    """A condition that did not come about."""


def wait_for(what, condition, seconds=PATIENCE_S):
    """The first true value of condition(), asked often; what(), or `what`, is said when there is none in time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Waited("%s: not within %s s" % (what() if callable(what) else what, seconds))
        time.sleep(LOOK_S)


def instant_ms(text):
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def event(case, kind, time, data=None, id=None, source="/12345/test", **attributes):
    """A canonical event as bytes."""
    value = dict(specversion="1.0", id=id or "%s-%s-%s" % (case, kind, time), source=source, type=kind, subject=case, time=time, data=data or {})
    value.update(attributes)
    return json.dumps(value, ensure_ascii=False).encode()


def received(case, time="2024-10-15T09:00:00+08:00", **data):
    return event(case, "ticket.received", time, dict({"kind": "complaint", "unit": "wuye"}, **data))


def lines_of(path):
    """The lines of a file that are not blank."""
    return [line for line in Path(path).read_bytes().split(b"\n") if line.strip(b" \t\r")]


def read_rows(rows):
    """Sums of counters, by name, of a hash of rows of 32-bit counters."""
    return {name.decode(): struct.unpack("<%di" % (len(row) // 4), row) for name, row in rows.items()}


def starts(log):
    """How often a log says that a daemon serves."""
    return len(re.findall(r" event=\w+\.start ", log))


class Process:
    """One program of a stack, with its log."""

    def __init__(self, command, log, env=None):
        self.command, self.log = [str(part) for part in command], Path(log)
        with open(self.log, "ab") as out:
            self.popen = subprocess.Popen(self.command, cwd=TOP, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, env=env)
        self.stopped = False

    pid = property(lambda self: self.popen.pid)

    def alive(self):
        return self.popen.poll() is None

    def text(self):
        return self.log.read_text(errors="replace")

    def signal(self, number):
        self.popen.send_signal(number)
        self.stopped = number == signal.SIGSTOP

    def kill(self):
        """As kill -9 does; returns when it is gone."""
        self.popen.kill()
        self.popen.wait()

    def stop(self, seconds=PATIENCE_S):
        """Asks it to drain and end; its exit status."""
        self.signal(signal.SIGTERM)
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Waited("%s did not end within %s s of SIGTERM:\n%s" % (self.command[0], seconds, self.text()[-2000:])) from None

    def end(self):
        """Whatever state it is in: gone afterwards."""
        if self.alive():
            if self.stopped:
                self.signal(signal.SIGCONT)
            self.kill()

    def memory_bytes(self):
        return int(Path("/proc/%d/statm" % self.pid).read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class RedisServer:
    """A Redis at a socket, with an append-only file."""

    def __init__(self, folder, fsync="everysec", env=None):
        self.dir, self.fsync, self.env = Path(folder), fsync, env and dict(os.environ, **env)
        self.dir.mkdir(parents=True, exist_ok=True)
        self.socket = self.dir / "redis.sock"
        self.process = None

    def start(self):
        self.process = Process(["redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", self.dir, "--appendonly", "yes",
                                "--appendfsync", self.fsync, "--save", "", "--maxmemory-policy", "noeviction"], self.dir / "redis.log", self.env)
        self.client = redis.Redis(unix_socket_path=str(self.socket))
        wait_for("redis", self.serves, READY_S)
        return self

    def serves(self):
        assert self.process.alive(), self.process.text()[-2000:]
        try:
            return self.client.ping()
        except redis.RedisError:
            return False

    def kill(self):
        self.process.kill()

    def lose_everything(self):
        """Killed, and its files gone."""
        self.kill()
        shutil.rmtree(self.dir / "appendonlydir")


class Kafka:
    """A broker that serves: where, and its topics."""

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        self.producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 2, "message.max.bytes": 64 << 20, "enable.idempotence": True,
                                  "queue.buffering.max.messages": 1000000, "partitioner": "murmur2_random", "log_level": 0})
        self._watcher = Consumer({"bootstrap.servers": bootstrap, "group.id": "test-watcher", "log_level": 0, "fetch.message.max.bytes": 64 << 20,
                                  "receive.message.max.bytes": 128 << 20})

    def create(self, topics, partitions=PARTITIONS, **config):
        for future in self.admin.create_topics([NewTopic(topic, partitions, 1, config=config) for topic in topics]).values():
            future.result()
        wait_for("topics %s" % topics, lambda: all(self.partitions(topic) for topic in topics))
        for topic in topics:
            self.producer.list_topics(topic, timeout=10)    # or the first record waits for that

    def delete(self, topics):
        for future in self.admin.delete_topics(list(topics), operation_timeout=30).values():
            future.result()
        wait_for("topics %s gone" % topics, lambda: not set(topics) & set(self.admin.list_topics(timeout=10).topics))

    def configure(self, topic, **config):
        for future in self.admin.alter_configs([ConfigResource(ConfigResource.Type.TOPIC, topic, set_config=config)]).values():
            future.result()

    def partitions(self, topic):
        found = self.admin.list_topics(topic, timeout=10).topics.get(topic)
        return sorted(found.partitions) if found and not found.error else []

    def ends(self, topic, partition):
        """Low and high watermark."""
        return self._watcher.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)

    def send(self, records):
        """Sends (topic, key, value[, headers]) and waits until each is acknowledged."""
        failures = []
        note = lambda error, _: failures.append(error) if error else None
        for topic, key, value, *headers in records:
            while True:
                try:
                    self.producer.produce(topic, value, key, headers=headers[0] if headers else None, on_delivery=note)
                    break
                except BufferError:
                    self.producer.poll(0.1)
            self.producer.poll(0)
        assert self.producer.flush(60) == 0 and not failures, failures[:3]

    def read(self, topic):
        """All messages of a topic as it stands."""
        found = []
        for partition in self.partitions(topic):
            low, high = self.ends(topic, partition)
            if low == high:
                continue
            self._watcher.assign([TopicPartition(topic, partition, low)])
            while low < high:
                message = self._watcher.poll(10)
                assert message is not None and not message.error(), message and message.error()
                if message.partition() == partition:
                    found.append(message)
                    low = message.offset() + 1
            self._watcher.unassign()
        return found

    def members(self, group):
        """The ids of a group's members, once it is at rest; else none."""
        found = self.admin.list_groups(group, timeout=10)
        return {member.id for member in found[0].members} if found and found[0].state == "Stable" else set()


class Stack:
    """One Redis, its own topics, one configuration, our programs. Use it as a context."""

    number = 0

    def __init__(self, folder, kafka, topics=None, partitions=PARTITIONS, fsync="everysec", policy="meilong-2024", shards=SHARDS,
                 start=END_OF_TIME, speed=1, grace=0, start_redis=True, topic_config=None, strict=False, sections=None, redis_env=None):
        Stack.number += 1
        self.dir, self.kafka, self.policy, self.shards = Path(folder), kafka, policy, shards
        self.prefix = "t%d-%d" % (os.getpid(), Stack.number)
        self.topics = topics or {name: "%s.%s" % (self.prefix, name) for name in ("tickets", "ratings", "results", "dlq", "ledger", "control")}
        self.strict = strict
        if topics is None:
            kafka.create([self.topics["tickets"], self.topics["ratings"]], partitions, **(topic_config or {}))
            kafka.create([self.topics[name] for name in ("results", "dlq", "ledger")], 1, **(topic_config or {}))
        self.redis = self.first_redis = RedisServer(self.dir / "redis", fsync, redis_env)     # a rebuild may put another in its place
        self.processes, self.sent, self.history = {}, {}, []
        self.sections = {
            "kafka": {"bootstrap.servers": kafka.bootstrap, "session.timeout.ms": 6000, "heartbeat.interval.ms": 500},
            "topics": self.topics,
            "redis": {"address": self.redis.socket, "timeout": 2},
            "sla": {"policy": TOP / "conf/policy" / (policy + ".json"), "calendar": TOP / "conf/calendar/cn.json", "shards": shards, "grace": grace},
            "ingest": {"group": self.prefix},
            "clock": {"mode": "scaled", "start": start, "speed": speed},
        }
        for name, section in (sections or {}).items():
            self.sections.setdefault(name, {}).update(section)
        self.config = self.configure("bihuan.ini")
        if start_redis:
            self.redis.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def configure(self, name, **changes):
        """Writes a configuration: the stack's, with changes by section. Its path."""
        text = ""
        for section in sorted(set(self.sections) | set(changes)):
            values = dict(self.sections.get(section, {}), **changes.get(section, {}))
            text += "[%s]\n" % section + "".join("%s = %s\n" % pair for pair in values.items())
        path = self.dir / name
        path.write_text(text)
        return path

    # Programs

    def spawn(self, name="ingest", program=None, verb="run", config=None, wait=True, env=None):
        """Starts a daemon: program `bihuan-PROGRAM` (by default its own name). Waits until it says that it serves. env: beside ours."""
        command = [BUILD / ("bihuan-" + (program or name)), verb, "--config", config or self.config]
        log = self.dir / (name + ".log")
        before = starts(log.read_text(errors="replace")) if log.exists() else 0
        self.processes[name] = process = Process(command, log, env and dict(os.environ, **env))
        if wait:
            wait_for(lambda: "%s did not start:\n%s" % (name, process.text()[-2000:]), lambda: not process.alive() or starts(process.text()) > before, READY_S)
        return process

    def kill(self, name="ingest"):
        self.processes[name].kill()
        del self.processes[name]

    def stop(self, name="ingest"):
        code = self.processes[name].stop()
        del self.processes[name]     # only now: one that hangs is ended with the stack
        return code

    def run(self, program, verb, *arguments, stdin=None, config=None, good=(0,)):
        """A verb with our configuration, to its end. good: the statuses it may end with, None for any."""
        command = [BUILD / ("bihuan-" + program), verb, "--config", config or self.config, *arguments]
        done = subprocess.run([str(part) for part in command], cwd=TOP, input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                              capture_output=True, timeout=PATIENCE_S * 2)
        assert good is None or done.returncode in good, "%s ended with %d\n%s" % (command, done.returncode, done.stderr.decode(errors="replace")[-2000:])
        return done

    def json(self, program, verb, *arguments, **options):
        return [json.loads(line) for line in self.run(program, verb, *arguments, "--json", **options).stdout.splitlines()]

    # Records

    def topic_of(self, line):
        """Where a feed sends a line, and under which key."""
        try:
            value = json.loads(line)
            kind, subject = (value.get(name) for name in ("type", "subject")) if isinstance(value, dict) else (None, None)
        except (ValueError, RecursionError):
            kind = subject = None
        rating = isinstance(kind, str) and kind.startswith("rating.")
        key = subject.encode(errors="replace") if isinstance(subject, str) and subject else None
        return self.topics["ratings" if rating else "tickets"], key

    def produce(self, lines):
        """Sends events, one a line, as a platform does; they become part of what replay is given."""
        lines = list(lines)
        records = []
        for line in lines:
            topic, key = self.topic_of(line)
            records.append((topic, key, line))
        self.kafka.send(records)
        self.note(lines, [record[0] for record in records])

    def note(self, lines, topics):
        """Remembers what was sent: the lines for replay, and how many to each topic."""
        self.history += lines
        for topic in topics:
            self.sent[topic] = self.sent.get(topic, 0) + 1

    def feed(self, path):
        """Sends a file by our own feed."""
        self.run("ingest", "feed", path)
        lines = lines_of(path)
        self.note(lines, [self.topic_of(line)[0] for line in lines])

    # What Redis holds (sla/REDIS.md)

    def keys(self, name):
        return ["{s%02d}%s" % (shard, name) for shard in range(self.shards)]

    def hashes(self, name):
        pipeline = self.redis.client.pipeline(transaction=False)
        for key in self.keys(name):
            pipeline.hgetall(key)
        return pipeline.execute()

    def records(self):
        """How many records are counted; 0 while Redis is away."""
        try:
            return sum(sum(counters) for rows in self.hashes("figures:records") for counters in read_rows(rows).values())
        except redis.RedisError:
            return 0

    def positions(self, of_shards=min):
        """The smallest (or other) next offset of each `TOPIC/PARTITION` over all shards; -1 where one has none."""
        found = self.hashes("position")
        fields = ["%s/%d" % (self.topics[name], p) for name in ("tickets", "ratings") for p in self.kafka.partitions(self.topics[name])]
        return {field: of_shards(int(rows.get(field.encode(), b"-1").split()[0]) for rows in found) for field in fields}

    def ends(self):
        return {"%s/%d" % (self.topics[name], p): self.kafka.ends(self.topics[name], p)[1]
                for name in ("tickets", "ratings") for p in self.kafka.partitions(self.topics[name])}

    def settled(self, seconds=PATIENCE_S, but=()):
        """Waits until all records are applied: a shard stands at the end of each partition and as many are counted.
        A strict stack waits for every shard, which takes a second longer (idle ones advance so often)."""
        ends = {field: end for field, end in self.ends().items() if field not in but}
        last = {}

        def stands():
            for name, process in self.processes.items():
                assert process.alive(), "%s ended with %s:\n%s" % (name, process.popen.returncode, process.text()[-2000:])
            try:
                last.update(self.positions(min if self.strict else max))
            except redis.RedisError:
                return False
            return all(last[field] == end for field, end in ends.items()) and (self.strict or self.records() >= sum(ends.values()))
        wait_for(lambda: "positions %s, the ends are %s, records %d\n%s" % (last, ends, self.records(), self.tails()), stands, seconds)

    def tails(self):
        return "\n".join("--- %s\n%s" % (name, process.text()[-1500:]) for name, process in self.processes.items())

    # What the programs say

    def status(self):
        """applied, duplicates, dead_letters, records by topic."""
        return {row.pop("topic"): row for row in self.json("ingest", "status")}

    def dump(self, until=None):
        return self.run("sla", "dump", "--json", *(["--until", until] if until else [])).stdout.splitlines()

    def history_file(self):
        path = self.dir / "history.jsonl"
        path.write_bytes(b"".join(line.replace(b"\n", b" ") + b"\n" for line in self.history))
        return path

    def replay(self, until):
        """Cases as the events sent fold to, in dump's form."""
        done = self.run("sla", "replay", "--json", "--until", until, self.history_file(), good=(0, 1))
        return [re.sub(rb',"duplicates":\d+', b"", line) for line in done.stdout.splitlines()]

    def check_same(self, *untils):
        """dump and replay agree, to the byte."""
        for until in untils or ("2199-12-31T23:59:59+08:00",):
            ours, theirs = self.dump(until), self.replay(until)
            assert ours == theirs, "--until %s: %s" % (until, first_difference(ours, theirs))

    def check_counted(self):
        """Every record that was sent counts once, under its topic."""
        counted = {topic: row["records"] for topic, row in self.status().items()}
        assert counted == self.sent

    def check(self, *untils):
        """The whole truth after any trouble: all there, counted once, and folded as replay folds it."""
        self.settled()
        self.check_counted()
        self.check_same(*untils)

    def dead_letters(self):
        """The dead letters as messages, each with its headers as a dictionary."""
        found = self.kafka.read(self.topics["dlq"])
        return [(message, {name: value for name, value in message.headers() or []}) for message in found]

    def business_ms(self):
        """Business time now, from Redis alone."""
        anchor, start, speed = self.redis.client.get("bihuan:clock").split()
        seconds, micros = self.redis.client.time()
        return int(start) + (seconds * 1000 + micros // 1000 - int(anchor)) * float(speed)

    def close(self):
        for process in self.processes.values():
            process.end()
        if self.redis.process:
            self.redis.process.end()
        if self.first_redis is not self.redis and self.first_redis.process:
            self.first_redis.process.end()
        for log in self.dir.glob("*.log"):
            text = log.read_text(errors="replace")
            found = FAULTS.search(text)
            assert not found, "%s: %s" % (log.name, text[max(0, found.start() - 200):found.start() + 2000])


def first_difference(ours, theirs):
    for mine, wanted in zip(ours, theirs):
        if mine != wanted:
            return "dump has %s, replay %s" % (mine.decode(errors="replace"), wanted.decode(errors="replace"))
    return "dump has %d cases, replay %d; the first too many is %s" % (len(ours), len(theirs), (ours + theirs)[min(len(ours), len(theirs))][:300:])


class Load(threading.Thread):
    """Sends lines in the background, a piece at a time, until all are sent."""

    def __init__(self, stack, lines, piece=200, pause_s=0.01):
        super().__init__(daemon=True)
        self.stack, self.lines, self.piece, self.pause_s, self.fault = stack, list(lines), piece, pause_s, None

    def run(self):
        try:
            for i in range(0, len(self.lines), self.piece):
                self.stack.produce(self.lines[i:i + self.piece])
                time.sleep(self.pause_s)
        except BaseException as fault:
            self.fault = fault

    def finish(self):
        self.join(PATIENCE_S * 2)
        assert not self.is_alive() and self.fault is None, self.fault
