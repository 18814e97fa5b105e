"""Makes order_matching.json: what orderbook/matching must answer to 100 000 random messages.

usage: order_matching.py                 writes the file beside this script
       order_matching.py FIRST LAST      prints what those steps must answer, for a first difference

The book here is a plain list of orders per side, sorted by price and arrival, over Python's exact
integers; fill-or-kill is tried on a copy. The messages come from a generator that the test has too, so
that the file holds only a hash of the answers' text every EVERY steps.
"""

import bisect
import copy
import json
import pathlib
import platform
import sys

SEED, STEPS, EVERY = 20240611, 100_000, 500
MASK = 2**64 - 1
LARGEST_PRICE, LARGEST_QUANTITY, MOST_LEVELS = 10**15, 10**14, 16


class Random:
    """splitmix64."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return (z ^ (z >> 31)) % n


def random_order(random, order):
    m = {"id": order, "symbol": random.below(3) + 1, "side": random.below(2),
         "market": random.below(10) == 0, "tif": (0, 0, 0, 0, 0, 0, 1, 1, 2, 2)[random.below(10)],
         "stp": random.below(4), "trader": random.below(6) + 1}
    price, odd = 980 + random.below(41), random.below(200)
    m["price"] = 0 if m["market"] else price
    if odd < 5:
        m["price"] = (0, LARGEST_PRICE, LARGEST_PRICE + 1, 1, -5)[odd]
    m["quantity"], odd = random.below(100) + 1, random.below(200)
    if odd < 3:
        m["quantity"] = (0, LARGEST_QUANTITY, LARGEST_QUANTITY + 1)[odd]
    return m


def messages(random):
    ids = 0
    while True:
        kind = random.below(100)
        if kind < 70 or ids == 0:
            if ids > 0 and random.below(50) == 0:
                order = random.below(ids) + 1
            else:
                ids += 1
                order = ids
            yield "submit", random_order(random, order)
        elif kind < 92:
            yield "cancel", {"id": ids - random.below(min(ids, 3000))}
        else:
            yield "query", {"symbol": random.below(4) + 1, "depth": random.below(20)}


class Side:
    """Orders [rank of the price, arrival, id, trader, price, quantity], first to trade first."""

    def __init__(self, sign):
        self.sign, self.orders = sign, []

    def add(self, arrival, order, trader, price, quantity):
        bisect.insort(self.orders, [self.sign * price, arrival, order, trader, price, quantity])

    def levels(self):
        found = []
        for *_, price, quantity in self.orders:
            if not found or found[-1][0] != price:
                found.append([price, 0, 0])
            found[-1][1] += quantity
            found[-1][2] += 1
        return found


class Market:
    def __init__(self):
        self.books, self.trades, self.arrivals = {}, 0, 0
        self.live = {}  # order: (symbol, side)

    def refusal(self, m):
        if not 0 < m["quantity"] <= LARGEST_QUANTITY:
            return "the quantity is out of range"
        if m["market"] and m["price"] != 0:
            return "a market order has no price"
        if not m["market"] and m["price"] <= 0:
            return "a limit order needs a price above 0"
        if m["price"] > LARGEST_PRICE:
            return "the price is out of range"
        return "a live order has this id" if m["id"] in self.live else ""

    def submit(self, m):
        why = self.refusal(m)
        if why:
            return [f"S {m['id']} 0 0 {m['quantity']} 0 0 rejected {why}"]
        book = self.books.setdefault(m["symbol"], (Side(-1), Side(1)))
        before = None
        if m["tif"] == 2:
            before = copy.deepcopy((book[1 - m["side"]].orders, self.trades, self.live))
        lines, filled, paid, left, canceled, count = self.take(m, book)
        if before and filled != m["quantity"]:
            book[1 - m["side"]].orders, self.trades, self.live = before
            return [f"S {m['id']} 0 0 {m['quantity']} 0 0 canceled "]
        if left and (m["market"] or m["tif"] != 0):
            canceled, left = canceled + left, 0
        if left:
            self.arrivals += 1
            book[m["side"]].add(self.arrivals, m["id"], m["trader"], m["price"], left)
            self.live[m["id"]] = (m["symbol"], m["side"])
        average = (2 * paid + filled) // (2 * filled) if filled else 0
        status = ("canceled" if canceled else "filled" if not left else
                  "partially_filled" if filled else "resting")
        return lines + [f"S {m['id']} {filled} {left} {canceled} {average} {count} {status} "]

    def take(self, m, book):
        lines, filled, paid, left, canceled, count = [], 0, 0, m["quantity"], 0, 0
        others = book[1 - m["side"]].orders
        while left and others:
            _, _, maker, trader, price, quantity = others[0]
            if not m["market"] and (price > m["price"] if m["side"] == 0 else price < m["price"]):
                break
            if trader == m["trader"] and m["stp"] != 0:
                if m["stp"] in (2, 3):
                    lines.append(f"P {maker} {m['id']} {trader} {quantity}")
                    del others[0], self.live[maker]
                if m["stp"] in (1, 3):
                    canceled, left = left, 0
                continue
            amount = min(left, quantity)
            self.trades += 1
            lines.append(f"T {self.trades} {maker} {m['id']} {trader} {m['trader']} {price} {amount} "
                         f"{m['symbol']} {('buy', 'sell')[m['side']]}")
            left, filled, paid, count = left - amount, filled + amount, paid + amount * price, count + 1
            others[0][5] -= amount
            if others[0][5] == 0:
                del others[0], self.live[maker]
        return lines, filled, paid, left, canceled, count

    def cancel(self, m):
        if m["id"] not in self.live:
            return [f"C {m['id']} 0 unknown no live order has this id"]
        symbol, side = self.live.pop(m["id"])
        orders = self.books[symbol][side].orders
        at = next(i for i, order in enumerate(orders) if order[2] == m["id"])
        return [f"C {m['id']} {orders.pop(at)[5]} canceled "]

    def query(self, m):
        bids, asks = (side.levels() for side in self.books.get(m["symbol"], (Side(-1), Side(1))))
        bid, ask = (side[0][0] if side else 0 for side in (bids, asks))
        both = bid and ask
        words = ["B", m["symbol"], bid, ask, sum(b[1] for b in bids), sum(a[1] for a in asks),
                 ask - bid if both else 0, (bid + ask) // 2 if both else 0]
        depth = min(m["depth"], MOST_LEVELS)
        for side in (bids, asks):
            words += ["|"] + [word for level in side[:depth] for word in level]
        return [" ".join(map(str, words))]


def answers():
    market = Market()
    for kind, m in messages(Random(SEED)):
        yield getattr(market, kind)(m)


def show(first, last):
    for step, lines in enumerate(answers()):
        if step > last:
            return
        if step >= first:
            print(*(f"{step}: {line}" for line in lines), sep="\n")


def write():
    hashes, value, counts = [], 0xCBF29CE484222325, {}
    for step, lines in enumerate(answers()):
        if step == STEPS:
            break
        for line in lines:
            counts[line[0]] = counts.get(line[0], 0) + 1
            for byte in (line + "\n").encode():
                value = ((value ^ byte) * 0x100000001B3) & MASK
        if (step + 1) % EVERY == 0:
            hashes.append(f"{value:016x}")
    document = {"oracle": f"sorted lists of exact integers, Python {platform.python_version()}",
                "script": "tests/golden/order_matching.py", "seed": SEED, "steps": STEPS,
                "every": EVERY, "lines": counts, "hashes": hashes}
    path = pathlib.Path(__file__).parent / "order_matching.json"
    path.write_text(json.dumps(document, separators=(",", ":")).replace('"hashes"', '\n"hashes"') + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        show(int(sys.argv[1]), int(sys.argv[2]))
    else:
        write()
