using System.Globalization;
using GgufConcepts.Native;

namespace GgufConcepts.Models;

/// <summary>How much of a model goes to graphics cards, and why.</summary>
/// <param name="Layers">Layers that go there: the last ones, the output first of all.</param>
/// <param name="AllLayers">Layers there are, the output counted as one.</param>
/// <param name="Devices">The cards.</param>
/// <param name="Reason">In words a user can follow.</param>
public sealed record GpuPlan(int Layers, int AllLayers, IReadOnlyList<ComputeDevice> Devices, string Reason)
{
    private const long Margin = 256L << 20; // of every card, for its driver and what else uses it

    /// <summary>Such as <c>20 of 29 layers on CUDA0: …</c>.</summary>
    public override string ToString() =>
        $"{Layers} of {AllLayers} layers on {string.Join(", ", Devices.Select(device => device.Name))}: {Reason}";

    /// <summary>Plans for a model.</summary>
    /// <returns>Null where everything is to be computed on the processor, and nobody asked for more.</returns>
    /// <exception cref="ConceptInputException">Layers or cards were asked for that there are not.</exception>
    internal static GpuPlan? Make(GpuFootprint model, ModelOptions options, IReadOnlyList<ComputeDevice> present)
    {
        ComputeDevice[] cards = Choose(options.Devices, present);
        if (options.GpuLayers == 0 || (cards.Length == 0 && options.GpuLayers is null))
        {
            return null;
        }

        if (cards.Length == 0)
        {
            throw new ConceptInputException("There is no graphics card to put layers on; 'doctor' says what this machine has. Use auto or off.");
        }

        int all = model.LayerBytes.Count;
        return options.GpuLayers is { } asked
            ? new GpuPlan(Math.Min(asked, all), all, cards, "as asked")
            : Fit(model, cards, options.SplitMode);
    }

    /// <summary>As many layers as fit.</summary>
    internal static GpuPlan Fit(GpuFootprint model, IReadOnlyList<ComputeDevice> cards, LlamaSplitMode split)
    {
        // Without splitting all of it lies on the first.
        ComputeDevice[] used = split == LlamaSplitMode.None ? [cards[0]] : [.. cards];
        long room = used.Sum(card => Math.Max(0, card.FreeBytes - Margin - model.ComputeBytes));
        int all = model.LayerBytes.Count, layers = all;
        while (layers > 0 && model.BytesOf(layers) > room)
        {
            layers--;
        }

        string free = $"{Size(used.Sum(card => card.FreeBytes))} free, {Size(Margin * used.Length)} of it kept back";
        return new GpuPlan(layers, all, used, layers == all
            ? $"all fit: {Size(model.BytesOf(all) + model.ComputeBytes)} in {free}"
            : $"{Size(model.BytesOf(layers) + model.ComputeBytes)} in {free}; all would need {Size(model.BytesOf(all) + model.ComputeBytes)}");
    }

    /// <summary>The plan after this one did not work out: a step of an eighth fewer layers; null where none are left.</summary>
    internal GpuPlan? Next(string problem)
    {
        int fewer = Math.Max(0, Layers - Math.Max(1, AllLayers / 8));
        return Layers == 0 ? null : this with { Layers = fewer, Reason = $"{Layers} did not work out ({problem})" };
    }

    private static ComputeDevice[] Choose(IReadOnlyList<string> names, IReadOnlyList<ComputeDevice> present)
    {
        ComputeDevice[] cards = [.. present.Where(device => device.Kind is ComputeDeviceKind.Gpu or ComputeDeviceKind.Igpu)];
        if (names.Count > 0)
        {
            return [.. names.Distinct(StringComparer.OrdinalIgnoreCase).Select(name => cards.FirstOrDefault(card => card.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw new ConceptInputException(cards.Length == 0
                    ? $"There is no device '{name}', nor any other graphics card."
                    : $"There is no device '{name}'; there are {string.Join(", ", cards.Select(card => card.Name))}."))];
        }

        ComputeDevice[] own = [.. cards.Where(card => card.Kind == ComputeDeviceKind.Gpu)];
        return own.Length > 0 ? own : cards;
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0 / 1024 / 1024:F2} GiB");
}
