using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Training.Exchange;

/// <summary>How often a graph uses an operator, and what it means in an encrypted graph.</summary>
/// <param name="Operator">Name, with its domain unless it is ONNX's own.</param>
/// <param name="Count">Nodes.</param>
/// <param name="IsKnown">True if the plain executor runs it in this version.</param>
/// <param name="EncryptedUse">What it means in an encrypted graph.</param>
public sealed record OperatorCount(string Operator, int Count, bool IsKnown, OnnxEncryptedUse EncryptedUse)
{
    /// <summary>True if an encrypted graph may contain it, or folds it away.</summary>
    public bool IsMpcReady => IsKnown && EncryptedUse != OnnxEncryptedUse.None;

    /// <summary>Counts the operators of a model, in the order of their names.</summary>
    /// <param name="model">The model.</param>
    public static IReadOnlyList<OperatorCount> Of(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return
        [
            .. model.Graph.Nodes.GroupBy(node => node.Domain.Length == 0 ? node.Operator : $"{node.Domain}::{node.Operator}").OrderBy(group => group.Key, StringComparer.Ordinal).Select(group =>
            {
                OnnxOperator? found = OnnxOperators.Find(model, group.First());
                return new OperatorCount(group.Key, group.Count(), found is not null, found?.EncryptedUse ?? OnnxEncryptedUse.None);
            }),
        ];
    }
}
