using Microsoft.Extensions.Options;

namespace GgufConcepts.Hosting;

/// <summary>What holds for all models of a host.</summary>
public sealed class HostedConceptSettings
{
    /// <summary>How long requests that run may go on after the host was told to stop; those that wait are refused at
    /// once.</summary>
    /// <value>The default is 20 seconds; the host's own limit (<c>HostOptions.ShutdownTimeout</c>) should be longer.</value>
    [WithinADay]
    public TimeSpan DrainLimit { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Whether <c>/v1/concepts/read</c> takes vectors from outside.</summary>
    /// <value>The default is false.</value>
    public bool AcceptVectors { get; set; }
}

/// <summary>Checks <see cref="HostedConceptSettings"/>.</summary>
[OptionsValidator]
internal sealed partial class HostedConceptSettingsValidator : IValidateOptions<HostedConceptSettings>;

/// <summary>Checks <see cref="HostedModelSettings"/>.</summary>
[OptionsValidator]
internal sealed partial class HostedModelSettingsValidator : IValidateOptions<HostedModelSettings>;
