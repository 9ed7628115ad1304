namespace Pellicle.Formats.Onnx;

/// <summary>Declared input or output of a graph.</summary>
/// <param name="Name">Name of the value.</param>
/// <param name="Type">Element type; null if the file does not say or it is no type Pellicle reads.</param>
/// <param name="Shape">Sizes, −1 where the file leaves one free; null if the file does not give a shape.</param>
public sealed record OnnxValue(string Name, OnnxElementType? Type, IReadOnlyList<long>? Shape);
