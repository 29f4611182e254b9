"""Qwen2 and GPT-2 in plain PyTorch, as llama.cpp computes them, their tensors under GGUF's names."""
import math

import torch
import torch.nn.functional as F
from torch import nn

SIZES = {
    "qwen2": {"width": 128, "layers": 4, "heads": 4, "kv_heads": 2, "inner": 320},
    "gpt2": {"width": 128, "layers": 4, "heads": 4, "kv_heads": 4, "inner": 384},
}
CONTEXT = 256
EPSILON = {"qwen2": 1e-6, "gpt2": 1e-5}
ROPE_BASE = 10000.0


class Norm(nn.Module):
    """Root mean square (Qwen2) or layer norm (GPT-2)."""

    def __init__(self, width, arch):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width)) if arch == "gpt2" else None
        self.eps = EPSILON[arch]

    def forward(self, x):
        if self.bias is not None:
            return F.layer_norm(x, x.shape[-1:], self.weight, self.bias, self.eps)
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def rotate(x, cos, sin):
    """RoPE in halves (`neox`): dimension i turns with i + half. x [B, H, T, D], cos and sin [B, 1, T, D / 2]."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, a * sin + b * cos), dim=-1)


class Block(nn.Module):
    def __init__(self, arch, width, heads, kv_heads, inner, gelu):
        super().__init__()
        self.gelu = gelu
        self.arch, self.heads, self.kv_heads, self.size = arch, heads, kv_heads, width // heads
        self.attn_norm, self.ffn_norm = Norm(width, arch), Norm(width, arch)
        self.qkv = nn.Linear(width, (heads + 2 * kv_heads) * self.size)
        self.attn_output = nn.Linear(width, width, bias=arch == "gpt2")
        if arch == "gpt2":
            self.ffn_up, self.ffn_down = nn.Linear(width, inner), nn.Linear(inner, width)
        else:
            self.gate_up, self.ffn_down = nn.Linear(width, 2 * inner, bias=False), nn.Linear(inner, width, bias=False)

    def forward(self, x, bias, turn):
        batch, length, width = x.shape
        q, k, v = self.qkv(self.attn_norm(x)).split(
            [self.heads * self.size, self.kv_heads * self.size, self.kv_heads * self.size], dim=-1)
        q, k, v = (t.view(batch, length, -1, self.size).transpose(1, 2) for t in (q, k, v))
        if turn is not None:
            q, k = rotate(q, *turn), rotate(k, *turn)
        if self.kv_heads != self.heads:
            k, v = (t.repeat_interleave(self.heads // self.kv_heads, dim=1) for t in (k, v))
        scores = q @ k.transpose(-1, -2) / math.sqrt(self.size) + bias
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, width)
        x = x + self.attn_output(mixed)
        y = self.ffn_norm(x)
        if self.arch == "gpt2":
            return x + self.ffn_down(self.gelu[0](self.ffn_up(y)))
        gate, up = self.gate_up(y).chunk(2, dim=-1)
        return x + self.ffn_down(F.silu(gate) * up)


class Atlas(nn.Module):
    """A decoder with a tied head. Its input is vectors, so that mixtures and tokens go the same way."""

    def __init__(self, arch, vocabulary, size=None):
        super().__init__()
        size = size or SIZES[arch]
        self.arch, self.size = arch, size
        self.gelu = [lambda x: F.gelu(x, approximate="tanh")]  # shared by the blocks, so that a check can exchange it
        self.token_embd = nn.Embedding(vocabulary, size["width"])
        self.position_embd = nn.Embedding(CONTEXT, size["width"]) if arch == "gpt2" else None
        self.blk = nn.ModuleList(
            Block(arch, size["width"], size["heads"], size["kv_heads"], size["inner"], self.gelu)
            for _ in range(size["layers"]))
        self.output_norm = Norm(size["width"], arch)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                deep = name.endswith(("attn_output.weight", "ffn_down.weight"))
                std = 0.05 if "embd" in name else 1 / math.sqrt(parameter.shape[1])
                nn.init.normal_(parameter, std=std / math.sqrt(2 * size["layers"]) if deep else std)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)
        half = size["width"] // size["heads"] // 2
        self.register_buffer("frequency", ROPE_BASE ** (-torch.arange(half) / half), persistent=False)

    def forward(self, x, positions=None, document=None):
        """Hidden states after the final norm. x [B, T, width]; rows attend to earlier ones of the same document."""
        length = x.shape[1]
        if positions is None:
            positions = torch.arange(length)[None]
        allowed = torch.ones(length, length, dtype=torch.bool).tril()[None]
        if document is not None:
            allowed = allowed & (document[:, :, None] == document[:, None, :])
        bias = torch.zeros(allowed.shape).masked_fill(~allowed, -1e9)[:, None]
        turn = None
        if self.arch == "gpt2":
            x = x + self.position_embd(positions)
        else:
            angle = (positions[..., None] * self.frequency)[:, None]
            turn = angle.cos(), angle.sin()
        for block in self.blk:
            x = block(x, bias, turn)
        return self.output_norm(x)

    def logits(self, hidden):
        return hidden @ self.token_embd.weight.T

    def tensors(self):
        """GGUF name to tensor; Q, K, V and gate, up are parted where GGUF has them apart."""
        found = {}
        for name, tensor in self.state_dict().items():
            for ours, theirs in ((".qkv.", ".attn_qkv."), (".gate_up.", ".ffn_gate_up.")):
                name = name.replace(ours, theirs)
            if ".attn_qkv." in name and self.arch == "qwen2":
                heads, kv_heads, size = self.blk[0].heads, self.blk[0].kv_heads, self.blk[0].size
                parts = tensor.split([heads * size, kv_heads * size, kv_heads * size])
                found.update((name.replace("attn_qkv", f"attn_{which}"), part) for which, part in zip("qkv", parts))
            elif ".ffn_gate_up." in name:
                parts = zip(("gate", "up"), tensor.chunk(2))
                found.update((name.replace("gate_up", which), part) for which, part in parts)
            else:
                found[name] = tensor
        return {name: tensor.detach().float().contiguous() for name, tensor in found.items()}

    def load_tensors(self, tensors):
        """The reverse of `tensors`."""
        with torch.no_grad():
            for name, parameter in self.state_dict().items():
                name = name.replace(".qkv.", ".attn_qkv.").replace(".gate_up.", ".ffn_gate_up.")
                if name not in tensors:
                    parts = ["attn_qkv", ("attn_q", "attn_k", "attn_v")] if "attn_qkv" in name else [
                        "ffn_gate_up", ("ffn_gate", "ffn_up")]
                    parameter.copy_(torch.cat([tensors[name.replace(parts[0], part)] for part in parts[1]]))
                else:
                    parameter.copy_(tensors[name])

    def metadata(self, vocabulary):
        """Hyper-parameters as GGUF keys."""
        size, arch = self.size, self.arch
        keys = {"context_length": CONTEXT, "embedding_length": size["width"], "block_count": size["layers"],
                "feed_forward_length": size["inner"], "attention.head_count": size["heads"], "vocab_size": vocabulary}
        if arch == "qwen2":
            keys |= {"attention.head_count_kv": size["kv_heads"], "rope.freq_base": ROPE_BASE,
                     "attention.layer_norm_rms_epsilon": EPSILON[arch]}
        else:
            keys |= {"attention.layer_norm_epsilon": EPSILON[arch]}
        return {f"{arch}.{key}": value for key, value in keys.items()}
