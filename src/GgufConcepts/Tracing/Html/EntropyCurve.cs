using System.Globalization;
using System.Text;

namespace GgufConcepts.Tracing.Html;

/// <summary>Entropy by step, drawn over the columns of a heat map: one unit of width a step, stretched with the
/// columns.</summary>
internal sealed class EntropyCurve
{
    /// <summary>Height of the drawing in pixels.</summary>
    public const int Height = 136;

    private const int Above = 12; // for dots at the edge
    private const int Below = 10;
    private const double Highest = 1000; // nats drawn; two thousand million tokens have 21, and a file may say anything
    private const int LineHeight = 13; // numbers closer than this would touch

    private readonly IReadOnlyList<ReportSide> _sides;
    private readonly int _columns;
    private readonly double _tick;
    private readonly double _top;

    /// <param name="sides">The traces, one or two.</param>
    /// <param name="columns">Steps drawn.</param>
    public EntropyCurve(IReadOnlyList<ReportSide> sides, int columns)
    {
        _sides = sides;
        _columns = columns;
        double largest = sides.SelectMany(side => side.Trace.Steps.Take(columns).Select(step => step.Entropy).Append(side.Stop.Entropy)).Max();
        (_tick, _top) = Scale(Math.Clamp(largest, 0.1, Highest));
    }

    /// <summary>Height of an entropy in the drawing, from its upper edge; in pixels.</summary>
    public double Y(double entropy) => Y(entropy, _top);

    /// <summary>Height of an entropy in a drawing whose scale ends at <paramref name="top"/>.</summary>
    public static double Y(double entropy, double top) =>
        Above + ((Height - Above - Below) * (1 - (Math.Clamp(entropy, 0, top) / top)));

    /// <summary>Steps of 1, 2 or 5 times a power of ten, two to five of them, and where the last one ends.</summary>
    public static (double Tick, double Top) Scale(double largest)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(largest)));
        double tick = new[] { 0.2, 0.5, 1, 2 }.Select(part => part * power).First(part => largest / part <= 5);
        return (tick, Math.Ceiling(Math.Round(largest / tick, 9)) * tick);
    }

    /// <summary>The drawing.</summary>
    public HtmlElement Draw()
    {
        HtmlElement drawing = new HtmlElement("svg")
            .With("xmlns", "http://www.w3.org/2000/svg")
            .With("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {_columns} {Height}"))
            .With("height", Height)
            .With("preserveAspectRatio", "none")
            .With("role", "img")
            .With("aria-label", Describe());
        foreach (double value in Ticks())
        {
            drawing.Add(Path("grid", Line(value)));
        }

        foreach (ReportSide side in _sides)
        {
            double[] entropies = [.. side.Trace.Steps.Take(_columns).Select(step => step.Entropy)];
            if (_sides.Count == 1 && entropies.Length > 1)
            {
                string floor = string.Create(CultureInfo.InvariantCulture, $"V{Y(0):0.##}H0.5Z");
                drawing.Add(Path("area", Curve(entropies) + floor));
            }

            if (side.Stop.Entropy > 0 && (side == _sides[0] || side.Stop.Entropy != _sides[0].Stop.Entropy))
            {
                drawing.Add(Path($"stop {side.Letter}", Line(side.Stop.Entropy)));
            }

            drawing.Add(Path($"line {side.Letter}", Curve(entropies)));
            for (int i = 0; i < entropies.Length; i++)
            {
                string place = string.Create(CultureInfo.InvariantCulture, $"M{i + 0.5} {Y(entropies[i]):0.##}h0");
                bool sure = side.Stop.IsSure(entropies[i]);
                drawing.Add(Path($"dot {side.Letter}{(sure ? " sure" : "")}", place).With("data-column", i));
                drawing.Add(sure ? null : Path("core", place)); // a dot is hollow unless the step is sure
            }
        }

        return drawing;
    }

    /// <summary>The numbers beside it.</summary>
    public HtmlElement DrawAxis()
    {
        HtmlElement axis = new HtmlElement("svg")
            .With("xmlns", "http://www.w3.org/2000/svg").With("width", "100%").With("height", Height).With("aria-hidden", "true");
        ReportSide[] stops = [.. _sides.Where(side => side.Stop.Entropy > 0).DistinctBy(side => side.Stop.Entropy)];
        foreach (double value in Ticks().Where(value => stops.All(side => Math.Abs(Y(side.Stop.Entropy) - Y(value)) >= LineHeight)))
        {
            axis.Add(Label(value, "", null));
        }

        foreach (ReportSide side in stops)
        {
            axis.Add(Label(side.Stop.Entropy, "stop ", $"stop {side.Letter}".TrimEnd()));
        }

        return axis;
    }

    private HtmlElement Label(double value, string before, string? name) =>
        new HtmlElement("text", before + ReportText.Plain(value))
            .Class(name).With("x", "100%").With("y", Y(value)).With("dx", "-0.625rem").With("dy", "0.32em");

    private IEnumerable<double> Ticks()
    {
        int count = (int)Math.Round(_top / _tick);
        return Enumerable.Range(0, count + 1).Select(i => i * _tick);
    }

    private string Line(double value) => string.Create(CultureInfo.InvariantCulture, $"M0 {Y(value):0.##}H{_columns}");

    private string Curve(double[] entropies)
    {
        StringBuilder path = new();
        for (int i = 0; i < entropies.Length; i++)
        {
            path.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? 'M' : 'L')}{i + 0.5} {Y(entropies[i]):0.##}");
        }

        return path.ToString();
    }

    private static HtmlElement Path(string name, string path) =>
        new HtmlElement("path").Class(name.TrimEnd()).With("d", path);

    private string Describe() => string.Join(" ", _sides.Select(side =>
    {
        TraceStep[] steps = [.. side.Trace.Steps.Take(_columns)];
        string name = side.Letter.Length > 0 ? $"{side.Letter}: entropy" : "Entropy";
        string range = steps.Length == 0
            ? $"{name}: no steps."
            : $"{name} by step, from {ReportText.Number(steps.Min(step => step.Entropy))} to " +
                $"{ReportText.Number(steps.Max(step => step.Entropy))} nats.";
        return side.Stop.Entropy > 0
            ? $"{range} Below the stop threshold of {ReportText.Plain(side.Stop.Entropy)}: " +
                $"{ReportText.Count(steps.Count(step => side.Stop.IsSure(step.Entropy)), "step")} of {steps.Length}."
            : range;
    }));
}
