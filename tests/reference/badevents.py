"""Bad events of the contract's section 1, each beside its near-miss good neighbour.

EVENTS is a list of (name, bytes value, 'bad' or 'good'). Names that begin with 'reading: ' rest on a
reading listed at the top of reference.py. No value holds a newline, so each also works as a line of a file.
Run as a script, it checks the table against decode.py.
"""
import json

from decode import MAX_VALUE, SPEC, BadEvent, decode

EVENTS = []
REQUIRED = {
    "ticket.received": {"kind": "complaint"}, "ticket.dispatched": {"unit": "u"}, "ticket.transferred": {"unit": "u"},
    "ticket.extension_requested": {"days": 3}, "ticket.extension_granted": {"days": 3},
    "ticket.merged": {"into": "OTHER"}, "rating.submitted": {"satisfaction": 4},
}


def event(type="ticket.received", data=..., /, **attributes):
    number = len(EVENTS)
    subject = ("B%05d" if type.startswith("ticket") else "S%05d") % number
    value = dict(specversion="1.0", id="bad-%d" % number, source="/12345/meilong", type=type, subject=subject,
                 time="2024-09-30T10:15:00+08:00", data=REQUIRED.get(type, {}) if data is ... else data)
    value.update(attributes)
    return {name: member for name, member in value.items() if member is not ...}


def raw(value):
    return value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()


def bad(name, value):
    EVENTS.append((name, raw(value), "bad"))


def good(name, value):
    EVENTS.append((name, raw(value), "good"))


def with_data(type="ticket.received", /, **fields):
    return event(type, dict(REQUIRED.get(type, {}), **fields))


def swapped(find, put, **fields):
    """A good event in which the text of one field, MARK, gives way to raw bytes."""
    return raw(with_data(extra="MARK", **fields)).replace(find, put)


def text(literal):
    return swapped(b'"MARK"', literal)


# Not one JSON object, or not UTF-8
good("plain", event())
good("blanks around", b" \t" + raw(event()) + b" \r")
bad("two objects", raw(event()) + raw(event()))
bad("trailing comma", raw(event())[:-1] + b",}")
bad("trailing word", raw(event()) + b" x")
bad("cut short", raw(event())[:-1])
bad("array", b"[" + raw(event()) + b"]")
bad("string", b'"event"')
bad("number", b"1")
bad("null", b"null")
bad("empty object", b"{}")
bad("not JSON", b"hello")
bad("single quotes", raw(event()).replace(b'"', b"'"))
bad("comment", raw(event()) + b" // no")
bad("BOM", b"\xef\xbb\xbf" + raw(event()))
good("U+FEFF inside a string", text(b'"\xef\xbb\xbf"'))
bad("repeated key on top", raw(event())[:-1] + b',"type":"ticket.received"}')
bad("repeated key in data", swapped(b'"extra": "MARK"', b'"kind":"complaint"'))
bad("repeated unknown key", text(b'{"a":1,"a":1}'))
bad("repeated key by escape", text(b'{"a":1,"\\u0061":1}'))
good("same key at two levels", text(b'{"a":1,"b":{"a":1}}'))
good("keys that differ in case", text(b'{"a":1,"A":1}'))
bad("\\u0000 in a string", text(b'"a\\u0000b"'))
bad("\\u0000 in a key", text(b'{"\\u0000":1}'))
good("\\u0001 in a string", text(b'"a\\u0001b"'))
good("escaped backslash before u0000", text(b'"a\\\\u0000b"'))
bad("raw NUL", text(b'"a\0b"'))
bad("raw control character", text(b'"a\x01b"'))
bad("raw tab in a string", text(b'"a\tb"'))
good("raw DEL", text(b'"a\x7fb"'))
bad("lone high surrogate", text(b'"\\ud83d"'))
bad("lone low surrogate", text(b'"\\ude00"'))
bad("surrogates reversed", text(b'"\\ude00\\ud83d"'))
bad("lone surrogate in a key", text(b'{"\\ud83d":1}'))
bad("high surrogate before another escape", text(b'"\\ud83d\\u0041"'))
good("surrogate pair", text(b'"\\ud83d\\ude00"'))
good("four-byte UTF-8", text(b'"\xf0\x9f\x98\x80"'))
bad("invalid UTF-8 byte", text(b'"\xff"'))
bad("UTF-8 cut short", text(b'"\xe5\xb0"'))
bad("overlong UTF-8", text(b'"\xc0\xaf"'))
bad("overlong NUL", text(b'"\xc0\x80"'))
bad("surrogate in UTF-8", text(b'"\xed\xa0\x80"'))
bad("beyond U+10FFFF", text(b'"\xf4\x90\x80\x80"'))
good("U+10FFFF", text(b'"\xf4\x8f\xbf\xbf"'))
good("U+FFFE and U+2028", text(b'"\xef\xbf\xbe\xe2\x80\xa8"'))
bad("GBK text", text('"小区"'.encode("gbk")))
bad("bad escape", text(b'"\\x41"'))
bad("short \\u escape", text(b'"\\u41"'))
bad("NaN", text(b"NaN"))
bad("Infinity", text(b"-Infinity"))
bad("leading zero", text(b"01"))
bad("leading plus", text(b"+1"))
bad("no digit after the point", text(b"1."))
bad("True", text(b"True"))

