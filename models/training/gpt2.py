"""GPT-2 in plain PyTorch, small enough to read, and exactly what llama.cpp's `gpt2` architecture computes.

Learned positions, layer norm before each half of a block, one matrix for queries, keys and values, biases everywhere,
GELU in its tanh form, and an output head that is the embedding table once more. Every weight is stored [out, in]
(torch.nn.Linear), which read row by row is ggml's [in, out]: nothing is transposed on the way to GGUF.
"""

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    context: int
    width: int
    layers: int
    heads: int
    dropout: float = 0.0
    epsilon: float = 1e-5
    spread: float = 0.02  # of the weights at the start; GPT-2's own, at a width of 768

    @property
    def inner(self):
        return 4 * self.width


def gelu(x):
    return F.gelu(x, approximate="tanh")


def looked_up_gelu(x):
    """ggml's GELU on a processor: a table of half-precision numbers by half-precision x, from -10 to 10."""
    return torch.where(x <= -10, torch.zeros_like(x), torch.where(x >= 10, x, gelu(x.half().float()).half().float()))


class Block(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.heads = shape.heads
        self.attn_norm = nn.LayerNorm(shape.width, shape.epsilon)
        self.attn_qkv = nn.Linear(shape.width, 3 * shape.width)
        self.attn_output = nn.Linear(shape.width, shape.width)
        self.ffn_norm = nn.LayerNorm(shape.width, shape.epsilon)
        self.ffn_up = nn.Linear(shape.width, shape.inner)
        self.ffn_down = nn.Linear(shape.inner, shape.width)
        self.dropout = nn.Dropout(shape.dropout)

    def forward(self, x, mask, activation, memory):
        x = x + self.dropout(self.attend(self.attn_norm(x), mask, memory))
        return x + self.dropout(self.ffn_down(activation(self.ffn_up(self.ffn_norm(x)))))

    def attend(self, x, mask, memory):
        batch, rows, width = x.shape
        q, k, v = (part.view(batch, rows, self.heads, -1).transpose(1, 2) for part in self.attn_qkv(x).chunk(3, -1))
        if memory is not None:
            k, v = (torch.cat(parts, 2) for parts in zip(*memory, (k, v)))
            memory[:] = [(k, v)]
        scores = q @ k.transpose(-1, -2) * (width // self.heads) ** -0.5 + mask
        mixed = self.dropout(scores.softmax(-1)) @ v
        return self.attn_output(mixed.transpose(1, 2).reshape(batch, rows, width))


class Gpt2(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.position_embd = nn.Embedding(shape.context, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = nn.LayerNorm(shape.width, shape.epsilon)
        self.dropout = nn.Dropout(shape.dropout)
        causal = torch.full((shape.context, shape.context), float("-inf")).triu(1)
        self.register_buffer("causal", causal, persistent=False)
        self.apply(lambda module: start(module, shape.spread))

    def forward(self, vectors, activation=gelu):
        """Logits for input vectors, shape [batch, rows, width] -> [batch, rows, vocabulary]."""
        return F.linear(self.hidden(vectors, activation), self.token_embd.weight)

    def hidden(self, vectors, activation=gelu, memory=None):
        """The state after the last norm, which is also what a runtime can feed back. `memory`, from `remember`, holds
        the rows before these and takes them in."""
        start = memory[0][0][0].shape[2] if memory and memory[0] else 0
        end = start + vectors.shape[1]
        x = self.dropout(vectors + self.position_embd.weight[start:end])
        for i, block in enumerate(self.blk):
            x = block(x, self.causal[start:end, :end], activation, memory[i] if memory else None)
        return self.output_norm(x)

    def remember(self):
        """An empty memory: keys and values of the rows so far, a list a block."""
        return [[] for _ in self.blk]

    def settings(self):
        """The GGUF settings that describe this shape, as (key, type, value)."""
        shape = self.shape
        return [
            ("general.architecture", "String", "gpt2"),
            ("gpt2.context_length", "UInt32", shape.context),
            ("gpt2.embedding_length", "UInt32", shape.width),
            ("gpt2.feed_forward_length", "UInt32", shape.inner),
            ("gpt2.block_count", "UInt32", shape.layers),
            ("gpt2.attention.head_count", "UInt32", shape.heads),
            ("gpt2.attention.layer_norm_epsilon", "Float32", shape.epsilon),
        ]


def start(module, spread):
    """GPT-2's start: normal weights, no biases."""
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, std=spread)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)


def waves(rows, width):
    """Positions as sines and cosines (Attention Is All You Need, section 3.5). The fastest tells odd rows from even."""
    angle = torch.arange(rows)[:, None] * torch.tensor([wave_speed(wave, width) for wave in range(width // 2)])
    return torch.cat([angle.sin(), angle.cos()], 1)


def wave_speed(wave, width):
    """By how much a wave turns from row to row, in radians."""
    return math.pi * 1000 ** (-wave / (width // 2))
