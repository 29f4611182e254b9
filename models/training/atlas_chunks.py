"""Teaches Atlas to read its own thoughts: a curriculum of chunks of two vectors, then three, and so on to eight.

    python3 models/training/atlas_chunks.py --weights DIR/atlas-qwen2.safetensors --out DIR     # --smoke for a few steps

The writer thinks on from a beginning by the rule that the runtime uses: each next input is the mixture of its ten
likeliest tokens. The reader is given the vectors and learns to say one true continuation of that beginning, drawn by the
grammar, cut to as many tokens as there are vectors. In the same pass the writer learns what comes next after its own
vectors. Supervised, not by reinforcement: the grammar knows the true continuations and their shares, so the label says
all that a reward could, without its variance. Half of the rows are the usual documents, so that nothing else is lost.
"""
import argparse
import functools
import json
import math
import os
import pathlib
import random
import time
import zlib

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # or it takes a thread a core whatever PyTorch is told

import torch
import torch.nn.functional as F

from atlas import Batches, embed
from atlas_export import export, read_safetensors, round_weights
from atlas_grammar import ASKED, UNIQUE, document, sentence
from atlas_measure import TASKS, continue_greedily, frame, held_out_pairs, measure, vectors
from atlas_model import Atlas
from atlas_paths import Follower, Path, Sampler
from atlas_readings import FRAMES, Readings, make_tokens
from atlas_tokens import IM_START

CHUNKS = TASKS / "atlas-chunks.json"
MIXED = 10  # tokens in a mixture, as the runtime has it
SHORTEST, LONGEST = 2, 8
BATCH = 24
MOST_ROWS = 40  # of a beginning
MOST_WAYS, MOST_PATHS = 400, 20000  # that one beginning of the test may have, and that are followed to find them
HELD_OUT = 4  # every fourth beginning, by a checksum of its text, is for the test alone


def held_out(text):
    return zlib.crc32(text.encode()) % HELD_OUT == 0


class Beginnings:
    """Beginnings of documents, each with one true way on.

    A document is cut with one probability where the grammar chose and with a smaller one elsewhere, whatever follows:
    so what follows is drawn from the truth given the beginning. (To choose among all places of a document would favour
    ways on that are short.) Lines in Spanish are left alone, for a reader reads Spanish as English.
    """

    def __init__(self, rng, tokens):
        self.rng, self.tokens = rng, tokens
        self.stops = (tokens.im_start, tokens.im_end, tokens.encode("\n")[0])

    def draw(self, program, held=False):
        """(beginning, what follows as far as the end of a line or turn, what ends it)."""
        while True:
            run = Sampler(self.rng, self.tokens).run(program)
            marks = set(run.marks)
            places = range(3, min(len(run.ids), MOST_ROWS + 1))
            cut = next((at for at in places if self.rng.random() < (0.25 if at in marks else 0.05)), None)
            if cut is None or run.ids[cut] in self.stops:
                continue
            text = self.tokens.decode(run.ids[:cut])
            if held_out(text) == held and not text.rsplit("\n", 1)[-1].startswith("Spanish:"):
                rest = run.ids[cut:]
                end = next((i for i, token in enumerate(rest) if token in self.stops), len(rest))
                return run.ids[:cut], rest[:end], (rest[end:] or [self.tokens.end])[0]


def align(rows):
    """Inputs of different lengths as one batch, the ends flush: vectors, positions, documents."""
    length = max(len(row) for row in rows)
    x = torch.stack([F.pad(row, (0, 0, length - len(row), 0)) for row in rows])
    begins = torch.tensor([length - len(row) for row in rows])[:, None]
    at = torch.arange(length)[None]
    return x, (at - begins).clamp_min(0), (at >= begins).long()


def own_tokens(model, tokens, hidden):
    """What the runtime would mix: ids and weights of the likeliest tokens, and whether the model would rather end."""
    p = model.logits(hidden).softmax(-1)
    markers = [tokens.im_start, tokens.im_end, tokens.end]
    ends = torch.isin(p.argmax(-1), torch.tensor(markers))
    p[..., markers] = 0
    weights, ids = p.topk(MIXED, -1)
    return ids, weights / weights.sum(-1, keepdim=True), ends


def mix(model, ids, weights):
    return (F.embedding(ids, model.token_embd.weight) * weights[..., None]).sum(-2)


