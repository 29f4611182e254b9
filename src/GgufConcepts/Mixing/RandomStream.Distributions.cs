namespace GgufConcepts.Mixing;

public partial struct RandomStream
{
    /// <summary>A number above 0 and below 1, from the middle of <see cref="NextDouble"/>'s steps.</summary>
    private double NextInside() => ((NextUInt64() >> 11) + 0.5) * (1.0 / (1UL << 53));

    /// <summary>A draw from the normal distribution of mean 0 and variance 1.</summary>
    /// <remarks>Takes two numbers of the stream a draw. Source: Box and Muller, 1958.</remarks>
    public double NextNormal() => Math.Sqrt(-2 * Math.Log(NextInside())) * Math.Cos(2 * Math.PI * NextInside());

    /// <summary>A draw from the standard Gumbel distribution: -ln(-ln u).</summary>
    public double NextGumbel() => -Math.Log(-Math.Log(NextInside()));

    /// <summary>The logarithm of a draw from the Gamma distribution of scale 1.</summary>
    /// <param name="shape">Above 0 and finite.</param>
    /// <remarks>A logarithm, because draws of a small shape are often below the smallest double. Shapes below 1 go by
    /// that of shape + 1: G(a) = G(a + 1) u^(1/a). Source: Marsaglia and Tsang, "A simple method for generating gamma
    /// variables", 2000.</remarks>
    public double NextLogGamma(double shape)
    {
        if (!(shape > 0 && double.IsFinite(shape))) // of NaN and infinity no draw is ever taken
        {
            throw new ArgumentOutOfRangeException(nameof(shape), shape, "The shape must be finite and above 0.");
        }

        double boost = shape < 1 ? Math.Log(NextInside()) / shape : 0;
        double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3;
        double c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double normal = NextNormal();
            double root = 1 + c * normal;
            if (root > 0)
            {
                double v = root * root * root;
                if (Math.Log(NextInside()) < normal * normal / 2 + d - d * v + d * Math.Log(v))
                {
                    return Math.Log(d * v) + boost;
                }
            }
        }
    }
}
