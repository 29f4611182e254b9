"""Sentences of the lexicon in English and Spanish at once, word by word but for the place of adjectives."""
from atlas_world import ADJECTIVES, NOUNS, VERBS

ENGLISH, SPANISH = 0, 1
PERSONS = {"man", "woman", "boy", "girl", "king", "queen", "doctor", "teacher", "friend", "soldier"}
NOUNS_OF = {kinds: [n for n in NOUNS if n[5] in kinds] for kinds in {"a", "p", "aftp", *(verb[4] for verb in VERBS)}}


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


def phrase(noun, plural, definite, adj):
    """The same in both languages; Spanish puts the adjective behind its noun, in the noun's gender and number."""
    feminine = noun[4] == "f"
    spanish = ({(0, 0): "el", (0, 1): "la", (1, 0): "los", (1, 1): "las"} if definite else
               {(0, 0): "un", (0, 1): "una", (1, 0): "unos", (1, 1): "unas"})[plural, feminine]
    name, nombre = noun[plural], noun[2 + plural]
    if adj is None:
        return f"{article(name, definite, plural)} {name}", f"{spanish} {nombre}"
    english = article(adj[0], definite, plural)
    return f"{english} {adj[0]} {name}", f"{spanish} {nombre} {inflect(adj, feminine, plural)}"


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
