namespace GgufConcepts.Native;

/// <summary>The native library in use.</summary>
/// <param name="Version">What <c>llama_version()</c> says, such as <c>0.4.0-dev</c>.</param>
/// <param name="Directory">The folder it was loaded from.</param>
/// <param name="SystemInfo">The processor features its compute module uses, in llama.cpp's own words.</param>
public sealed record LlamaLibraryInfo(string Version, string Directory, string SystemInfo);

/// <summary>One device that can compute.</summary>
/// <param name="Name">Short name, such as <c>CPU</c> or <c>Vulkan0</c>.</param>
/// <param name="Description">The maker's name for it.</param>
/// <param name="Kind">Processor, graphics card or library.</param>
/// <param name="FreeBytes">Free memory.</param>
/// <param name="TotalBytes">All its memory.</param>
public sealed record ComputeDevice(string Name, string Description, ComputeDeviceKind Kind, long FreeBytes, long TotalBytes);

/// <summary>The native library is missing, broken or of a version this code does not know. The message says what to
/// do.</summary>
public sealed class LlamaLibraryException(string message, Exception? innerException = null)
    : Exception(message, innerException);
