"""One night and one morning of the town, beside the three months but slower: sending hours and digests as conf/sending.json has them.

The town attaches that evening with all its cases: `[notify] from` keeps what fell due before from going out once more."""
from collections import Counter
from datetime import datetime, timedelta

import story
from stack import Stack

EVENING = "2024-10-08T19:00:00+08:00"   # of the first working day after the holiday week
SPEED = 1100                            # so that a digest, which nobody wants three hours late, has 10 s
GRACE_S = 300
HANDLER = "物业管理科 经办甲"
SHOWN = 25                              # lines of the digest


def kind(text):
    """The message's first line, without whom a digest is for."""
    urgent = "【紧急】" if "【紧急】" in text and not text.startswith("待办汇总") else ""
    return text.splitlines()[0].split("：")[0] + urgent


class Morning:
    """Begins with the demonstration, and is told at its end. Use it as a context."""

    def __init__(self, feed, policy):
        self.feed = feed
        self.stack = Stack(EVENING, SPEED, GRACE_S, policy, notify=f"sending = conf/sending.json\nfrom = {EVENING}\n")

    def __enter__(self):
        self.stack.__enter__()
        self.stack.pace(self.feed)
        return self

    def __exit__(self, *_):
        self.stack.close()

    def clock(self, request):
        """When it was sent, by the town's clock."""
        passed_s = (request["received_ms"] - self.stack.anchor_ms()) / 1000 * SPEED
        return f"{datetime.fromisoformat(EVENING) + timedelta(seconds=passed_s):%m-%d %H:%M}"

    def tell(self):
        stack = self.stack
        stack.check_alive()
        stack.stop("notify")
        texts = [(self.clock(request), text) for request, text in story.robot_texts(stack)]
        story.title("One night and one morning, slower, with sending hours and digests: what the group got, and when")
        for (hour, what), count in sorted(Counter((at[:-3] + ":00", kind(text)) for at, text in texts).items()):
            print(f"  {hour}  {count:>4} × {what}")
        counts = stack.json_lines("notify", "status", "--json")[0]
        print(f"recorded as shadowed, as they fell due before the town attached: {counts['shadowed']}; waiting for a digest or the hour: {counts['pending']}")
        for at, text in texts:
            if text.startswith("待办汇总：" + HANDLER):
                lines = [line for line in text.splitlines() if line]
                print(f"\nthe morning's of one handler, {at}:")
                print("\n".join("  " + line for line in lines[:SHOWN] + (["…"] if len(lines) > SHOWN else [])))
                break
