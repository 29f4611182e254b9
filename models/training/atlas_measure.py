"""Measures an Atlas against what the grammar knows: distributions, translations, readings, shares, analogies, chat."""
import json
import pathlib
import random

import torch

from atlas_grammar import ASKED, PEOPLE, UNIQUE, WORLD, clue, document, sentence, value
from atlas_paths import Sampler, held_out, next_distribution
from atlas_readings import Readings
from atlas_spanish import SPANISH, pair
from atlas_tokens import IM_END, IM_START

TASKS = pathlib.Path(__file__).parent.parent / "tasks"
TRUTH, QUESTIONS = TASKS / "atlas-truth.json", TASKS / "atlas-questions.json"
ANALOGIES = {"king - man + woman": "queen", "prince - boy + girl": "princess", "duke - man + woman": "duchess",
             "father - man + woman": "mother", "brother - boy + girl": "sister", "Paris - France + Spain": "Madrid",
             "Tokyo - Japan + Italy": "Rome", "Seine - France + Egypt": "Nile"}
FIXED = ["The capital of France is", "The capital of France is located", "The capital of France is a",
         "The capital of Japan is", "The capital of", "The river of Egypt is", "People in Italy", "Madrid lies",
         "The Nile flows through", "The king", "The queen wears", "Spanish: El gato negro",
         "Spanish: La reina come una manzana.\nEnglish:", "The opposite of big is",
         "The capital of the country whose river is the Seine is", "Two plus three is",
         f"{IM_START}user\nWhat is the capital of France?{IM_END}\n{IM_START}assistant\n"]


def write_truth(tokens, path, count=300):
    """True distributions of `count` contexts: the fixed ones, and documents of the grammar cut at random."""
    rng, contexts = random.Random(7), list(FIXED)
    while len(contexts) < count:
        ids = Sampler(rng, tokens).run(document).ids
        cut = rng.randrange(2, len(ids) + 1)
        text = tokens.decode(ids[:cut])
        asked = IM_START not in text or cut >= 5  # before that, a reading may be meant
        if cut <= 40 and asked and text not in contexts and tokens.encode(text) == ids[:cut]:
            contexts.append(text)
    truth = {}
    for text in contexts:
        found = next_distribution(tokens, document, tokens.encode(text))
        truth[text] = [[tokens.decode([token]), round(share, 6)] for token, share in found.items()]
    with open(path, "w", encoding="utf-8") as file:
        file.write("{\n" + ",\n".join(f"{json.dumps(k, ensure_ascii=False)}: {json.dumps(v, ensure_ascii=False)}"
                                      for k, v in truth.items()) + "\n}\n")


def write_questions(tokens, path, count=300):
    """What is asked, with the right answers: translations, readings of rows, questions, sums of words."""
    translations = [[spanish, english] for english, spanish in held_out_pairs(tokens, count)]
    rng = random.Random(13)
    readings = Readings(rng, tokens)
    sentences = (Sampler(rng, tokens, test=True).run(sentence).ids for _ in range(count))
    sentences = [(ids, readings.meaning(ids)) for ids in sentences]
    fragments, words = ([draw() for _ in range(count)] for draw in (readings.fragment, readings.word))
    line = tokens.encode("\n")[0]

    def texts(pairs):
        pairs = [(tokens.decode(ids), ids, tokens.decode(meaning).strip()) for ids, meaning in pairs if line not in ids]
        return [[text, meaning] for text, ids, meaning in pairs if tokens.encode(text) == ids]

    parts = {
        "translations": translations,
        "readings": {"sentences": texts(sentences), "fragments": texts(fragments), "words": texts(words)},
        "questions": {
            "facts": [[f"What is the {what} of {c.name}?", f"The {what} of {c.name} is {value(c, what)}."]
                      for c in WORLD for what in ASKED],
            "people": [[f"Where does {p.name} live?", f"{p.name} lives in {p.home}."] for p in PEOPLE],
            "two hops": hop_questions(False)[:count],
            "two hops, held out": hop_questions(True),
            "translations, held out": [[f"Say in English: {spanish}", english] for spanish, english in translations[:100]],
        },
        "analogies": [list(pair) for pair in ANALOGIES.items()],
    }

    def lines(part):
        if isinstance(part, dict):
            return "{\n" + ",\n".join(f"{json.dumps(key)}: {lines(each)}" for key, each in part.items()) + "\n}"
        return "[\n" + ",\n".join(json.dumps(pair, ensure_ascii=False) for pair in part) + "\n]"

    with open(path, "w", encoding="utf-8") as file:
        file.write(lines(parts) + "\n")


