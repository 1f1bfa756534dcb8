"""How events travel: as lines in any spelling that section 1 allows, again, and beside bad ones."""
import json
from datetime import timedelta

from decode import EARLIEST, EPOCH, decode
from zone import DAY


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


def again(events, names, dice):
    """Second records under the same key; some say something else."""
    more = []
    for event in dice.choices(events, k=len(events) // 4):
        copy = dict(event)
        draw = dice.random()
        if draw < 0.1:
            copy["time"] = max(EARLIEST, copy["time"] - dice.choice([1, DAY]))
        elif draw < 0.13 and copy["type"].startswith("ticket."):
            copy["type"], copy["data"] = "ticket.voided", {}
        elif draw < 0.25 and copy["type"] == "ticket.merged":
            copy["data"] = dict(copy["data"], into=dice.choice(names))
        elif draw < 0.3:
            copy["source"] = "/elsewhere"   # a key of its own: no duplicate
        elif draw < 0.33 and copy["type"].startswith("ticket."):
            copy["subject"] = dice.choice(names)
        more.append(copy)
    return more


def line_of(event, dice):
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
