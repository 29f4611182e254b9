using Microsoft.AspNetCore.Http;

namespace GgufConcepts.Hosting.Http;

/// <summary>How many requests with a large body a host answers at once.</summary>
internal sealed class LargeBodies
{
    private int _taken;

    /// <summary>Places that nobody has.</summary>
    public int Free => Math.Max(0, RequestCaps.LargeBodies - Volatile.Read(ref _taken));

    /// <summary>Takes a place until the request ends.</summary>
    /// <exception cref="HttpProblemException">None is free.</exception>
    public void Take(HttpContext context)
    {
        if (Interlocked.Increment(ref _taken) > RequestCaps.LargeBodies)
        {
            Interlocked.Decrement(ref _taken);
            throw HttpProblem.Refused(
                StatusCodes.Status429TooManyRequests,
                $"{RequestCaps.LargeBodies} requests of over {RequestCaps.Body} bytes are being answered; ask again in a moment.");
        }

        context.Response.RegisterForDispose(new Place(this));
    }

    private sealed class Place(LargeBodies all) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref all._taken);
    }
}
