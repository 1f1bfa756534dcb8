#!/usr/bin/python3
"""First figures: explain, fold, replay, end to end, latency, deadlines at one instant, recalculation beside live traffic, deliveries.

  bench.py [--quick] [SECTION…]   a short slice of each, for CI; sections: core end-to-end latency deadlines recalc
  deliveries

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

from deliveries import bench_deliveries

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
        path, key = self.dir / f"bench{self.runs}.ini", self.dir / "citizen.key"
        key.write_text("a key of at least sixteen bytes")   # citizens are hashed, so their appeals are gathered
        key.chmod(0o600)
        lines = "\n".join(f"{name} = {topic}" for name, topic in self.topics.items())
        path.write_text(f"[kafka]\nbootstrap.servers = {self.kafka}\n[topics]\n{lines}\n[redis]\naddress = {self.sock}\n[sla]\ngrace = {grace}\n"
                        f"[privacy]\nkey_file = {key}\nkey_id = k1\n[ingest]\ngroup = bench{self.runs}\n[clock]\nmode = scaled\nstart = {start}\nspeed = {speed}\n[notify]\nmode = live\n")
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
    fields = [field[:1] for shard in range(SHARDS) for field in servers.redis.hkeys(f"{{s{shard:02d}}}case")]
    cases = fields.count(b"t") + fields.count(b"r")
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


def receipts(count, prefix, time_of):
    for i in range(count):
        case = f"{prefix}{i:07d}"
        yield case, (f'{{"specversion":"1.0","id":"{case}","source":"/bench","type":"ticket.received","subject":"{case}","time":"{time_of(i)}",'
                     f'"data":{{"kind":"complaint","title":"bench","unit":"u{i % 50}"}}}}').encode()


def produce_all(servers, records):
    producer = Producer({"bootstrap.servers": servers.kafka, "linger.ms": 20, "queue.buffering.max.messages": 2000000})
    for i, (case, line) in enumerate(records):
        producer.produce(servers.topics["tickets"], line, case)
        if i % 10000 == 0:
            producer.poll(0)
    producer.flush()


def amended_calendar(directory):
    calendar = json.loads((TOP / "conf/calendar/cn.json").read_text())
    calendar["version"] = "bench"
    year = next(year for year in calendar["years"] if year["year"] == 2026)
    year["holidays"] = sorted(year["holidays"] + ["11-24"])
    path = directory / "amended.json"
    path.write_text(json.dumps(calendar))
    return path


class Background(threading.Thread):
    """New cases at a steady rate, until told to stop."""

    def __init__(self, servers, rate):
        super().__init__(daemon=True)
        self.servers, self.rate, self.sent, self.ends = servers, rate, 0, False

    def run(self):
        producer = Producer({"bootstrap.servers": self.servers.kafka, "linger.ms": 1})
        begun = time.monotonic()
        for case, line in receipts(1 << 30, "LIVE", lambda i: "2026-11-20T09:30:00+08:00"):
            producer.produce(self.servers.topics["tickets"], line, case)
            self.sent += 1
            if self.sent % 50:
                continue
            producer.poll(0)
            if self.ends:
                break
            ahead = begun + self.sent / self.rate - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
        producer.flush()

    def finish(self):
        self.ends = True
        self.join()


def recalculate(servers, config, name, *arguments):
    """The whole command beside live traffic: what it did, and p99 of ingest meanwhile."""
    log, redis_before = servers.dir / f"ingest-{servers.runs}.log", cpu_s(servers.redis_process.pid)
    live, seen, begun = Background(servers, 2000), percentiles(log, 0)[0], time.monotonic()
    live.start()
    process = subprocess.Popen([BUILD / "bihuan-sla", "recalc", "--config", config, "--yes", "--json", *arguments], cwd=TOP, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    out = process.stdout.read().splitlines()
    _, code, usage = os.wait4(process.pid, 0)
    took = time.monotonic() - begun
    if code:
        raise SystemExit(f"bench: recalc ended with {code}")
    done = json.loads(out[-1])
    if not QUICK:
        wait_until(lambda: percentiles(log, 0)[0] > seen + 1, 60)     # the last window that it worked in is over
    live.finish()
    say(f"{name} {done['cases']:,} cases beside 2,000 events/s", f"{took:.1f}", "s (load %.1f)" % os.getloadavg()[0])
    say("  looking", f"{took - done['ms'] / 1000:.1f}", "s")
    say(f"  carrying through, {done['written']:,} written", f"{done['ms'] / 1000:.1f}", "s")
    if not QUICK:
        say("  p99 from produce to commit meanwhile", percentiles(log, seen)[2], "ms (worst 10 s)")
    say("  CPU of recalc", f"{usage.ru_utime + usage.ru_stime:.1f}", "s")
    say("  CPU of Redis", f"{cpu_s(servers.redis_process.pid) - redis_before:.1f}", "s")
    return done["recalc"]


def bench_recalc(servers, directory):
    """A million open cases are bound to an amended calendar, and back."""
    count = 20000 if QUICK else 1000000
    config = servers.fresh("2026-11-20T10:00:00+08:00")
    ingest = servers.spawn("ingest", config)
    wait_until(lambda: servers.redis.llen("bihuan:rules"), 60)
    produce_all(servers, receipts(count, "OPEN", lambda i: f"2026-11-{16 + i % 4}T{9 + i % 8:02d}:{i % 60:02d}:00+08:00"))
    wait_until(lambda: servers.records() >= count, 600)
    log = servers.dir / f"ingest-{servers.runs}.log"
    seen = percentiles(log, 0)[0]
    if not QUICK:
        wait_until(lambda: percentiles(log, 0)[0] > seen, 30)         # the window that held the filling is over
    subprocess.run([BUILD / "bihuan-sla", "rules", "activate", "--config", config, "--calendar", amended_calendar(directory), "--yes"], check=True, cwd=TOP,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    record = recalculate(servers, config, "recalculated")
    recalculate(servers, config, "taken back,", "--undo", record)
    stop(ingest)


def main():
    wanted = [word for word in sys.argv[1:] if not word.startswith("-")] or ["core", "end-to-end", "latency", "deadlines", "recalc", "deliveries"]
    directory = Path(tempfile.mkdtemp(prefix="bihuan-bench-"))
    servers = None
    try:
        if "core" in wanted:
            bench_core(directory)
        if wanted != ["core"]:
            servers = Servers(directory)
        for name, section in (("end-to-end", lambda: bench_end_to_end(servers, directory)), ("latency", lambda: bench_latency(servers, directory)),
                              ("deadlines", lambda: bench_deadlines(servers)), ("recalc", lambda: bench_recalc(servers, directory)),
                              ("deliveries", lambda: bench_deliveries(servers, sys.modules[__name__]))):
            if name in wanted:
                section()
    finally:
        if servers:
            servers.close()
        os.environ.get("KEEP") or shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