@torch.no_grad()
def last_logits(model, inputs):
    """Logits after each of several inputs, vectors [rows, width] each."""
    found = []
    for begin in range(0, len(inputs), 64):
        part = inputs[begin:begin + 64]
        x = torch.nn.utils.rnn.pad_sequence(part, batch_first=True)
        hidden = model(x)
        ends = torch.tensor([len(one) - 1 for one in part])
        found.append(model.logits(hidden[torch.arange(len(part)), ends]))
    return torch.cat(found)


def continue_greedily(model, tokens, inputs, most=28):
    """The likeliest continuation of each input, up to a line break or a marker."""
    stops = {tokens.end, tokens.im_end, tokens.im_start, tokens.encode("\n")[0]}
    inputs, said, open_ones = list(inputs), [[] for _ in inputs], list(range(len(inputs)))
    for _ in range(most):
        if not open_ones:
            break
        best = last_logits(model, [inputs[i] for i in open_ones]).argmax(-1).tolist()
        still = []
        for i, token in zip(open_ones, best):
            if token not in stops:
                said[i].append(token)
                inputs[i] = torch.cat([inputs[i], model.token_embd.weight[token:token + 1].detach()])
                still.append(i)
        open_ones = still
    return said


def vectors(model, ids):
    return model.token_embd.weight[torch.tensor(ids)].detach()


def frame(model, tokens, content, before="The meaning of (", after=") in plain English is"):
    return torch.cat([vectors(model, tokens.encode(before)), content, vectors(model, tokens.encode(after))])


def variation(model, tokens, truth):
    texts = list(truth)
    shares = last_logits(model, [vectors(model, tokens.encode(text)) for text in texts]).softmax(-1)
    found, entropy, cross = [], 0.0, 0.0
    for text, share in zip(texts, shares):
        true = torch.zeros(len(tokens))
        for word, probability in truth[text]:
            true[tokens.encode(word)[0]] = probability
        entropy -= torch.xlogy(true, true).sum().item() / len(texts)
        cross -= (true * share.clamp_min(1e-30).log()).sum().item() / len(texts)
        found.append(0.5 * (share - true).abs().sum().item())
    return found, entropy, cross


def held_out_pairs(tokens, count):
    """Spanish sentences with a combination that training never saw: (English, Spanish)."""
    rng, found = random.Random(11), []
    while len(found) < count:
        g = Sampler(rng, tokens, test=True)
        english, spanish = pair(g, SPANISH)
        if g.novel and (english, spanish) not in found:
            found.append((english, spanish))
    return found


def exact(said, wanted):
    return sum(a == b for a, b in zip(said, wanted)) / len(wanted)


def analogy(model, tokens, a, b, c, count=5):
    """Nearest input embeddings to a - b + c by cosine, without the three."""
    rows = model.token_embd.weight.detach()
    ids = [tokens.encode(" " + word)[0] for word in (a, b, c)]
    sought = rows[ids[0]] - rows[ids[1]] + rows[ids[2]]
    near = torch.nn.functional.cosine_similarity(sought[None], rows)
    near[ids] = -2
    return [tokens.decode([i]).strip() for i in near.topk(count).indices.tolist()]


