namespace Pellicle.Formats.Onnx.Execution;

/// <summary>Operands or attributes of a node do not fit the operator; the executor adds which node it was.</summary>
/// <param name="message">What was wrong and what was expected, without the node.</param>
internal sealed class OperandException(string message) : Exception(message);
