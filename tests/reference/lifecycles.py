#!/usr/bin/env python3
"""Seeded life cycles of tickets and ratings that try the rules of a policy at their edges.

A life cycle is a list of steps 'type@when' (scripts.py, moments.py): more than half are scripts, the others are drawn at random.
"""
import argparse
import random
import sys

from badevents import EVENTS as ODD_EVENTS
from content import Content
from decode import EARLIEST, TABLE, TOO_LATE
from feed import again, as_event, line_of
from moments import Moments
from reference import add_rules, rules_of
from scripts import RATING_SCRIPTS, SCRIPTS, WHENS

OFTEN = ["suspended", "resumed", "answered", "reopened", "extension_requested", "extension_granted"]
RARE = ["voided", "merged", "received", "submitted"]
# Steps that are no type of their own: an answer by a member, one by no member, a merge into itself, a rating of this ticket.
OTHER_STEPS = {"member": "ticket.answered", "lead": "ticket.answered", "selfmerge": "ticket.merged", "link": "rating.submitted"}


class Maker:
    def __init__(self, seed, policy):
        self.dice = random.Random(seed)
        self.names, self.events = [], []
        self.content = Content(self.dice, policy, self.names)
        self.moments = Moments(self.dice, policy)

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
        weights = [0.3 if kind in RARE else 3 if kind in OFTEN else 1 for kind in kinds]
        return [(dice.choices(kinds, weights)[0], dice.choice(WHENS)) for _ in range(dice.randint(0, 16))]

    def opening(self, of, number):
        name = ("ML%06d" if of == "ticket" else "R%06d") % number
        if self.dice.random() < 0.03 and self.names:
            name = self.dice.choice(self.names)      # a rating by a ticket's name, or two lives of one ticket
        kind, time = "ticket.received" if of == "ticket" else "rating.submitted", self.moments.receipt()
        event = self.event(name, number * 1000, kind, time, self.content.of(kind, time))
        if of == "ticket":
            self.names.append(name)
        elif self.names and self.dice.random() < 0.5:
            event["data"]["case"] = self.dice.choice(self.names[-20:] + ["ML-unknown-%d" % self.dice.randint(0, 9)])
        return event

    def step(self, of, step, number, index, name, time):
        subject = "R%06d-%d" % (number, index) if step == "link" else name
        kind = OTHER_STEPS.get(step, of + "." + step)
        data = self.content.of(kind, time)
        if step == "member" and self.content.co_units:
            data["unit"] = self.dice.choice(self.content.co_units)
        elif step == "lead":
            data["unit"] = None
        elif step in ("link", "selfmerge"):
            data["case" if step == "link" else "into"] = name
        return self.event(subject, number * 1000 + index, kind, time, data)

    def life(self, number):
        of = "ticket" if self.dice.random() < 0.8 else "rating"
        self.content.co_units = []
        made = [self.opening(of, number)]
        name, decoded = made[0]["subject"], [as_event(made[0])]
        for index, (step, when) in enumerate(self.steps(of), 1):
            event = self.step(of, step, number, index, name, self.moments.next(when, decoded, name, of))
            if event:
                made.append(event)
                decoded.append(as_event(event))
        if self.dice.random() < 0.04:
            made.pop(0)                         # its receipt never comes
        self.events.extend(made)

    def lines(self, shuffle, duplicates, bad):
        events = sorted(self.events, key=lambda event: event["time"])
        if duplicates:
            for copy in again(self.events, self.names, self.dice):
                events.insert(self.dice.randint(0, len(events)), copy)
        lines = [line_of(event, self.dice) for event in events]
        if bad:
            for value in [value for _, value, expected in ODD_EVENTS if expected == "bad"] + [b"", b"  "]:
                lines.insert(self.dice.randint(0, len(lines)), value)
        if shuffle:
            self.dice.shuffle(lines)
        return lines


def make(seed, cases, policy, shuffle=False, duplicates=False, bad=False):
    """Lines of so many lives."""
    maker = Maker(seed, policy)
    for number in range(cases):
        maker.life(number)
    return maker.lines(shuffle, duplicates, bad)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    add_rules(parser)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--cases", type=int, required=True)
    parser.add_argument("--bad", action="store_true")
    parser.add_argument("--shuffle", action="store_true")
    parser.add_argument("--duplicates", action="store_true")
    options = parser.parse_args()
    for line in make(options.seed, options.cases, rules_of(options), options.shuffle, options.duplicates, options.bad):
        sys.stdout.buffer.write(line + b"\n")


if __name__ == "__main__":
    main()
