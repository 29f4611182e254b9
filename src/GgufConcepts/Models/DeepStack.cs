using System.Runtime.ExceptionServices;

namespace GgufConcepts.Models;

/// <summary>A stack as deep as a text is long, to cut the text into tokens on.</summary>
/// <remarks>Many byte-level vocabularies split texts into words by <c>std::regex</c>, which libstdc++ matches by recursion:
/// 352 bytes of stack a character of one word, so that a word of 24,000 letters ends a process (measured with llama.cpp
/// v0.4.0, <c>unicode_regex_split_stl</c> in unicode.cpp). Only what is used of a stack takes memory.</remarks>
internal static class DeepStack
{
    /// <summary>The longest text, in UTF-16 units, that there can be a stack for.</summary>
    public const int Longest = (int.MaxValue - Base) / PerUnit;

    private const int Usual = 2048; // units that need no more stack than every thread has
    private const int Base = 1 << 20;
    private const int PerUnit = 512;

    /// <summary>Does something with a text.</summary>
    /// <exception cref="ConceptInputException">The text is longer than <see cref="Longest"/>, or there is no memory for the
    /// stack.</exception>
    public static T Run<T>(string text, Func<string, T> work)
    {
        if (text.Length <= Usual)
        {
            return work(text);
        }

        if (text.Length > Longest)
        {
            throw new ConceptInputException($"A text of {text.Length} characters is too long to cut into tokens; the most are {Longest}.") { Field = "prompt" };
        }

        int bytes = Base + (PerUnit * text.Length);
        T? result = default;
        ExceptionDispatchInfo? problem = null;
        Thread thread = new(Work, bytes) { IsBackground = true, Name = "tokens" };
        try
        {
            thread.Start();
        }
        catch (OutOfMemoryException full)
        {
            throw new ConceptInputException(
                $"There is no memory to cut a text of {text.Length} characters into tokens, which may take {bytes >> 20} MiB; " +
                "shorten it, or allow more.", full);
        }

        thread.Join();
        problem?.Throw();
        return result!;

        void Work()
        {
            try
            {
                result = work(text);
            }
            catch (Exception caught)
            {
                problem = ExceptionDispatchInfo.Capture(caught);
            }
        }
    }
}
