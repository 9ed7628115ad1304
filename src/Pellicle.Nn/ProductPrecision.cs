namespace Pellicle.Nn;

#pragma warning disable CA1720 // The names are the field's.
/// <summary>Number format of the operands of matrix products in training: linear layers, patch embeddings, attention.</summary>
/// <remarks>Sums inside products, parameters, residual connections, normalisation, losses, norms and clipped sums are float32 or wider in either format, and
/// evaluation always runs in float32.</remarks>
public enum ProductPrecision
{
    /// <summary>Single precision.</summary>
    Float32,

    /// <summary>bfloat16 operands: the range of float32 with 8 significant bits.</summary>
    Bfloat16,
}
