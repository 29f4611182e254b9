"""The task reach: one-way roads between places, two candidates, one place to start from. Which candidate can be reached?

In the manner of ProsQA (Coconut, arXiv 2412.06769) and of "Reasoning by Superposition" (arXiv 2505.12514). Two parts of a
map are drawn by the same rule and share no road; the start and the right candidate lie in one, a second start and the
wrong candidate in the other, at the same distance. Nothing but the roads tells the candidates apart.
"""

import json
import pathlib
import random
import zlib

PLACES = ("Ash Bay Cove Dale Elm Fen Glen Hill Isle Jade Knoll Lake Moor Nook Oak Pine Quay Reed Sand Tarn Umber Vale Wold "
          "Yew").split()
PADDING, BEGIN, END, ASK, ANSWER, LATENT, LATENT_END = "<PAD>", "<BOS>", "<EOS>", "?", "->", "<latent>", "</latent>"
WORDS = [PADDING, BEGIN, END, ASK, ANSWER, LATENT, LATENT_END, *PLACES]
ID = {word: i for i, word in enumerate(WORDS)}
SIDE = 8  # places in each of the two parts
HOPS = (3, 4)
ROADS = range(14, 20)  # the rare maps with fewer or more are not used
HELD_OUT = 16  # every sixteenth problem, by a checksum of its text, is never trained on
TEST = pathlib.Path(__file__).parent.parent / "tasks" / "reach.json"


class Problem:
    """Roads as (from, to), the start, the two candidates in the order they are named, and a shortest way."""

    def __init__(self, rng):
        names = rng.sample(PLACES, 2 * SIDE)
        self.hops = rng.choice(HOPS)
        roads, self.start, self.way = part(rng, names[:SIDE], self.hops)
        others, _, decoy = part(rng, names[SIDE:], self.hops)
        self.roads = roads + others
        rng.shuffle(self.roads)
        self.answer, self.wrong = self.way[-1], decoy[-1]
        self.candidates = [self.answer, self.wrong]
        rng.shuffle(self.candidates)

    def roads_text(self):
        return f"{BEGIN} " + "  ".join(f"{a} {b}" for a, b in self.roads)

    def prompt(self):
        return f"{self.roads_text()} {ASK} {' '.join(self.candidates)} {self.start}"

    def held_out(self):
        return zlib.crc32(self.prompt().encode()) % HELD_OUT == 0


def part(rng, names, hops):
    """Places in layers: one at distance 0, at least one at each distance up to `hops`. Roads lead one layer on."""
    layers = [[name] for name in names[:hops + 1]]
    for name in names[hops + 1:]:
        rng.choice(layers[1:]).append(name)
    roads = []
    for nearer, farther in zip(layers, layers[1:]):
        for name in farther:
            roads += [(a, name) for a in rng.sample(nearer, min(len(nearer), 2 if rng.random() < 0.3 else 1))]
    way = [rng.choice(layers[-1])]
    for _ in range(hops - 1):
        way.insert(0, rng.choice([a for a, b in roads if b == way[0]]))
    return roads, layers[0][0], way


def encode(text):
    return [ID[word] for word in text.split()]


def draw(rng, held_out=False):
    while True:
        problem = Problem(rng)
        if len(problem.roads) in ROADS and problem.held_out() == held_out:
            return problem


def read_test():
    return json.loads(TEST.read_text())["problems"]


if __name__ == "__main__":  # writes the test; it is committed, so this is for the record
    rng = random.Random(1)
    rows = [json.dumps({"prompt": p.prompt(), "answer": p.answer, "wrong": p.wrong, "hops": p.hops})
            for p in (draw(rng, held_out=True) for _ in range(500))]
    TEST.write_text('{"problems": [\n' + ",\n".join(rows) + "\n]}\n")
