using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Operators of libtorch that only layers and losses use.</summary>
internal static class NnOperators
{
    public static readonly TensorOperator AveragePool2d = new("aten::avg_pool2d");
    public static readonly TensorOperator GroupNorm = new("aten::group_norm");
    public static readonly TensorOperator LayerNorm = new("aten::layer_norm");
    public static readonly TensorOperator Tanh = new("aten::tanh");
    public static readonly TensorOperator AsStrided = new("aten::as_strided");
    public static readonly TensorOperator Conv3d = new("aten::conv3d");
    public static readonly TensorOperator ConvTranspose2d = new("aten::conv_transpose2d", "input");
    public static readonly TensorOperator IndexAddInPlace = new("aten::index_add_");
    public static readonly TensorOperator InstanceNorm = new("aten::instance_norm");
    public static readonly TensorOperator NativeBatchNorm = new("aten::native_batch_norm");
    public static readonly TensorOperator PadConstant = new("aten::constant_pad_nd");
    public static readonly TensorOperator PadMirrored = new("aten::reflection_pad2d");
    public static readonly TensorOperator PadRepeated = new("aten::replication_pad2d");
    public static readonly TensorOperator PRelu = new("aten::prelu");
    public static readonly TensorOperator ReciprocalSqrt = new("aten::rsqrt");
    public static readonly TensorOperator BatchNorm = new("aten::batch_norm");
    public static readonly TensorOperator MeanDimensions = new("aten::mean", "dim");
}
