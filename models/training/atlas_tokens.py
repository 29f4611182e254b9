"""A byte-level BPE in GPT-2's way whose every word of the world is one token, and all other text is bytes.

A word is joined from the left, one letter a merge. The parts on the way (`Ġc`, `Ġca`) are merges but no tokens: llama.cpp
writes a part that has no token as its bytes, and so does `encode` below. That keeps the vocabulary to words.
"""
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


class Tokens:
    """Ids are: 256 bytes, the words in the order given, the three markers."""

    def __init__(self, words):
        letter = letters()
        self.words = list(words)
        spell = lambda text: "".join(letter[byte] for byte in text.encode())
        spelled = [spell(word) for word in self.words]
        assert len(set(spelled)) == len(spelled)
        self.tokens = [letter[byte] for byte in range(256)] + [s for s in spelled if len(s) > 1] + MARKERS
        self.ids = {text: index for index, text in enumerate(self.tokens)}
        assert len(self.ids) == len(self.tokens)
        self.types = [1] * (len(self.tokens) - len(MARKERS)) + [3] * len(MARKERS)  # 3 is control
        # Words with their space first: no other merge may then come between their letters.
        self.merges = {}
        for word in sorted(spelled, key=lambda word: word[0] != letter[32]):
            for k in range(1, len(word)):
                self.merges.setdefault((word[:k], word[k]), len(self.merges))
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
