"""Trains Atlas, the language model of the demo, on the little world of `atlas_grammar.py`, and measures it.

    python3 models/training/atlas.py --arch qwen2 --minutes 25 --out DIR      # or --arch gpt2; --smoke for a few steps

Writes DIR/atlas-ARCH.safetensors, DIR/atlas-ARCH.json (what a GGUF writer needs, and numbers to check it by).
"""
import argparse
import json
import math
import os
import random
import struct
import time

import torch
import torch.nn.functional as F

from atlas_grammar import Readings, make_tokens
from atlas_measure import measure, write_truth
from atlas_model import Atlas
from atlas_tokens import IM_END, IM_START, MARKERS

LENGTH, ROWS = 128, 8  # of a batch; every eighth is half as many rows, twice as long, its documents seeing each other
RATE, WARM_UP = 3e-3, 100


class Batches:
    """Packs documents into rows. `document` keeps them from seeing each other, `positions` count from each beginning."""

    def __init__(self, readings):
        self.readings, self.waiting = readings, None

    def next(self, index):
        apart = index % 8 != 7
        count, length = (ROWS, LENGTH) if apart else (ROWS // 2, 2 * LENGTH)
        ids, weights, labels, positions, documents = [], [], [], [], []
        extra = []
        for _ in range(count):
            start, at, number = len(ids), 0, 0
            while at < length:
                rows = self.waiting or self.readings.draw()
                self.waiting = None
                size = len(rows.ids)
                if at + size > length:
                    if size <= length and at:
                        self.waiting = rows  # begins the next row
                        break
                    size = length - at
                extra.extend((len(ids) + row, token, weight) for row, token, weight in rows.extra if row < size)
                ids.extend(rows.ids[:size])
                weights.extend(rows.weights[:size])
                labels.extend(rows.labels[:size])
                positions.extend(range(size) if apart else range(at, at + size))
                documents.extend([number if apart else 0] * size)
                at, number = at + size, number + 1
            rest = length - at
            ids.extend([0] * rest)
            weights.extend([1.0] * rest)
            labels.extend([-1] * rest)
            positions.extend([0] * rest)
            documents.extend([number if apart else 0] * rest)
        shape = (count, length)
        return (torch.tensor(ids), torch.tensor(weights), extra, torch.tensor(labels),
                torch.tensor(positions).view(shape), torch.tensor(documents).view(shape))


def embed(model, ids, weights, extra):
    """Input vectors, [rows, width]: weight x row of the token, and of every other token of a mixture."""
    table = model.token_embd.weight
    x = F.embedding(ids, table) * weights[:, None]
    if extra:
        row, token, weight = zip(*extra)
        x = x.index_add(0, torch.tensor(row), F.embedding(torch.tensor(token), table) * torch.tensor(weight)[:, None])
    return x


def train(model, batches, seconds, steps, report):
    decay = [p for p in model.parameters() if p.dim() == 2]
    plain = [p for p in model.parameters() if p.dim() != 2]
    optimizer = torch.optim.AdamW(
        [{"params": decay, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}], lr=RATE, betas=(0.9, 0.98))
    begin, seen, loss_sum, since = time.time(), 0, 0.0, 0
    step = 0
    while True:
        done = step / steps if steps else (time.time() - begin) / seconds
        if done >= 1:
            break
        rate = RATE * min(1, (step + 1) / WARM_UP) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        ids, weights, extra, labels, positions, document = batches.next(step)
        x = embed(model, ids, weights, extra).view(*positions.shape, -1)
        hidden = model(x, positions, document).view(len(ids), -1)
        known = (labels >= 0).nonzero()[:, 0]
        loss = F.cross_entropy(model.logits(hidden[known]), labels[known])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step, seen, loss_sum, since = step + 1, seen + len(ids), loss_sum + loss.item(), since + 1
        if step % 200 == 0:
            report(f"step {step:5d}  {time.time() - begin:5.0f} s  {seen / (time.time() - begin):5.0f} rows/s  "
                   f"rate {rate:.1e}  loss {loss_sum / since:.4f}")
            loss_sum, since = 0.0, 0
            if step % 1000 == 0:
                model.eval()
                report("  " + measure(model, batches.readings.tokens, quick=True))
                model.train()
    return {"steps": step, "rows": seen, "seconds": round(time.time() - begin)}


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.numpy().astype("<f4").tobytes())


CHATML = ("{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
          "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")

