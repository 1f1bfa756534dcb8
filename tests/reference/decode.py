"""Bytes of one CloudEvents line -> an Event, or BadEvent with a reason (contract, section 1)."""
import hashlib
import json
import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

MAX_VALUE = 256 * 1024
MAX_NAME = 128
MAX_LEVELS = 32
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
EAST8 = timezone(timedelta(hours=8))


class BadEvent(Exception):
    pass


def instant_ms(moment):
    return (moment - EPOCH) // timedelta(milliseconds=1)


EARLIEST = instant_ms(datetime(2000, 1, 1, tzinfo=EAST8))
TOO_LATE = instant_ms(datetime(2200, 1, 1, tzinfo=EAST8))

KINDS = ("consultation", "suggestion", "opinion", "help", "complaint", "report", "praise", "other")
TICKET = dict(channel="string", kind=KINDS, simple="bool", urgency=("normal", "urgent", "critical"),
              item="string", area="string", title="string", text="string", unit="string",
              co_units="strings", address="string", due="time")
STAGE = dict(unit="string", reason="string", text="string")
REASON = dict(reason="string")
DAYS = dict(days=(1, 250), reason="string")
NUDGE = dict(by="string", reason="string")
SEEN = dict(unit="string", by="string", notice="string")
STARS = (1, 5)

# In the order of rule 2.1: type, fields, required fields.
TABLE = [
    ("ticket.received", dict(TICKET, citizen="citizen"), ("kind",)),
    ("ticket.amended", TICKET, ()),
    ("ticket.dispatched", dict(unit="string", co_units="strings", due="time"), ("unit",)),
    ("ticket.signed", dict(unit="string"), ()),
    ("ticket.contacted", dict(unit="string", reached="bool"), ()),
    ("ticket.transferred", dict(unit="string", reason="string"), ("unit",)),
    ("ticket.returned", REASON, ()),
    ("ticket.suspended", REASON, ()),
    ("ticket.resumed", REASON, ()),
    ("ticket.extension_requested", DAYS, ("days",)),
    ("ticket.extension_granted", DAYS, ("days",)),
    ("ticket.extension_refused", DAYS, ()),
    ("ticket.urged", NUDGE, ()),
    ("ticket.supervised", NUDGE, ()),
    ("ticket.answered", dict(unit="string", outcome=("solved", "explained"), direct="bool", text="string"), ()),
    ("ticket.called_back", dict(reached="bool", satisfaction=STARS, solved="bool"), ()),
    ("ticket.closed", REASON, ()),
    ("ticket.reopened", REASON, ()),
    ("ticket.voided", REASON, ()),
    ("ticket.merged", dict(into="case"), ("into",)),
    ("rating.submitted", dict(satisfaction=STARS, reasons="strings", text="string",
                              channel=("pc", "mobile", "qr", "tablet", "terminal"), item="string",
                              area="string", unit="string", project_no="string", case="case",
                              default="bool", named="bool", citizen="citizen"), ("satisfaction",)),
    ("rating.verified", STAGE, ()),
    ("rating.rectified", STAGE, ()),
    ("rating.appealed", STAGE, ()),
    ("rating.appeal_upheld", STAGE, ()),
    ("rating.appeal_rejected", STAGE, ()),
    ("rating.replied", STAGE, ()),
    ("rating.called_back", dict(STAGE, reached="bool", satisfaction=STARS), ()),
    ("rating.published", {}, ()),
    ("ticket.seen", SEEN, ()),
    ("rating.seen", SEEN, ()),
]
SPEC = {name: (number, fields, required) for number, (name, fields, required) in enumerate(TABLE, 1)}


@dataclass
class Event:
    key: bytes
    type: str
    number: int
    subject: str
    time: int
    data: dict

    @property
    def order(self):
        return self.time, self.number, self.key


TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})"
                  r"(?:\.([0-9]{1,9}))?(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))")


