namespace GgufConcepts.Hosting;

/// <summary>A model could not be loaded for those who asked for it.</summary>
public sealed class ModelNotLoadedException : Exception
{
    /// <summary>Creates the exception for a model that the next request tries to load again.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="innerException">What kept it from being loaded: for whoever runs the host.</param>
    public ModelNotLoadedException(string model, Exception innerException)
        : base($"{model} cannot be loaded now; try again later.", innerException)
    {
    }

    /// <summary>Creates the exception for a model that is not tried again.</summary>
    /// <param name="message">Which model, why not, and until when.</param>
    internal ModelNotLoadedException(string message)
        : base(message)
    {
    }
}
