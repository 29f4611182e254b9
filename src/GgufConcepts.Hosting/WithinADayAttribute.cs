using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace GgufConcepts.Hosting;

/// <summary>A time from 0 to a day, or none. (<see cref="RangeAttribute"/> of times looks its type up by name, which no trimmed
/// program can.)</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WithinADayAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is null || value is TimeSpan time && time >= TimeSpan.Zero && time <= TimeSpan.FromDays(1);

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) =>
        string.Create(CultureInfo.InvariantCulture, $"The field {name} must be a time from 0 to a day, such as 00:05:00.");
}