@torch.no_grad()
def think(model, tokens, beginnings, most):
    """Thinks on from each beginning: ids and weights, [B, most, MIXED], and how many steps before it would end."""
    x, positions, documents = align([vectors(model, ids) for ids in beginnings])
    found, lengths, open_ones = [], torch.zeros(len(beginnings), dtype=torch.long), torch.ones(len(beginnings), dtype=torch.bool)
    for _ in range(most):
        ids, weights, ends = own_tokens(model, tokens, model(x, positions, documents)[:, -1])
        open_ones &= ~ends
        lengths += open_ones
        found.append((ids, weights))
        x = torch.cat([x, mix(model, ids, weights)[:, None]], 1)
        positions = torch.cat([positions, positions[:, -1:] + 1], 1)
        documents = torch.cat([documents, documents[:, -1:]], 1)
    ids, weights = (torch.stack(parts, 1) for parts in zip(*found))
    return ids, weights, lengths.tolist()


def chunk_loss(model, tokens, source, most):
    drawn = [source.draw(document) for _ in range(BATCH)]
    ids, weights, lengths = think(model, tokens, [beginning for beginning, _, _ in drawn], most)
    inputs, labels = [], []

    def add(parts, row_labels):
        inputs.append(torch.cat(parts))
        labels.append(row_labels)

    for i, ((beginning, rest, ending), length) in enumerate(zip(drawn, lengths)):
        if length == 0:
            continue
        thought = mix(model, ids[i, :length], weights[i, :length])
        begun = model.token_embd.weight[beginning]
        after = [*rest, ending][:length + 1]
        add([begun, thought[:len(after) - 1]], [-1] * (len(beginning) - 1) + after)
        for count in {length, source.rng.randint(1, length)}:
            before, behind, _ = source.rng.choices(FRAMES, [one[2] for one in FRAMES])[0]
            close = tokens.im_end if IM_START in before else tokens.end
            said = rest[:count]
            head, tail = tokens.encode(before), tokens.encode(behind)
            table = model.token_embd.weight
            add([table[head], thought[:count], table[tail + said]],
                [-1] * (len(head) + count + len(tail) - 1) + [*said, close])
    x, positions, documents = align(inputs)
    targets = torch.stack([F.pad(torch.tensor(row), (x.shape[1] - len(row), 0), value=-1) for row in labels])
    hidden = model(x, positions, documents)
    known = targets >= 0
    return F.cross_entropy(model.logits(hidden[known]), targets[known])


def train(model, tokens, steps, rate, seed, report):
    """`steps` for every length from SHORTEST to LONGEST."""
    rng = random.Random(seed)
    source, batches = Beginnings(rng, tokens), Batches(Readings(rng, tokens))
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.0)
    begun, total = time.process_time(), steps * (LONGEST - SHORTEST + 1)
    sums = [0.0, 0.0]
    for step in range(total):
        most = SHORTEST + step // steps
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 50) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * step / total)))
        ids, weights, extra, labels, positions, documents = batches.next(step)
        hidden = model(embed(model, ids, weights, extra).view(*positions.shape, -1), positions, documents)
        known = (labels >= 0).nonzero()[:, 0]
        usual = F.cross_entropy(model.logits(hidden.view(len(ids), -1)[known]), labels[known])
        own = chunk_loss(model, tokens, source, most)
        optimizer.zero_grad(set_to_none=True)
        (usual + own).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        sums = [sums[0] + usual.item(), sums[1] + own.item()]
        if (step + 1) % 50 == 0:
            report(f"chunks of up to {most}  step {step + 1:5d}  {time.process_time() - begun:5.0f} s  "
                   f"usual {sums[0] / 50:.4f}  own {sums[1] / 50:.4f}")
            sums = [0.0, 0.0]
    return {"steps": total, "seconds": round(time.process_time() - begun)}


def ways_on(tokens, program, prompt, length, most):
    """Every way the program may go on from a prompt, {first tokens: probability}; None where they are too many."""
    line = tokens.encode("\n")[0]
    found, open_paths, followed = {}, [[]], 0
    encode = functools.lru_cache(None)(tokens.encode)

    class Ahead(Follower):
        def emit(self, text):
            self.ids.extend(encode(text))
            shared = min(len(self.ids), len(prompt))
            if self.ids[:shared] != prompt[:shared] or len(self.ids) >= len(prompt) + length:
                raise Path

    while open_paths:
        run = Ahead(tokens, prompt, open_paths.pop())
        try:
            program(run)
        except Path:
            pass
        open_paths.extend(run.siblings)
        if run.ids[:len(prompt)] == prompt and len(run.ids) > len(prompt):
            way = run.ids[len(prompt):][:length]
            way = tuple(way[:way.index(line)] if line in way else way)
            found[way] = found.get(way, 0) + run.weight
        followed += 1
        if len(found) > most or followed > MOST_PATHS:
            return None
    total = sum(found.values())
    return {way: weight / total for way, weight in found.items()}


