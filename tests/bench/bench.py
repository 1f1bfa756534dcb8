#!/usr/bin/python3
"""First figures: explain, fold, replay, end to end, latency, deadlines at one instant.

  bench.py [--quick]   a short slice of each, for CI

Prints `name  figure unit`. A figure is never a test: a slow machine fails nothing.
Needs a build (BUILD, default build) and uses a private Redis and a private Kafka."""
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import redis
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

TOP = Path(__file__).resolve().parent.parent.parent
BUILD = TOP / os.environ.get("BUILD", "build")
CACHE = Path(os.environ.get("BIHUAN_CACHE", BUILD / "cache"))
QUICK = "--quick" in sys.argv
SHARDS = 16
ZONE = timezone(timedelta(hours=8))


def say(name, figure, unit):
    print(f"{name:<44} {figure:>14}  {unit}", flush=True)


def cpu_s(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def town(directory, events):
    path = directory / f"town-{events}.jsonl"
    with open(path, "wb") as out:
        subprocess.run([BUILD / "support/town", "--events", str(events)], stdout=out, stderr=subprocess.DEVNULL, check=True)
    return path


def wait_until(condition, seconds, pause=0.02):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("bench: waited in vain")
        time.sleep(pause)


class Servers:
    """A private Redis with AOF and a private Kafka node; one configuration a run."""

    def __init__(self, directory):
        self.dir = directory
        self.sock = directory / "redis.sock"
        self.redis_process = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", self.sock, "--dir", directory, "--appendonly", "yes",
                                               "--save", ""], stdout=subprocess.DEVNULL)
        wait_until(self.sock.exists, 10)
        self.redis = redis.Redis(unix_socket_path=str(self.sock))
        node = TOP / "tests/support/kafka-node"
        subprocess.run([node, "fetch", CACHE / "kafka"], check=True)
        self.kafka = subprocess.run([node, "start", CACHE / "kafka", directory / "kafka"], check=True, capture_output=True, text=True).stdout.strip()
        self.kafka_pid = int((directory / "kafka/pid").read_text())
        self.admin = AdminClient({"bootstrap.servers": self.kafka})
        self.runs = 0

    def fresh(self, start, grace="0", speed="1"):
        """Empty Redis, new topics; the path of their configuration."""
        self.runs += 1
        self.redis.flushall()
        self.topics = {name: f"bench{self.runs}.{name}" for name in ("tickets", "ratings", "results", "dlq", "ledger", "control")}
        for future in self.admin.create_topics([NewTopic(t, num_partitions=4, replication_factor=1) for name, t in self.topics.items() if name != "control"]).values():
            future.result()
        path = self.dir / f"bench{self.runs}.ini"
        lines = "\n".join(f"{name} = {topic}" for name, topic in self.topics.items())
        path.write_text(f"[kafka]\nbootstrap.servers = {self.kafka}\n[topics]\n{lines}\n[redis]\naddress = {self.sock}\n[sla]\ngrace = {grace}\n"
                        f"[ingest]\ngroup = bench{self.runs}\n[clock]\nmode = scaled\nstart = {start}\nspeed = {speed}\n[notify]\nmode = live\n")
        return path

    def spawn(self, program, config, verb="run"):
        log = open(self.dir / f"{program}-{self.runs}.log", "wb")
        return subprocess.Popen([BUILD / f"bihuan-{program}", verb, "--config", config], cwd=TOP, stderr=log, stdout=log)

    def records(self):
        total = 0
        for shard in range(SHARDS):
            for row in self.redis.hvals(f"{{s{shard:02d}}}figures:records"):
                total += sum(struct.unpack(f"<{len(row) // 4}i", row))
        return total

    def close(self):
        subprocess.run([TOP / "tests/support/kafka-node", "stop", self.dir / "kafka"], check=False)
        self.redis_process.terminate()
        self.redis_process.wait()


def stop(*processes):
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        process.wait(60)


