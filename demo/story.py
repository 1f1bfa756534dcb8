"""The end of the demonstration, as a person wants to read it."""
import json
import re
from collections import Counter
from datetime import datetime, timedelta

RULE = "─" * 78


def title(text):
    print(f"\n{RULE}\n{text}\n{RULE}")


def percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "–"


def main_clocks(case):
    return [c for c in case["clocks"] if c["name"] in ("answer", "rectify")]


def instant(text):
    return datetime.fromisoformat(text)


def wait_text(delta):
    days = delta.total_seconds() / 86400
    return f"{days:.1f} days"


def answered_within(stack, cases):
    """How many first rounds were answered within 1 and 5 working days, by the calendar alone."""
    stopped = [(c["received"], k["stopped"]) for c in cases if c["of"] == "ticket" for k in main_clocks(c) if k["round"] == 1 and k["stopped"]]
    result = {}
    for days, name in ((1, "simple"), (5, "general")):
        asked = "".join(json.dumps({"received": received, "class": name}) + "\n" for received, _ in stopped)
        answers = stack.json_lines("sla", "explain", "--policy", "conf/policy/meilong-2024.json", "-", text=asked) if stopped else []
        result[days] = sum(instant(end) <= instant(a["deadline"]) for (_, end), a in zip(stopped, answers))
    return len(stopped), result


def tell_waits(stack, cases, until):
    count, within = answered_within(stack, cases)
    title("Answers 答复, counted in working days 工作日")
    print(f"answered {count}: within 1 working day {within[1]} ({percent(within[1], count)}), within 5 {within[5]} ({percent(within[5], count)})")
    waits = []
    for case in cases:
        if case["of"] != "ticket" or not case["received"]:
            continue
        for clock in main_clocks(case)[-1:]:
            end = clock["stopped"] or (until if clock["outcome"] in ("running", "overdue", "suspended") else None)
            if end:
                waits.append((instant(end) - instant(clock["started"]), case, clock))
    waits.sort(key=lambda w: w[0], reverse=True)
    print("longest waits:")
    for waited, case, clock in waits[:5]:
        state = "answered" if clock["stopped"] else "still open"
        print(f"  {case['case']:<24} {case['unit'] or '–':<12} {wait_text(waited):>12}  {state}")


def tell_units(summary, floor=20):
    rows = [u for u in summary["units"] if u["answered"] >= floor and u["unit"]]
    rows.sort(key=lambda u: (u["in_time_rate"], -u["answered"]))
    if rows:
        print(f"lowest in-time rates (units with {floor} answers or more):")
    for unit in rows[:5]:
        print(f"  {unit['unit']:<16} {100 * unit['in_time_rate']:5.1f} %  of {unit['answered']} answers, {unit['missed']} deadlines missed")
    missed = sorted((u for u in summary["units"] if u["missed"] and u["unit"]), key=lambda u: -u["missed"])
    if missed and not rows:
        print("most deadlines missed:")
        for unit in missed[:5]:
            print(f"  {unit['unit']:<16} {unit['missed']:>6} of {unit['received']} received")


def pick_late_case(stack, cases):
    """A late case on the limit as it stands (not extended or suspended), over as many rest days as can be had; with its explanation."""
    late = [(c, k) for c in cases if c["of"] == "ticket" for k in main_clocks(c)
            if k["outcome"] in ("missed", "overdue") and k["overdue_ms"] > 2 * 86400000]
    asked = "".join(json.dumps({"received": k["started"], "class": c["class"]}) + "\n" for c, k in late)
    answers = stack.json_lines("sla", "explain", "--policy", stack.policy, "-", text=asked) if late else []
    plain = [(c, k, a) for (c, k), a in zip(late, answers) if a["deadline"] == k["deadline"]]

    def interest(picked):
        kinds = [day["kind"] for day in picked[2]["days"]]
        return kinds.count("makeup_workday") > 0, kinds.count("holiday"), -picked[1]["overdue_ms"], picked[0]["case"]
    return max(plain, key=interest, default=None)


def tell_ladder(stack, cases):
    picked = pick_late_case(stack, cases)
    if not picked:
        return
    case, clock, _ = picked
    title(f"One late case: {case['case']} ({case['class']}, {case['unit'] or 'no unit'})")
    print(stack.run("sla", "explain", "--received", clock["started"], "--class", case["class"], "--policy", stack.policy).rstrip())
    stopped = f"answered {clock['stopped']}" if clock["stopped"] else "not answered"
    print(f"{stopped}: {clock['outcome']}, {wait_text(timedelta(milliseconds=clock['overdue_ms']))} past its deadline")
    print("\nwhat was sent: bihuan-notify ledger " + case["case"])
    lines = stack.run("notify", "ledger", case["case"]).rstrip().splitlines()
    print("\n".join(lines[:20] + ([f"… and {len(lines) - 20} more"] if len(lines) > 20 else [])))
    whys = {(why["policy"], why["rule"], why["step"]) for why in (r.get("why") for r in stack.json_lines("notify", "ledger", "--json", case["case"])) if why}
    rules = sorted({why[:2] for why in whys})
    print("why: " + "; ".join(f"{len([w for w in whys if w[:2] == rule])} steps of {rule[0]}, by {rule[1]}" for rule in rules))


def tell_ratings(total):
    stars = total["ratings"]
    if not any(stars.values()) and not total["called_back"]:
        return
    title("Ratings 好差评")
    print("  ".join(f"{n}★ {stars[n]}" for n in "54321") + f"   (and {total['default_ratings']} that nobody gave)")
    print(f"差评 {total['bad_reviews']}: rectified {total['rectified']}, in time {total['rectified_in_time']}, missed {total['rectify_missed']}, "
          f"appeals upheld {total['appeals_upheld']}")
    called = total["callback"]
    print(f"call-backs {total['called_back']}, reached {total['reached']}: " + "  ".join(f"{n}: {called[n]}" for n in "54321"))


def tell_dead_letters(letters):
    title(f"Dead letters: {len(letters)}")
    for reason, count in Counter(letter["reason"] for letter in letters).most_common(12):
        print(f"  {count:>4} × {reason[:100]}")


def tell_deliveries(notices, sent):
    title("Deliveries")
    print(f"notices owed {notices['owed']} = delivered {notices['delivered']} + superseded {notices['superseded']} + exhausted {notices['exhausted']} "
          f"+ shadowed {notices['shadowed']} + pending {notices['pending']}")
    for name, counts in sent.items():
        print(f"{name:<12} {counts['requests']} requests, {counts['refused']} of them refused on purpose, {counts['taken']} taken")


# --- messages ---

def robot_text(request):
    """What the group reads: the markdown, without its stars, and mentions as WeCom shows them."""
    content = request["body"]["markdown"]["content"].replace("**", "")
    return re.sub(r"<(@[^>]*)>", r"\1 ", content).rstrip()


def robot_texts(stack):
    return [(request, robot_text(request)) for request in stack.requests("group") if request["status"] == 200]


def tell_words(stack):
    """One message of each kind, as the group read it."""
    counts, first = Counter(), {}
    for _, text in robot_texts(stack):
        kind = text.splitlines()[0]
        counts[kind] += 1
        if kind not in first or ("剩余时间" in text and "剩余时间" not in first[kind]):
            first[kind] = text   # one that came in time, where there is any
    title("What their WeCom group read at that pace, at any hour: one message of each kind")
    for kind, count in counts.most_common():
        print(f"({count} of these)")
        print("\n".join("  " + line for line in first[kind].splitlines() if line) + "\n")