def parse_time(text):
    match = TIME.fullmatch(text)
    if not match:
        raise BadEvent("not a time with offset: %r" % text)
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, _, sign, off_hour, off_minute = match.groups()[6:]
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        raise BadEvent("impossible time: %r" % text) from None
    offset = 0
    if sign:
        if int(off_hour) > 23 or int(off_minute) > 59:
            raise BadEvent("impossible offset: %r" % text)
        offset = (int(off_hour) * 60 + int(off_minute)) * 60000 * (-1 if sign == "-" else 1)
    ms = instant_ms(local) - offset + int(((fraction or "") + "000")[:3])
    if not EARLIEST <= ms < TOO_LATE:
        raise BadEvent("time out of range: %r" % text)
    return ms


def _integer(text):
    value = int(text)
    if not -2**63 <= value < 2**63:
        raise BadEvent("number beyond a signed 64-bit integer")
    return value


def _real(text):
    value = float(text)
    if not math.isfinite(value):
        raise BadEvent("number beyond a finite double")
    return value


def _constant(text):
    raise BadEvent("not JSON: %s" % text)


def _object(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        raise BadEvent("repeated key")
    return result


def _check_text(text):
    if "\0" in text:
        raise BadEvent("\\u0000 in a string")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise BadEvent("lone surrogate in a string")


def _check_tree(value, level=1):
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, (dict, list)):
        if level > MAX_LEVELS:
            raise BadEvent("deeper than %d levels" % MAX_LEVELS)
        if isinstance(value, dict):
            for name in value:
                _check_text(name)
            value = value.values()
        for member in value:
            _check_tree(member, level + 1)


def parse_object(raw):
    """Strict JSON: one object, as section 1 wants it."""
    if len(raw) > MAX_VALUE:
        raise BadEvent("value over 256 KiB")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadEvent("not UTF-8") from None
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_int=_integer,
                           parse_float=_real, parse_constant=_constant)
    except ValueError as fault:
        raise BadEvent("not JSON: %s" % fault) from None
    except RecursionError:
        raise BadEvent("deeper than %d levels" % MAX_LEVELS) from None
    if not isinstance(value, dict):
        raise BadEvent("not a JSON object")
    _check_tree(value)
    return value


def _is_name(text):
    return 0 < len(text.encode("utf-8")) <= MAX_NAME


def _fits(value, kind):
    if kind == "bool":
        return isinstance(value, bool)
    if kind == "strings":
        return isinstance(value, list) and all(isinstance(member, str) for member in value)
    if kind == "citizen":
        return isinstance(value, dict) and all(
            member is None or isinstance(member, str) for member in value.values())
    if isinstance(kind, tuple) and isinstance(kind[0], int):
        return type(value) is int and kind[0] <= value <= kind[1]
    if not isinstance(value, str):
        return False
    if kind == "case":
        return _is_name(value)
    if kind == "time":
        parse_time(value)
        return True
    return kind == "string" or value in kind


def _attributes(event):
    for name in ("specversion", "id", "source", "type", "subject", "time"):
        if event.get(name) is None:
            raise BadEvent("attribute %s missing" % name)
    for name in ("specversion", "id", "source", "type", "subject", "time",
                 "datacontenttype", "dataschema"):
        if event.get(name) is not None and not isinstance(event[name], str):
            raise BadEvent("attribute %s is no string" % name)
    if event["specversion"] != "1.0":
        raise BadEvent("specversion is not 1.0")
    if not event["source"]:
        raise BadEvent("source empty")
    for name in ("id", "subject"):
        if not _is_name(event[name]):
            raise BadEvent("%s empty or over %d bytes" % (name, MAX_NAME))
    if event["type"] not in SPEC:
        raise BadEvent("unknown type %r" % event["type"])


def decode(raw):
    event = parse_object(raw)
    _attributes(event)
    time = parse_time(event["time"])
    data = {} if event.get("data") is None else event["data"]
    if not isinstance(data, dict):
        raise BadEvent("data is no object")
    number, fields, required = SPEC[event["type"]]
    known = {name: data[name] for name in fields if data.get(name) is not None}
    for name in required:
        if known.get(name) in (None, ""):
            raise BadEvent("data.%s missing or empty" % name)
    for name, value in known.items():
        if not _fits(value, fields[name]):
            raise BadEvent("data.%s of the wrong type or outside its values" % name)
    digest = hashlib.sha256((event["source"] + "\n" + event["id"]).encode("utf-8")).digest()
    return Event(digest[:8], event["type"], number, event["subject"], time, known)
