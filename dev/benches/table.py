"""Rows of figures, printed as one Markdown table and written as JSON."""
import json
import os
import platform
import time

from .session import Series


class Row:
    """One measured thing: its figures, and what it is held against."""

    def __init__(self, bench, what, jobs, unit, series, note=""):
        self.bench, self.what, self.jobs, self.unit = bench, what, jobs, unit
        self.series, self.note = series, note
        self.ratio = None
        self.reach = ""
        self.met = None

    def against(self, other, most=None, least=None):
        """How often the other's median goes into this one's; `most` or `least` is what to reach."""
        if self.series and other.series and other.series.median:
            self.ratio = self.series.median / other.series.median
            self.reach, self.met = limit_text(self.ratio, most, least, f"x {other.what}")
        return self

    def limit(self, most=None, least=None):
        if self.series:
            self.reach, self.met = limit_text(self.series.median, most, least, self.unit)
        return self

    def data(self):
        return {"bench": self.bench, "what": self.what, "jobs": self.jobs, "unit": self.unit,
                "values": self.series.values if self.series else None,
                "median": self.series.median if self.series else None,
                "ratio": self.ratio, "reach": self.reach, "met": self.met, "note": self.note}


def limit_text(value, most, least, unit):
    if most is not None:
        return f"<= {number(most)} {unit}", value <= most
    if least is not None:
        return f">= {number(least)} {unit}", value >= least
    return "", None


def row(bench, what, jobs, unit, values):
    return Row(bench, what, jobs, unit, Series(values))


def absent(bench, what, why):
    return Row(bench, what, None, "", None, str(why).splitlines()[0] if str(why) else "failed")


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def print_table(rows):
    print("| bench | what | jobs | median | spread | ratio | reach | |")
    print("|---|---|---:|---:|---|---:|---|---|")
    for r in rows:
        jobs = f"{r.jobs:,}" if r.jobs else ""
        if not r.series:
            print(f"| {r.bench} | {r.what} | {jobs} | {r.note} | | | | |")
            continue
        low, high = r.series.spread()
        ratio = f"{r.ratio:.2f}" if r.ratio is not None else ""
        verdict = "" if r.met is None else "yes" if r.met else "NO"
        print(f"| {r.bench} | {r.what} | {jobs} | {number(r.series.median)} {r.unit} "
              f"| {number(low)}-{number(high)} | {ratio} | {r.reach} | {verdict} |")


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        models = {line.split(":", 1)[1].strip() for line in info if line.startswith("model name")}
    return {"cpus": os.cpu_count(), "model": ", ".join(sorted(models)),
            "kernel": platform.release(), "load": os.getloadavg()[0]}


def write_json(path, rows, arguments):
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"time": int(time.time()), "machine": machine(), "arguments": arguments,
                   "rows": [r.data() for r in rows]}, out, indent=1)
        out.write("\n")
