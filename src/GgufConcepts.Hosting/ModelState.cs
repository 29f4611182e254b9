namespace GgufConcepts.Hosting;

/// <summary>How far a host is with a model.</summary>
public enum ModelState
{
    /// <summary>Not loaded: the first request loads it.</summary>
    Unloaded,

    /// <summary>Being loaded, or about to be whether or not somebody asks; requests wait.</summary>
    Loading,

    /// <summary>Loaded.</summary>
    Ready,

    /// <summary>It could not be loaded, or cannot go on.</summary>
    Failed,
}

/// <summary>When a host loads a model.</summary>
public enum ModelLoading
{
    /// <summary>Before the host has started: a bad file fails the start.</summary>
    BeforeStart,

    /// <summary>While the host runs already; requests wait for it, and a bad file stops the host.</summary>
    InBackground,

    /// <summary>When somebody asks for it; a bad file fails the request.</summary>
    OnFirstRequest,
}
