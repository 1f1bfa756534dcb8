"""Three months of a town's hotline in about a minute; or a file of yours.

  make demo                          an invented town
  make demo FEED=FILE [MAPPING=NAME] your file, at the pace of its own times
  DEMO_EXIT=1                        ends by itself; exit 0 only if all figures reconcile
  DEMO_KEEP=1                        leaves the directory for a look
  POLICY=FILE                        another policy than conf/policy/meilong-2024.json
"""
import json
import os
import signal
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import feed as feeds
import story
from stack import BUILD, Failed, Stack, wait_for

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
        try:
            with open(self.stack.sink_log, "rb") as log:
                notices = sum(1 for _ in log)
        except OSError:
            notices = 0
        day = self.business().strftime("%Y-%m-%d %a %H:00")
        line = f"{day}  {min(sent, self.total):>7} of {self.total} records sent  {notices:>6} notices out"
        print(f"\r\033[K{line}" if self.live else line, end="" if self.live else "\n", file=sys.stderr, flush=True)

    def done(self):
        if self.live:
            print(file=sys.stderr)


def send_feed(stack, feed, total):
    status = Status(stack, feed, total)
    progress = stack.dir / "pace.progress"
    stack.spawn("pace", BUILD / "support/pace", "--bootstrap", stack.broker, "--start", feed.start.isoformat(), "--speed", f"{stack.speed:.9g}",
                "--anchor-ms", status.anchor_ms, "--progress", progress, feed.path)
    pace = stack.processes["pace"]
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
    requests = [json.loads(line) for line in open(stack.sink_log, encoding="utf-8")] if stack.sink_log.exists() else []
    taken = [r["id"] for r in requests if 200 <= r["status"] < 300]
    return {"requests": len(requests), "refused": len(requests) - len(taken), "notices": len(set(taken)), "repeated": len(taken) - len(set(taken)),
            "unverified": sum(r["verified"] is False for r in requests)}


def reconcile(stack, feed, produced, counts, notices, sent, summary):
    """Every figure two ways. Returns what does not agree."""
    letters = stack.json_lines("ingest", "dlq", "--json")
    replayed = json.loads(stack.run("sla", "replay", "--policy", stack.policy, "--summary", "--json", "--until", summary["as_of"], feed.path, good=(0, 1)))
    ended = sum(notices[name] for name in ("delivered", "superseded", "exhausted", "shadowed", "pending"))
    checks = {
        f"records produced {produced} = applied {counts['applied']} + duplicates {counts['duplicates']} + dead letters {counts['dead_letters']}":
            produced == counts["applied"] + counts["duplicates"] + counts["dead_letters"],
        f"dead letters in their topic {len(letters)} = counted {counts['dead_letters']}": len(letters) == counts["dead_letters"],
        f"notices owed {notices['owed']} = delivered, superseded, exhausted, shadowed and pending {ended}": notices["owed"] == ended,
        f"notices delivered {notices['delivered']} = notices that the sink accepted {sent['notices']}": notices["delivered"] == sent["notices"],
        "no signature was bad": sent["unverified"] == 0,
        f"the summary from Redis = replay --summary of the same events, as of {summary['as_of']}": summary == replayed,
    }
    story.title("Do the figures reconcile?")
    for text, good in checks.items():
        print(f"  {'yes' if good else 'NO '}  {text}")
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


def tell(stack, feed, produced, counts):
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
    with Stack(feed.start.isoformat(), feed.speed, GRACE_S * feed.speed, policy) as stack:
        produced = send_feed(stack, feed, total)
        counts = settle(stack, produced)
        wrong = tell(stack, feed, produced, counts)
        if not os.environ.get("DEMO_EXIT"):
            print(f"\nThe data stays until Ctrl-C. Look at it from another terminal, with --config {stack.config}:")
            print("  build/bihuan-report summary    build/bihuan-sla cases --state overdue    build/bihuan-notify ledger")
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
