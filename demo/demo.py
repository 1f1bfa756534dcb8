"""Three months of a town's hotline in about a minute; or a file of yours.

  make demo                          an invented town
  make demo FEED=FILE [MAPPING=NAME] your file, at the pace of its own times
  DEMO_EXIT=1                        ends by itself; exit 0 only if all figures reconcile
  DEMO_KEEP=1                        leaves the directory for a look
  POLICY=FILE                        another policy than conf/policy/meilong-2024.json
"""
import hashlib
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import feed as feeds
import story
from morning import Morning
from stack import Failed, Stack, wait_for

GRACE_S = 0.4       # real time that timers wait for the feed
SETTLE_S = 90
LADDER_S = 3        # real time after the feed, so that the last notices go


class Status:
    """One live line on a terminal; a line now and then elsewhere."""

    def __init__(self, stack, feed, total):
        self.stack, self.feed, self.total = stack, feed, total
        self.anchor_ms, self.live = stack.anchor_ms(), sys.stderr.isatty()
        self.said = 0.0

    def business(self):
        passed = (time.time() * 1000 - self.anchor_ms) / 1000 * self.stack.speed
        return self.feed.start + timedelta(seconds=max(0.0, passed))

    def say(self, sent):
        if not self.live and time.monotonic() - self.said < 10:
            return
        self.said = time.monotonic()
        notices = sum(1 for log in self.stack.logs.values() if log.exists() for _ in open(log, "rb"))
        day = self.business().strftime("%Y-%m-%d %a %H:00")
        line = f"{day}  {min(sent, self.total):>7} of {self.total} records sent  {notices:>6} messages out"
        print(f"\r\033[K{line}" if self.live else line, end="" if self.live else "\n", file=sys.stderr, flush=True)

    def done(self):
        if self.live:
            print(file=sys.stderr)


def send_feed(stack, feed, total):
    status = Status(stack, feed, total)
    pace, progress = stack.pace(feed)
    while pace.poll() is None:
        stack.check_alive()
        text = progress.read_text() if progress.exists() else "0"
        status.say(int(text) if text.strip().isdigit() else 0)
        time.sleep(0.25)
    status.say(total)
    status.done()
    result = json.loads((stack.dir / "pace.log").read_text().splitlines()[-1])
    if pace.returncode != 0 or result["failed"]:
        raise Failed(f"the feed could not be sent: {result}")
    stack.processes.pop("pace")
    return result["records"]


def record_counts(stack):
    rows = stack.json_lines("ingest", "status", "--json")
    return {name: sum(row[name] for row in rows) for name in ("records", "applied", "duplicates", "dead_letters")}


def sink_counts(stack):
    """By sink: what was asked of it, refused, taken."""
    counts = {}
    for name in stack.logs:
        requests = stack.requests(name)
        taken = [r for r in requests if r["status"] == 200]
        counts[name] = {"requests": len(requests), "refused": len(requests) - len(taken), "taken": len(taken), "unverified": sum(r["verified"] is False for r in requests)}
    return counts


def same_bytes(stack, delivered):
    """Does the ledger have the hash of each body that the departments' sink took, and no other?"""
    bodies = [json.dumps(r["body"], ensure_ascii=False, separators=(",", ":")) for r in stack.requests("departments") if r["status"] == 200]
    return Counter(hashlib.sha256(body.encode()).hexdigest() for body in bodies) == Counter(r["hash"] for r in delivered)


