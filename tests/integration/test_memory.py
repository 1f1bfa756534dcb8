"""The notifier's memory does not grow with what is pending: one endpoint is dead, one takes 20 a minute, one takes all at once."""
from harness import MEMORY_BYTES, SOAK, wait_for
from services import Service
from test_notify import AFTER, SECRET, close, make_sink, simple, status      # noqa: F401 (fixtures)

PENDING = 100000 if SOAK else 4000
MOST_BYTES = 150 << 20     # whatever is pending


def test_what_is_pending_waits_in_redis(make_stack, make_sink, folder):      # noqa: F811
    fine, dead, robot = make_sink(), make_sink(), Service("wecom")
    dead.process.end()
    secret = folder / "secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)
    try:
        stack = make_stack(start=AFTER, sections={
            "notify": {"lease": 5},
            "endpoint fine": {"url": fine.url, "secret_file": secret, "units": "wuye"},
            "endpoint dead": {"url": dead.url, "units": "wuye"},
            "endpoint robot": {"channel": "wecom", "url": "http://127.0.0.1:%d/cgi-bin/webhook/send?key=abc" % robot.port, "units": "wuye"}})
        stack.spawn(), stack.spawn("sla")
        for at in range(0, PENDING, 10000):
            stack.produce(simple(i) for i in range(at, min(at + 10000, PENDING)))
        stack.settled()
        notify, highest = stack.spawn("notify"), 0

        def all_at_the_fine_one():
            nonlocal highest
            highest = max(highest, notify.memory_bytes())
            assert highest < MOST_BYTES + MEMORY_BYTES, "%d MB" % (highest >> 20)
            with open(fine.log, "rb") as log:
                return sum(piece.count(b"\n") for piece in iter(lambda: log.read(1 << 20), b"")) >= PENDING
        wait_for(lambda: "all at the one that is fine: %s" % status(stack), all_at_the_fine_one, 1800 if SOAK else 120)
        figures = wait_for("most is pending", lambda: [now for now in [status(stack)] if now["pending"] > PENDING * 0.9])[0]
        close(figures)
        assert len(robot.requests) < 200, "20 a minute"
        assert len({request["id"] for request in fine.taken()}) == PENDING
        print("%d pending: %d MB at most" % (figures["pending"], highest >> 20))
        assert stack.stop("notify") == 0
    finally:
        robot.close()
