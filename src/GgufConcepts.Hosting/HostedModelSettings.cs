using System.ComponentModel.DataAnnotations;
using GgufConcepts.Models;

namespace GgufConcepts.Hosting;

/// <summary>How a host runs one model.</summary>
public sealed class HostedModelSettings
{
    private ModelOptions _usual = new();

    /// <summary>Which model: a GGUF file, or any <see cref="Stores.ModelReference"/>, such as <c>atlas</c> or
    /// <c>ollama:name</c>.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Model { get; set; } = "";

    /// <summary>Thoughts that run at once; each decode feeds one row of every one.</summary>
    /// <value>1 to <see cref="Thinking.ConceptBatch.Largest"/>; the default is 8.</value>
    [Range(1, Thinking.ConceptBatch.Largest)]
    public int Parallel { get; set; } = 8;

    /// <summary>Requests that wait for a place; one more is refused.</summary>
    /// <value>1 to 65,536; the default is 64.</value>
    [Range(1, 1 << 16)]
    public int QueueLength { get; set; } = 64;

    /// <summary>Positions a sequence can hold.</summary>
    /// <value>Null, the default, means what the model was trained on, but at most 4,096.</value>
    [Range(16, 1 << 20)]
    public int? ContextLength { get; set; }

    /// <summary>Positions that all thoughts can hold together: one more waits where it might not fit.</summary>
    /// <value>At least one context. Null, the default, means a context for each of <see cref="Parallel"/>, as long as their
    /// keys and values take no more than half a gigabyte, and at least two.</value>
    [Range(16, 1 << 28)]
    public int? Rows { get; set; }

    /// <summary>Layers to put on graphics cards.</summary>
    /// <value>0 for none; null, the default, means as many as fit.</value>
    [Range(0, int.MaxValue)]
    public int? GpuLayers { get; set; }

    /// <summary>Threads that compute.</summary>
    /// <value>Null, the default, means one a physical core, fewer for a small model.</value>
    [Range(1, 512)]
    public int? Threads { get; set; }

    /// <summary>Whether every weight is looked at as the model is loaded: see <see cref="ModelOptions.CheckTensors"/>.</summary>
    /// <value>Null, the default, means yes: a host is to refuse a damaged file before it takes requests.</value>
    public bool? CheckTensors { get; set; }

    /// <summary>When the model is loaded.</summary>
    /// <value>The default is before the host has started.</value>
    [EnumDataType(typeof(ModelLoading))]
    public ModelLoading Loading { get; set; }

    /// <summary>How long the model stays loaded while nobody asks for it; the next request loads it again.</summary>
    /// <value>Null, the default, means as long as the host runs.</value>
    [WithinADay]
    public TimeSpan? UnloadAfter { get; set; }

    /// <summary>Where the model runs.</summary>
    /// <value>The default is a process of its own.</value>
    [EnumDataType(typeof(ModelIsolation))]
    public ModelIsolation Isolation { get; set; }

    /// <summary>Memory of its own that the model's process may have, in bytes: its heap, the keys and values of its
    /// sequences, what it computes with. Weights that are mapped from the file do not count. Linux alone.</summary>
    /// <value>Null, the default, means as much as there is.</value>
    [Range(64L << 20, long.MaxValue)]
    public long? MemoryLimit { get; set; }

    /// <summary>How long the model's process may take to load it.</summary>
    /// <value>The default is 10 minutes.</value>
    [WithinADay]
    public TimeSpan LoadLimit { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the model's process may be silent in the middle of its work, before it counts as hung and is
    /// ended. A step, or a part of a long prompt, must not take longer.</summary>
    /// <value>The default is 5 minutes: the first thought in hidden states of a large model computes that long
    /// once.</value>
    [WithinADay]
    public TimeSpan StallLimit { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How chats are put to the model.</summary>
    /// <value>Null, the default, means the template that the model carries; without one, chats are refused. A name that
    /// llama.cpp knows, such as <c>chatml</c>, means that template; <c>none</c> means that the messages are a plain text
    /// to continue, with blank lines between them.</value>
    public string? ChatTemplate { get; set; }

    /// <summary>How long a request may take, the wait for its place included.</summary>
    /// <value>The default is 5 minutes.</value>
    [WithinADay]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Says how the model is loaded where the settings here do not say it all: cards by name, another backend.
    /// Those here go before it where they are set.</summary>
    /// <param name="options">The rest.</param>
    public void Load(ModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _usual = options;
    }

    /// <summary>How the model is loaded.</summary>
    internal ModelOptions ToOptions() => _usual with
    {
        ContextLength = ContextLength ?? _usual.ContextLength,
        GpuLayers = GpuLayers ?? _usual.GpuLayers,
        Threads = Threads ?? _usual.Threads,
        CheckTensors = CheckTensors ?? _usual.CheckTensors ?? true,
    };
}