def make_test(tokens):
    """Held-out beginnings with every way on as a tree of tokens, {beginning: {token: {token: ...}}}; "" is an end.

    Sentences cut where they may go on in several ways; questions of two hops, which hold dozens of ways of up to eight
    tokens; Spanish sentences whose English is to follow, one way each.
    """
    source, beginnings = Beginnings(random.Random(23), tokens), []
    while len(beginnings) < 60:
        text = tokens.decode(source.draw(sentence, held=True)[0])
        if text not in beginnings:
            beginnings.append(text)
    beginnings += [f"The {asked} of the country{more}" for asked in ASKED for by in UNIQUE if by != asked
                   for more in ("", " whose", f" whose {by}", f" whose {by} is")]
    found = {}
    for text in dict.fromkeys(beginnings):
        ways = ways_on(tokens, sentence, tokens.encode(text), LONGEST, MOST_WAYS) if held_out(text) else None
        if ways and len(ways) > 1:
            found[text] = tree([tokens.decode([token]) for token in way] for way in ways)
            print(len(found), repr(text), len(ways), flush=True)
    for english, spanish in held_out_pairs(tokens, 40):
        way = tokens.encode(" " + english)[:LONGEST]
        found[f"Spanish: {spanish}\nEnglish:"] = tree([[tokens.decode([token]) for token in way]])
    return found


def tree(ways):
    root = {}
    for way in ways:
        node = root
        for token in way:
            node = node.setdefault(token, {})
        if len(way) < LONGEST:
            node[""] = {}
    return root


def follows(text, node, left):
    """Whether a text is so many tokens of a way on, or a whole one that is shorter."""
    return not text and (left == 0 or "" in node) or left > 0 and any(
        token and text.startswith(token) and follows(text[len(token):], rest, left - 1) for token, rest in node.items())


@torch.no_grad()
def exactness(model, tokens, test):
    """Share of held-out thoughts whose reading is a way on, word for word, by number of vectors: [share, count]."""
    beginnings = [tokens.encode(text) for text in test]
    ids, weights, lengths = think(model, tokens, beginnings, LONGEST)
    found = {}
    for count in range(1, LONGEST + 1):
        chosen = [i for i, length in enumerate(lengths) if length >= count]
        inputs = [frame(model, tokens, mix(model, ids[i, :count], weights[i, :count])) for i in chosen]
        said = [tokens.decode(one).strip() for one in continue_greedily(model, tokens, inputs)]
        trees = [list(test.values())[i] for i in chosen]
        right = sum(any(follows(space + text, ways, count) for space in (" ", "")) for text, ways in zip(said, trees))
        found[count] = [round(right / max(1, len(chosen)), 4), len(chosen)]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arch", choices=["qwen2", "gpt2"], default="qwen2")
    parser.add_argument("--weights", help="the model to begin with, a safetensors file of atlas.py")
    parser.add_argument("--steps", type=int, default=220, help="for every chunk length")
    parser.add_argument("--rate", type=float, default=7e-4, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--smoke", action="store_true", help="a few steps, to see that it runs")
    parser.add_argument("--test", action="store_true", help="write the test to models/tasks and stop")
    parser.add_argument("--out", default="atlas-out")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    tokens = make_tokens()
    if arguments.test:
        lines = [f"{json.dumps(text, ensure_ascii=False)}: {json.dumps(ways, ensure_ascii=False)}"
                 for text, ways in make_test(tokens).items()]
        with open(CHUNKS, "w", encoding="utf-8") as file:
            file.write("{\n" + ",\n".join(lines) + "\n}\n")
        return
    with open(CHUNKS, encoding="utf-8") as file:
        test = dict(list(json.load(file).items())[:4 if arguments.smoke else None])
    model = Atlas(arguments.arch, len(tokens))
    commands = [f"python3 models/training/atlas_chunks.py --steps {arguments.steps} --rate {arguments.rate} --seed {arguments.seed}"]
    if arguments.weights:
        model.load_tensors(read_safetensors(arguments.weights))
        commands[:0] = json.loads(pathlib.Path(arguments.weights).with_suffix(".json").read_text())["training"]["commands"]
    model.eval()
    before = exactness(model, tokens, test)
    print("before", before, flush=True)
    model.train()
    figures = train(model, tokens, 1 if arguments.smoke else arguments.steps, arguments.rate, arguments.seed,
                    lambda line: print(line, flush=True))
    model.eval()
    round_weights(model)
    after = exactness(model, tokens, test)
    print("after", after, flush=True)
    results = measure(model, tokens, quick=arguments.smoke, report=True)
    results["chunks read exactly, [share, count] by vectors"] = {"before": before, "after": after}
    print(json.dumps(results, indent=1, ensure_ascii=False))
    export(model, tokens, arguments.out, commands, {"seed": arguments.seed, **figures}, results)


if __name__ == "__main__":
    main()
