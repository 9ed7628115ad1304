namespace Pellicle.Native;

/// <summary>A tensor operation failed in the native library: wrong shapes or types, or out of memory. The text is the library's, without its backtrace.</summary>
/// <param name="message">The library's text.</param>
public sealed class TensorException(string message) : Exception(message);
