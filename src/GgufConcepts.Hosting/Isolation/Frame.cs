namespace GgufConcepts.Hosting.Isolation;

/// <summary>What a frame between a host and a model's process says.</summary>
internal enum FrameKind : byte
{
    /// <summary>To the process, first: which model, and how to run it.</summary>
    Load = 1,

    /// <summary>To the process: a thought to think.</summary>
    Think,

    /// <summary>To the process: vectors to put into words.</summary>
    Read,

    /// <summary>To the process: steps whose nearest tokens are wanted.</summary>
    FindNearest,

    /// <summary>To the process: nobody wants the answer any more.</summary>
    Cancel,

    /// <summary>From the process: the fraction of the model that is loaded.</summary>
    Progress = 32,

    /// <summary>From the process: what the loaded model is.</summary>
    Loaded,

    /// <summary>From the process: it gets on, though it has nothing to tell.</summary>
    Alive,

    /// <summary>From the process: a <see cref="Thinking.PromptRead"/>.</summary>
    PromptRead,

    /// <summary>From the process: a <see cref="Thinking.ConceptStep"/>.</summary>
    ConceptStep,

    /// <summary>From the process: a <see cref="Thinking.ChunkRead"/>.</summary>
    ChunkRead,

    /// <summary>From the process: an <see cref="Thinking.AnswerPiece"/>.</summary>
    AnswerPiece,

    /// <summary>From the process: a <see cref="Thinking.ThoughtEnded"/>.</summary>
    ThoughtEnded,

    /// <summary>From the process: the words of vectors.</summary>
    ReadingDone,

    /// <summary>From the process: steps with their nearest tokens.</summary>
    NearestFound,

    /// <summary>From the process: what was asked cannot be done; without a number, the model cannot be loaded.</summary>
    Failed,
}

/// <summary>One message between a host and a model's process.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Id">The number of the request that it is about, from 1; 0 for none.</param>
/// <param name="Body">JSON, UTF-8; empty where the kind says all.</param>
internal readonly record struct Frame(FrameKind Kind, int Id, ReadOnlyMemory<byte> Body)
{
    /// <summary>Changes with what frames or bodies look like.</summary>
    public const int Version = 1;
}
