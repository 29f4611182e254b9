"""Trains the MNNS models, which think in sums of four digits: see mnns_task.py for the task and README.md for results.

    python3 models/training/mnns.py --model continuous --out artifacts/models
    ./ggufconcepts models make artifacts/models/mnns-continuous.json --out models/mnns-continuous.gguf

continuous: the prompt `<BOS> D D D D`, then three vectors, then the answer. Step t is taught the shares of all 2^t
partial sums, its input is the mixture of embeddings that step t-1 was taught (teacher forcing), and the loss is the sum
of the three KL divergences and the cross entropy of the answer (CoT2's supervision with a budget of all 16 traces).
discrete: the line `<BOS> D D D D -> S S S S <EOS>` with the first best path, one token a step.

Where this differs from the paper: batches of 256 rather than 16, and a step size that warms up and falls along a cosine
from 3e-3 rather than a fixed 1e-4. An epoch costs 0.45 s of one core where batches of 16 cost 1.3 s, and 500 epochs
do the work of the paper's 1000: 200 give 98.0% with `full`. Dropout is the usual .1; without it 200 give 97.2%.
The discrete model learns nothing from the prompt's digits, which cannot be foretold: its loss begins at the arrow.
"""

import argparse
import math
import os
import platform
import time

# OpenBLAS takes a thread a core whatever PyTorch is told, and on matrices this small they only wait for each other
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import torch
from torch.nn import functional as F

import export
import mnns_task as task
from gpt2 import Gpt2, Shape

CONTEXT = 64  # the longest line has 11 tokens; the rest is room for a reader, and untrained
BATCH = 256
STEP_SIZE = 3e-3
DROPOUT = 0.1
STEPS = task.DIGITS


class Continuous:
    """Taught distributions: an input row is a mixture, so what is fed is E mixed by `inputs`, not token ids."""

    def __init__(self, digits):
        prompt = one_hot([task.encode(task.prompt(each)) for each in digits])
        thoughts = torch.stack([torch.stack([shares(each, t) for t in range(1, STEPS)]) for each in digits])
        self.inputs = torch.cat([prompt, thoughts], 1)
        self.targets = torch.cat([thoughts, one_hot([[sum_id(task.answer(each))] for each in digits])], 1)
        self.digits = digits

    def loss(self, model, rows):
        logits = model(self.inputs[rows] @ model.token_embd.weight)[:, -STEPS:]
        # KL and cross entropy differ by the targets' entropy, which teaches nothing but is subtracted to be honest
        targets = self.targets[rows]
        cross = -(targets * logits.log_softmax(-1)).sum(-1)
        return (cross + torch.special.xlogy(targets, targets).sum(-1)).sum(1).mean()


class Discrete:
    def __init__(self, digits):
        self.lines = torch.tensor([line(each) for each in digits])
        self.digits = digits

    def loss(self, model, rows):
        lines = self.lines[rows]
        logits = model(model.token_embd(lines[:, :-1]))[:, -STEPS - 1:]  # from the arrow on; digits are anyone's guess
        return F.cross_entropy(logits.flatten(0, 1), lines[:, -STEPS - 1:].flatten())


def sum_id(total):
    return task.ID[f"S{total}"]


def one_hot(ids):
    return F.one_hot(torch.tensor(ids), len(task.WORDS)).float()


def shares(digits, steps):
    """What step `steps` is taught: each sum's share of the 2^steps sign prefixes."""
    return one_hot([sum_id(total) for total in task.sums(digits, steps)]).mean(0)


def line(digits):
    sums = [f"S{total}" for total in task.path(digits)]
    return task.encode(" ".join([task.prompt(digits, arrow=True), *sums, "<EOS>"]))


@torch.no_grad()
def answers(model, digits, rule, arrow):
    """The sum named after STEPS steps, for each sequence; `rule` makes the next input of the logits."""
    model.eval()
    rows = one_hot([task.encode(task.prompt(each, arrow)) for each in digits])
    for _ in range(STEPS - 1):
        logits = model(rows @ model.token_embd.weight)[:, -1]
        rows = torch.cat([rows, rule(logits)[:, None]], 1)
    last = model(rows @ model.token_embd.weight)[:, -1].argmax(-1)
    model.train()
    return (last - sum_id(0)).tolist()


def largest(count):
    """The `count` largest shares, scaled to sum to 1."""
    def rule(logits):
        shares, ids = logits.softmax(-1).topk(count, -1)
        return torch.zeros_like(logits).scatter(-1, ids, shares / shares.sum(-1, keepdim=True))
    return rule


def draws(count):
    """The mean of so many tokens drawn."""
    return lambda logits: F.one_hot(logits.softmax(-1).multinomial(count, True), logits.shape[-1]).float().mean(1)


RULES = {"argmax": largest(1), "full": lambda logits: logits.softmax(-1)}
LADDER = (
    RULES
    | {f"top {count}": largest(count) for count in (2, 4, 8, 16)}
    | {f"mean of {count}": draws(count) for count in (1, 3, 6, 16, 64)}
)


