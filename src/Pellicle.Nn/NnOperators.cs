using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Operators of libtorch that only layers and losses use.</summary>
internal static class NnOperators
{
    public static readonly TensorOperator AveragePool2d = new("aten::avg_pool2d");
    public static readonly TensorOperator GroupNorm = new("aten::group_norm");
    public static readonly TensorOperator LayerNorm = new("aten::layer_norm");
    public static readonly TensorOperator Tanh = new("aten::tanh");
    public static readonly TensorOperator BatchNorm = new("aten::batch_norm");
    public static readonly TensorOperator MeanDimensions = new("aten::mean", "dim");
}