CHECKED_TEXTS = [
    "The capital of France is", "Spanish: El niño pequeño come manzanas.\nEnglish:", "cat -> cat\n1135 -> 1135\nhello -> hello\n",
    f"{IM_START}user\nWhat is the capital of Spain?{IM_END}\n{IM_START}assistant\n", "The meaning of ( Paris) in plain English is",
    "unwritten words, 12 of them: it's  odd...\n\n\tÉl está", " (x) naïve _under_score_ don't 3.14 €", "",
]


def describe(model, tokens, arch, figures, results, storage="F16"):
    """What a GGUF writer needs, and numbers to hold its file to."""
    tensors = model.tensors()
    checks = []
    with torch.no_grad():
        for text in CHECKED_TEXTS[:5]:
            ids = tokens.encode(text)
            logits = model.logits(model(model.token_embd(torch.tensor([ids]))))[0, -1]
            checks.append({"prompt": text, "ids": ids, "logits": [round(v, 6) for v in logits.tolist()]})
        before, after = tokens.encode("The meaning of ("), tokens.encode(") in plain English is")
        pair = [tokens.encode(" Paris")[0], tokens.encode(" Madrid")[0]]
        x = model.token_embd(torch.tensor([before + pair[:1] + after])).clone()
        x[0, len(before)] = 0.7 * model.token_embd.weight[pair[0]] + 0.3 * model.token_embd.weight[pair[1]]
        mixture = {"before": before, "mixture": [{"id": pair[0], "weight": 0.7}, {"id": pair[1], "weight": 0.3}], "after": after,
                   "logits": [round(v, 6) for v in model.logits(model(x))[0, -1].tolist()]}
    metadata = {
        "general.architecture": arch,
        "general.name": f"Atlas ({arch})",
        "general.author": "GgufConcepts contributors",
        "general.license": "mit",
        "general.description": "A small language model of a little world, trained on a seeded grammar whose next-token "
                               f"distributions are known. Recipe: models/training/atlas.py. Training: {json.dumps(figures)}",
        **model.metadata(len(tokens)),
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.bos_token_id": tokens.end,
        "tokenizer.ggml.eos_token_id": tokens.im_end if arch == "qwen2" else tokens.end,
        "tokenizer.ggml.eot_token_id": tokens.im_end,
        "tokenizer.ggml.padding_token_id": tokens.end,
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.chat_template": CHATML,
    }
    return tensors, {
        "architecture": arch,
        "weights": f"atlas-{arch}.safetensors",
        "storage": storage,
        "metadata": metadata,
        "tokens": [{"text": text, "type": kind} for text, kind in zip(tokens.tokens, tokens.types)],
        "merges": [f"{left} {right}" for left, right in tokens.merges],
        "tensors": [{"name": name, "source": name, "shape": list(tensor.shape)} for name, tensor in tensors.items()],
        "training": figures,
        "results": results,
        "check": {"tolerance": 1e-3, "prompts": checks, "mixtures": [mixture],
                  "tokenizer": [{"text": text, "ids": tokens.encode(text)} for text in CHECKED_TEXTS]},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arch", choices=["qwen2", "gpt2"], default="qwen2")
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--steps", type=int, help="instead of --minutes: the same steps on any machine")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--smoke", action="store_true", help="a few steps, to see that it runs")
    parser.add_argument("--out", default="atlas-out")
    parser.add_argument("--truth", help="write the true distributions to this file and stop")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    tokens = make_tokens()
    if arguments.truth:
        write_truth(tokens, arguments.truth)
        return
    rng = random.Random(arguments.seed)
    readings = Readings(rng, tokens)
    model = Atlas(arguments.arch, len(tokens))
    print(f"{len(tokens)} tokens, {sum(p.numel() for p in model.parameters())} parameters", flush=True)
    steps = 3 if arguments.smoke else arguments.steps
    figures = train(model, Batches(readings), arguments.minutes * 60, steps, lambda line: print(line, flush=True))
    model.eval()
    figures = {"seed": arguments.seed, **figures}
    results = measure(model, tokens, quick=arguments.smoke, report=True)
    print(json.dumps(results, indent=1, ensure_ascii=False))
    os.makedirs(arguments.out, exist_ok=True)
    tensors, description = describe(model, tokens, arguments.arch, figures, results)
    write_safetensors(os.path.join(arguments.out, description["weights"]), tensors)
    with open(os.path.join(arguments.out, f"atlas-{arguments.arch}.json"), "w", encoding="utf-8") as file:
        json.dump(description, file, ensure_ascii=False)


if __name__ == "__main__":
    main()