def reconcile(stack, feed, produced, counts, notices, sent, summary):
    """Every figure two ways. Returns what does not agree."""
    letters = stack.json_lines("ingest", "dlq", "--json")
    ledger = stack.json_lines("notify", "ledger", "--json")
    delivered = {name: [r for r in ledger if r["outcome"] == "delivered" and r["endpoint"] == name] for name in ("departments", "group")}
    replayed = json.loads(stack.run("sla", "replay", "--policy", stack.policy, "--summary", "--json", "--until", summary["as_of"], feed.path, good=(0, 1)))
    ended = sum(notices[name] for name in ("delivered", "superseded", "exhausted", "shadowed", "pending"))
    chained = json.loads(stack.run("notify", "verify", "--strict", "--json", good=(0, 1)).splitlines()[-1])
    checks = {
        f"records produced {produced} = applied {counts['applied']} + duplicates {counts['duplicates']} + dead letters {counts['dead_letters']}":
            produced == counts["applied"] + counts["duplicates"] + counts["dead_letters"],
        f"dead letters in their topic {len(letters)} = counted {counts['dead_letters']}": len(letters) == counts["dead_letters"],
        f"notices owed {notices['owed']} = delivered, superseded, exhausted, shadowed and pending {ended}": notices["owed"] == ended,
        "no signature was bad": sent["departments"]["unverified"] == 0,
        f"verify --strict: all {chained['records']} records of the ledger are there and as they were written":
            chained["verified"] and chained["records"] == len(ledger),
        f"the summary from Redis = replay --summary of the same events, as of {summary['as_of']}": summary == replayed,
    }
    if chained["gone"] == 0:
        checks.update({
            f"webhooks that the departments took {sent['departments']['taken']} = delivered to them in the ledger {len(delivered['departments'])}, hash by hash":
                same_bytes(stack, delivered["departments"]),
            f"messages that the group took {sent['group']['taken']} = delivered to it in the ledger {len(delivered['group'])}":
                sent["group"]["taken"] == len(delivered["group"]),
        })
    story.title("Do the figures reconcile?")
    for text, good in checks.items():
        print(f"  {'yes' if good else 'NO '}  {text}")
    if chained["gone"]:
        print(f"  (the ledger is not held against the sinks: of each partition the demonstration's broker keeps the newest 5 MB, and {chained['gone']} records are gone)")
    return letters, [text for text, good in checks.items() if not good]


def settle(stack, produced):
    """All records committed; then the daemons end in the order of the flow."""
    def caught_up():
        stack.check_alive()
        counts = record_counts(stack)
        return counts if counts["records"] >= produced else None
    counts = wait_for("every record committed", caught_up, SETTLE_S)
    time.sleep(LADDER_S)
    stack.stop("ingest", "sla", "notify")
    return counts


def tell(stack, feed, produced, counts, morning):
    summary = json.loads(stack.run("report", "summary", "--json"))
    notices = stack.json_lines("notify", "status", "--json")[0]
    cases = stack.json_lines("sla", "dump", "--until", summary["as_of"])
    sent = sink_counts(stack)
    story.title(f"{feed.start:%Y-%m-%d} to {feed.end:%Y-%m-%d}: {produced} records, {len(cases)} cases")
    print(stack.run("report", "summary", "--table", "--as-of", summary["as_of"]).rstrip())
    story.tell_waits(stack, cases, summary["as_of"])
    story.tell_units(summary)
    story.tell_ladder(stack, cases)
    story.tell_ratings(summary["total"])
    story.tell_words(stack)
    if morning:
        morning.tell()
    story.tell_deliveries(notices, sent)
    letters, wrong = reconcile(stack, feed, produced, counts, notices, sent, summary)
    if letters:
        story.tell_dead_letters(letters)
    return wrong


def demonstrate(directory):
    own = os.environ.get("FEED")
    if own:
        print(f"demo: {own}, at the pace of its own times", file=sys.stderr)
        feed, total = feeds.own_file(directory, own, os.environ.get("MAPPING"))
    else:
        print("demo: three months of an invented town", file=sys.stderr)
        feed, total = feeds.invented_town(directory)
    policy = os.environ.get("POLICY", "conf/policy/meilong-2024.json")
    print(f"demo: {total} records from {feed.start:%Y-%m-%d} to {feed.end:%Y-%m-%d}, a day of theirs every {86400 / feed.speed:.2g} s", file=sys.stderr)
    with ExitStack() as stacks:
        morning = None if own else stacks.enter_context(Morning(feed, policy))
        stack = stacks.enter_context(Stack(feed.start.isoformat(), feed.speed, GRACE_S * feed.speed, policy))
        produced = send_feed(stack, feed, total)
        counts = settle(stack, produced)
        wrong = tell(stack, feed, produced, counts, morning)
        if not os.environ.get("DEMO_EXIT"):
            print(f"\nThe data stays until Ctrl-C. Look at it from another terminal, with --config {stack.config}:")
            print("  build/bihuan-report summary    build/bihuan-sla cases --state overdue    build/bihuan-notify ledger    build/bihuan-notify verify")
            signal.pause()
    return wrong


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="bihuan-feed-") as directory:
        try:
            wrong = demonstrate(Path(directory))
        except Failed as failure:
            print(f"demo: {failure}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\ndemo: ended, everything is cleaned up", file=sys.stderr)
            return 0 if not os.environ.get("DEMO_EXIT") else 130
    for text in wrong:
        print(f"demo: does not reconcile: {text}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
