using Pellicle.Formats.Onnx.Operators;
using static Pellicle.Formats.Onnx.Execution.OnnxEncryptedUse;

namespace Pellicle.Formats.Onnx.Execution;

/// <summary>The table of operators: name, meaning in an encrypted graph, first version, kernel.</summary>
/// <remarks>To add an operator: one line here and one kernel in <c>Operators/</c>, written from the operator's text in ONNX; kernels ask <see cref="NodeCall.Opset"/> where versions differ.</remarks>
public static class OnnxOperators
{
    /// <summary>Oldest version of ONNX's operator set that is read.</summary>
    public const int OldestOpset = 6;

    /// <summary>Newest version whose operator texts the kernels follow.</summary>
    public const int NewestOpset = 28;

    private static readonly Dictionary<string, OnnxOperator> Standard = Table();

    private static readonly Dictionary<string, OnnxOperator> Microsoft = Rows(
        Row("Gelu", Nonlinear, 1, Activations.Gelu),
        Row("FusedConv", None, 1, Convolutions.FusedConvolution),
        Row("LayerNormalization", Nonlinear, 1, Normalizations.Layer));

    /// <summary>All operators of ONNX's own set, by name.</summary>
    public static IReadOnlyDictionary<string, OnnxOperator> All => Standard;

    /// <summary>The line for a node, or null if operator, domain or version is not known.</summary>
    /// <param name="model">Says which versions are meant.</param>
    /// <param name="node">The node.</param>
    public static OnnxOperator? Find(OnnxModel model, OnnxNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        int version = VersionOf(model, node);
        Dictionary<string, OnnxOperator>? table = node.Domain switch
        {
            "" when version is >= OldestOpset and <= NewestOpset => Standard,
            "com.microsoft" => Microsoft,
            _ => null,
        };
        return table is not null && table.TryGetValue(node.Operator, out OnnxOperator? found) && version >= found.Since ? found : null;
    }

