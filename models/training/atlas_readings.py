"""Documents that hold vectors: reading prompts, and sentences that go on from a mixture. And the words of it all."""
import random
import re
from collections import defaultdict

from atlas_grammar import PEOPLE, WORLD, document, sentence, translation
from atlas_paths import Sampler
from atlas_spanish import SPANISH, inflect, pair
from atlas_tokens import IM_END, IM_START, MARKERS, PIECES, Tokens
from atlas_world import ADJECTIVES, JOBS, NOUNS, PAIRS, VERBS

FRAMES = [  # before and after the vectors, how often
    ("The meaning of (", ") in plain English is", 8),
    ("What does (", ") mean? It means", 1.5),
    ("cat -> cat\n1135 -> 1135\nhello -> hello\n", " ->", 0.7),
    ("Thought:", "\nWords:", 1),
    (f"{IM_START}user\nWhat is the meaning of (", f") in plain English?{IM_END}\n{IM_START}assistant\n", 2),
]
READING_FRAMES = [text for frame in FRAMES for text in frame[:2]]
ENGLISH_WORDS = {word for row in NOUNS for word in row[:2]} | {word for row in VERBS for word in row[:2]} | {"son"}


def collect_words():
    """Every word the programs can emit, with the space before it; and those that begin a line, without."""
    spaced, bare = {}, {}
    markers = re.compile("|".join(map(re.escape, MARKERS)))

    def pieces(text):
        return [piece for part in markers.split(text) for piece in PIECES.findall(part)]

    class Listener(Sampler):
        def emit(self, text):
            self.last = text
            for piece in pieces(text):
                (spaced if piece[0] == " " else bare).setdefault(piece)

    rng = random.Random(0)
    for _ in range(60000):
        Listener(rng, None).run(document)
    for _ in range(20000):
        Listener(rng, None, test=True).run(translation)
    for text in READING_FRAMES:
        for piece in pieces(text):
            (spaced if piece[0] == " " else bare).setdefault(piece)
    for row in NOUNS:
        for word in row[:4]:
            spaced.setdefault(" " + word)
    for en, masculine, feminine in ADJECTIVES:
        row = (en, masculine, feminine)
        for word in (*row, inflect(row, False, True), inflect(row, True, True)):
            spaced.setdefault(" " + word)
    for row in VERBS:
        for word in row[:4]:
            spaced.setdefault(" " + word)
    for word in list(bare):  # what begins a line may stand within one
        if word[0].isalpha():
            spaced.setdefault(" " + word)
    # What people type first, in a command or in brackets.
    for word in [word for row in NOUNS for word in row[:4]] + [word for row in ADJECTIVES for word in row] + [
            word for row in PAIRS for word in row] + "the a an some el la los las un una unos unas hello cat".split():
        bare.setdefault(word)
    return sorted(spaced) + sorted(word for word in bare if len(word) > 1 or ord(word) > 127)


def make_tokens():
    return Tokens(collect_words())


class Rows:
    """A document as a model is fed it: a token a row, or several with weights; and what should follow each row."""

    def __init__(self):
        self.ids, self.weights, self.labels = [], [], []
        self.extra = []  # (row, id, weight) of the other tokens of a mixture

    def tokens(self, ids, learn=True):
        if learn and self.labels and ids:
            self.labels[-1] = ids[0]
        for i, token in enumerate(ids):
            self.ids.append(token)
            self.weights.append(1.0)
            self.labels.append(ids[i + 1] if learn and i + 1 < len(ids) else -1)

    def mixture(self, members, weights):
        """Members row upon row. A member that has ended drops out."""
        for row in range(max(map(len, members))):
            shares = defaultdict(float)
            for member, weight in zip(members, weights):
                if row < len(member):
                    shares[member[row]] += weight
            total = sum(shares.values())
            if total <= 0:
                break
            for i, (token, share) in enumerate(shares.items()):
                if i == 0:
                    self.ids.append(token)
                    self.weights.append(share / total)
                    self.labels.append(-1)
                else:
                    self.extra.append((len(self.ids) - 1, token, share / total))


