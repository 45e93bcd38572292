#!/usr/bin/env python3
# Whether the requests of fio's log and of sqtail's are the same: agree.py MODE SQTAIL.csv FIO.iolog...
#
#   same      one by one, in order: each job's, whose queue tells it
#   sorted    in any order (fio's log may have one twice that its null engine was too busy for)
#   rate X    as many of each kind, within the share X
#   alike     as many of each kind, of each size and in each sixteenth of the region as chance has it (chi-square, at
#             one in a thousand)
#   skew X    as many of each kind and size, and the shares of the hottest 1, 10, 100 and 1000 blocks differ by X at most
import collections
import csv
import sys


def fio_requests(path):
    with open(path) as log:
        for line in log:
            words = line.split()
            if len(words) >= 3 and words[2] in ("sync", "datasync"):
                yield ("flush", 0, 0)
            elif len(words) == 5 and words[2] in ("read", "write", "trim"):
                yield (words[2], int(words[3]), int(words[4]))


def sqtail_requests(path):
    jobs = collections.defaultdict(list)
    with open(path) as log:
        for row in csv.DictReader(log):
            kind = row["kind"].replace("write_fua", "write")
            jobs[int(row["queue"])].append((kind, 0, 0) if kind == "flush" else (kind, int(row["offset"]), int(row["bytes"])))
    return [jobs[queue] for queue in sorted(jobs)]


def fail(text):
    print(text)
    sys.exit(1)


def same(ours, fios):
    for number, (mine, fio) in enumerate(zip(ours, fios)):
        if mine != fio:
            fail(f"request {number} is {mine}, of fio {fio}")
    if len(ours) != len(fios):
        fail(f"{len(ours)} requests, of fio {len(fios)}")


def chi_square(what, ours, fios):
    """Of two samples; the limit is Wilson's and Hilferty's at 0.001."""
    total, freedom = 0, -1
    for name in set(ours) | set(fios):
        a, b = ours[name], fios[name]
        if a + b < 10:
            continue
        share = sum(ours.values()) / (sum(ours.values()) + sum(fios.values()))
        total += (a - (a + b) * share) ** 2 / ((a + b) * share) + (b - (a + b) * (1 - share)) ** 2 / ((a + b) * (1 - share))
        freedom += 1
    limit = 0 if freedom < 1 else freedom * (1 - 2 / (9 * freedom) + 3.09 * (2 / (9 * freedom)) ** 0.5) ** 3
    if freedom >= 1 and total > limit:
        fail(f"{what}: chi-square {total:.1f}, at most {limit:.1f}")


def skew(requests, hottest):
    counts = collections.Counter(offset for _, offset, _ in requests)
    return sum(count for _, count in counts.most_common(hottest)) / len(requests)


def alike(ours, fios, places=True):
    size = max(offset + length for _, offset, length in ours + fios)
    keys = {"kinds": lambda r: r[0], "sizes": lambda r: (r[0], r[2])}
    if places:
        keys["places"] = lambda r: r[1] * 16 // size
    for what, key in keys.items():
        chi_square(what, collections.Counter(map(key, ours)), collections.Counter(map(key, fios)))


def skewed(ours, fios, most):
    alike(ours, fios, places=False)
    for hottest in (1, 10, 100, 1000):
        if abs(skew(ours, hottest) - skew(fios, hottest)) > most:
            fail(f"the hottest {hottest} have {skew(ours, hottest):.3f} of the requests, in fio {skew(fios, hottest):.3f}")


def rate(ours, fios, share):
    mine, fio = (collections.Counter(kind for kind, _, _ in requests) for requests in (ours, fios))
    for kind in set(mine) | set(fio):
        if abs(mine[kind] - fio[kind]) > share * fio[kind]:
            fail(f"{mine[kind]} of {kind}, of fio {fio[kind]}")


def main():
    mode, ours = sys.argv[1].split(), sqtail_requests(sys.argv[2])
    fios = [list(fio_requests(path)) for path in sys.argv[3:]]
    if len(ours) != len(fios):
        fail(f"{len(ours)} jobs, of fio {len(fios)}")
    for mine, fio in zip(ours, fios):
        if not fio:
            fail("fio has no requests")
        if mode[0] == "rate":
            rate(mine, fio, float(mode[1]))
        elif mode[0] == "skew":
            skewed(mine, fio, float(mode[1]))
        elif mode[0] == "sorted":
            same(sorted(mine), sorted(set(fio)))
        else:
            {"same": same, "alike": alike}[mode[0]](mine, fio)


main()
