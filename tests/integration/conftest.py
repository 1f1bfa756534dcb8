"""Servers shared by a session, and events to send."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness import BUILD, CACHE, READY_S, TOP, Kafka, Process, Stack, wait_for  # noqa: E402

NODE = TOP / "tests/support/kafka-node"
BROKER_TOPICS = {name: "bihuan." + name for name in ("tickets", "ratings", "results", "dlq", "ledger", "control")}


@pytest.fixture(scope="session")
def session_dir():
    path = Path(tempfile.mkdtemp(prefix="bihuan-itest-"))
    yield path
    if os.environ.get("KEEP"):
        print("kept: %s" % path, file=sys.stderr)
    else:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def kafka(session_dir):
    """A real Apache Kafka, one for all."""
    subprocess.run([NODE, "fetch", CACHE / "kafka"], check=True, capture_output=True)
    started = subprocess.run([NODE, "start", CACHE / "kafka", session_dir / "kafka"], check=True, stdout=subprocess.PIPE, text=True)
    try:
        yield Kafka(started.stdout.strip())
    finally:
        # Its data are thrown away: no orderly end, which takes long.
        os.kill(int((session_dir / "kafka/pid").read_text()), signal.SIGKILL)
        subprocess.run([NODE, "stop", session_dir / "kafka"], check=True)


@pytest.fixture
def folder(session_dir, request):
    """A directory of the test's own. Short, for a socket's name has 107 bytes at most."""
    return Path(tempfile.mkdtemp(prefix="t", dir=session_dir))


@pytest.fixture
def broker(folder):
    """The embedded broker: its own for each test, with the usual topics."""
    ready = folder / "broker.ready"
    process = Process([BUILD / "support/broker", "--partitions", "2", "--ready", ready], folder / "broker.log")
    try:
        wait_for("the embedded broker", ready.exists, READY_S)
        yield Kafka(ready.read_text().strip().split("=", 1)[1])
    finally:
        process.end()


@pytest.fixture
def make_stack(folder, kafka):
    """Makes stacks at the real Kafka; they end with the test."""
    made = []

    def make(**options):
        made.append(Stack(folder / str(len(made)), kafka, **options))
        return made[-1]
    yield make
    for stack in made:
        stack.close()


@pytest.fixture
def stack(make_stack):
    return make_stack()


@pytest.fixture
def small_stack(folder, broker):
    """A stack at the embedded broker."""
    with Stack(folder / "s", broker, topics=BROKER_TOPICS) as made:
        yield made


@pytest.fixture(scope="session")
def life_cycles(session_dir):
    """Files of generated life cycles: life_cycles(seed, cases, "--shuffle", ..., policy=NAME)."""
    def make(seed, cases, *flags, policy="meilong-2024"):
        path = session_dir / ("-".join(["lives", policy, str(seed), str(cases), *(flag.strip("-") for flag in flags)]) + ".jsonl")
        if not path.exists():
            command = [sys.executable, "-B", TOP / "tests/reference/lifecycles.py", "--seed", str(seed), "--cases", str(cases),
                       "--policy", policy, *flags]
            with open(path, "wb") as out:
                subprocess.run(command, check=True, stdout=out)
        return path
    return make


@pytest.fixture(scope="session")
def town(session_dir):
    """Lines of the invented town: town(events)."""
    def make(events, *flags):
        done = subprocess.run([BUILD / "support/town", "--events", str(events), *flags], check=True, capture_output=True)
        return [line for line in done.stdout.split(b"\n") if line.strip(b" \t\r")]
    return make
