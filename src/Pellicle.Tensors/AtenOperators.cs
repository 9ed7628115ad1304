namespace Pellicle.Tensors;

/// <summary>The libtorch operators we use, in one table; a test looks all of them up, since schemas change between versions.</summary>
public static class AtenOperators
{
#pragma warning disable CS1591 // The names are libtorch's; their documentation is there.
    public static readonly TensorOperator Add = new("aten::add", "Tensor");
    public static readonly TensorOperator AddInPlace = new("aten::add_", "Tensor");
    public static readonly TensorOperator AddScalar = new("aten::add", "Scalar");
    public static readonly TensorOperator Cat = new("aten::cat");
    public static readonly TensorOperator Clamp = new("aten::clamp");
    public static readonly TensorOperator Clone = new("aten::clone");
    public static readonly TensorOperator Contiguous = new("aten::contiguous");
    public static readonly TensorOperator Conv2d = new("aten::conv2d");
    public static readonly TensorOperator CopyInPlace = new("aten::copy_");
    public static readonly TensorOperator CrossEntropyLoss = new("aten::cross_entropy_loss");
    public static readonly TensorOperator Detach = new("aten::detach");
    public static readonly TensorOperator Expand = new("aten::expand");
    public static readonly TensorOperator Gelu = new("aten::gelu");
    public static readonly TensorOperator Im2Col = new("aten::im2col");
    public static readonly TensorOperator LayerNorm = new("aten::native_layer_norm");
    public static readonly TensorOperator Linear = new("aten::linear");
    public static readonly TensorOperator LogSoftmax = new("aten::_log_softmax");
    public static readonly TensorOperator MatMul = new("aten::matmul");
    public static readonly TensorOperator MatrixProduct = new("aten::mm");
    public static readonly TensorOperator MaxPool2d = new("aten::max_pool2d");
    public static readonly TensorOperator Multiply = new("aten::mul", "Tensor");
    public static readonly TensorOperator MultiplyInPlace = new("aten::mul_", "Tensor");
    public static readonly TensorOperator MultiplyScalar = new("aten::mul", "Scalar");
    public static readonly TensorOperator MultiplyScalarInPlace = new("aten::mul_", "Scalar");
    public static readonly TensorOperator Narrow = new("aten::narrow");
    public static readonly TensorOperator Permute = new("aten::permute");
    public static readonly TensorOperator Relu = new("aten::relu");
    public static readonly TensorOperator Reshape = new("aten::reshape");
    public static readonly TensorOperator Select = new("aten::select", "int");
    public static readonly TensorOperator Softmax = new("aten::_softmax");
    public static readonly TensorOperator Sqrt = new("aten::sqrt");
    public static readonly TensorOperator Subtract = new("aten::sub", "Tensor");
    public static readonly TensorOperator Sum = new("aten::sum");
    public static readonly TensorOperator SumDimensions = new("aten::sum", "dim_IntList");
    public static readonly TensorOperator ToDType = new("aten::to", "dtype");
    public static readonly TensorOperator Transpose = new("aten::transpose", "int");
    public static readonly TensorOperator ZeroInPlace = new("aten::zero_");
#pragma warning restore CS1591
}
