namespace Pellicle.Formats.Onnx.Execution;

/// <summary>One line of the operator table.</summary>
public sealed class OnnxOperator
{
    internal OnnxOperator(string name, OnnxEncryptedUse encryptedUse, int since, Func<NodeCall, OnnxTensor[]> kernel)
    {
        Name = name;
        EncryptedUse = encryptedUse;
        Since = since;
        Kernel = kernel;
    }

    /// <summary>As in the file.</summary>
    public string Name { get; }

    /// <summary>Its meaning in an encrypted graph.</summary>
    public OnnxEncryptedUse EncryptedUse { get; }

    /// <summary>First version of the operator set in which this line holds.</summary>
    public int Since { get; }

    /// <summary>Computes the results of one node.</summary>
    internal Func<NodeCall, OnnxTensor[]> Kernel { get; }
}
