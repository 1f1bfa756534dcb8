#!/usr/bin/env python3
"""Seeded life cycles of tickets and ratings that try the rules of section 2 at their edges.

A life cycle is a list of steps 'type@when' (see Maker.moment): half are scripts, half are drawn at random.
With --calendar, 'deadline' means the clock's true deadline; without, one that knows no published year.
"""
import argparse
import json
import random
import sys
from datetime import date, timedelta

from badevents import EVENTS as ODD_EVENTS
from cases import POLICIES, Rating, Ticket
from decode import EARLIEST, EPOCH, TABLE, TOO_LATE, decode
from workdays import Days

DAY = 86400000
UNITS = ["wuye", "shequ", "chengguan", "gongan", "unit_x", "供电", "绿化市容所", "a", "Z", "\U00020000", "\uffee"]
RECEIPTS = """2000-01-01 2009-12-28 2009-12-31 2010-02-12 2019-04-30 2020-01-23 2023-12-29 2024-02-04 2024-02-08
2024-02-09 2024-02-10 2024-02-17 2024-04-28 2024-09-13 2024-09-29 2024-09-30 2024-10-01 2024-10-11 2024-10-12
2024-12-31 2025-01-24 2025-01-26 2025-01-27 2025-04-30 2025-09-26 2025-09-28 2025-12-31 2026-02-13 2026-09-30
2026-12-23 2026-12-24 2026-12-25 2026-12-31 2027-01-01 2027-09-30 2028-02-28 2099-12-30 2199-12-20 2199-12-24""".split()
CLOCKS = [0, 0, 1, 999, 1000, 9 * 3600000, 12 * 3600000 + 1, 17 * 3600000 + 1800000, DAY - 1000, DAY - 1]
WHENS = ["=", "=", "+1ms", "+7m", "+3h", "+1d", "+2d", "+5d", "+30d", "mid", "mid-1", "mid+1",
         "end", "end", "end-1", "end+1", "last", "before", "past"]

SCRIPTS = [line.split() for line in """
answered@end
answered@end+1
answered@end-1
closed@end called_back@+1d
closed@end+1 answered@+1d reopened@+2d answered@end
dispatched@+7m signed@+3h contacted@+1d answered@+1d called_back@+1d closed@=
signed@= dispatched@= transferred@= returned@= suspended@= resumed@= answered@= closed@= reopened@=
suspended@end resumed@+5d answered@end
suspended@end+1 resumed@+5d answered@+1d
suspended@end-1 resumed@+30d answered@end+1
suspended@= resumed@= suspended@= resumed@+1d answered@end
suspended@last resumed@end+1 suspended@end resumed@+2d answered@end
suspended@+1d suspended@+2d resumed@+1d resumed@+1d answered@end
suspended@+1d dispatched@+1d signed@+1d transferred@+1d resumed@+1d answered@end-1
suspended@+1d returned@+1d resumed@+1d reopened@+1d
suspended@+1d amended@+1d answered@+5d reopened@+1d answered@end
suspended@+1d closed@+5d reopened@= closed@end+1
suspended@+1d extension_granted@+5d resumed@+5d answered@end
suspended@+1d extension_requested@+30d resumed@+1d extension_granted@end+1 answered@end
suspended@+1d extension_requested@+30d extension_granted@+1d voided@+1d answered@+1d
suspended@+1d merged@+5d resumed@+1d
suspended@+1d contacted@+5d resumed@+5d contacted@+1d answered@end
extension_requested@end extension_granted@+1d answered@end
extension_requested@end+1 extension_granted@+1d answered@end
extension_requested@end+1 suspended@end extension_granted@= answered@end
extension_granted@end answered@end
extension_granted@end+1 answered@end
extension_requested@+1d extension_granted@+1d extension_granted@+1d extension_granted@+1d answered@end
extension_requested@+1d extension_requested@end+1 extension_granted@+1d answered@+1d
extension_requested@end+1 extension_requested@before extension_granted@+1d answered@+1d
extension_requested@+1d extension_refused@+1d extension_granted@end+1 answered@end
extension_requested@+1d answered@+1d extension_granted@+1d reopened@+1d extension_granted@end+1 answered@+1d
extension_requested@end extension_granted@end answered@end reopened@end+1 extension_requested@end extension_granted@+1d
answered@+1d answered@+1d called_back@+1d reopened@+1d dispatched@+1d answered@end called_back@= called_back@=
answered@+1d dispatched@+1d transferred@+1d returned@+1d amended@+1d reopened@+1d
answered@+1d returned@+1d reopened@mid reopened@+1d returned@+1d closed@+1d reopened@mid-1 closed@end closed@+1d
returned@+7m answered@+1d reopened@+1d
answered@+1d closed@+1d answered@+1d reopened@+1d closed@+1d answered@+1d reopened@+1d answered@+1d
closed@+1d reopened@+1d reopened@+1d suspended@+1d reopened@+1d resumed@+1d
amended@+1d answered@end amended@+30d
answered@+1d amended@+1d amended@+1d reopened@+1d amended@+1d amended@=
transferred@end answered@end+1
transferred@end+1 transferred@end returned@end-1
amended@end amended@end+1 supervised@= urged@=
received@before received@+1d received@+2d answered@end
dispatched@past suspended@past answered@past urged@past
answered@+1d received@past voided@past
voided@+1d answered@+1d called_back@= amended@= merged@= urged@= reopened@= voided@=
merged@+1d answered@+1d called_back@+1d amended@+1d
selfmerge@+1d answered@+1d selfmerge@+1d
answered@end+1 voided@+1d amended@+1d
voided@end+1
voided@= received@= answered@= merged@=
link@before link@= link@+1d answered@+1d link@+1d link@= called_back@= link@past
voided@+1d link@+1d
merged@= voided@=
called_back@= called_back@= called_back@= transferred@= transferred@= transferred@= dispatched@=
contacted@end contacted@end+1 answered@end
contacted@end+1 answered@end
contacted@= contacted@+1d closed@+1d reopened@+1d contacted@+1d
urged@+1d supervised@+1d answered@+1d urged@+1d supervised@+1d
answered@+30d reopened@+30d answered@end-1 reopened@+30d answered@end+1 reopened@end
""".strip().splitlines()]
RATING_SCRIPTS = [line.split() for line in """
rectified@end
rectified@end+1
rectified@end-1 rectified@+1d appeal_upheld@+1d
appealed@+1d appeal_upheld@end+1 rectified@+1d
appeal_upheld@end rectified@end
rectified@= appeal_upheld@= called_back@=
appealed@+1d appeal_rejected@+1d rectified@end replied@+1d called_back@+1d published@+1d
verified@before rectified@before appeal_upheld@past called_back@past
submitted@before submitted@+1d rectified@end
called_back@+1d called_back@= called_back@=
verified@= verified@+1d
""".strip().splitlines()]


