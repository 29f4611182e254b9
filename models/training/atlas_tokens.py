"""A byte-level BPE in GPT-2's way whose every word of the world is one token, and all other text is bytes.

The merges are learnt as BPE learns them (the commonest pair first) but from the list of words, each once, until every
word is whole; joining a space to a whole word comes last. What is made on the way is no token of its own: llama.cpp
writes it as its letters, and so does `encode`. It loses letters beyond ASCII there, so parts that hold one are tokens.
"""
from collections import Counter, defaultdict
import re

END_OF_TEXT, IM_START, IM_END = MARKERS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

# GPT-2's pre-tokenizer, \p{L} and \p{N} in the words of Python's re: letters, numbers, the rest, spaces.
LETTER, NUMBER = r"[^\W\d_]", r"\d"
PIECES = re.compile(rf"'s|'t|'re|'ve|'m|'ll|'d| ?{LETTER}+| ?{NUMBER}+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


def letters():
    """The printable letter GPT-2 writes for each byte: itself, or one from U+0100 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table, extra = {}, 0
    for byte in range(256):
        if byte in printable:
            table[byte] = chr(byte)
        else:
            table[byte] = chr(256 + extra)
            extra += 1
    return table


def learn(words):
    """Merges, most urgent first, that make each word whole. Pairs with letters beyond ASCII come after all others."""
    parts = [list(word) for word in words]
    count, where = Counter(), defaultdict(set)

    def note(index, change):
        for pair in zip(parts[index], parts[index][1:]):
            count[pair] += change
            if change > 0:
                where[pair].add(index)

    for index in range(len(parts)):
        note(index, 1)
    merges = []
    while True:
        open_pairs = [pair for pair, times in count.items() if times > 0]
        if not open_pairs:
            return merges
        best = min(open_pairs, key=lambda pair: (not (pair[0] + pair[1]).isascii(), -count[pair], pair))
        merges.append(best)
        for index in where.pop(best):
            note(index, -1)
            old, new, i = parts[index], [], 0
            while i < len(old):
                joined = tuple(old[i:i + 2]) == best
                new.append(old[i] + old[i + 1] if joined else old[i])
                i += 2 if joined else 1
            parts[index] = new
            note(index, 1)
        count[best] = 0


class Tokens:
    """Ids are: 256 bytes, the words in the order given, parts of words that need a token, the three markers."""

    def __init__(self, words):
        letter = letters()
        self.words = list(words)
        spell = lambda text: "".join(letter[byte] for byte in text.encode())
        spelled = [spell(word) for word in self.words]
        space = letter[32]
        bare = sorted({word.removeprefix(space) for word in spelled})
        pairs = learn(bare) + [(space, word[1:]) for word in spelled if word[0] == space]
        self.merges = {pair: rank for rank, pair in enumerate(pairs)}
        whole = set(spelled)
        parts = sorted({a + b for a, b in pairs if not (a + b).isascii()} - whole)
        self.tokens = [letter[byte] for byte in range(256)] + [s for s in spelled if len(s) > 1] + parts + MARKERS
        self.ids = {text: index for index, text in enumerate(self.tokens)}
        assert len(self.ids) == len(self.tokens)
        self.types = [1] * (len(self.tokens) - len(MARKERS)) + [3] * len(MARKERS)  # 3 is control
        self.spell = spell
        self.unspell = {char: byte for byte, char in letter.items()}
        self.cache = {}
        self.end, self.im_start, self.im_end = (self.ids[marker] for marker in MARKERS)
        for word in self.words:
            assert self.encode(word) == [self.ids[spell(word)]], f"{word!r} is taken apart by another word's merges"

    def __len__(self):
        return len(self.tokens)

    def encode(self, text):
        """Text to ids; markers in it become their tokens. Remembers: the grammar asks for the same pieces again."""
        found = self.cache.get(text)
        if found is None:
            found = []
            for part in re.split("(" + "|".join(map(re.escape, MARKERS)) + ")", text):
                if part in MARKERS:
                    found.append(self.ids[part])
                else:
                    for piece in PIECES.findall(part):
                        found.extend(self.join(piece))
            self.cache[text] = found
        return found

    def join(self, piece):
        symbols = list(self.spell(piece))
        while len(symbols) > 1:
            rank, at = min((self.merges.get(pair, 1 << 30), i) for i, pair in enumerate(zip(symbols, symbols[1:])))
            if rank == 1 << 30:
                break
            symbols[at:at + 2] = [symbols[at] + symbols[at + 1]]
        for symbol in symbols:
            if symbol in self.ids:
                yield self.ids[symbol]
            else:
                yield from (self.ids[letter] for letter in symbol)

    def decode(self, ids):
        data = b"".join(
            self.tokens[i].encode() if i >= len(self.tokens) - len(MARKERS)
            else bytes(self.unspell[char] for char in self.tokens[i])
            for i in ids)
        return data.decode(errors="replace")