def measure(model, digits, arrow, rules):
    """Share of sequences answered, by what is fed back."""
    right = [task.answer(each) for each in digits]
    given = {name: answers(model, digits, rule, arrow) for name, rule in rules.items()}
    return {name: round(sum(map(int.__eq__, each, right)) / len(right), 6) for name, each in given.items()}


def train(model, data, held_out, epochs, smoke):
    optimizer = torch.optim.AdamW(model.parameters(), lr=STEP_SIZE, weight_decay=0.01)
    batches = math.ceil(len(data.digits) / BATCH)
    total = epochs * batches
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / 200, 0.5 + 0.5 * math.cos(math.pi * step / total))
    )
    arrow = isinstance(data, Discrete)
    begun = time.time()
    model.train()
    for epoch in range(1, epochs + 1):
        for rows in torch.randperm(len(data.digits)).split(BATCH)[: 3 if smoke else None]:
            loss = data.loss(model, rows)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        if epoch % max(epochs // 20, 1) == 0:
            figures = " ".join(f"{name} {share:.2%}" for name, share in measure(model, held_out, arrow, RULES).items())
            print(f"epoch {epoch:4} {time.time() - begun:5.0f} s  loss {loss.item():.4f}  {figures}", flush=True)
    return time.time() - begun


def examples(model, digits, arrow):
    """Logits of the finished model for tokens alone, for taught mixtures, and for tokens all the way."""
    prompt = [{"token": token} for token in task.encode(task.prompt(digits, arrow))]
    mixed = [export.mixture(shares(digits, t)) for t in range(1, STEPS)]
    walked = [{"token": sum_id(total)} for total in task.path(digits)[:-1]]
    return [export.check(model, prompt + rest) for rest in ([], mixed[:1], mixed, walked)]


def write(chosen, model, held_out, training):
    """The files, with the answers to every sixth held-out sequence so that a runtime's can be compared one by one."""
    arrow = chosen.model == "discrete"
    name = chosen.name or f"mnns-{chosen.model}"
    taught = "one token a step" if arrow else "mixtures of all partial sums"
    description = (
        f"Chooses the signs of four digits so that their sum is the smallest that is not negative; taught {taught}. "
        f"Prompt: {task.prompt((2, 1, 4, 5), arrow)}. Held out: {training['heldOut']['full']:.2%} right with the full "
        f"mixture fed back, {training['heldOut']['argmax']:.2%} with the likeliest token. Trained for {chosen.epochs} epochs, "
        f"seed {chosen.seed}, in {training['seconds']} s on one core."
    )
    sample = held_out[::6]
    settings = model.settings() + export.about(name, description, "mnns.py") + export.word_vocabulary(
        task.WORDS, "<BOS>", "<EOS>", "<PAD>"
    ) + [export.prompt_end("->" if arrow else "")]
    export.write(
        chosen.out,
        name,
        model,
        settings,
        training=training,
        check=[each for digits in ((2, 1, 4, 5), (5, 3, 2, 4), (9, 9, 9, 9)) for each in examples(model, digits, arrow)],
        sample={
            "prompts": [task.prompt(digits, arrow) for digits in sample],
            "truth": [task.answer(digits) for digits in sample],
            **{rule_name: answers(model, sample, rule, arrow) for rule_name, rule in RULES.items()},
        },
    )


def main():
    parser = argparse.ArgumentParser(description="Trains an MNNS model.")
    parser.add_argument("--model", choices=["continuous", "discrete"], required=True)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--heads", type=int, default=2)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--name", help="name of the files; the default is mnns-MODEL")
    parser.add_argument("--out", required=True, help="folder for NAME.safetensors and NAME.json")
    parser.add_argument("--smoke", action="store_true", help="a few steps only, to see that it runs")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(chosen.seed)
    training, held_out = task.read_split()
    if chosen.smoke:
        training, held_out, chosen.epochs = training[::20], held_out[::20], 2
    data = Continuous(training) if chosen.model == "continuous" else Discrete(training)
    model = Gpt2(Shape(len(task.WORDS), CONTEXT, chosen.width, chosen.layers, chosen.heads, DROPOUT))
    seconds = train(model, data, held_out, chosen.epochs, chosen.smoke)
    model.eval()
    figures = {
        "command": f"python3 models/training/mnns.py --model {chosen.model} --layers {chosen.layers} "
        f"--heads {chosen.heads} --width {chosen.width} --epochs {chosen.epochs} --seed {chosen.seed}",
        "torch": torch.__version__,
        "machine": f"one core, {platform.machine()}",
        "seconds": round(seconds),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "trainingSequences": len(training),
        "heldOutSequences": len(held_out),
        "heldOut": measure(model, held_out, chosen.model == "discrete", LADDER),
    }
    print(f"done in {seconds:.0f} s: {figures['heldOut']}", flush=True)
    model.eval()
    write(chosen, model, held_out, figures)


if __name__ == "__main__":
    main()
