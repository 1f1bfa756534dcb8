"""What the demonstration sends: an invented town, or a file of yours."""
import json
import subprocess
import sys
from datetime import datetime, timedelta

from stack import BUILD, TOP, Failed

FEED_S = 50            # real time that the feed takes
BEFORE = timedelta(hours=1)


class Feed:
    """Canonical lines in a file, and the clock that fits them."""

    def __init__(self, path, start, end):
        self.path, self.start, self.end = path, start, end
        self.speed = max(1.0, (end - start).total_seconds() / FEED_S)


def event_time(line):
    try:
        return datetime.fromisoformat(json.loads(line)["time"].replace("Z", "+00:00"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def span(lines):
    times = [t for t in map(event_time, lines) if t is not None and t.tzinfo]
    if not times:
        raise Failed("the feed holds no event with a time")
    return min(times), max(times)


def invented_town(directory):
    path = directory / "feed.jsonl"
    with open(path, "wb") as out:
        subprocess.run([BUILD / "support/town", "--bad", "--tickets-per-day", "40"], stdout=out, stderr=subprocess.DEVNULL, check=True)
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    # Bad records may bear any time: the town's own days are those of the good ones.
    start = datetime.fromisoformat("2024-08-12T08:00:00+08:00")
    return Feed(path, start - BEFORE, start + timedelta(days=92)), len([l for l in lines if l.strip()])


def own_file(directory, name, mapping):
    """Your file, mapped where a mapping is named, in the order of its own times."""
    path = directory / "feed.jsonl"
    if mapping:
        done = subprocess.run([BUILD / "bihuan-ingest", "map", "--mapping", mapping, name], cwd=TOP, capture_output=True)
        sys.stderr.write(done.stderr.decode(errors="replace"))
        if done.returncode == 2 or not done.stdout:
            raise Failed(f"{name} cannot be mapped by {mapping}")
        text = done.stdout
    else:
        with open(name, "rb") as file:
            text = file.read()
    lines = [l for l in text.split(b"\n") if l.strip()]
    first, last = span(lines)
    at, keyed = first, []
    for line in lines:
        at = event_time(line) or at   # a line without a time stays behind the one before
        keyed.append((at, line))
    keyed.sort(key=lambda pair: pair[0])
    path.write_bytes(b"\n".join(line for _, line in keyed) + b"\n")
    return Feed(path, first - BEFORE, last), len(lines)