    /// <summary>Version of a node's operator set; 0 if the file does not name the set.</summary>
    /// <param name="model">Says which versions are meant.</param>
    /// <param name="node">The node.</param>
    public static int VersionOf(OnnxModel model, OnnxNode node)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(node);
        return (int)model.Opsets.GetValueOrDefault(node.Domain, 0);
    }

    private static Dictionary<string, OnnxOperator> Table() => Rows(
        Row("Conv", Linear, 1, Convolutions.Convolution),
        Row("ConvTranspose", Linear, 1, Convolutions.Transposed),
        Row("Gemm", Linear, 1, Products.Gemm),
        Row("MatMul", Linear, 1, Products.MatMul),
        Row("Einsum", PublicOnly, 12, Einsum.Run),
        Row("Add", Local, 1, Arithmetic.Add),
        Row("Sub", Local, 1, Arithmetic.Subtract),
        Row("Mul", Linear, 1, Arithmetic.Multiply),
        Row("Div", Linear, 1, Arithmetic.Divide),
        Row("Pow", Linear, 1, Arithmetic.Power),
        Row("Neg", Local, 1, Arithmetic.Negate),
        Row("Abs", Nonlinear, 1, Arithmetic.Absolute),
        Row("Sign", None, 9, Arithmetic.Sign),
        Row("Sum", Local, 1, Arithmetic.Sum),
        Row("Mean", Linear, 1, Arithmetic.Mean),
        Row("Max", Nonlinear, 1, Arithmetic.Maximum),
        Row("Min", Nonlinear, 1, Arithmetic.Minimum),
        Row("Clip", Nonlinear, 1, Activations.Clip),
        Row("Relu", Nonlinear, 1, Activations.Relu),
        Row("LeakyRelu", Nonlinear, 1, Activations.LeakyRelu),
        Row("PRelu", Nonlinear, 1, Activations.PRelu),
        Row("HardSigmoid", Nonlinear, 1, Activations.HardSigmoid),
        Row("HardSwish", Nonlinear, 14, Activations.HardSwish),
        Row("Sigmoid", Nonlinear, 1, Activations.Sigmoid),
        Row("Tanh", Nonlinear, 1, call => Arithmetic.Map(call, Math.Tanh)),
        Row("Swish", Nonlinear, 24, Activations.Swish),
        Row("Elu", Nonlinear, 1, Activations.Elu),
        Row("Selu", Nonlinear, 1, Activations.Selu),
        Row("Celu", None, 12, Activations.Celu),
        Row("ThresholdedRelu", None, 10, Activations.ThresholdedRelu),
        Row("Softplus", Nonlinear, 1, call => Arithmetic.Map(call, Activations.Softplus)),
        Row("Softsign", None, 1, call => Arithmetic.Map(call, x => x / (1 + Math.Abs(x)))),
        Row("Mish", None, 18, call => Arithmetic.Map(call, x => x * Math.Tanh(Activations.Softplus(x)))),
        Row("Gelu", Nonlinear, 20, Activations.Gelu),
        Row("Erf", Nonlinear, 9, call => Arithmetic.Map(call, ErrorFunction.Erf)),
        Row("Exp", PublicOnly, 1, call => Arithmetic.Map(call, Math.Exp)),
        Row("Log", PublicOnly, 1, call => Arithmetic.Map(call, Math.Log)),
        Row("Sqrt", PublicOnly, 1, call => Arithmetic.Map(call, Math.Sqrt)),
        Row("Reciprocal", PublicOnly, 1, call => Arithmetic.Map(call, x => 1 / x)),
        Row("Ceil", PublicOnly, 1, call => Arithmetic.Map(call, Math.Ceiling)),
        Row("Floor", PublicOnly, 1, call => Arithmetic.Map(call, Math.Floor)),
        Row("Round", None, 11, call => Arithmetic.Map(call, Math.Round)),
        Row("Sin", None, 7, call => Arithmetic.Map(call, Math.Sin)),
        Row("Cos", None, 7, call => Arithmetic.Map(call, Math.Cos)),
        Row("Softmax", Nonlinear, 1, Reductions.Softmax),
        Row("LogSoftmax", Nonlinear, 1, Reductions.LogSoftmax),
        Row("BatchNormalization", Linear, 1, Normalizations.Batch),
        Row("LayerNormalization", Nonlinear, 17, Normalizations.Layer),
        Row("GroupNormalization", Nonlinear, 18, Normalizations.Group),
        Row("InstanceNormalization", Nonlinear, 6, Normalizations.Instance),
        Row("RMSNormalization", PublicOnly, 23, Normalizations.RootMeanSquare),
        Row("LRN", None, 1, Normalizations.LocalResponse),
        Row("MaxPool", Nonlinear, 1, Pooling.Maximum),
        Row("AveragePool", Local, 1, Pooling.Average),
        Row("GlobalMaxPool", Nonlinear, 1, Pooling.GlobalMaximum),
        Row("GlobalAveragePool", Local, 1, Pooling.GlobalAverage),
        Row("ReduceMean", Local, 1, Reductions.Mean),
        Row("ReduceSum", Local, 1, Reductions.Sum),
        Row("ReduceMax", Nonlinear, 1, Reductions.Maximum),
        Row("ReduceMin", None, 1, Reductions.Minimum),
        Row("ReduceProd", None, 1, Reductions.Product),
        Row("ReduceL1", None, 1, Reductions.L1),
        Row("ReduceL2", None, 1, Reductions.L2),
        Row("ReduceSumSquare", None, 1, Reductions.SumOfSquares),
        Row("ReduceLogSum", None, 1, Reductions.LogSum),
        Row("ReduceLogSumExp", None, 1, Reductions.LogSumExp),
        Row("ArgMax", PublicOnly, 1, Reductions.ArgMaximum),
        Row("ArgMin", None, 1, Reductions.ArgMinimum),
        Row("Reshape", Local, 5, Shaping.Reshape),
        Row("Flatten", Local, 1, Shaping.Flatten),
        Row("Transpose", Local, 1, Shaping.Transpose),
        Row("Squeeze", Local, 1, Shaping.Squeeze),
        Row("Unsqueeze", Local, 1, Shaping.Unsqueeze),
        Row("Concat", Local, 4, Shaping.Concatenate),
        Row("Split", Local, 2, Shaping.Split),
        Row("Slice", Local, 1, Selection.Slice),
        Row("Gather", Local, 1, Selection.Gather),
        Row("Pad", Local, 2, Selection.Pad),
        Row("Expand", Local, 8, Shaping.Expand),
        Row("Tile", PublicOnly, 6, Shaping.Tile),
        Row("DepthToSpace", Local, 1, Shaping.DepthToSpace),
        Row("SpaceToDepth", Local, 1, Shaping.SpaceToDepth),
        Row("Where", PublicOnly, 9, Selection.Where),
        Row("Resize", Local, 10, Resizing.Resize),
        Row("Upsample", Local, 7, Resizing.Upsample),
        Row("Identity", Local, 1, call => [call.Operand(0)]),
        Row("Dropout", Local, 6, Sources.Dropout),
        Row("Shape", PublicOnly, 1, Sources.Shape),
        Row("Size", PublicOnly, 1, Sources.Size),
        Row("Constant", PublicOnly, 1, Sources.Constant),
        Row("ConstantOfShape", PublicOnly, 9, Sources.ConstantOfShape),
        Row("Cast", PublicOnly, 6, Sources.Cast),
        Row("CastLike", PublicOnly, 15, Sources.CastLike),
        Row("Range", PublicOnly, 11, Sources.Range),
        Row("Equal", PublicOnly, 1, Logic.Equal),
        Row("Less", PublicOnly, 7, Logic.Less),
        Row("Greater", PublicOnly, 7, Logic.Greater),
        Row("LessOrEqual", PublicOnly, 12, Logic.LessOrEqual),
        Row("GreaterOrEqual", PublicOnly, 12, Logic.GreaterOrEqual),
        Row("And", PublicOnly, 7, Logic.And),
        Row("Or", PublicOnly, 7, Logic.Or),
        Row("Xor", PublicOnly, 7, Logic.Xor),
        Row("Not", PublicOnly, 1, Logic.Not));

    private static OnnxOperator Row(string name, OnnxEncryptedUse use, int since, Func<NodeCall, OnnxTensor[]> kernel) => new(name, use, since, kernel);

    private static Dictionary<string, OnnxOperator> Rows(params ReadOnlySpan<OnnxOperator> rows)
    {
        var table = new Dictionary<string, OnnxOperator>();
        foreach (OnnxOperator row in rows)
        {
            table.Add(row.Name, row);
        }

        return table;
    }
}
