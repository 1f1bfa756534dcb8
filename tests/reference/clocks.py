"""One clock of a case: what moved its deadline, how it stands."""
import copy
from dataclasses import dataclass, field


@dataclass
class Moves:
    """What moves a deadline: suspensions that are over, as pairs of instants, and the working days granted."""
    stays: list = field(default_factory=list)
    granted: int = 0


@dataclass
class Due:
    """The platform's own deadline, stated at an instant, and what moved it since: its stays with the beginning of counting then."""
    instant: int
    stated: int
    rule: str
    moves: Moves = field(default_factory=Moves)


@dataclass(eq=False)
class Clock:
    rule: object
    round: int
    case_round: int         # the case's, when it began
    started: int
    main: bool = False
    unit: str = None        # of a member's clock
    anew: int = None        # when it was started, or last began anew: moves before are forgotten
    beginning: int = None   # when it began to count
    moves: Moves = field(default_factory=Moves)
    due: Due = None
    suspended: int = None
    restarts: bool = False  # at the end of that suspension
    stopped: int = None
    cancelled: bool = False

    def __post_init__(self):
        self.begin(self.started)

    def begin(self, time):
        self.anew = time
        self.beginning = self.rule.limit.counting.beginning(time)

    @property
    def name(self):
        return self.rule.name

    @property
    def going(self):
        return self.stopped is None and not self.cancelled

    # Where it ends

    def gained(self, moves):
        return sum(self.rule.limit.gain(self.beginning, *stay) for stay in moves.stays)

    def our_end(self):
        limit = self.rule.limit
        return limit.extended(limit.end(self.beginning, self.gained(self.moves)), self.beginning, self.moves.granted)

    def their_end(self):
        limit, moves = self.rule.limit, self.due.moves
        gained = sum(limit.gain(*stay) for stay in moves.stays)
        return limit.postponed(limit.moved(limit.ending_at(self.due.instant), gained), moves.granted)

    def end(self):
        if self.due is None:
            return self.our_end()
        theirs = self.their_end()
        return theirs if self.due.rule == "theirs" else min(self.our_end(), theirs, key=lambda end: end.deadline)

    @property
    def deadline(self):
        return self.end().deadline

    # What happens to it

    def suspend(self, time, restarts):
        if self.going and self.rule.suspends and time <= self.deadline:
            self.suspended, self.restarts = time, restarts

    def resume(self, time):
        if not self.going or self.suspended is None:
            return
        since = max(self.suspended, self.anew)
        self.moves.stays.append((since, time))
        if self.due:
            self.due.moves.stays.append((self.beginning, max(self.suspended, self.due.stated), time))
        if self.restarts:
            self.moves.stays = []
            self.begin(time)
        self.suspended = None

    def grant(self, workdays):
        self.moves.granted += workdays
        if self.due:
            self.due.moves.granted += workdays

    def stop(self, time):
        self.resume(time)
        self.stopped = time

    def cancel(self, time):
        self.resume(time)
        self.cancelled = True

    def state_due(self, instant, stated, rule):
        self.due = Due(instant, stated, rule)

    def take_rule(self, rule, time, effect):
        """An effect gave the case a class with this rule for the clock."""
        changed = self.twin()
        if changed.due:     # as it has been moved so far
            changed.due = Due(self.twin_resumed(time).their_end().deadline, time, changed.due.rule)
        changed.rule = rule
        if effect.from_event:
            changed.begin(time)
            changed.moves = Moves()
        if not rule.suspends:
            changed.resume(time)
        if not effect.only_earlier or changed.deadline_if_resumed(time) < self.deadline_if_resumed(time):
            self.__dict__.update(changed.__dict__)

    def twin(self):
        twin = copy.copy(self)
        twin.moves, twin.due = copy.deepcopy(self.moves), copy.deepcopy(self.due)
        return twin

    def twin_resumed(self, time):
        twin = self.twin()
        twin.resume(time)
        return twin

    def deadline_if_resumed(self, time):
        return self.twin_resumed(time).deadline

    # How it stands

    def in_time(self):
        return self.stopped <= self.deadline

    def outcome(self, until):
        if self.cancelled:
            return "cancelled"
        if self.stopped is not None:
            return "met" if self.in_time() else "missed"
        if self.suspended is not None:
            return "suspended"
        return "overdue" if until > self.deadline else "running"

    def show(self, policy, until):
        zone, end, outcome = policy.zone, self.end(), self.outcome(until)
        late = {"missed": self.stopped, "overdue": until}.get(outcome)
        return dict(
            name=self.name, round=self.round, started=zone.show(self.started),
            deadline=zone.show(end.deadline), last_day=end.last_day.isoformat(),
            stopped=None if self.stopped is None else zone.show(self.stopped), outcome=outcome,
            overdue_ms=0 if late is None else late - end.deadline,
            provisional=policy.calendar.provisional(zone.day_of(self.started), end.last_day))
