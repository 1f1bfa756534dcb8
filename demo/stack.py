"""The programs of the demonstration: a private Redis, the embedded broker,
sinks that play the departments and their WeCom group, and the daemons, in one
temporary directory, on free ports.

Everything started here is ended here, whatever happens."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
BUILD = TOP / os.environ.get("BUILD", "build")
SECRET = "whsec_YmlodWFuLWRlbW9uc3RyYXRpb24tc2VjcmV0LTE="
READY_S = 20


class Failed(Exception):
    """Something that the demonstration needs did not come about."""


def wait_for(what, condition, seconds=READY_S):
    """The first true value of condition(), asked often; Failed after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise Failed(f"{what}: not within {seconds} s")


class Stack:
    """A running town. Use it as a context."""

    def __init__(self, start, speed, grace_s, policy, notify=""):
        """notify: more lines for the section of that name."""
        self.dir = Path(tempfile.mkdtemp(prefix="bihuan-demo-"))
        self.processes = {}
        self.start, self.speed, self.grace_s, self.policy, self.notify = start, speed, grace_s, policy, notify
        self.config = self.dir / "bihuan.ini"
        self.logs = {name: self.dir / f"{name}.jsonl" for name in ("departments", "group")}

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def spawn(self, name, *command):
        log = open(self.dir / f"{name}.log", "ab")
        self.processes[name] = subprocess.Popen([str(c) for c in command], cwd=TOP, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                                start_new_session=True)
        log.close()

    def spawn_sink(self, name, *options):
        self.spawn(name, BUILD / "support/sink", "--ready", self.dir / f"{name}.ready", "--log", self.logs[name], "--fail-every", "50",
                   "--fail-status", "503", *options)

    def _ready_value(self, name):
        path = self.dir / f"{name}.ready"

        def read():
            self.check_alive()
            return path.exists() and path.read_text().strip()
        return wait_for(name, read).split("=", 1)[1]

    def _start(self):
        sock = self.dir / "redis.sock"
        self.spawn("redis", "redis-server", "--port", "0", "--unixsocket", sock, "--dir", self.dir, "--appendonly", "yes", "--save", "")
        self.spawn("broker", BUILD / "support/broker", "--ready", self.dir / "broker.ready")
        self.spawn_sink("departments", "--secret", SECRET)
        self.spawn_sink("group")
        self.broker = self._ready_value("broker")
        departments, group = self._ready_value("departments"), self._ready_value("group")
        wait_for("redis", sock.exists)
        (self.dir / "webhook.secret").write_text(SECRET + "\n")
        (self.dir / "citizen.key").write_text("a key for the demonstration alone\n")
        for secret in ("webhook.secret", "citizen.key"):
            (self.dir / secret).chmod(0o600)
        self.config.write_text(f"""[kafka]
bootstrap.servers = {self.broker}
[redis]
address = {sock}
[sla]
policy = {self.policy}
grace = {self.grace_s:.3f}
[notify]
retry = 0s 1s 2s 4s
units = demo/units.json
{self.notify}
[endpoint departments]
url = {departments}
secret_file = {self.dir}/webhook.secret
[endpoint group]
channel = wecom
url = {group}robot?key=demo
units = -
rate = 0
[clock]
mode = scaled
start = {self.start}
speed = {self.speed:.9g}
[privacy]
key_file = {self.dir}/citizen.key
key_id = demo
""")
        for program in ("sla", "ingest", "notify"):
            self.spawn(program, BUILD / f"bihuan-{program}", "run", "--config", self.config)

    def anchor_ms(self):
        """Real time at which business time began, as the daemons agreed it."""
        def read():
            self.check_alive()
            out = subprocess.run(["redis-cli", "-s", self.dir / "redis.sock", "GET", "bihuan:clock"], capture_output=True, text=True).stdout
            return out.split()[0] if out.strip() else None
        return int(wait_for("the shared clock", read))

    def check_alive(self):
        for name, process in self.processes.items():
            if process.poll() is not None and name != "pace":
                tail = (self.dir / f"{name}.log").read_text(errors="replace").splitlines()[-5:]
                raise Failed(f"{name} ended with status {process.returncode}:\n  " + "\n  ".join(tail))

    def run(self, program, *arguments, text=None, good=(0,)):
        """Output of a verb, given our configuration."""
        command = [str(BUILD / f"bihuan-{program}"), arguments[0], "--config", str(self.config), *map(str, arguments[1:])]
        done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, input=text)
        if done.returncode not in good:
            raise Failed(f"{' '.join(command)}: status {done.returncode}\n{done.stderr[-2000:]}")
        return done.stdout

    def json_lines(self, program, *arguments, text=None, good=(0,)):
        return [json.loads(line) for line in self.run(program, *arguments, text=text, good=good).splitlines()]

    def stop(self, *names, seconds=40):
        """Asks daemons to drain and end, and waits for it."""
        running = [self.processes[n] for n in names if n in self.processes and self.processes[n].poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                raise Failed(f"a program did not end within {seconds} s of SIGTERM") from None
        for name in names:
            self.processes.pop(name, None)

    def requests(self, name):
        """What that sink was sent, in order."""
        return [json.loads(line) for line in open(self.logs[name], encoding="utf-8")] if self.logs[name].exists() else []

    def pace(self, feed):
        """Sends the feed at the pace of its own times; returns the process, and where it says how far it is."""
        progress = self.dir / "pace.progress"
        self.spawn("pace", BUILD / "support/pace", "--bootstrap", self.broker, "--start", self.start, "--speed", f"{self.speed:.9g}",
                   "--anchor-ms", self.anchor_ms(), "--progress", progress, feed.path)
        return self.processes["pace"], progress

    def close(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + 5
        for process in self.processes.values():
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()
        if os.environ.get("DEMO_KEEP"):
            print(f"kept: {self.dir}", file=sys.stderr)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)
