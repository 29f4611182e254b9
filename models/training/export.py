"""What a recipe leaves behind: NAME.safetensors with the weights, and NAME.json, which says how to make a GGUF of them.

The description:
    schema    1
    weights   the safetensors file beside it
    settings  [{key, type, value}]: the GGUF's metadata, literally; a list as value makes an array of that type
    tensors   [{name, source, type}]: name in the GGUF, name in the weights file, ggml type to store it in
    training  how it was made, and figures
    check     [{rows, logits, ggmlLogits}]: inputs and the last row's logits, for a runtime to be compared with;
              the second time with GELU rounded as ggml does on a processor, which alone is worth some 5e-3
and whatever else a recipe wants to keep. `ggufconcepts models make NAME.json` reads the first four.
"""

import json
import pathlib
import struct

import torch

from gpt2 import gelu, looked_up_gelu

TYPES = {torch.float32: "F32", torch.float16: "F16"}
NORMAL, CONTROL, USER_DEFINED = 1, 3, 4  # llama.cpp's kinds of token


def write_safetensors(path, tensors):
    """The format: a 64-bit length, a JSON header of that length, then the numbers, little-endian and without gaps."""
    header, at = {}, 0
    for name, tensor in tensors.items():
        end = at + tensor.numel() * tensor.element_size()
        header[name] = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.detach().contiguous().numpy().tobytes())


def about(name, description, recipe):
    """The settings that say what a file is and where it comes from."""
    return [
        ("general.name", "String", name),
        ("general.author", "String", "GgufConcepts contributors"),
        ("general.license", "String", "mit"),
        ("general.description", "String", description),
        ("general.source.url", "String", f"models/training/{recipe}"),
        ("general.file_type", "UInt32", 0),  # all F32
    ]


def word_vocabulary(words, begin, end, padding):
    """A vocabulary of whole words on llama.cpp's `gpt2` tokenizer, which cannot be without a merge: it gets one.

    User-defined tokens are found in the raw text before anything else, the longest first, so words need no spaces
    between them, and spaces, which no token covers, vanish. No begin token is added: prompts spell it out. llama.cpp
    itself takes `<PAD>` for a control token, by its name.
    """
    return [
        ("tokenizer.ggml.model", "String", "gpt2"),
        ("tokenizer.ggml.pre", "String", "gpt-2"),
        ("tokenizer.ggml.tokens", "String", words),
        ("tokenizer.ggml.token_type", "Int32", [USER_DEFINED] * len(words)),
        ("tokenizer.ggml.merges", "String", [f"{words[0]} {words[0]}"]),
        ("tokenizer.ggml.bos_token_id", "UInt32", words.index(begin)),
        ("tokenizer.ggml.eos_token_id", "UInt32", words.index(end)),
        ("tokenizer.ggml.padding_token_id", "UInt32", words.index(padding)),
        ("tokenizer.ggml.add_bos_token", "Bool", False),
    ]


def prompt_end(words):
    """The setting that says what a prompt of the model's task ends with."""
    return ("ggufconcepts.prompt_end", "String", words)


def mixture(shares):
    """An input row that is a mixture of embeddings."""
    ids = shares.nonzero().flatten()
    return {"ids": ids.tolist(), "weights": [round(share, 9) for share in shares[ids].tolist()]}


@torch.no_grad()
def check(model, rows):
    """The logits after some input rows, each {"token": id}, a mixture, or a {"vector": [...]}."""
    vectors = [vector(model, row) for row in rows]
    return {
        "rows": rows,
        "logits": last_logits(model, vectors, gelu),
        "ggmlLogits": last_logits(model, vectors, looked_up_gelu),
    }


def vector(model, row):
    """An input row: one token's, a mixture's, or any vector."""
    if "vector" in row:
        return torch.tensor(row["vector"])
    ids, weights = ([row["token"]], [1.0]) if "token" in row else (row["ids"], row["weights"])
    return torch.tensor(weights) @ model.token_embd.weight[ids]


def last_logits(model, vectors, activation):
    return [round(logit, 6) for logit in model(torch.stack(vectors)[None], activation)[0, -1].tolist()]


def write(folder, name, model, settings, **more):
    """Both files. Tensors keep their names: the model's modules are called as GGUF calls them."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = model.state_dict()
    write_safetensors(folder / f"{name}.safetensors", tensors)
    parts = {
        "schema": 1,
        "weights": f"{name}.safetensors",
        "settings": [{"key": key, "type": kind, "value": value} for key, kind, value in settings],
        "tensors": [{"name": key, "source": key, "type": "F32"} for key in tensors],
        **more,
    }
    text = ",\n".join(f'  "{key}": {lines(part)}' for key, part in parts.items())
    (folder / f"{name}.json").write_text(f"{{\n{text}\n}}\n", encoding="utf-8")


def lines(part):
    """JSON with one line for each member: neither a line for every number nor one for everything."""
    if isinstance(part, dict):
        return "{\n" + ",\n".join(f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in part.items()) + "\n  }"
    if isinstance(part, list):
        return "[\n" + ",\n".join(f"    {json.dumps(value, ensure_ascii=False)}" for value in part) + "\n  ]"
    return json.dumps(part)
