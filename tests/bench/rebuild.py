#!/usr/bin/python3
"""How long a rebuild takes, and whether it is the same to the byte.

  rebuild.py [--cases N] [--told]    about N cases (default 20000) of the invented town; --told: with all that was told of them

Prints `name  figure unit`, and fails where the dumps of both stores differ. Needs a build (BUILD, default build) and uses a private
Kafka and two private Redis."""
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import redis

from bench import BUILD, SHARDS, TOP, Servers, say, stop, town, wait_until

EVENTS_A_CASE = 4.44    # of the town
BUSINESS_NOW = "2031-01-01T00:00:00+08:00"


def option(name, default):
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else default


class Other:
    """The server to rebuild into."""

    def __init__(self, directory):
        directory.mkdir()
        self.sock = directory / "redis.sock"
        self.process = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", self.sock, "--dir", directory, "--appendonly", "yes", "--save", ""],
                                        stdout=subprocess.DEVNULL)
        wait_until(self.sock.exists, 10)
        self.redis = redis.Redis(unix_socket_path=str(self.sock))


def timed_rebuild(config, other, *options):
    begun = time.monotonic()
    done = subprocess.run([BUILD / "bihuan-sla", "rebuild", "--config", config, "--into", other.sock, "--yes", "--json", *options], cwd=TOP, stdout=subprocess.PIPE)
    lines = done.stdout.splitlines()
    if done.returncode:
        raise SystemExit("rebuild ended with %d: %s" % (done.returncode, lines[:2]))
    return time.monotonic() - begun, json.loads(lines[-1])


def dump_hash(config):
    """SHA-256 of a dump, and how many lines."""
    digest, lines = hashlib.sha256(), 0
    process = subprocess.Popen([BUILD / "bihuan-sla", "dump", "--until", BUSINESS_NOW, "--config", config], cwd=TOP, stdout=subprocess.PIPE)
    for line in process.stdout:
        digest.update(line)
        lines += 1
    if process.wait():
        raise SystemExit("dump failed")
    return digest.hexdigest(), lines


def in_outbox(servers):
    return sum(servers.redis.zcard("{s%02d}%s" % (shard, key)) for shard in range(SHARDS) for key in ("out", "lease"))


def main():
    directory = Path(tempfile.mkdtemp(prefix="bihuan-bench-"))
    servers, daemons, other = Servers(directory), [], Other(directory / "other")
    try:
        events = round(option("--cases", 20000) * EVENTS_A_CASE)
        config = servers.fresh("2030-06-01T00:00:00+08:00")
        path = town(directory, events)
        subprocess.run([BUILD / "bihuan-ingest", "feed", "--config", config, path], check=True, stderr=subprocess.DEVNULL, cwd=TOP)
        path.unlink()
        daemons = [servers.spawn(program, config) for program in (("ingest", "sla", "notify") if "--told" in sys.argv else ("ingest",))]
        begun = time.monotonic()
        wait_until(lambda: servers.records() >= events, 3600, 0.5)
        say("live: records committed", f"{events / (time.monotonic() - begun):,.0f}", "records/s")
        if "--told" in sys.argv:
            wait_until(lambda: in_outbox(servers) == 0, 3600, 0.5)
            say("live: all is told", f"{time.monotonic() - begun:,.0f}", "s")
        took, said = timed_rebuild(config, other)
        say("rebuild from the topics, compared case by case", f"{took:,.1f}", f"s ({said['cases']:,} cases, {said['records']:,} records, {said['told']:,} told)")
        theirs = directory / "other.ini"
        theirs.write_text(config.read_text().replace("address = %s\n" % servers.sock, "address = %s\n" % other.sock))
        ours, rebuilt = dump_hash(config), dump_hash(theirs)
        say("dump of the running store, and of the rebuilt", "equal" if ours == rebuilt else "DIFFERENT", f"{ours[1]:,} lines, SHA-256 {ours[0][:16]}")
        if ours != rebuilt:
            raise SystemExit("the dumps differ")
        took, said = timed_rebuild(config, other, "--switch")
        say("again, and switched to", f"{took:,.1f}", "s")
        say("  in which nothing was committed", f"{said['outage_ms'] / 1000:.2f}", "s")
    finally:
        stop(*daemons)
        other.process.terminate()
        servers.close()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