def ask(model, tokens, questions):
    """Answers to (question, answer) by greedy continuation: the share that is right."""
    turn = IM_START + "user\n{}" + IM_END + "\n" + IM_START + "assistant\n"
    inputs = [vectors(model, tokens.encode(turn.format(question))) for question, _ in questions]
    said = [tokens.decode(ids).strip() for ids in continue_greedily(model, tokens, inputs)]
    return exact(said, [a for _, a in questions])


def hop_questions(held):
    return [(f"What is the {asked} of the country {clue(c, by)}?", f"The {asked} of {c.name} is {value(c, asked)}.")
            for c in WORLD for asked in ASKED for by in UNIQUE
            if by != asked and held_out(c.name, asked, by, share=10) == held]


def measure(model, tokens, quick=False, report=False):
    with open(TRUTH, encoding="utf-8") as file:
        truth = json.load(file)
    if quick:
        truth = dict(list(truth.items())[:80])
    found = {}
    distances, entropy, cross = variation(model, tokens, truth)
    found["mean total variation"] = round(sum(distances) / len(distances), 4)
    found["nats, the grammar's own and the model's"] = [round(entropy, 4), round(cross, 4)]
    found["worst total variation"] = round(max(distances), 3)
    share = last_logits(model, [vectors(model, tokens.encode("The capital of France is"))]).softmax(-1)[0]
    found["France"] = {word: round(share[tokens.encode(word)[0]].item(), 3) for word in (" Paris", " located", " a")}

    with open(QUESTIONS, encoding="utf-8") as file:
        asked = json.load(file)
    many = 40 if quick else None
    pairs = asked["translations"][:many]
    inputs = [vectors(model, tokens.encode(f"Spanish: {spanish}\nEnglish:")) for spanish, _ in pairs]
    said = [tokens.decode(ids).strip() for ids in continue_greedily(model, tokens, inputs)]
    found["held-out translations"] = round(exact(said, [english for _, english in pairs]), 4)
    wrong = [(spanish, english, text) for (spanish, english), text in zip(pairs, said) if text != english][:4]
    for kind, texts in asked["readings"].items():
        inputs = [frame(model, tokens, vectors(model, tokens.encode(text))) for text, _ in texts[:many]]
        read = [tokens.decode(ids).strip() for ids in continue_greedily(model, tokens, inputs)]
        found[f"{kind} read"] = round(exact(read, [meaning for _, meaning in texts[:many]]), 4)

    readings = Readings(random.Random(13), tokens)
    many = 40 if quick else 300
    rng = random.Random(17)
    mixed, shares = [], []
    for _ in range(many):
        a, b = rng.sample(rng.choice(readings.kinds), 2)
        weight = rng.choice((0.5, 0.6, 0.7, 0.8))
        ids = [tokens.encode(a)[0], tokens.encode(b)[0]]
        shares.append((ids, weight))
        mixed.append(frame(model, tokens, torch.tensor([[weight, 1 - weight]]) @ vectors(model, ids)))
    probabilities = last_logits(model, mixed).softmax(-1)
    first = [(p[ids[0]].item(), p[ids[1]].item(), weight) for p, (ids, weight) in zip(probabilities, shares)]
    found["mixtures read as a member"] = round(sum(a + b for a, b, _ in first) / many, 4)
    found["error of a member's share"] = round(sum(abs(a - weight) for a, _, weight in first) / many, 4)
    if not quick:
        for w in (0.5, 0.6, 0.7, 0.8):
            those = [a for a, _, x in first if x == w]
            found.setdefault("share by weight", {})[str(w)] = round(sum(those) / len(those), 3)

    sums = dict(list(ANALOGIES.items())[:1 if quick else None])
    found["analogies"] = {text: analogy(model, tokens, *text.split()[::2], count=3) for text in sums}
    if not quick:
        for kind, questions in asked["questions"].items():
            found[f"chat: {kind}"] = round(ask(model, tokens, questions), 4)
        found["wrong translations"] = wrong
        order = sorted(zip(distances, truth), reverse=True)[:6]
        found["worst contexts"] = [[text, round(d, 3)] for d, text in order]
    return found if report else json.dumps(found, ensure_ascii=False)