# Depth: the event is level 1, data level 2
good("32 levels of arrays", text(b"[" * 30 + b"]" * 30))
bad("33 levels of arrays", text(b"[" * 31 + b"]" * 31))
good("32 levels of objects", text(b'{"a":' * 29 + b"{}" + b"}" * 29))
bad("33 levels of objects", text(b'{"a":' * 30 + b"{}" + b"}" * 30))
good("reading: a plain value within level 32", text(b"[" * 30 + b"1" + b"]" * 30))
good("32 levels outside data", raw(event(x="MARK")).replace(b'"MARK"', b"[" * 31 + b"]" * 31))
bad("33 levels outside data", raw(event(x="MARK")).replace(b'"MARK"', b"[" * 32 + b"]" * 32))
bad("very deep", text(b"[" * 100000 + b"]" * 100000))

# Numbers
good("largest integer", text(b"9223372036854775807"))
bad("largest integer + 1", text(b"9223372036854775808"))
good("smallest integer", text(b"-9223372036854775808"))
bad("smallest integer - 1", text(b"-9223372036854775809"))
bad("very long integer", text(b"1" * 5000))
good("integer beyond 64 bits as a real", text(b"9223372036854775808.0"))
good("largest double", text(b"1.7976931348623157e308"))
bad("1e309", text(b"1e309"))
bad("-1e400 outside data", raw(event(x="MARK")).replace(b'"MARK"', b"-1e400"))
good("1e-400", text(b"1e-400"))
good("-0", text(b"-0"))


# Size
def sized(size):
    value = raw(with_data(text=""))
    return value.replace(b'"text": ""', b'"text": "' + b"x" * (size - len(value)) + b'"')


good("256 KiB", sized(MAX_VALUE))
bad("256 KiB and a byte", sized(MAX_VALUE + 1))

# Attributes
for attribute in ("specversion", "id", "source", "type", "subject", "time"):
    bad(attribute + " missing", event(**{attribute: ...}))
    bad(attribute + " null", event(**{attribute: None}))
    bad(attribute + " a number", event(**{attribute: 1}))
    bad(attribute + " an array", event(**{attribute: ["1.0"]}))
    bad(attribute + " empty", event(**{attribute: ""}))
bad("specversion a real", event(specversion=1.0))
bad("specversion 1.0.1", event(specversion="1.0.1"))
bad("specversion 0.3", event(specversion="0.3"))
for attribute in ("id", "subject"):
    good(attribute + " of 128 bytes", event(**{attribute: ("a" * 120 + "%08d" % len(EVENTS))[:128]}))
    bad(attribute + " of 129 bytes", event(**{attribute: "a" * 129}))
    good(attribute + " of 128 bytes in Chinese", event(**{attribute: "街" * 40 + "%08d" % len(EVENTS)}))
    bad(attribute + " of 129 bytes in Chinese", event(**{attribute: "街" * 43}))
good("source of 1000 bytes", event(source="s" * 1000))
good("id and subject a blank", event(id=" ", subject=" "))
good("datacontenttype null", event(datacontenttype=None))
good("datacontenttype a string", event(datacontenttype="text/plain"))
bad("reading: datacontenttype a number", event(datacontenttype=1))
bad("reading: dataschema an object", event(dataschema={}))
good("unknown attributes of any type", event(x=[1], y={"id": None}, z=None, traceparent=5))
for name in ("ticket.unknown", "Ticket.received", "ticket.received ", "rating.received", "notice", "ticket."):
    bad("unknown type '%s'" % name, event(name, {}))

# data as a whole
bad("data an array", event(data=[]))
bad("data a string", event(data="{}"))
bad("data false", event(data=False))
bad("data null with a required field", event(data=None))
bad("data missing with a required field", event(data=...))
good("data null where nothing is required", event("ticket.signed", data=None))
good("data missing where nothing is required", event("ticket.signed", data=...))
good("unknown data fields", with_data(days="no", satisfaction=9, unheard={"due": 1}))

# Fields of every type
WRONG = {"string": (1, True, [], {}), "bool": (1, 0, "true", []), "strings": ("a", [1], [None], {}, [["a"]]),
         "citizen": ("a", [], {"name": 1}, {"phone": ["1"]}, {"id_no": {}}), "case": (1, "", "c" * 129, []),
         "time": (1, "", "2024-13-01T00:00:00Z", "2024-01-01", "2024-01-01T00:00:00", "2200-01-01T00:00:00+08:00", [])}
RIGHT = {"string": ("", "x", "街道"), "bool": (True, False), "strings": ([], ["a", ""]),
         "citizen": ({}, {"name": "", "phone": None, "id_no": "x"}),
         "case": ("c", "c" * 128), "time": ("2024-01-01t00:00:00.123456789z", "2199-12-31T23:59:59.999+08:00")}
