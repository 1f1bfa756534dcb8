"""A policy file (docs/POLICY.md) as rules that a case can ask. Only valid files are read; what is refused is the programs' business."""
import json
from dataclasses import dataclass
from pathlib import Path

from counting import Counting
from days import CountedDays
from limits import UNITS
from zone import ONE_DAY

FOLDER = Path(__file__).resolve().parents[2] / "conf/policy"
SHIPPED = sorted(path.stem for path in FOLDER.glob("*.json"))
# What starts and ends the kinds of clocks that do not say so themselves. Units that take or leave a case do the rest (tickets.py).
UNTOLD = {
    "share": dict(starts=[], stopped_by=["ticket.answered", "ticket.closed"], cancelled_by=["ticket.voided", "ticket.merged"]),
    "approval": dict(starts=["ticket.extension_requested"], stopped_by=["ticket.extension_granted", "ticket.extension_refused"],
                     cancelled_by=["ticket.answered", "ticket.closed", "ticket.voided", "ticket.merged"]),
    "member": dict(starts=[], stopped_by=[], cancelled_by=["ticket.closed", "ticket.voided", "ticket.merged"]),
}


@dataclass(eq=False)
class ClockRule:
    name: str
    kind: str
    limit: object
    starts: list        # of event types, 'receipt', 'each-round'
    stopped_by: list
    cancelled_by: list
    suspends: bool
    extends: bool

    def of_rounds(self):
        return self.starts in (["receipt"], ["each-round"])


@dataclass(eq=False)
class ClassRule:
    name: str
    clocks: list
    returns: dict

    @property
    def main(self):
        return next((clock for clock in self.clocks if clock.kind == "case"), None)

    def one(self, kind):
        """Its clock of a kind of which it has one at most."""
        return next((clock for clock in self.clocks if clock.kind == kind), None)

    def like(self, rule):
        """Its clock of the same name and kind."""
        return next((clock for clock in self.clocks if (clock.name, clock.kind) == (rule.name, rule.kind)), None)


@dataclass
class Effect:
    fields: dict

    def holds(self, event, cls):
        fields, data = self.fields, event.data
        return (fields["on"] == event.type
                and ("in" not in fields or cls in fields["in"])
                and ("satisfaction" not in fields or data.get("satisfaction") in fields["satisfaction"])
                and ("solved" not in fields or data.get("solved") is fields["solved"]))

    @property
    def cls(self):
        return self.fields.get("class")

    @property
    def rework(self):
        return self.fields.get("rework", False)

    @property
    def from_event(self):
        return self.fields.get("from") == "event"

    @property
    def only_earlier(self):
        return self.fields.get("deadline") == "earlier"


def holds(rule, of, fields):
    """Whether every condition of a rule holds; a list that is empty is none."""
    lists = ("kind", "urgency", "item", "area", "channel", "satisfaction")
    return (rule["of"] == of and all(not rule.get(name) or fields.get(name) in rule[name] for name in lists)
            and all(bool(fields.get(name)) == rule[name] for name in ("simple", "default") if name in rule))


class Policy:
    def __init__(self, fields, calendar, zone):
        self.fields, self.calendar, self.zone = fields, calendar, zone
        self.name = fields["policy"]
        self.days = {None: CountedDays(calendar)}
        for name, made in fields.get("calendars", {}).items():
            self.days[name] = CountedDays(calendar, made["counts"], made.get("on", ()), made.get("off", ()))
        self.counting = self.counting_of({})
        self.max_extension = fields["extension"]["max_workdays_a_round"]
        self.due = fields.get("due", "ours")
        self.effects = [Effect(effect) for effect in fields.get("effects", [])]
        self.classes = {each["class"]: self.class_rule(each) for each in fields["classes"]}
        rules = [rule for cls in self.classes.values() for rule in cls.clocks]
        self.printed_kinds = {rule.kind for rule in rules}
        self.counts_contact = any((rule.name, rule.kind) == ("contact", "case") for rule in rules)

    @classmethod
    def load(cls, name, calendar, zone):
        """A file, or a shipped policy by its name."""
        path = FOLDER / (name + ".json") if name in SHIPPED else Path(name)
        return cls(json.loads(path.read_text(encoding="utf-8")), calendar, zone)

    def counting_of(self, own):
        """The policy's counting, but for what a clock says of its own."""
        fields = dict(self.fields["counting"], **own)
        return Counting(fields, self.zone, self.days[fields.get("calendar")])

    def class_rule(self, fields):
        return ClassRule(fields["class"], [self.clock_rule(clock) for clock in fields["clocks"]], fields.get("returns", {}))

    def clock_rule(self, fields):
        fields = dict(fields, **UNTOLD.get(fields.get("kind"), {}))
        unit = next(unit for unit in UNITS if unit in fields)
        counting = self.counting_of(fields["counting"]) if "counting" in fields else self.counting
        starts = [fields["starts"]] if isinstance(fields["starts"], str) else fields["starts"]
        return ClockRule(fields["clock"], fields.get("kind", "case"), UNITS[unit](fields[unit], counting), starts,
                         fields.get("stopped_by", []), fields.get("cancelled_by", []), fields["suspends"], fields["extends"])

    def class_of(self, of, fields):
        return next(rule["class"] for rule in self.fields["rules"] if holds(rule, of, fields))

    def suspension(self, reason):
        """What the policy says of a suspension for this reason: its 'max_workdays' and 'then', where it has them; None: refused."""
        general = {name: value for name, value in self.fields.get("suspension", {}).items() if name == "max_workdays"}
        reasons = self.fields.get("suspension", {}).get("reasons")
        if reasons is None:
            return general
        return next((dict(general, **entry) for entry in reasons if entry["reason"] == reason), None)

    def longest_suspension(self, since, workdays):
        """The midnight at which a suspension ends by itself; the day of its beginning is one of the days if it counts."""
        return self.zone.end_of(self.counting.days.nth_after(self.zone.day_of(since) - ONE_DAY, workdays))
