"""Trains the reach models, which say what can be reached on a map: see reach_task.py for the task, README.md for results.

    python3 models/training/reach.py --model latent --out artifacts/models
    ./ggufconcepts models make artifacts/models/reach-latent.json --out models/reach-latent.gguf

latent: `PROMPT <latent>`, four hidden states fed back, `</latent> -> ANSWER`. Trained with Coconut's curriculum
    (arXiv 2412.06769): stage s puts s hidden states in the place of the first s places of the way; what is left of the
    way, the arrow and the answer are learnt as words. The state after the final norm is fed back, gradients flow
    through it, and the optimizer begins anew with each stage.
chain: `PROMPT PLACE PLACE PLACE -> ANSWER`, the way in words.
none: `PROMPT -> ANSWER`.

All three see the same number of problems, each of them new, and all three begin alike. One head of the first block begins
as one that looks at the row before, and for the first steps the roads are listed a second time, in another order, and the
end of each is learnt: reading a map. Without these two a model of this size spends its whole training on finding that out.
"""

import argparse
import collections
import math
import os
import platform
import random
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # or it takes a thread a core whatever PyTorch is told

import torch
from torch.nn import functional as F

import export
import reach_task as task
from gpt2 import Gpt2, Shape, wave_speed, waves

CONTEXT = 128  # the longest line has 78 rows
LATENTS = max(task.HOPS)
BATCH = 96
STEP_SIZE = 2e-3
READING = 800  # steps
SHARPNESS = 2.0  # of the head that looks back, at the start
STAGES = [0.4, 0.12, 0.12, 0.12, 0.24]  # shares of the steps that the latent model spends with 0 to 4 latents
IGNORED = -100
PROMPT_END = {"latent": task.LATENT, "chain": "", "none": task.ANSWER}
THINKS = {
    "latent": f"in {LATENTS} hidden states between {task.LATENT} and {task.LATENT_END}",
    "chain": "in words: the places on the way",
    "none": "not at all",
}


class Problems:
    """Batches of problems with the same number of roads, so that no row is padding before the answer."""

    def __init__(self, seed):
        self.rng, self.waiting = random.Random(seed), collections.defaultdict(list)

    def next(self):
        while True:
            problem = task.draw(self.rng)
            alike = self.waiting[len(problem.roads)]
            alike.append(problem)
            if len(alike) == BATCH:
                del self.waiting[len(problem.roads)]
                return alike


def lines(texts):
    """Texts as ids, the short ones filled up."""
    ids = [task.encode(text) for text in texts]
    longest = max(map(len, ids))
    return torch.tensor([row + [task.ID[task.PADDING]] * (longest - len(row)) for row in ids])


def prompt(kind, roads):
    return f"{roads} {PROMPT_END[kind]}".strip()


def rest(kind, problem, stage):
    """What is learnt as words after the prompt and `stage` latents."""
    way = {"latent": problem.way[stage:], "chain": problem.way, "none": []}[kind]
    arrow = [] if kind == "none" else [task.ANSWER]
    return " ".join([*way, *arrow, problem.answer, task.END])


def begin(model, kind, prompts, latents):
    """Feeds the prompts and so many latents: the memory, and the hidden state of the last row."""
    memory = model.remember()
    state = model.hidden(model.token_embd(lines(prompts)), memory=memory)[:, -1:]
    if kind == "latent":
        for _ in range(latents):
            state = model.hidden(state, memory=memory)
        mark = torch.full((len(prompts), 1), task.ID[task.LATENT_END])
        state = model.hidden(model.token_embd(mark), memory=memory)
    return memory, state


def loss_of(model, kind, problems, stage):
    memory, state = begin(model, kind, [prompt(kind, p.prompt()) for p in problems], stage)
    targets = lines([rest(kind, p, stage) for p in problems])
    states = torch.cat([state, model.hidden(model.token_embd(targets[:, :-1]), memory=memory)], 1)
    targets = targets.masked_fill(targets == task.ID[task.PADDING], IGNORED)
    return F.cross_entropy(logits(model, states).flatten(0, 1), targets.flatten(), ignore_index=IGNORED)