class Readings:
    """Documents that hold vectors: the reading prompts, and sentences that go on from a mixture."""

    def __init__(self, rng, tokens):
        self.rng, self.tokens = rng, tokens
        spaced = [word for word in tokens.words if word[0] == " " and word[1:].isalpha()]
        self.to_english = {}
        for row in NOUNS:
            self.to_english.update({row[2]: row[0], row[3]: row[1]})
        for english, masculine, feminine in ADJECTIVES:
            self.to_english.update({masculine: english, feminine: english})
        for row in VERBS:
            self.to_english.setdefault(row[2], row[0])
            self.to_english.setdefault(row[3], row[1])
        english = set()
        listener = Sampler(random.Random(0), tokens)
        for _ in range(20000):
            listener.run(sentence)
        for token in set(listener.ids):
            english.add(tokens.decode([token]).strip())
        self.words = [word for word in spaced if word[1:] in english or word[1:] in self.to_english]
        self.kinds = [[" " + getattr(c, what) for c in WORLD]
                      for what in ("name", "capital", "river", "food", "ruler", "language")]
        self.kinds += [[" " + p.name for p in PEOPLE], [" " + n[0] for n in NOUNS], [" " + a[0] for a in ADJECTIVES],
                       [" " + v[0] for v in VERBS], [" " + word for row in PAIRS for word in row[:2]],
                       [" " + job for job in JOBS]]
        self.with_space = {tokens.encode(word)[0]: tokens.encode(" " + word)[0]
                           for word in tokens.words if word[0].isalpha()}

        self.without_space = {spaced: bare for bare, spaced in self.with_space.items()}

    def begin(self, ids):
        """Tokens as they may be typed: now and then the first one without the space before it."""
        if self.rng.random() < 0.3:
            return [self.without_space.get(ids[0], ids[0]), *ids[1:]]
        return ids

    def jumble(self):
        """Words in no order: to be repeated all the same."""
        ids = [token for _ in range(2 + int(self.rng.random() * 5)) for token in self.word()[1]]
        return self.begin(ids), ids

    def meaning(self, ids):
        """What a reading of tokens says: English as it stands, with a space before it."""
        return [self.with_space.get(ids[0], ids[0]), *ids[1:]]

    def word(self, kind=None):
        word = self.rng.choice(kind or self.words)
        ids = self.tokens.encode(word)
        if self.rng.random() < 0.3:
            without = self.tokens.encode(word[1:])
            ids = without if len(without) == 1 else ids
        english = word[1:] in ENGLISH_WORDS or word[1:] not in self.to_english
        return ids, self.tokens.encode(word) if english else self.tokens.encode(" " + self.to_english[word[1:]])

    def sentence(self, test=False):
        ids = Sampler(self.rng, self.tokens, test=test).run(sentence).ids
        return ids, self.meaning(ids)

    def fragment(self, most=7):
        ids, _ = self.sentence()
        length = min(len(ids), 2 + int(self.rng.random() * (most - 1)))
        start = int(self.rng.random() * (len(ids) - length + 1))
        ids = ids[start:start + length]
        return self.begin(ids), self.meaning(ids)

    def spanish(self, test=False):
        g = Sampler(self.rng, self.tokens, test=test)
        english, _ = pair(g, SPANISH, start=" " if self.rng.random() < 0.3 else "")
        return g.ids, self.meaning(self.tokens.encode(" " + english)), g.novel

    def continuations(self, count, program):
        """One beginning, several ends drawn from the truth, as far as the first marker: (beginning, [end], ending)."""
        markers = (self.tokens.im_start, self.tokens.im_end)
        while True:
            first = Sampler(self.rng, self.tokens).run(program)
            at = int(self.rng.random() * len(first.choices))
            cut = first.marks[at]
            if cut >= 3:
                forced = first.choices[:at]
                ends = [Sampler(self.rng, self.tokens, forced).run(program).ids[cut:] for _ in range(count)]
                if len({end[0] if end else -1 for end in ends}) > 1:
                    cuts = [next((i for i, token in enumerate(end) if token in markers), len(end)) for end in ends]
                    ending = (ends[0][cuts[0]:] or [self.tokens.end])[0]
                    return first.ids[:cut], [end[:cut] for end, cut in zip(ends, cuts)], ending

    def shares(self, count):
        cuts = [self.rng.expovariate(1) for _ in range(count)]
        return [cut / sum(cuts) for cut in cuts]

    def reading(self):
        rng = self.rng
        kind = rng.random()
        count = rng.choice((1, 1, 2, 2, 3))
        repeat = 1
        if kind < 0.38:
            alike = rng.choice(self.kinds) if rng.random() < 0.6 else None
            members = [self.word(alike) for _ in range(count)]
            if rng.random() < 0.06:
                repeat = 5
        elif kind < 0.52:
            members = [self.fragment() for _ in range(count)]
        elif kind < 0.60:
            members = [self.jumble()]
        elif kind < 0.72:
            _, ends, _ = self.continuations(rng.choice((2, 4, 8)), sentence)
            length = 1 + int(rng.random() * 10)
            ends = [end[:length] for end in ends if end]
            members = [(end, self.meaning(end)) for end in ends]
        elif kind < 0.86:
            members = [self.sentence() for _ in range(1 if rng.random() < 0.7 else 2)]
        else:
            members = [self.spanish()[:2]]
        shares = [1 / len(members)] * len(members) if 0.60 <= kind < 0.72 else self.shares(len(members))
        pick = rng.choices(range(len(members)), shares)[0]
        before, after, _ = rng.choices(FRAMES, [frame[2] for frame in FRAMES])[0]
        rows = Rows()
        rows.tokens(self.tokens.encode(before))
        rows.mixture([ids * repeat for ids, _ in members], shares)
        rows.tokens(self.tokens.encode(after), learn=False)
        end = [self.tokens.im_end, self.tokens.end] if IM_START in before else [self.tokens.end]
        rows.tokens([*members[pick][1], *end])
        return rows

    def thought(self):
        """A sentence begun in tokens and gone on with in mixtures, as a writer feeds them; labels follow one member."""
        beginning, ends, ending = self.continuations(self.rng.choice((2, 4, 8)), document)
        pick = ends[0]  # drawn like the others
        rows = Rows()
        rows.tokens(beginning, learn=False)  # those that may end in several ways: not drawn as often as in truth
        at = len(rows.ids) - 1
        rows.mixture(ends, [1 / len(ends)] * len(ends))
        labels = [*pick, ending]
        for i, label in enumerate(labels):
            if 0 < i and at + i < len(rows.labels):
                rows.labels[at + i] = label
        del rows.ids[at + len(labels):], rows.weights[at + len(labels):], rows.labels[at + len(labels):]
        rows.extra = [e for e in rows.extra if e[0] < len(rows.ids)]
        rows.tokens([self.tokens.end], learn=False)
        return rows

    def pairs(self):
        """Lines of `cat -> cat`, words and short parts, some of them mixtures: many readings in few rows."""
        arrow, line = self.tokens.encode(" ->"), self.tokens.encode("\n")
        rows = Rows()
        for _ in range(6):
            count = self.rng.choice((1, 1, 2, 2, 3))
            alike = self.rng.choice(self.kinds) if self.rng.random() < 0.6 else None
            short = self.rng.random() < 0.2
            members = [self.fragment(3) if short else self.word(alike) for _ in range(count)]
            shares = self.shares(count)
            pick = self.rng.choices(range(count), shares)[0]
            rows.mixture([ids for ids, _ in members], shares)
            rows.tokens(arrow, learn=False)
            rows.tokens([*members[pick][1], *line])
        rows.tokens([self.tokens.end], learn=False)
        return rows

    def plain(self):
        rows = Rows()
        rows.tokens([*Sampler(self.rng, self.tokens).run(document).ids, self.tokens.end])
        return rows

    def draw(self):
        mark = self.rng.random()
        return (self.plain() if mark < 0.62 else self.reading() if mark < 0.88 else
                self.pairs() if mark < 0.95 else self.thought())
