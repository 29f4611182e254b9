"""Trains Atlas, the language model of the demo, on the little world of `atlas_grammar.py`, and measures it.

    python3 models/training/atlas.py --arch qwen2 --minutes 25 --out DIR      # or --arch gpt2; --smoke for a few steps

Writes DIR/atlas-ARCH.safetensors and DIR/atlas-ARCH.json: what a GGUF is made of, and numbers to check it by.
"""
import argparse
import json
import math
import os
import pathlib
import random
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # or it takes a thread a core whatever PyTorch is told

import torch
import torch.nn.functional as F

from atlas_export import export, read_safetensors, round_weights
from atlas_readings import Readings, make_tokens
from atlas_measure import QUESTIONS, TRUTH, measure, write_questions, write_truth
from atlas_model import Atlas

LENGTH, ROWS = 128, 8  # of a batch; every eighth is half as many rows, twice as long, its documents seeing each other
RATE, WARM_UP = 3e-3, 100


class Batches:
    """Packs documents into rows. `documents` part them from each other, `positions` count from each beginning."""

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


def train(model, batches, seconds, steps, highest, report):
    decay = [p for p in model.parameters() if p.dim() == 2]
    plain = [p for p in model.parameters() if p.dim() != 2]
    optimizer = torch.optim.AdamW(
        [{"params": decay, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}],
        lr=highest, betas=(0.9, 0.98))
    begin, seen, loss_sum, since = time.process_time(), 0, 0.0, 0
    step = 0
    while True:
        done = step / steps if steps else (time.process_time() - begin) / seconds
        if done >= 1:
            break
        rate = highest * min(1, (step + 1) / WARM_UP) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
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
            report(f"step {step:5d}  {time.process_time() - begin:5.0f} s  {seen / (time.process_time() - begin):5.0f} rows/s  "
                   f"rate {rate:.1e}  loss {loss_sum / since:.4f}")
            loss_sum, since = 0.0, 0
            if step % 1000 == 0:
                model.eval()
                report("  " + measure(model, batches.readings.tokens, quick=True))
                model.train()
    return {"steps": step, "rows": seen, "seconds": round(time.process_time() - begin)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arch", choices=["qwen2", "gpt2"], default="qwen2")
    parser.add_argument("--minutes", type=float, default=25, help="of the processor")
    parser.add_argument("--steps", type=int, help="instead of --minutes: the same steps on any machine")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--smoke", action="store_true", help="a few steps, to see that it runs")
    parser.add_argument("--weights", help="begin with this safetensors file")
    parser.add_argument("--rate", type=float, default=RATE, help="highest learning rate")
    parser.add_argument("--measure", metavar="JSON",
                        help="no training: measure --weights and write them again, with figures of their training")
    parser.add_argument("--out", default="atlas-out")
    parser.add_argument("--tasks", action="store_true",
                        help="write what is asked of a model, and what is true, to models/tasks and stop")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    tokens = make_tokens()
    if arguments.tasks:
        write_truth(tokens, TRUTH)
        write_questions(tokens, QUESTIONS)
        return
    rng = random.Random(arguments.seed)
    readings = Readings(rng, tokens)
    model = Atlas(arguments.arch, len(tokens))
    print(f"{len(tokens)} tokens, {sum(p.numel() for p in model.parameters())} parameters", flush=True)
    if arguments.weights:
        model.load_tensors(read_safetensors(arguments.weights))
    told = [f"--{name} {value}" for name, value in vars(arguments).items()
            if name in ("arch", "minutes", "steps", "seed", "rate") and value is not None]
    commands = [f"python3 models/training/atlas.py {' '.join(told)}"]
    before = pathlib.Path(arguments.weights or "none").with_suffix(".json")
    if before.exists():
        earlier = json.loads(before.read_text())["training"]["commands"]
        commands = earlier if arguments.measure else earlier + commands
    if arguments.measure:
        figures = json.loads(arguments.measure)
    else:
        figures = train(model, Batches(readings), arguments.minutes * 60, 3 if arguments.smoke else arguments.steps,
                        arguments.rate, lambda line: print(line, flush=True))
    model.eval()
    figures = {"seed": arguments.seed, **figures}
    round_weights(model)
    results = measure(model, tokens, quick=arguments.smoke, report=True)
    print(json.dumps(results, indent=1, ensure_ascii=False))
    export(model, tokens, arguments.out, commands, figures, results)


if __name__ == "__main__":
    main()