def reading_loss(model, problems, rng):
    """How well the end of a road is known when its beginning is named."""
    rows, targets = [], []
    for problem in problems:
        again = [task.encode(f"{a} {b}") for a, b in rng.sample(problem.roads, len(problem.roads))]
        said = task.encode(problem.roads_text() + f" {task.ASK}")
        rows.append(said + sum(again, []))
        targets.append([IGNORED] * len(said) + [each for _, end in again for each in (end, IGNORED)])
    targets = torch.tensor(targets)
    known = targets != IGNORED
    states = model.hidden(model.token_embd(torch.tensor(rows)))
    return F.cross_entropy(logits(model, states[known]), targets[known])


@torch.no_grad()
def look_back(model):
    """Lets the first head begin as one that looks at the row before: keys are turned by what one row turns the waves."""
    weight = model.blk[0].attn_qkv.weight
    width = model.shape.width
    size = width // model.shape.heads
    weight[:size] = weight[width:width + size] = 0
    for row, wave in enumerate(range(0, width // 2, max(1, width // 2 // size))):
        if 2 * row >= size:
            break
        turn = wave_speed(wave, width)
        sine, cosine = wave, width // 2 + wave
        weight[2 * row, sine] = weight[2 * row + 1, cosine] = SHARPNESS
        weight[width + 2 * row, [sine, cosine]] = SHARPNESS * torch.tensor([math.cos(turn), math.sin(turn)])
        weight[width + 2 * row + 1, [sine, cosine]] = SHARPNESS * torch.tensor([-math.sin(turn), math.cos(turn)])


def logits(model, states):
    return F.linear(states, model.token_embd.weight)


@torch.no_grad()
def answer(model, kind, problems, latents=LATENTS, most=8):
    """Each problem's answer by greedy decoding: the word after the arrow; for `none`, the first word."""
    found = [None] * len(problems)
    by_length = collections.defaultdict(list)
    for i, problem in enumerate(problems):
        by_length[len(task.encode(problem["prompt"]))].append(i)
    for alike in by_length.values():
        memory, state = begin(model, kind, [prompt(kind, problems[i]["prompt"]) for i in alike], latents)
        said = [[task.ID[task.ANSWER]] if kind == "none" else [] for _ in alike]
        for _ in range(most):
            best = logits(model, state)[:, -1].argmax(-1)
            for line, token in zip(said, best.tolist()):
                line.append(token)
            state = model.hidden(model.token_embd(best[:, None]), memory=memory)
        for i, line in zip(alike, said):
            line = line[:line.index(task.ID[task.END])] if task.ID[task.END] in line else line
            at = line.index(task.ID[task.ANSWER]) + 1 if task.ID[task.ANSWER] in line[:-1] else 0
            found[i] = task.WORDS[line[at]] if line else None
    return found


def accuracy(model, kind, problems, latents=LATENTS):
    model.eval()
    given = answer(model, kind, problems, latents)
    model.train()
    return sum(a == p["answer"] for a, p in zip(given, problems)) / len(problems)


def train(model, kind, steps, test, seed, reading):
    """Returns seconds of the processor, and the accuracy at the end of each stage."""
    problems, rng, begun, reached = Problems(seed), random.Random(seed), time.process_time(), []
    model.train()
    run(model, reading, False, lambda: reading_loss(model, problems.next(), rng),
        lambda step, loss: print(f"reading step {step:5} {time.process_time() - begun:5.0f} s  loss {loss:.4f}", flush=True))
    shares = STAGES if kind == "latent" else [1.0]
    for stage, share in enumerate(shares):
        run(model, max(1, round(steps * share)), stage == len(shares) - 1,
            lambda: loss_of(model, kind, problems.next(), stage),
            lambda step, loss: print(f"stage {stage} step {step:5} {time.process_time() - begun:5.0f} s  loss {loss:.4f}  "
                                     f"{accuracy(model, kind, test[:200], stage):.1%}", flush=True))
        reached.append(round(accuracy(model, kind, test, stage), 4))
    return round(time.process_time() - begun), reached


def run(model, count, falls, loss_of_batch, report):
    """So many steps with an optimizer of their own, whose step size warms up and, where it `falls`, falls to 0."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=STEP_SIZE, weight_decay=0.01, betas=(0.9, 0.98))
    loss_sum, often = 0.0, max(1, count // 8)
    for step in range(1, count + 1):
        fall = 0.5 + 0.5 * math.cos(math.pi * step / (count + 1)) if falls else 1
        for group in optimizer.param_groups:
            group["lr"] = STEP_SIZE * min(1, step / 100) * fall
        loss = loss_of_batch()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss_sum += loss.item()
        if step % often == 0:
            report(step, loss_sum / often)
            loss_sum = 0.0


def measure(model, kind, test):
    """Share of the held-out maps answered right, by how many latents are fed."""
    if kind != "latent":
        return {"0": round(accuracy(model, kind, test), 4)}
    return {str(count): round(accuracy(model, kind, test, count), 4) for count in range(LATENTS + 1)}


@torch.no_grad()
def examples(model, kind, problem):
    """Logits of the finished model: after the prompt, and after what comes next in the model's own manner."""
    rows = [{"token": token} for token in task.encode(prompt(kind, problem["prompt"]))]
    checks = [export.check(model, rows)]
    if kind == "latent":
        for _ in range(LATENTS):
            state = model.hidden(torch.stack([export.vector(model, row) for row in rows])[None])[0, -1]
            rows = [*rows, {"vector": [round(x, 7) for x in state.tolist()]}]
            checks.append(export.check(model, rows))
    return checks


def write(chosen, model, test, training):
    name = chosen.name or f"reach-{chosen.model}"
    full = training["heldOut"][max(training["heldOut"])]
    end = PROMPT_END[chosen.model]
    description = (
        f"Says which of two places can be reached by one-way roads; thinks {THINKS[chosen.model]}. "
        f"Held out: {full:.1%} right. Trained for {READING + chosen.steps} steps of {BATCH} maps, {READING} of them reading, seed {chosen.seed}, in "
        f"{training['seconds']} s on one core."
    )
    settings = model.settings() + export.about(name, description, "reach.py") + export.word_vocabulary(
        task.WORDS, task.BEGIN, task.END, task.PADDING) + [export.prompt_end(end)]
    export.write(chosen.out, name, model, settings, training=training,
                 check=[each for problem in test[:3] for each in examples(model, chosen.model, problem)])


def main():
    parser = argparse.ArgumentParser(description="Trains a reach model.")
    parser.add_argument("--model", choices=["latent", "chain", "none"], required=True)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--heads", type=int, default=2)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--name", help="name of the files; the default is reach-MODEL")
    parser.add_argument("--out", required=True, help="folder for NAME.safetensors and NAME.json")
    parser.add_argument("--smoke", action="store_true", help="a few steps only, to see that it runs")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(chosen.seed)
    test = task.read_test()
    if chosen.smoke:
        test, chosen.steps = test[:20], 5
    spread = chosen.width ** -0.5
    model = Gpt2(Shape(len(task.WORDS), CONTEXT, chosen.width, chosen.layers, chosen.heads, spread=spread))
    with torch.no_grad():
        model.position_embd.weight.copy_(waves(CONTEXT, chosen.width) * spread)
        look_back(model)
    seconds, stages = train(model, chosen.model, chosen.steps, test, chosen.seed, 2 if chosen.smoke else READING)
    model.eval()
    figures = {
        "command": f"python3 models/training/reach.py --model {chosen.model} --layers {chosen.layers} --heads {chosen.heads} "
        f"--width {chosen.width} --steps {chosen.steps} --seed {chosen.seed}",
        "torch": torch.__version__,
        "machine": f"one core, {platform.machine()}",
        "seconds": seconds,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "heldOutMaps": len(test),
        "afterEachStage": stages,
        "heldOut": measure(model, chosen.model, test),
    }
    print(f"done in {seconds} s: {figures['heldOut']}", flush=True)
    write(chosen, model, test, figures)


if __name__ == "__main__":
    main()
