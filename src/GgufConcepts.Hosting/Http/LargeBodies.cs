using Microsoft.AspNetCore.Http;

namespace GgufConcepts.Hosting.Http;

/// <summary>How many requests with a large body this program answers at once: one of 16 MiB may become a gigabyte of values.</summary>
internal static class LargeBodies
{
    private static readonly SemaphoreSlim s_free = new(RequestCaps.LargeBodies, RequestCaps.LargeBodies);

    /// <summary>Takes a place until the request ends.</summary>
    /// <exception cref="HttpProblemException">None is free.</exception>
    public static void Take(HttpContext context)
    {
        if (!s_free.Wait(0))
        {
            throw HttpProblem.Refused(
                StatusCodes.Status429TooManyRequests,
                $"{RequestCaps.LargeBodies} requests of over {RequestCaps.Body} bytes are being answered; ask again in a moment.");
        }

        context.Response.RegisterForDispose(new Place());
    }

    private sealed class Place : IDisposable
    {
        public void Dispose() => s_free.Release();
    }
}
