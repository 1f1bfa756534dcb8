"""Deliveries: how fast notices reach endpoints that take them, and whether a dead and a slow endpoint hold the others up.

Every notice is owed at once: tickets whose deadline has passed, ingested before the notifier starts."""
import json
import socket
import struct
import subprocess
import time

from confluent_kafka import Producer

SECRET = "whsec_YmlodWFuLWJlbmNoLWRlbGl2ZXJpZXMtMDAwMQ=="
OVERDUE = "2024-10-17T00:00:05+08:00"     # a simple ticket received on the 15th is overdue


class Sink:
    def __init__(self, directory, build, name, *options):
        ready = directory / f"{name}.ready"
        ready.unlink(missing_ok=True)
        self.process = subprocess.Popen([build / "support/sink", "--ready", ready, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not ready.exists():
            time.sleep(0.01)
        self.url = ready.read_text().strip().split("=", 1)[1]

    def end(self):
        self.process.terminate()
        self.process.wait()


def dead_url():
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}/"


def produce(servers, count, units):
    producer = Producer({"bootstrap.servers": servers.kafka, "linger.ms": 5, "queue.buffering.max.messages": 1000000})
    for i in range(count):
        case = f"DELIVER{i:07d}"
        producer.produce(servers.topics["tickets"], json.dumps({"specversion": "1.0", "id": case, "source": "/bench", "type": "ticket.received", "subject": case,
                         "time": "2024-10-15T09:00:00+08:00", "data": {"kind": "complaint", "simple": True, "title": "bench", "unit": f"u{i % units}"}}), case)
        if i % 1000 == 0:
            producer.poll(0)
    producer.flush()


def delivered(servers, units):
    """Settled as delivered, of these units."""
    total = 0
    pipeline = servers.redis.pipeline(transaction=False)
    for shard in range(16):
        pipeline.hgetall(f"{{s{shard:02d}}}figures:notices")
    for rows in pipeline.execute():
        for unit, row in rows.items():
            if unit.decode() in units and len(row) >= 8:
                total += struct.unpack_from("<i", row, 4)[0]
    return total


def run(servers, bench, count, endpoints, good):
    """Seconds until all notices of the good units are delivered, and CPU seconds of the notifier and of Redis."""
    config = servers.fresh(OVERDUE)
    secret = servers.dir / "deliveries.secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    with open(config, "a") as out:
        for name, (url, unit) in endpoints.items():
            out.write(f"[endpoint {name}]\nurl = {url}\nunits = {unit}\nsecret_file = {secret}\n")
    feeders = [servers.spawn(program, config) for program in ("ingest", "sla")]
    produce(servers, count, max(1, len(endpoints)))
    bench.wait_until(lambda: servers.records() >= count, 120)
    bench.stop(*feeders)
    wanted = sum(1 for i in range(count) if f"u{i % max(1, len(endpoints))}" in good)
    redis_before, begun = bench.cpu_s(servers.redis_process.pid), time.monotonic()
    notifier = servers.spawn("notify", config)
    bench.wait_until(lambda: delivered(servers, good) >= wanted, 300)
    seconds = time.monotonic() - begun
    notifier_s, redis_s = bench.cpu_s(notifier.pid), bench.cpu_s(servers.redis_process.pid) - redis_before
    with open(f"/proc/{notifier.pid}/status") as status:
        peak_kb = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    notifier.kill()
    notifier.wait()
    return wanted / seconds, notifier_s / wanted * 1e6, redis_s / wanted * 1e6, peak_kb


def bench_deliveries(servers, bench):
    count = 2000 if bench.QUICK else 60000
    sink = Sink(servers.dir, bench.BUILD, "sink")
    slow = Sink(servers.dir, bench.BUILD, "slow", "--delay-ms", "10000")
    try:
        rate, notifier, redis, peak_kb = run(servers, bench, count, {"all": (sink.url, "u0")}, {"u0"})
        bench.say(f"{count:,} webhooks to one sink, settled", f"{rate:,.0f}", "deliveries/s")
        bench.say("  notifier, Redis", f"{notifier:.0f}, {redis:.0f}", "CPU s a million")
        bench.say("  notifier's memory at most", f"{peak_kb / 1024:.0f}", "MB")
        good = {f"u{i}" for i in range(8)}
        eight = {f"e{i}": (sink.url + f"e{i}", f"u{i}") for i in range(8)}
        alone = run(servers, bench, count // 10 * 8, eight, good)[0]
        ten = dict(eight, e8=(dead_url(), "u8"), e9=(slow.url, "u9"))
        beside = run(servers, bench, count, ten, good)[0]
        bench.say("eight endpoints alone", f"{alone:,.0f}", "deliveries/s")
        bench.say("  beside a dead one and one that takes 10 s", f"{beside:,.0f}", "deliveries/s")
        bench.say("  of their pace", f"{100 * beside / alone:.0f}", "%")
    finally:
        sink.end()
        slow.end()
