namespace GgufConcepts.Hosting;

/// <summary>A model could not be loaded for those who asked for it; the next request tries again.</summary>
/// <param name="model">The model's name.</param>
/// <param name="innerException">What kept it from being loaded: for whoever runs the host.</param>
public sealed class ModelNotLoadedException(string model, Exception innerException)
    : Exception($"{model} cannot be loaded now; try again later.", innerException);
