namespace GgufConcepts.Tests.Promises;

/// <summary>Clocks of walls jump: by daylight saving, by hand, by whoever sets them right.</summary>
public sealed class ClockTests
{
    /// <summary>Files that say when something was made; no length of time comes of it.</summary>
    private static readonly string[] s_dates = ["ChatUpdates.cs", "ResponseWriter.cs", "ModelDirectory.cs"];

    [Fact]
    public void Source_OfTheLibraries_ReadsTheWallClockForDatesAlone()
    {
        string[] readers =
        [
            .. Sources.Below("src").Concat(Sources.Below("native"))
                .Where(file => File.ReadAllText(file) is var text
                    && (text.Contains(".UtcNow", StringComparison.Ordinal) || text.Contains("DateTime.Now", StringComparison.Ordinal)))
                .Select(file => Path.GetFileName(file)),
        ];
        Assert.Equal(s_dates.Order(), readers.Order());
    }
}