for type, (_, fields, required) in SPEC.items():
    good("%s with its least data" % type, event(type))
    for name, kind in fields.items():
        where = "%s data.%s " % (type, name)
        if not isinstance(kind, tuple):
            wrong, right = WRONG[kind], RIGHT[kind]
        elif isinstance(kind[0], int):
            low, high = kind
            wrong, right = (low - 1, high + 1, -low, float(low), str(low), True, [low]), (low, high)
        else:
            wrong, right = ("", "nothing", kind[0].upper(), kind[0] + " ", 1, [kind[0]]), kind
        for number, value in enumerate(wrong):
            bad(where + "wrong %d" % number, with_data(type, **{name: value}))
        for number, value in enumerate(right):
            if value != "" or name not in required:
                good(where + "right %d" % number, with_data(type, **{name: value}))
        if name in required:
            data = dict(REQUIRED[type])
            bad(where + "null", event(type, dict(data, **{name: None})))
            bad(where + "empty", event(type, dict(data, **{name: ""})))
            del data[name]
            bad(where + "missing", event(type, data))
        else:
            good(where + "null", with_data(type, **{name: None}))
bad("satisfaction 5e0", raw(event("rating.submitted")).replace(b": 4", b": 5e0"))
bad("days 3.0", raw(event("ticket.extension_granted")).replace(b": 3", b": 3.0"))
good("extra satisfaction in rating.verified", event("rating.verified", {"satisfaction": 9, "reached": "x"}))
good("reading: citizen of the wrong type in an amendment", event("ticket.amended", {"citizen": 5}))
bad("reading: unknown member of citizen that is no string", with_data(citizen={"age": 5}))
good("unknown member of citizen, a string", with_data(citizen={"age": "5"}))
bad("reading: empty kind in an amendment", event("ticket.amended", {"kind": ""}))
bad("reading: null in co_units", with_data(co_units=["a", None]))

# Times
for when in ("2024-09-30T10:15:00Z", "2024-09-30t10:15:00z", "2024-09-30T10:15:00.1Z", "2024-09-30T10:15:00.123456789+08:00",
             "2024-09-30T10:15:00-12:00", "2024-09-30T10:15:00+14:00", "2024-09-30T10:15:00-00:00",
             "2024-09-30T10:15:00+05:45", "2024-09-30T10:15:00+23:59", "2024-02-29T00:00:00Z", "2000-02-29T23:59:59Z",
             "2000-01-01T00:00:00+08:00", "1999-12-31T16:00:00Z", "1999-12-31T04:00:00.000000000-12:00",
             "2199-12-31T23:59:59.999999999+08:00", "2199-12-31T15:59:59.999Z", "2200-01-01T05:59:59.999+14:00"):
    good("time " + when, event(time=when))
for when in ("2024-09-30T10:15:00", "2024-09-30T10:15:00.", "2024-09-30T10:15:00.Z", "2024-09-30T10:15:00.1234567890Z",
             "2024-09-30 10:15:00Z", "2024-09-30T10:15:60Z", "2024-09-30T24:00:00Z", "2024-09-30T10:60:00Z",
             "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2024-00-01T00:00:00Z",
             "2024-13-01T00:00:00Z", "2024-01-00T00:00:00Z", "2024-04-31T00:00:00Z", "1999-12-31T23:59:59.999+08:00",
             "1999-12-31T15:59:59.999999999Z", "2200-01-01T00:00:00+08:00", "2199-12-31T16:00:00Z",
             "2024-09-30T10:15Z", "2024-09-30", "20240930T101500Z", "2024-9-30T10:15:00Z", "2024-09-30T10:15:00+0800",
             "2024-09-30T10:15:00+08", "2024-09-30T10:15:00+8:00", "2024-09-30T10:15:00+24:00", "2024-09-30T10:15:00+08:60",
             "2024-09-30T10:15:00,5Z", "2024-09-30T10:15:00Z ", " 2024-09-30T10:15:00Z", "2024-09-30T10:15:00Z\n",
             "2024-09-30T10:15:00ZZ", "2024-09-30T10:15:00 +08:00", "+2024-09-30T10:15:00Z", "0000-01-01T00:00:00Z",
             "9999-12-31T23:59:59Z", "-001-01-01T00:00:00Z", "2024-09-30T1a:15:00Z", "２０24-09-30T10:15:00Z", "now"):
    bad("time " + repr(when), event(time=when))


def check():
    wrong = 0
    for name, value, expected in EVENTS:
        assert b"\n" not in value, name
        try:
            decode(value)
            found, reason = "good", ""
        except BadEvent as fault:
            found, reason = "bad", fault
        if found != expected:
            wrong += 1
            print("%s: expected %s, found %s %s" % (name, expected, found, reason))
    print("%d events, %d differ" % (len(EVENTS), wrong))
    return wrong


if __name__ == "__main__":
    raise SystemExit(1 if check() else 0)
