using System.ComponentModel.DataAnnotations;
using GgufConcepts.Hosting.Http.Access;
using Microsoft.Extensions.Options;

namespace GgufConcepts.Hosting;

/// <summary>What holds for all models of a host.</summary>
public sealed class HostedConceptSettings : IValidatableObject
{
    /// <summary>How long requests that run may go on after the host was told to stop; those that wait are refused at
    /// once.</summary>
    /// <value>The default is 20 seconds; the host's own limit (<c>HostOptions.ShutdownTimeout</c>) should be longer.</value>
    [WithinADay]
    public TimeSpan DrainLimit { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Whether <c>/v1/concepts/read</c> takes vectors from outside.</summary>
    /// <value>The default is false.</value>
    public bool AcceptVectors { get; set; }

    /// <summary>Keys that let a client in, as <c>Authorization: Bearer KEY</c>; without any, nobody is asked.
    /// <c>/health</c>, <c>/ready</c> and the page's own files ask for none.</summary>
    /// <value>Of at least 16 printable ASCII characters each; the default is none.</value>
    public IList<string> ApiKeys { get; } = [];

    /// <summary>Names that requests may call this server by, beside <c>localhost</c>, loopback addresses and the address
    /// that they came to; <c>*</c> for any.</summary>
    /// <value>Without ports; the default is none.</value>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>Origins whose pages may ask, beside our own page; <c>*</c> for any.</summary>
    /// <value>Such as <c>https://chat.example.org</c>; the default is none.</value>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>How long a client may take in nothing of a stream before it is dropped, and its thought ended.</summary>
    /// <value>The default is 30 seconds.</value>
    [WithinADay]
    public TimeSpan SlowClientLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext) =>
    [
        .. Check(nameof(ApiKeys), ApiKeys, Http.Access.ApiKeys.FindProblem),
        .. Check(nameof(AllowedHosts), AllowedHosts, HostNames.FindProblem),
        .. Check(nameof(AllowedOrigins), AllowedOrigins, Origins.FindProblem),
    ];

    private static IEnumerable<ValidationResult> Check(string name, IList<string> values, Func<string?, string?> findProblem) =>
        values.Select((value, i) => findProblem(value) is { } problem ? new ValidationResult($"{name}[{i}] {problem}", [name]) : null)
            .OfType<ValidationResult>();
}

/// <summary>Checks <see cref="HostedConceptSettings"/>.</summary>
[OptionsValidator]
internal sealed partial class HostedConceptSettingsValidator : IValidateOptions<HostedConceptSettings>;

/// <summary>Checks <see cref="HostedModelSettings"/>.</summary>
[OptionsValidator]
internal sealed partial class HostedModelSettingsValidator : IValidateOptions<HostedModelSettings>;
