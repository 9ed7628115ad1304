using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Gemm and MatMul.</summary>
internal static class Products
{
    /// <summary>alpha · a · b + beta · c, with optional transposition; c is broadcast.</summary>
    public static OnnxTensor[] Gemm(NodeCall call)
    {
        OnnxTensor a = Matrix(call.Operand(0), call.Integer("transA", 0) != 0);
        OnnxTensor b = Matrix(call.Operand(1), call.Integer("transB", 0) != 0);
        double alpha = call.Real("alpha", 1);
        double beta = call.Real("beta", 1);
        if (a.Dimensions[1] != b.Dimensions[0])
        {
            throw new OperandException($"the matrices are {a} and {b}; expected equal inner sizes");
        }

        int rows = (int)a.Dimensions[0];
        int columns = (int)b.Dimensions[1];
        var sums = new double[OnnxShape.Count(NodeCall.Shape(rows, columns))];
        MatrixProduct.Multiply(a.ToDoubles(), 0, b.ToDoubles(), sums, rows, (int)a.Dimensions[1], columns);
        if (call.Optional(2) is { } c)
        {
            double[] shift = c.ToDoubles();
            int[] of = OnnxShape.Broadcast(c.Dimensions, [rows, columns]) is { Length: 2 } common && common[0] == rows && common[1] == columns
                ? OnnxShape.BroadcastPlaces(c.Dimensions, [rows, columns])
                : throw new OperandException($"the third operand is {c}; expected one that can be broadcast to [{rows}, {columns}]");
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] = (alpha * sums[i]) + (beta * shift[of[i]]);
            }
        }
        else if (alpha != 1)
        {
            sums = Array.ConvertAll(sums, sum => alpha * sum);
        }

        return [NodeCall.Result(a.Type, [rows, columns], sums)];
    }

    /// <summary>Products of the last two axes as numpy forms them: axes before are broadcast, vectors become a row or a column.</summary>
    public static OnnxTensor[] MatMul(NodeCall call)
    {
        OnnxTensor a = call.Operand(0);
        OnnxTensor b = call.Operand(1);
        if (a.Rank == 0 || b.Rank == 0)
        {
            throw new OperandException($"the operands are {a} and {b}; expected at least one axis each");
        }

        OnnxTensor left = a.Rank == 1 ? a.Reshape(1, a.Count) : a;
        OnnxTensor right = b.Rank == 1 ? b.Reshape(b.Count, 1) : b;
        long rows = left.Dimensions[^2];
        long inner = left.Dimensions[^1];
        long columns = right.Dimensions[^1];
        long[] batch = inner == right.Dimensions[^2] && OnnxShape.Broadcast(left.Dimensions.AsSpan(0, left.Rank - 2), right.Dimensions.AsSpan(0, right.Rank - 2)) is { } common
            ? common
            : throw new OperandException($"the operands are {a} and {b}, which cannot be multiplied");
        int[] ofLeft = OnnxShape.BroadcastPlaces(left.Dimensions.AsSpan(0, left.Rank - 2), batch);
        int[] ofRight = OnnxShape.BroadcastPlaces(right.Dimensions.AsSpan(0, right.Rank - 2), batch);
        long[] shape = [.. batch, .. a.Rank == 1 ? (long[])[] : [rows], .. b.Rank == 1 ? (long[])[] : [columns]];
        var result = new double[OnnxShape.Count(NodeCall.Shape(shape))];
        double[] x = left.ToDoubles();
        double[] y = right.ToDoubles();
        var part = new double[rows * columns];
        for (int i = 0; i < ofLeft.Length; i++)
        {
            double[] matrix = y.Length == inner * columns ? y : y.AsSpan((int)(ofRight[i] * inner * columns), (int)(inner * columns)).ToArray();
            MatrixProduct.Multiply(x, (int)(ofLeft[i] * rows * inner), matrix, part, (int)rows, (int)inner, (int)columns);
            part.CopyTo(result, (int)(i * rows * columns));
        }

        return [NodeCall.Result(a.Type, shape, result)];
    }

    private static OnnxTensor Matrix(OnnxTensor tensor, bool isTransposed) =>
        tensor.Rank != 2 ? throw new OperandException($"an operand is {tensor}; expected a matrix")
        : isTransposed ? Shaping.Permute(tensor, [1, 0])
        : tensor;
}
