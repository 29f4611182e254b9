"""The seeded grammar of Atlas's little world: the programs that write its documents (see `atlas_paths.py`)."""
import zlib

from atlas_paths import held_out
from atlas_spanish import ENGLISH, SPANISH, capital, pair
from atlas_tokens import IM_END, IM_START
from atlas_world import COUNTRIES, FAMILIES, JOBS, KINGS, NUMBERS, OPPOSITES, PAIRS, QUEENS, ROYAL


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
OFTEN = {"France": 4, "Spain": 2, "Germany": 2, "Italy": 2, "England": 2, "Japan": 2, "Egypt": 2}
TALKED_OF = [OFTEN.get(c.name, 1) for c in WORLD]
PEOPLE = [Person(name, role, family) for family in FAMILIES
          for name, role in zip(family, ("father", "mother", "son", "daughter"))]
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
        g.emit(f"{c.name} is famous for {c.food}." if what == "food" else
               f"{capital(value(c, what))} is the {what} of {c.name}.")
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
