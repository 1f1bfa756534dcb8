"""What the events of a life say: data drawn at random, from what the policy asks about and from outside it."""
from decode import EARLIEST, TOO_LATE
from feed import spelled
from zone import DAY

UNITS = ["wuye", "shequ", "chengguan", "gongan", "unit_x", "供电", "绿化市容所", "a", "Z", "\U00020000", "\uffee"]
KINDS = ["consultation", "suggestion", "opinion", "help", "complaint", "report", "praise", "other"]
DUES = [0, 1, 3600000, 5 * 3600000, DAY, DAY + 1, 4 * DAY, 5 * DAY, 30 * DAY, -DAY]


class Content:
    def __init__(self, dice, policy, names):
        self.dice, self.policy, self.names = dice, policy, names
        self.reasons = [entry["reason"] for entry in policy.fields.get("suspension", {}).get("reasons", [])]
        self.asks_members = "member" in policy.printed_kinds
        self.co_units = []      # last named in this life

    def maybe(self, *values):
        return self.dice.choice(values + (None,))

    def yes(self):
        return self.dice.choice([True, True, False, None])

    def stars(self):
        return self.dice.choice([1, 2, 3, 4, 5, None])

    def unit(self, required=True):
        few = UNITS[:4] if self.asks_members or self.dice.random() < 0.4 else UNITS
        return self.dice.choice(few if required else few + [None, None, ""])

    def asked(self, of, field):
        """A value of a field that rules ask about, or another, or none."""
        known = [value for rule in self.policy.fields["rules"] if rule["of"] == of for value in rule.get(field, [])]
        return self.maybe(*known * 2, "elsewhere")

    def members(self):
        if self.dice.random() > (0.6 if self.asks_members else 0.1):
            return None
        self.co_units = self.dice.choices(UNITS[:4], k=self.dice.choice([0, 1, 2, 2, 3]))
        return self.co_units

    def due(self, time):
        if self.dice.random() > (0.2 if self.policy.due == "ours" else 0.5):
            return None
        due = time + self.dice.choice(DUES)
        return spelled(due, self.dice) if EARLIEST <= due < TOO_LATE else None

    def of(self, kind, time):
        """Data of an event of this type."""
        group, step = kind.split(".")
        make = getattr(self, group + "_" + step, None)
        return make(time) if make else self.rating_stage() if group == "rating" else dict(reason=self.maybe("x"))

    # Tickets

    def ticket_received(self, time):
        return dict(kind=self.dice.choice(KINDS), simple=self.maybe(True, True, False), unit=self.dice.choice([None, "", *UNITS[:7]]),
                    title=self.maybe("小区电梯故障", "line\u2028sep"), urgency=self.maybe("normal", "critical", "urgent"),
                    item=self.asked("ticket", "item"), area=self.asked("ticket", "area"), channel=self.asked("ticket", "channel"),
                    due=self.due(time), co_units=self.members(),
                    citizen={"name": "王小明", "phone": "13812341234", "id_no": "310112199001011234"})

    def ticket_amended(self, time):
        fields = dict(kind=self.dice.choice(KINDS), simple=self.dice.choice([True, False]), unit=self.unit(False), title="t",
                      urgency="urgent", item=self.asked("ticket", "item"), area=self.asked("ticket", "area"),
                      channel=self.asked("ticket", "channel"), due=self.due(time), co_units=self.members())
        return {field: fields[field] for field in self.dice.sample(sorted(fields), self.dice.randint(0, 4))}

    def ticket_dispatched(self, time):
        return dict(unit=self.unit(), co_units=self.members(), due=self.due(time))

    def ticket_transferred(self, time):
        return dict(unit=self.unit(), reason=self.maybe("x"))

    def ticket_signed(self, time):
        return dict(unit=self.unit(False))

    def ticket_contacted(self, time):
        return dict(unit=self.unit(False), reached=self.yes())

    def ticket_suspended(self, time):
        return dict(reason=self.maybe(*self.reasons * 4, "x"))

    def ticket_extension_requested(self, time):
        return dict(days=self.dice.choice([1, 2, 3, 5, 9, 10, 11, 250]), reason=self.maybe("x"))

    ticket_extension_granted = ticket_extension_refused = ticket_extension_requested

    def ticket_answered(self, time):
        unit = self.dice.choice(self.co_units) if self.co_units and self.dice.random() < 0.2 else self.unit(False)
        return dict(unit=unit, outcome=self.maybe("solved", "explained"), direct=self.maybe(True, False))

    def ticket_called_back(self, time):
        return dict(reached=self.yes(), satisfaction=self.stars(), solved=self.yes())

    def ticket_merged(self, time):
        return dict(into=self.dice.choice(self.names[-20:] + ["ML-nowhere-%d" % self.dice.randint(0, 9)]))

    # Ratings

    def rating_submitted(self, time):
        return dict(satisfaction=self.dice.choice([1, 1, 2, 2, 3, 4, 5]), unit=self.unit(False), channel=self.maybe("pc", "qr"),
                    item=self.asked("rating", "item"), area=self.asked("rating", "area"),
                    default=self.maybe(True, False, False), named=self.maybe(True), reasons=self.maybe([], ["510", "517"]),
                    citizen=self.maybe({}, {"name": "王小明", "phone": None}))

    def rating_stage(self):
        return dict(unit=self.unit(False), reason=self.maybe("x"))

    def rating_called_back(self, time):
        return dict(self.rating_stage(), reached=self.yes(), satisfaction=self.stars())
