#!/usr/bin/env python3
# The tables of doc/fio.md from what `sqtail list job` prints: words.py < LIST.
import re
import sys

sections = [[]]
for line in sys.stdin:
    if line.startswith("fio's words"):
        sections.append([])
    row = re.match(r"  ([a-z0-9_-]+)=(.*?)  +(.*)", line)
    if row:
        sections[-1].append(row.groups())


def by_help(rows):
    groups = {}
    for name, takes, text in rows:
        groups.setdefault((takes, text), []).append(f"`{name}`")
    return groups.items()


print("### Words that do something\n\n| word | value | meaning [without it] |\n|---|---|---|")
for name, takes, text in sections[0]:
    print(f"| `{name}` | {takes} | {text} |".replace("|| ", "| "))
print("\n### Words that are noted\n\n| words | values taken | why they change nothing |\n|---|---|---|")
for (takes, text), names in by_help(sections[1]):
    print(f"| {' '.join(names)} | {'any' if takes == 'TEXT' else ' '.join(f'`{v}`' for v in takes.split())} | {text} |")
print("\n### Words that are refused\n\n| words | what does instead |\n|---|---|")
for (_, text), names in by_help(sections[2]):
    print(f"| {' '.join(names)} | {text} |")