def bench_core(directory):
    path = town(directory, 20000 if QUICK else 200000)
    subprocess.run([BUILD / "tests/bench_core", path], check=True, cwd=TOP)
    best = min(timed([BUILD / "bihuan-sla", "replay", path]) for _ in range(3))
    say("replay", f"{(20000 if QUICK else 200000) / best:,.0f}", "events/s (best of 3, all cores)")


def timed(command):
    begun = time.monotonic()
    subprocess.run(command, check=True, cwd=TOP, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def bench_end_to_end(servers, directory):
    events = 30000 if QUICK else 1000000
    config = servers.fresh("2025-01-01T00:00:00+08:00")
    path = town(directory, events)
    subprocess.run([BUILD / "bihuan-ingest", "feed", "--config", config, path], check=True, stderr=subprocess.DEVNULL, cwd=TOP)
    for log in (servers.dir / "kafka/data").rglob("*.log"):
        log.read_bytes()     # a cold page cache halves it
    before = {"redis": cpu_s(servers.redis_process.pid), "kafka": cpu_s(servers.kafka_pid)}
    ingest = servers.spawn("ingest", config)
    wait_until(servers.records, 60)
    begun, first = time.monotonic(), servers.records()
    wait_until(lambda: servers.records() >= events, 600)
    took = time.monotonic() - begun
    say("end to end, filled topic to committed", f"{(events - first) / took:,.0f}", "events/s")
    spent = {"ingest": cpu_s(ingest.pid), "redis": cpu_s(servers.redis_process.pid) - before["redis"], "kafka": cpu_s(servers.kafka_pid) - before["kafka"]}
    for name, seconds in spent.items():
        say(f"  CPU of {name}", f"{seconds / events * 1e6:.1f}", "s a million events")
    cases = sum(servers.redis.hlen(f"{{s{shard:02d}}}case") for shard in range(SHARDS))
    say("  memory of Redis", f"{servers.redis.info('memory')['used_memory'] / cases:.0f}", f"bytes a case, all in ({cases:,} cases)")
    stop(ingest)


def percentiles(log, after):
    """The worst p50 and p99 of the ten seconds that each progress line tells of, from line `after` on."""
    lines = [line for line in log.read_text().splitlines() if "event=ingest.progress" in line][after:]
    fields = [dict(pair.split("=", 1) for pair in line.split() if "=" in pair) for line in lines]
    return len(lines), max((int(f["p50_ms"]) for f in fields), default=0), max((int(f["p99_ms"]) for f in fields), default=0)


def produce_at(servers, lines, rate):
    """Sends events at a steady rate; the rate that came about."""
    producer = Producer({"bootstrap.servers": servers.kafka, "linger.ms": 1})
    for topic in ("tickets", "ratings"):
        producer.list_topics(servers.topics[topic], timeout=10)   # or the first records wait for that
    records = [(servers.topics["ratings" if b'"type":"rating.' in line else "tickets"], line, json.loads(line)["subject"].encode()) for line in lines]
    begun = time.monotonic()
    for i, (topic, line, key) in enumerate(records):
        producer.produce(topic, line, key)
        if i % 100 == 99:
            producer.poll(0)
            ahead = begun + i / rate - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
    producer.flush()
    return len(lines) / (time.monotonic() - begun)


def bench_latency(servers, directory):
    """From produce to commit at a steady 10,000 events/s, by the log of ingest: from Kafka's timestamp to the commit."""
    rate, seconds, warm = 10000, 5 if QUICK else 20, 20000
    config = servers.fresh("2025-01-01T00:00:00+08:00")
    lines = [line for line in town(directory, warm + rate * seconds).read_bytes().split(b"\n") if line][:warm + rate * seconds]
    ingest, log = servers.spawn("ingest", config), servers.dir / f"ingest-{servers.runs}.log"
    produce_at(servers, lines[:warm], rate)                       # servers and clients come to speed
    wait_until(lambda: servers.records() >= warm, 60)
    seen = percentiles(log, 0)[0]
    wait_until(lambda: percentiles(log, 0)[0] > seen, 30)         # the window that held the warming up is over
    seen = percentiles(log, 0)[0]
    rate_seen = produce_at(servers, lines[warm:], rate)
    wait_until(lambda: servers.records() >= len(lines), 60)
    done = percentiles(log, 0)[0]
    wait_until(lambda: percentiles(log, 0)[0] > done, 30)
    stop(ingest)
    _, p50, p99 = percentiles(log, seen)
    say(f"produce to commit at {rate_seen:,.0f} events/s, p50", p50, "ms (worst 10 s)")
    say("  p99", p99, "ms (worst 10 s)")


def bench_deadlines(servers):
    """Simple tickets, received on a Tuesday morning: all deadlines are the next midnight but one."""
    count = 2000 if QUICK else 100000
    deadline = datetime(2024, 10, 17, tzinfo=ZONE)   # received on the 15th, one working day
    lead_s = 20 if QUICK else 45
    config = servers.fresh((deadline - timedelta(seconds=lead_s)).isoformat())
    daemons = [servers.spawn(program, config) for program in ("ingest", "sla", "notify")]
    producer = Producer({"bootstrap.servers": servers.kafka, "linger.ms": 5, "queue.buffering.max.messages": 1000000})
    for i in range(count):
        case = f"BENCH{i:07d}"
        producer.produce(servers.topics["tickets"], json.dumps({"specversion": "1.0", "id": case, "source": "/bench", "type": "ticket.received",
                         "subject": case, "time": "2024-10-15T09:00:00+08:00", "data": {"kind": "complaint", "simple": True, "unit": f"u{i % 50}"}}), case)
        if i % 1000 == 0:
            producer.poll(0)
    producer.flush()
    wait_until(lambda: servers.records() >= count, 60)
    anchor_ms = int(servers.redis.get("bihuan:clock").split()[0])
    deadline_real = anchor_ms / 1000 + lead_s
    deadline_ms = int(deadline.timestamp() * 1000)
    pipeline = servers.redis.pipeline(transaction=False)
    late, fired = [], 0
    while fired < count and time.time() < deadline_real + 60:
        for shard in range(SHARDS):
            pipeline.zcount(f"{{s{shard:02d}}}due", "-inf", deadline_ms + 1)
        now_fired = count - sum(pipeline.execute())
        if time.time() >= deadline_real:
            late += [time.time() - deadline_real] * (now_fired - fired)
            fired = max(fired, now_fired)
        time.sleep(0.01)
    late.sort()
    say(f"{count:,} deadlines at one instant, fired", f"{len(late):,}", "timers")
    if late:
        say("  p50 after deadline + grace", f"{late[len(late) // 2]:.2f}", "s")
        say("  p99 after deadline + grace", f"{late[int(len(late) * 0.99)]:.2f}", "s")
    results = overdue_results(servers, count, deadline_real)
    say("  results in the topic (clock.overdue)", f"{len(results):,}", "records")
    if results:
        say("  p99 of results after deadline + grace", f"{results[int(len(results) * 0.99)]:.2f}", "s")
    stop(*daemons)


def overdue_results(servers, count, deadline_real):
    consumer = Consumer({"bootstrap.servers": servers.kafka, "group.id": "bench-results", "enable.auto.commit": False})
    consumer.assign([TopicPartition(servers.topics["results"], p, 0) for p in range(4)])
    late, end = [], time.monotonic() + 30
    while len(late) < count and time.monotonic() < end:
        for message in consumer.consume(1000, 1.0):
            if not message.error() and b'"clock.overdue"' in message.value():
                late.append(message.timestamp()[1] / 1000 - deadline_real)
    consumer.close()
    return sorted(late)


def main():
    directory = Path(tempfile.mkdtemp(prefix="bihuan-bench-"))
    servers = None
    try:
        bench_core(directory)
        servers = Servers(directory)
        bench_end_to_end(servers, directory)
        bench_latency(servers, directory)
        bench_deadlines(servers)
    finally:
        if servers:
            servers.close()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
