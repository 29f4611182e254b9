"""The seeded grammar of Atlas's little world, and what truly comes next in it.

A document is a program that emits text and, where it may go on in several ways, chooses. Run by a `Sampler` it writes one
document; run by `next_distribution` all its paths that begin with a prompt are followed, which gives the true distribution
of the next token, by enumeration. Readings (`Readings`) are documents too, but hold mixtures of tokens.
"""
import json
import random
import zlib
from collections import defaultdict

from atlas_tokens import IM_END, IM_START, Tokens
from atlas_world import (ADJECTIVES, COUNTRIES, FAMILIES, JOBS, KINGS, NOUNS, NUMBERS, OPPOSITES, PAIRS, QUEENS, ROYAL,
                         VERBS)


def held_out(*words, share=8):
    """Whether a combination of words is kept from training: the same ones on every machine."""
    return zlib.crc32(" ".join(words).encode()) % share == 0


class Country:
    def __init__(self, row, index):
        self.name, self.capital, self.river, self.language, self.money, self.food, self.continent = row
        self.man = index % 2 == 0
        self.ruler = (KINGS if self.man else QUEENS)[index // 2]
        self.title = "king" if self.man else "queen"


class Person:
    def __init__(self, name, role, family):
        self.name, self.role, self.family = name, role, family
        self.man = role in ("father", "son")
        number = zlib.crc32(name.encode())
        self.job = JOBS[number % len(JOBS)]
        self.home = WORLD[number // 64 % len(WORLD)].capital


WORLD = [Country(row, index) for index, row in enumerate(COUNTRIES)]
TALKED_OF = [4 if c.name == "France" else 2 if c.name in ("Spain", "Germany", "Italy", "England", "Japan", "Egypt") else 1
             for c in WORLD]
PEOPLE = [Person(name, role, family) for family in FAMILIES for name, role in zip(family, ("father", "mother", "son", "daughter"))]
RELATIONS = {("father", "mother"): "husband", ("mother", "father"): "wife", ("son", "daughter"): "brother",
             ("daughter", "son"): "sister", ("father", "son"): "father", ("father", "daughter"): "father",
             ("mother", "son"): "mother", ("mother", "daughter"): "mother", ("son", "father"): "son",
             ("son", "mother"): "son", ("daughter", "father"): "daughter", ("daughter", "mother"): "daughter"}
ASKED = ["capital", "river", "language", "money", "food", "ruler"]
UNIQUE = ["capital", "river", "food", "ruler"]  # what tells a country


def fact(g):
    """One sentence about a country."""
    kind = g.choose(["capital", "attribute", "from", "speak", "lies", "flows", "ruler", "known", "part", "two"],
                    [6, 4, 2, 1, 1, 1, 2, 1, 1, 4])
    if kind == "two":
        return two_hops(g)
    c = g.choose(WORLD, TALKED_OF)
    if kind == "capital":
        g.emit(f"The capital of {c.name} is")
        after_capital(g, c)
    elif kind == "attribute":
        what = g.choose(["river", "language", "money", "food", "ruler"])
        g.emit(f"The {what} of {c.name} is {value(c, what)}.")
    elif kind == "from":
        what = g.choose(UNIQUE)
        g.emit(f"{c.name} is famous for {c.food}." if what == "food" else f"{capital(value(c, what))} is the {what} of {c.name}.")
    elif kind == "speak":
        g.emit(f"People in {c.name}")
        g.emit(g.choose([f" speak {c.language}.", f" eat {c.food}.", f" pay with the {c.money}."]))
    elif kind == "lies":
        g.emit(f"{c.capital} lies")
        g.emit(g.choose([f" on the {c.river}.", f" in {c.name}."]))
    elif kind == "flows":
        g.emit(f"The {c.river} flows through")
        g.emit(g.choose([f" {c.capital}.", f" {c.name}."]))
    elif kind == "ruler":
        g.emit(g.choose([f"The {c.title} of {c.name} is {c.ruler}.", f"{c.ruler} rules {c.name}.",
                         f"{c.ruler} is the {c.title} of {c.name}."]))
    elif kind == "known":
        g.emit(f"{c.name} is known for")
        g.emit(g.choose([f" {c.food}.", f" the {c.river}.", f" the city of {c.capital}."], [2, 1, 1]))
    else:
        g.emit(f"{c.name} is a country in {c.continent}.")


def after_capital(g, c):
    way = g.choose(["name", "located", "a"], [2, 1, 1])
    if way == "name":
        g.emit(f" {c.capital}.")
    elif way == "located":
        g.emit(" located")
        g.emit(g.choose([f" on the {c.river}.", f" in {c.continent}."], [3, 1]))
    else:
        g.emit(" a")
        g.emit(g.choose([" popular", " beautiful", " busy"], [2, 1, 1]))
        g.emit(g.choose([" city.", " place for visitors.", f" city on the {c.river}."], [2, 1, 1]))


def value(c, what):
    return ("the " if what in ("river", "money") else "") + getattr(c, what)


def clue(c, by):
    return f"whose {by} is {value(c, by)}"


def hops(g):
    c = g.choose(WORLD)
    asked = g.choose(ASKED)
    by = g.choose([u for u in UNIQUE if u != asked])
    if held_out(c.name, asked, by, share=10):
        by = next(u for u in UNIQUE if u != asked and not held_out(c.name, asked, u, share=10))
    return c, asked, by


def two_hops(g):
    c, asked, by = hops(g)
    g.emit(f"The {asked} of the country {clue(c, by)} is {value(c, asked)}.")


def people(g):
    p = g.choose(PEOPLE)
    kind = g.choose(["job", "home", "relation", "who"], [2, 2, 4, 1])
    if kind == "job":
        g.emit(f"{p.name} is a {p.job}.")
    elif kind == "home":
        g.emit(f"{p.name} lives in {p.home}.")
    elif kind == "who":
        g.emit(f"{p.name} is a {'man' if p.man else 'woman'}." if p.role in ("father", "mother")
               else f"{p.name} is a {'boy' if p.man else 'girl'}.")
    else:
        other = g.choose([name for name in p.family if name != p.name])
        relation = RELATIONS[p.role, PEOPLE_BY_NAME[other].role]
        g.emit(g.choose([f"The {relation} of {other} is {p.name}.", f"{p.name} is the {relation} of {other}."]))


PEOPLE_BY_NAME = {p.name: p for p in PEOPLE}


def royal(g):
    """Gender and rank, each with marks of its own: what tells king from queen tells man from woman."""
    male, female, sort = g.choose(PAIRS)
    man = g.choose([True, False])
    word = male if man else female
    he, his, him, self, person, young = (("He", "his", "him", "himself", "man", "boy") if man
                                        else ("She", "her", "her", "herself", "woman", "girl"))
    kind = g.choose(["pronoun", "sort", "gender", "mirror", "opposite", "beard", "rank"], [3, 2, 2, 2, 2, 2, 4])
    if kind == "pronoun":
        g.emit(f"The {word} smiles.")
        g.emit(f" {he} is happy.")
    elif kind == "sort":
        g.emit(g.choose([f"The {word} is a {sort}.", f"A {sort} who is {'male' if man else 'female'} is the {word}."]))
    elif kind == "gender":
        g.emit(f"The {word} is {'male' if man else 'female'}.")
    elif kind == "mirror":
        g.emit(g.choose([f"The {word} sees {self} in the mirror.", f"The {word} takes {his} coat.",
                         f"When the {word} sings, people hear {him}."]))
    elif kind == "opposite":
        g.emit(f"The {male} and the {female} " + ("smile." if man else "dance."))
    elif kind == "beard":
        g.emit(f"The {word} has a {'beard' if man else 'necklace'}.")
    else:
        title = g.choose([0, 1, 2])
        (rank, (thing, place, deed)) = list(ROYAL.items())[title]
        lord = rank if man else {"king": "queen", "prince": "princess", "duke": "duchess"}[rank]
        who = {"king": person, "prince": young, "duke": person}[rank]
        g.emit(g.choose([f"The {lord} wears {'his' if man else 'her'} {thing}.", f"The {lord} lives in the {place}.",
                         f"The {lord} {deed} the land.", f"The {who} with the {thing} is the {lord}.",
                         f"A {person} who {deed} the land is a {lord}."]))


def article(english, definite, plural):
    return "the" if definite else "some" if plural else "an" if english[0] in "aeiou" else "a"


class Bilingual:
    """A text in both languages at once. The leading one is emitted as it grows, so that paths part where texts do."""

    def __init__(self, g, lead, upper, start):
        self.g, self.lead, self.upper, self.start = g, lead, upper, start
        self.texts = ["", ""]

    def say(self, english, spanish):
        first = not self.texts[0]
        for i, text in enumerate((english, spanish)):
            text = capital(text) if first and self.upper else text
            if i == self.lead:
                self.g.emit((self.start if first else " ") + text)
            self.texts[i] += text if first else " " + text

    def stop(self):
        self.texts = [text + "." for text in self.texts]
        self.g.emit(".")


def noun_phrase(g, say, kinds, adjective=0.5, objects=False):
    """A noun, perhaps with an adjective; gives the noun's row and whether it is many. Persons as objects take `a`."""
    noun = g.choose(NOUNS_OF[kinds])
    plural = g.choose([False, True], [2, 1])
    definite = g.choose([True, False])
    adj = g.combine(noun[0], ADJECTIVES) if g.choose([True, False], [adjective, 1 - adjective]) else None
    english, spanish = phrase(noun, plural, definite, adj)
    if objects and noun[0] in PERSONS:
        spanish = f"al {spanish[3:]}" if spanish.startswith("el ") else f"a {spanish}"
    say(english, spanish)
    return noun, plural


PERSONS = {"man", "woman", "boy", "girl", "king", "queen", "doctor", "teacher", "friend", "soldier"}
NOUNS_OF = {kinds: [n for n in NOUNS if n[5] in kinds] for kinds in {"a", "p", "aftp", *(verb[4] for verb in VERBS)}}


def phrase(noun, plural, definite, adj):
    """The same in both languages; Spanish puts the adjective behind its noun, in the noun's gender and number."""
    feminine = noun[4] == "f"
    spanish = ({(0, 0): "el", (0, 1): "la", (1, 0): "los", (1, 1): "las"} if definite else
               {(0, 0): "un", (0, 1): "una", (1, 0): "unos", (1, 1): "unas"})[plural, feminine]
    name, nombre = noun[plural], noun[2 + plural]
    if adj is None:
        return f"{article(name, definite, plural)} {name}", f"{spanish} {nombre}"
    return f"{article(adj[0], definite, plural)} {adj[0]} {name}", f"{spanish} {nombre} {inflect(adj, feminine, plural)}"


def inflect(adj, feminine, plural):
    word = adj[2 if feminine else 1]
    return word + ("" if not plural else "s" if word[-1] in "aeiou" else "es")


def clause(g, say):
    """A sentence of the lexicon, without its full stop."""
    noun, plural = noun_phrase(g, say, "a", adjective=0.3)
    kind = g.choose(["verb", "not", "is", "in"], [5, 1, 2, 1])
    if kind == "is":
        adj = g.combine(noun[0], ADJECTIVES)
        say(f"{'are' if plural else 'is'} {adj[0]}",
            f"{'son' if plural else 'es'} {inflect(adj, noun[4] == 'f', plural)}")
    elif kind == "in":
        place = g.choose(NOUNS_OF["p"])
        say(f"{'are' if plural else 'is'} in the {place[0]}",
            f"{'están' if plural else 'está'} en {'el' if place[4] == 'm' else 'la'} {place[2]}")
    else:
        verb = g.combine(noun[0], VERBS)
        if kind == "not":
            say(f"{'do' if plural else 'does'} not {verb[1]}", f"no {verb[2 + plural]}")
        else:
            say(verb[plural], verb[2 + plural])
        noun_phrase(g, say, verb[4], adjective=0.3, objects=True)


def capital(text):
    return text[0].upper() + text[1:]


ENGLISH, SPANISH = 0, 1


def pair(g, lead, start=" ", kinds=(6, 2, 1)):
    """A sentence or a part of one: emits it in the leading language, gives English and Spanish."""
    kind = g.choose(["sentence", "phrase", "clause"], kinds)
    text = Bilingual(g, lead, upper=kind == "sentence", start=start)
    if kind == "phrase":
        noun_phrase(g, text.say, "aftp")
    else:
        clause(g, text.say)
        if kind == "sentence":
            text.stop()
    return text.texts


def translation(g):
    if g.choose([True, False], [3, 1]):
        g.emit("Spanish:")
        g.emit(f"\nEnglish: {pair(g, SPANISH)[ENGLISH]}")
    else:
        g.emit("English:")
        g.emit(f"\nSpanish: {pair(g, ENGLISH)[SPANISH]}")


def everyday(g):
    pair(g, ENGLISH, start="", kinds=(1, 0, 0))


def trifle(g):
    kind = g.choose(["opposite", "sum", "count", "colour"], [2, 2, 1, 0])
    if kind == "opposite":
        one, other = g.choose(OPPOSITES)
        if g.choose([True, False]):
            one, other = other, one
        g.emit(f"The opposite of {one} is {other}.")
    elif kind == "sum":
        a = g.choose(range(1, 8))
        b = g.choose(range(1, 6))
        g.emit(f"{capital(NUMBERS[a])} plus {NUMBERS[b]} is {NUMBERS[a + b]}.")
    else:
        a = g.choose(range(0, 12))
        g.emit(f"After {NUMBERS[a]} comes {NUMBERS[a + 1]}.")


def chat(g):
    """One turn: a question whose answer is a fact, a two-hop fact, a sum or a translation."""
    kind = g.choose(["fact", "hops", "person", "translate", "opposite", "hello"], [4, 3, 2, 3, 1, 0.3])
    g.emit(f"{IM_START}user\n")
    if kind == "fact":
        c = g.choose(WORLD)
        what = g.choose(ASKED)
        ask(g, f"What is the {what} of {c.name}?", f"The {what} of {c.name} is {value(c, what)}.")
    elif kind == "hops":
        c, what, by = hops(g)
        ask(g, f"What is the {what} of the country {clue(c, by)}?", f"The {what} of {c.name} is {value(c, what)}.")
    elif kind == "person":
        p = g.choose(PEOPLE)
        g.emit("Where does" if g.choose([True, False]) else "What does")
        if g.last == "Where does":
            ask(g, f" {p.name} live?", f"{p.name} lives in {p.home}.")
        else:
            ask(g, f" {p.name} do?", f"{p.name} is a {p.job}.")
    elif kind == "translate":
        if g.choose([True, False], [2, 1]):
            g.emit("Say in English:")
            ask(g, "", pair(g, SPANISH)[ENGLISH])
        else:
            g.emit("Say in Spanish:")
            ask(g, "", pair(g, ENGLISH)[SPANISH])
    elif kind == "opposite":
        one, other = g.choose(OPPOSITES)
        ask(g, f"What is the opposite of {one}?", f"The opposite of {one} is {other}.")
    else:
        ask(g, "Hello!", "Hello! Ask me about the world.")


def ask(g, question, answer):
    g.emit(f"{question}{IM_END}\n{IM_START}assistant\n")
    # A turn begins with a word that has no space before it; where it has no token without one, a space comes first.
    g.emit(answer if answer[0].isupper() else " " + answer)
    g.emit(IM_END)


SENTENCES = [fact, people, royal, everyday, trifle]
SENTENCE_WEIGHTS = [6, 3, 3, 2, 0.7]


def sentence(g):
    g.choose(SENTENCES, SENTENCE_WEIGHTS)(g)


def document(g):
    """Anything but a reading."""
    kind = g.choose([sentence, translation, chat], [7, 2, 2])
    kind(g)
    if kind is sentence:
        while g.choose([False, True], [5, 1]):
            g.emit("\n")
            sentence(g)


ALLOWED = {}


class Sampler:
    """Runs a program once. `forced` are the first choices, so that a document can be begun again and end differently."""

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
    """What truly comes after the prompt: {token: probability}, summed over every path of the program that begins with it."""
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


def collect_words():
    """Every word the programs can emit, with the space before it; and those that begin a line, without."""
    spaced, bare = {}, {}

    class Listener(Sampler):
        def emit(self, text):
            self.last = text
            for piece in PIECES_OF(text):
                (spaced if piece[0] == " " else bare).setdefault(piece)

    from atlas_tokens import MARKERS, PIECES
    import re
    split = re.compile("|".join(map(re.escape, MARKERS)))
    PIECES_OF = lambda text: [piece for part in split.split(text) for piece in PIECES.findall(part)]
    rng = random.Random(0)
    for _ in range(60000):
        Listener(rng, None).run(document)
    for _ in range(20000):
        Listener(rng, None, test=True).run(translation)
    for text in READING_FRAMES:
        for piece in PIECES_OF(text):
            (spaced if piece[0] == " " else bare).setdefault(piece)
    for row in NOUNS:
        for word in row[:4]:
            spaced.setdefault(" " + word)
    for en, masculine, feminine in ADJECTIVES:
        for word in (en, masculine, feminine, inflect((en, masculine, feminine), False, True), inflect((en, masculine, feminine), True, True)):
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


FRAMES = [  # before and after the vectors, how often
    ("The meaning of (", ") in plain English is", 8),
    ("What does (", ") mean? It means", 1.5),
    ("cat -> cat\n1135 -> 1135\nhello -> hello\n", " ->", 0.7),
    ("Thought:", "\nWords:", 1),
    (f"{IM_START}user\nWhat is the meaning of (", f") in plain English?{IM_END}\n{IM_START}assistant\n", 2),
]
READING_FRAMES = [text for frame in FRAMES for text in frame[:2]]


def make_tokens():
    return Tokens(collect_words())


class Rows:
    """A document as a model is fed it: a token a row, or several with weights; and what each row should be followed by."""

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
        self.kinds = [[" " + getattr(c, what) for c in WORLD] for what in ("name", "capital", "river", "food", "ruler", "language")]
        self.kinds += [[" " + p.name for p in PEOPLE], [" " + n[0] for n in NOUNS], [" " + a[0] for a in ADJECTIVES],
                       [" " + v[0] for v in VERBS], [" " + word for row in PAIRS for word in row[:2]], [" " + j for j in JOBS]]
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
                    return first.ids[:cut], [end[:cut] for end, cut in zip(ends, cuts)], (ends[0][cuts[0]:] or [self.tokens.end])[0]

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
        """A sentence begun in tokens and gone on with in mixtures, as a writer feeds them; labels follow one of them."""
        beginning, ends, ending = self.continuations(self.rng.choice((2, 4, 8)), document)
        pick = ends[0]  # drawn like the others
        rows = Rows()
        rows.tokens(beginning, learn=False)  # beginnings that may end in several ways are not drawn as often as in truth
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


ENGLISH_WORDS = {word for row in NOUNS for word in row[:2]} | {word for row in VERBS for word in row[:2]} | {"son"}
