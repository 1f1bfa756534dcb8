"""All cases of an input: distinct events of each, and how often one came again."""
from ratings import Rating
from tickets import Ticket


class Book:
    def __init__(self):
        self.events = {}        # (case, of) -> {key: event}
        self.duplicates = {}

    def add(self, event):
        places = [(event.subject, event.type.partition(".")[0])]
        linked = event.data.get("into" if event.type == "ticket.merged" else "case")
        if event.type in ("ticket.merged", "rating.submitted") and linked is not None:
            if (linked, "ticket") not in places:
                places.append((linked, "ticket"))
        for place in places:
            known = self.events.setdefault(place, {})
            if event.key in known:
                self.duplicates[place] = self.duplicates.get(place, 0) + 1
            else:
                known[event.key] = event

    def last_time(self):
        return max((event.time for known in self.events.values() for event in known.values()), default=None)

    def cases(self, policy, until):
        found = []
        order = lambda place: (place[0].encode("utf-8"), place[1] == "rating")
        for place in sorted(self.events, key=order):
            events = [event for event in self.events[place].values() if event.time <= until]
            if events:
                make = Ticket if place[1] == "ticket" else Rating
                case = make(place[0], place[1], policy, self.duplicates.get(place, 0))
                case.fold(events, until)
                found.append(case)
        return found
