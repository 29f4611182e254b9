namespace GgufConcepts.Hosting;

/// <summary>Where a host runs a model.</summary>
public enum ModelIsolation
{
    /// <summary>In a process of its own, of the same executable: a file or a request that makes llama.cpp abort costs what
    /// that process was asked, and it is started again.</summary>
    OwnProcess,

    /// <summary>In the host's process: what makes llama.cpp abort ends the host.</summary>
    InProcess,
}
