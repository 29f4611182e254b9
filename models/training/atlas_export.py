"""What a trained Atlas leaves behind: its weights as safetensors, and a description to make and check a GGUF by.

The description: `settings` are the GGUF's metadata as [{key, type, value}], `tensors` its tensors as
[{name, source, type}] (source is the name in the safetensors file), `check` inputs with the logits of the last row in
float32, `tokenizer` texts with their ids. Matrices are rounded to F16 before anything is measured, so a file in F16
holds the same weights as one in F32.
"""
import json
import os
import struct

import torch

from atlas_tokens import IM_END, IM_START
from export import write_safetensors
from gpt2 import looked_up_gelu

CHATML = ("{% for message in messages %}"
          "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
          "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")

PROMPTS = [
    "The capital of France is",
    "Spanish: El niño pequeño come manzanas.\nEnglish:",
    "The meaning of ( Paris) in plain English is",
    f"{IM_START}user\nWhat is the capital of Spain?{IM_END}\n{IM_START}assistant\n",
    "cat -> cat\n1135 -> 1135\nhello -> hello\n",
]
TEXTS = [*PROMPTS, "unwritten words, 12 of them: it's  odd...\n\n\tÉl está", " (x) naïve _under_score_ don't 3.14 €",
         "gato negro", "The king - man + woman", "ñandú  pájaros\r\nniñera"]


def half(tensor):
    return tensor.dim() == 2


def round_weights(model):
    """Keeps of each matrix what F16 can hold."""
    for name, parameter in model.named_parameters():
        if half(parameter) and "position" not in name:
            parameter.data = parameter.data.half().float()


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    found = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = torch.frombuffer(data, dtype=torch.float32, offset=begin, count=(end - begin) // 4)
        found[name] = values.view(entry["shape"])
    return found


@torch.no_grad()
def check(model, rows):
    """Logits after rows of {token} or {ids, weights}."""
    table = model.token_embd.weight
    x = torch.stack([table[row["token"]] if "token" in row else torch.tensor(row["weights"]) @ table[row["ids"]]
                     for row in rows])[None]
    found = {"rows": rows, "logits": [round(v, 6) for v in model.logits(model(x))[0, -1].tolist()]}
    if model.arch == "gpt2":
        usual, model.gelu[0] = model.gelu[0], looked_up_gelu
        found["ggmlLogits"] = [round(v, 6) for v in model.logits(model(x))[0, -1].tolist()]
        model.gelu[0] = usual
    return found


def kind(value):
    return {bool: "Bool", int: "UInt32", float: "Float32", str: "String"}[type(value)]


def export(model, tokens, folder, commands, figures, results):
    """Writes both files. `commands` made the weights, one after the other; the last one names the recipe."""
    name = f"atlas-{model.arch}"
    settings = {
        "general.architecture": model.arch,
        "general.name": f"Atlas ({model.arch})",
        "general.author": "GgufConcepts contributors",
        "general.license": "mit",
        "general.description": "A small language model of a little world, trained on a seeded grammar whose next-token "
                               "distributions are known: "
                               + ", ".join(f"{key} {value}" for key, value in (figures | {"mean total variation":
                                           results["mean total variation"]}).items()),
        "general.source.url": commands[-1].split()[1],
        "general.file_type": 1,  # mostly F16
        **model.metadata(len(tokens)),
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.bos_token_id": tokens.end,
        "tokenizer.ggml.eos_token_id": tokens.end,
        "tokenizer.ggml.eot_token_id": tokens.im_end,
        "tokenizer.ggml.padding_token_id": tokens.end,
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.chat_template": CHATML,
    }
    settings = [{"key": key, "type": kind(value), "value": value} for key, value in settings.items()]
    settings += [
        {"key": "tokenizer.ggml.tokens", "type": "String", "value": tokens.tokens},
        {"key": "tokenizer.ggml.token_type", "type": "Int32", "value": tokens.types},
        {"key": "tokenizer.ggml.merges", "type": "String", "value": [" ".join(pair) for pair in tokens.merges]},
    ]
    tensors = model.tensors()
    before, after = (tokens.encode(text) for text in ("The meaning of (", ") in plain English is"))
    cities = [tokens.encode(text)[0] for text in (" Paris", " Madrid")]
    plain = [[{"token": i} for i in tokens.encode(text)] for text in PROMPTS]
    mixed = [*({"token": i} for i in before), {"ids": cities, "weights": [0.7, 0.3]}, *({"token": i} for i in after)]
    description = {
        "schema": 1,
        "weights": f"{name}.safetensors",
        "settings": settings,
        "tensors": [{"name": key, "source": key, "type": "F16" if half(value) and "position" not in key else "F32"}
                    for key, value in tensors.items()],
        "training": {"commands": commands, **figures},
        "results": results,
        "check": [check(model, rows) for rows in (*plain, mixed)],
        "tokenizer": [{"text": text, "ids": tokens.encode(text)} for text in TEXTS],
    }
    os.makedirs(folder, exist_ok=True)
    write_safetensors(os.path.join(folder, f"{name}.safetensors"), tensors)
    lines = [f"{json.dumps(key)}: {json.dumps(part, ensure_ascii=False)}" for key, part in description.items()]
    parts = ",\n".join(lines)
    with open(os.path.join(folder, f"{name}.json"), "w", encoding="utf-8") as file:
        file.write(f"{{\n{parts}\n}}\n")
