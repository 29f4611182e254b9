"""The task MNNS, minimum non-negative sum: put + or - before each of four digits so that the sum is as small as
possible but not negative. From "Continuous Chain of Thought Enables Parallel Exploration and Reasoning" (CoT2),
arXiv 2505.23648. All 9^4 = 6561 sequences are known, and so is every right answer.
"""

import itertools
import json
import pathlib
import random
import textwrap

DIGITS = 4
LARGEST = 9 * DIGITS
WORDS = ["<PAD>", "<BOS>", "<EOS>", "->", "+", "-"] + [f"D{d}" for d in range(10)] + [
    f"S{s}" for s in range(-LARGEST, LARGEST + 1)
]
ID = {word: i for i, word in enumerate(WORDS)}
SPLIT = pathlib.Path(__file__).parent.parent / "tasks" / "mnns.json"


def prompt(digits, arrow=False):
    """What a model is given; the arrow is for the discrete one, which goes on with words."""
    return " ".join(["<BOS>", *(f"D{digit}" for digit in digits), *(["->"] * arrow)])


def encode(text):
    return [ID[word] for word in text.split()]


def sums(digits, steps):
    """The 2^steps partial sums after so many steps, one a choice of signs, + before -."""
    return [
        sum(sign * digit for sign, digit in zip(signs, digits)) for signs in itertools.product((1, -1), repeat=steps)
    ]


def answer(digits):
    return min(total for total in sums(digits, len(digits)) if total >= 0)


def path(digits):
    """The partial sums on the first way to the answer, in the order of itertools.product."""
    signs = next(
        signs
        for signs in itertools.product((1, -1), repeat=len(digits))
        if sum(sign * digit for sign, digit in zip(signs, digits)) == answer(digits)
    )
    return list(itertools.accumulate(sign * digit for sign, digit in zip(signs, digits)))


def sequences(multisets):
    """Every order of the digits of each multiset."""
    return [digits for multiset in multisets for digits in sorted(set(itertools.permutations(multiset)))]


def make_split(seed=42):
    """495 multisets, four fifths of them for training: no order of a held-out multiset is ever seen."""
    multisets = list(itertools.combinations_with_replacement(range(1, 10), DIGITS))
    random.Random(seed).shuffle(multisets)
    cut = len(multisets) * 4 // 5
    return {"training": sorted(multisets[:cut]), "heldOut": sorted(multisets[cut:])}


def read_split():
    """Training and held-out sequences, as the committed file has them: "1223" stands for all orders of 1, 2, 2, 3."""
    sides = json.loads(SPLIT.read_text())
    return tuple(
        sequences(tuple(map(int, multiset)) for multiset in " ".join(sides[side]).split())
        for side in ("training", "heldOut")
    )


if __name__ == "__main__":  # writes the split; it is committed, so this is for the record
    sides = {
        side: textwrap.fill(" ".join("".join(map(str, multiset)) for multiset in multisets), 100).split("\n")
        for side, multisets in make_split().items()
    }
    SPLIT.write_text(json.dumps(sides, indent=2) + "\n")
