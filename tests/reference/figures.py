"""The summary of the contract's section 5."""

TICKET_FIGURES = ("received voided merged answered answered_in_time solved explained direct missed open "
                  "open_overdue reopened urged supervised suspended extended transferred returned").split()
CONTACT_FIGURES = ["contacted", "contacted_in_time"]
RATING_FIGURES = ("default_ratings bad_reviews rectified rectified_in_time rectify_missed appeals_upheld "
                  "called_back reached").split()
STARS = "54321"


def ratio(part, whole):
    return round(part / whole, 6) if whole else None


def row(counts, contact):
    stars = {star: counts.get("ratings " + star, 0) for star in STARS}
    calls = {star: counts.get("callback " + star, 0) for star in STARS}
    names = TICKET_FIGURES + (CONTACT_FIGURES if contact else []) + RATING_FIGURES
    figures = {name: counts.get(name, 0) for name in names}
    figures["ratings"] = stars
    figures["satisfaction_rate"] = ratio(stars["5"] + stars["4"] + stars["3"], sum(stars.values()))
    figures["callback"] = calls
    figures["callback_satisfaction_rate"] = ratio(calls["5"] + calls["4"] + calls["3"], sum(calls.values()))
    figures["in_time_rate"] = ratio(figures["answered_in_time"], figures["answered"])
    figures["solved_rate"] = ratio(figures["solved"], figures["solved"] + figures["explained"])
    return figures


def summary(cases, until, shown_until, contact, first=None, end=None):
    total, units = {}, {}
    for case in cases:
        for figure, day, unit in case.figures(until):
            if day is not None and (first and day < first or end and day >= end):
                continue
            for counts in (total, units.setdefault(unit, {})):
                counts[figure] = counts.get(figure, 0) + 1
    return {
        "from": first and first.isoformat(), "to": end and end.isoformat(), "as_of": shown_until,
        "total": row(total, contact),
        "units": [dict(unit=unit, **row(units[unit], contact))
                  for unit in sorted(units, key=lambda name: name.encode("utf-8"))],
    }