class Maker:
    def __init__(self, seed, days, policy):
        self.dice = random.Random(seed)
        self.days, self.policy = days, policy
        self.names, self.events = [], []

    # Content

    def unit(self, required=True):
        return self.dice.choice(UNITS if required else UNITS + [None, None, ""])

    def content(self, kind, name):
        dice = self.dice
        maybe = lambda *values: dice.choice(values + (None,))
        yes = lambda: dice.choice([True, True, False, None])
        stars = lambda: dice.choice([1, 2, 3, 4, 5, None])
        group, step = kind.split(".")
        if group == "rating":
            if step == "submitted":
                return dict(satisfaction=dice.choice([1, 1, 2, 2, 3, 4, 5]), unit=self.unit(False),
                            channel=maybe("pc", "qr"), default=maybe(True, False, False), named=maybe(True),
                            reasons=maybe([], ["510", "517"]), citizen=maybe({}, {"name": "王小明", "phone": None}))
            data = dict(unit=self.unit(False), reason=maybe("x"))
            return dict(data, reached=yes(), satisfaction=stars()) if step == "called_back" else data
        if step == "received":
            return dict(kind=dice.choice(["consultation", "suggestion", "opinion", "help", "complaint", "report",
                                          "praise", "other"]),
                        simple=maybe(True, True, False), unit=dice.choice([None, "", *UNITS[:7]]),
                        title=maybe("小区电梯故障", "line\u2028sep"), urgency=maybe("normal", "critical"),
                        due=maybe("2024-10-12t23:59:59.999999999z"),
                        citizen={"name": "王小明", "phone": "13812341234", "id_no": "310112199001011234"})
        if step == "amended":
            fields = dict(kind=dice.choice(["consultation", "complaint", "opinion", "other"]),
                          simple=dice.choice([True, False]), unit=self.unit(False), title="t", area=maybe("310112"))
            return {field: fields[field] for field in dice.sample(sorted(fields), dice.randint(0, 3))}
        if step in ("dispatched", "transferred"):
            return dict(unit=self.unit(), co_units=maybe([], ["shequ"])) if step[0] == "d" else dict(unit=self.unit())
        if step.startswith("extension"):
            return dict(days=dice.choice([1, 2, 3, 5, 9, 10, 11, 250]), reason=maybe("x"))
        return {
            "signed": lambda: dict(unit=self.unit(False)),
            "contacted": lambda: dict(unit=self.unit(False), reached=yes()),
            "answered": lambda: dict(unit=self.unit(False), outcome=maybe("solved", "explained"), direct=maybe(True, False)),
            "called_back": lambda: dict(reached=yes(), satisfaction=stars(), solved=yes()),
            "merged": lambda: dict(into=dice.choice(self.names[-20:] + ["ML-nowhere-%d" % dice.randint(0, 9)])),
        }.get(step, lambda: dict(reason=maybe("x")))()

    # Instants

    def receipt(self):
        day = date.fromisoformat(self.dice.choice(RECEIPTS))
        if self.dice.random() < 0.3:
            day = date(2009, 12, 1) + timedelta(days=self.dice.randrange(17 * 366))
        midnight = self.days.end_of(day - timedelta(days=1))
        return midnight + (self.dice.choice(CLOCKS) if self.dice.random() < 0.8 else self.dice.randrange(DAY))

    def moment(self, when, events, name, of):
        """When the next step happens, given the steps so far."""
        last, first = events[-1].time, events[0].time
        midnight = self.days.end_of(self.days.day_of(last))
        nudge = 0
        for suffix in ("-1", "+1"):
            if when.endswith(suffix):
                when, nudge = when[:-2], int(suffix)
        if when == "=":
            return last
        if when == "mid":
            return midnight + nudge
        if when == "past":
            return first - self.dice.choice([1, 1000, DAY])
        if when == "before":
            return max(first, last - self.dice.choice([1, 60000, DAY, 3 * DAY]))
        if when in ("end", "last"):
            case = (Ticket if of == "ticket" else Rating)(name, of, self.days, self.policy)
            case.fold(events)
            going = [clock for clock in case.clocks if clock.going]
            if not going:
                return midnight + nudge
            deadline = self.dice.choice([going[0], *going]).deadline
            return deadline + nudge - (self.dice.randrange(DAY) if when == "last" else 0)
        amount, scale = int(when[1:].rstrip("dhms")), when[1:].lstrip("0123456789")
        return last + amount * {"d": DAY, "h": 3600000, "m": 60000, "ms": 1}[scale]

    # Events

    def event(self, name, number, kind, ms, data):
        """An event as an object with its time in ms; None where the time is out of bounds."""
        if not EARLIEST <= ms < TOO_LATE:
            return None
        data = {field: value for field, value in data.items() if value is not None or self.dice.random() < 0.1}
        return dict(specversion="1.0", id="%s-%d" % (name, number), source="/12345/meilong", type=kind,
                    subject=name, time=ms, data=data)

    def steps(self, of):
        dice = self.dice
        if dice.random() < 0.6:
            return [step.split("@") for step in dice.choice(SCRIPTS if of == "ticket" else RATING_SCRIPTS)]
        kinds = [kind.partition(".")[2] for kind, _, _ in TABLE if kind.startswith(of)]
        often = ["suspended", "resumed", "answered", "reopened", "extension_requested", "extension_granted"]
        weights = [0.3 if kind in ("voided", "merged", "received", "submitted") else 3 if kind in often else 1
                   for kind in kinds]
        return [(dice.choices(kinds, weights)[0], dice.choice(WHENS)) for _ in range(dice.randint(0, 16))]

    def life(self, number):
        dice = self.dice
        of = "ticket" if dice.random() < 0.8 else "rating"
        name = ("ML%06d" if of == "ticket" else "R%06d") % number
        if dice.random() < 0.03 and self.names:
            name = dice.choice(self.names)      # a rating by a ticket's name, or two lives of one ticket
        opening = "ticket.received" if of == "ticket" else "rating.submitted"
        made = [self.event(name, number * 1000, opening, self.receipt(), self.content(opening, name))]
        if of == "ticket":
            self.names.append(name)
        elif self.names and dice.random() < 0.5:
            made[0]["data"]["case"] = dice.choice(self.names[-20:] + ["ML-unknown-%d" % dice.randint(0, 9)])
        decoded = [as_event(made[0])]
        for index, (kind, when) in enumerate(self.steps(of), 1):
            ms = self.moment(when, decoded, name, of)
            subject, full = name, of + "." + kind
            if kind == "link":
                subject, full = "R%06d-%d" % (number, index), "rating.submitted"
            elif kind == "selfmerge":
                full = "ticket.merged"
            data = self.content(full, name)
            if kind in ("link", "selfmerge"):
                data["case" if kind == "link" else "into"] = name
            event = self.event(subject, number * 1000 + index, full, ms, data)
            if event:
                made.append(event)
                decoded.append(as_event(event))
        if dice.random() < 0.04:
            made.pop(0)                         # its receipt never comes
        self.events.extend(made)

    # The network

    def again(self):
        """Second records under the same key; some say something else."""
        dice, more = self.dice, []
        for event in dice.choices(self.events, k=len(self.events) // 4):
            copy = dict(event)
            draw = dice.random()
            if draw < 0.1:
                copy["time"] = max(EARLIEST, copy["time"] - dice.choice([1, DAY]))
            elif draw < 0.13 and copy["type"].startswith("ticket."):
                copy["type"], copy["data"] = "ticket.voided", {}
            elif draw < 0.25 and copy["type"] == "ticket.merged":
                copy["data"] = dict(copy["data"], into=dice.choice(self.names))
            elif draw < 0.3:
                copy["source"] = "/elsewhere"   # a key of its own: no duplicate
            elif draw < 0.33 and copy["type"].startswith("ticket."):
                copy["subject"] = dice.choice(self.names)
            more.append(copy)
        return more

    def text(self, event):
        dice = self.dice
        event = dict(event, time=spelled(event["time"], dice), data=dict(event["data"]))
        if dice.random() < 0.25:
            event["data"].update({"unheard_of": {"deep": [[[{}]]], "time": "not a time"}, "状态": 1e300})
            event.update(datacontenttype="application/json", traceparent="00-ab", x=dice.choice([None, [], {"id": 1}]))
        if not event["data"] and dice.random() < 0.5:
            event["data"] = None
            if dice.random() < 0.5:
                del event["data"]
        if dice.random() < 0.3:
            names = list(event)
            dice.shuffle(names)
            event = {name: event[name] for name in names}
        separators = dice.choice([(",", ":"), (", ", ": "), (" ,\t", " : ")])
        return json.dumps(event, ensure_ascii=dice.random() < 0.5, separators=separators).encode("utf-8")


def spelled(ms, dice=None):
    """The instant in some spelling that section 1 allows."""
    offset = dice.choice([0, 480, 480, 480, 480, -300, 345, 840, -720, 330]) if dice else 0
    local = EPOCH + timedelta(milliseconds=ms + offset * 60000)
    fraction = "%03d" % (ms % 1000)
    if dice:
        if dice.random() < 0.3:
            fraction += "9" * dice.randint(1, 6)
        elif dice.random() < 0.7:
            fraction = fraction.rstrip("0")
    text = local.strftime("%Y-%m-%dT%H:%M:%S") + ("." + fraction if fraction else "")
    sign, minutes = "-" if offset < 0 else "+", abs(offset)
    text += "Z" if not offset and (not dice or dice.random() < 0.8) else "%s%02d:%02d" % (sign, minutes // 60, minutes % 60)
    return text.lower() if dice and dice.random() < 0.1 else text


def as_event(event):
    return decode(json.dumps(dict(event, time=spelled(event["time"]))).encode("utf-8"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--cases", type=int, required=True)
    parser.add_argument("--bad", action="store_true")
    parser.add_argument("--shuffle", action="store_true")
    parser.add_argument("--duplicates", action="store_true")
    parser.add_argument("--calendar", metavar="CSV")
    parser.add_argument("--policy", default="meilong-2024", choices=sorted(POLICIES))
    options = parser.parse_args()
    maker = Maker(options.seed, Days(options.calendar, "Asia/Shanghai"), options.policy)
    for number in range(options.cases):
        maker.life(number)
    events = maker.events
    events.sort(key=lambda event: event["time"])
    if options.duplicates:
        for copy in maker.again():
            events.insert(maker.dice.randint(0, len(events)), copy)
    lines = [maker.text(event) for event in events]
    if options.bad:
        odd = [value for _, value, expected in ODD_EVENTS if expected == "bad"] + [b"", b"  "]
        for value in odd:
            lines.insert(maker.dice.randint(0, len(lines)), value)
    if options.shuffle:
        maker.dice.shuffle(lines)
    for line in lines:
        sys.stdout.buffer.write(line + b"\n")


if __name__ == "__main__":
    main()
