"""Programs that write text, and what truly comes next in it.

A document is a program: it emits text and, where it may go on in several ways, chooses. Run by a `Sampler` it writes
one document. `next_distribution` follows all of its paths that begin with a prompt, and so has the true distribution of
the next token, by enumeration.
"""
import zlib
from collections import defaultdict


def held_out(*words, share=8):
    """Whether a combination of words is kept from training: the same ones on every machine."""
    return zlib.crc32(" ".join(words).encode()) % share == 0


ALLOWED = {}


class Sampler:
    """Runs a program once. `forced` are the first choices, so that a document can begin again and end differently."""

    def __init__(self, rng, tokens, forced=(), test=False):
        self.rng, self.tokens, self.forced, self.test = rng, tokens, forced, test
        self.choices, self.ids, self.marks = [], [], []
        self.novel = False

    def combine(self, noun, options):
        """Chooses what goes with a noun: in training never a combination that is kept for the test."""
        if not self.test:
            if (noun, id(options)) not in ALLOWED:
                ALLOWED[noun, id(options)] = [option for option in options if not held_out(noun, option[0])]
            return self.choose(ALLOWED[noun, id(options)])
        pick = self.choose(options)
        self.novel |= held_out(noun, pick[0])
        return pick

    def choose(self, options, weights=None):
        at = len(self.choices)
        if at < len(self.forced):
            pick = self.forced[at]
        elif weights is None:
            pick = int(self.rng.random() * len(options))
        else:
            mark = self.rng.random() * sum(weights)
            pick = 0
            while mark >= weights[pick]:
                mark -= weights[pick]
                pick += 1
        self.choices.append(pick)
        self.marks.append(len(self.ids))
        return options[pick]

    def emit(self, text):
        self.last = text
        self.ids.extend(self.tokens.encode(text))

    def run(self, program):
        program(self)
        return self

    def text(self):
        return self.tokens.decode(self.ids)


class Path(Exception):
    """Leaves a program: its text differs from the prompt, or goes beyond it."""


class Follower(Sampler):
    """Runs one path of a program along a prompt and notes the ways not taken."""

    def __init__(self, tokens, prompt, forced):
        super().__init__(None, tokens, forced)
        self.prompt, self.siblings = prompt, []
        self.weight = 1.0

    def choose(self, options, weights=None):
        at = len(self.choices)
        total = len(options) if weights is None else sum(weights)
        pick = 0
        if at < len(self.forced):
            pick = self.forced[at]
        else:
            for other in range(1, len(options)):
                self.siblings.append([*self.choices, other])
        self.weight *= (1 if weights is None else weights[pick]) / total
        self.choices.append(pick)
        return options[pick]

    def emit(self, text):
        super().emit(text)
        shared = min(len(self.ids), len(self.prompt))
        if self.ids[:shared] != self.prompt[:shared] or len(self.ids) > len(self.prompt):
            raise Path


def next_distribution(tokens, program, prompt):
    """What truly comes after the prompt, {token: probability}: summed over all of the program's paths that begin so."""
    found, open_paths = defaultdict(float), [[]]
    while open_paths:
        follower = Follower(tokens, prompt, open_paths.pop())
        try:
            program(follower)
            follower.ids.append(tokens.end)
        except Path:
            pass
        open_paths.extend(follower.siblings)
        if follower.ids[:len(prompt)] == prompt and len(follower.ids) > len(prompt):
            found[follower.ids[len(prompt)]] += follower.weight
    total = sum(found.values())
    return {token: weight / total for token, weight in sorted(found.items(), key=lambda item: -item[1])}
