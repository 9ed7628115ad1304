using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Einstein sums, such as "bij,bjk->bik".</summary>
internal static class Einsum
{
    /// <summary>For each element of the result, the sum over the letters that do not occur in it.</summary>
    public static OnnxTensor[] Run(NodeCall call)
    {
        OnnxTensor[] operands = [.. call.Operands];
        string equation = call.Text("equation", "").Replace(" ", "");
        string[] sides = equation.Split("->");
        string[] terms = sides[0].Split(',');
        if (terms.Length != operands.Length || sides.Length > 2)
        {
            throw new OperandException($"the equation '{equation}' does not fit {operands.Length} operands");
        }

        string[] letters = [.. terms.Select((term, i) => Expanded(term, operands[i].Rank))];
        var sizes = new Dictionary<char, long>();
        for (int i = 0; i < operands.Length; i++)
        {
            for (int d = 0; d < letters[i].Length; d++)
            {
                long size = operands[i].Dimensions[d];
                long known = sizes.GetValueOrDefault(letters[i][d], 1);
                if (known != size && known != 1 && size != 1)
                {
                    throw new OperandException($"the letter '{letters[i][d]}' of '{equation}' stands for {known} and {size}");
                }

                sizes[letters[i][d]] = known == 1 ? size : known;
            }
        }

        string all = string.Concat(letters);
        string dots = string.Concat(all.Where(c => c < 'A').Distinct().OrderDescending());
        string kept = sides.Length == 2
            ? sides[1].Replace("...", dots)
            : dots + string.Concat(all.Where(c => c >= 'A' && all.Count(other => other == c) == 1).Order());
        return [Sum(operands, letters, sizes, kept, [.. all.Distinct().Except(kept)])];
    }

    private static OnnxTensor Sum(OnnxTensor[] operands, string[] letters, Dictionary<char, long> sizes, string kept, char[] summed)
    {
        long[] shape = NodeCall.Shape([.. kept.Select(c => sizes[c])]);
        long[] inner = NodeCall.Shape([.. summed.Select(c => sizes[c])]);
        int[][] outer = [.. operands.Select((x, i) => OnnxShape.Places(shape, [.. kept.Select(c => Stride(x, letters[i], c))], 0))];
        int[][] steps = [.. operands.Select((x, i) => OnnxShape.Places(inner, [.. summed.Select(c => Stride(x, letters[i], c))], 0))];
        double[][] values = [.. operands.Select(x => x.ToDoubles())];
        var result = new double[OnnxShape.Count(shape)];
        for (int o = 0; o < result.Length; o++)
        {
            double sum = 0;
            for (int s = 0; s < steps[0].Length; s++)
            {
                double product = 1;
                for (int i = 0; i < values.Length; i++)
                {
                    product *= values[i][outer[i][o] + steps[i][s]];
                }

                sum += product;
            }

            result[o] = sum;
        }

        return NodeCall.Result(operands[0].Type, shape, result);
    }

    // A letter that occurs twice in one term walks along the diagonal: its strides add up.
    private static long Stride(OnnxTensor x, string letters, char letter)
    {
        long[] strides = OnnxShape.Strides(x.Dimensions);
        return letters.Select((c, d) => c == letter && x.Dimensions[d] != 1 ? strides[d] : 0).Sum();
    }

    // The axes behind "..." get digits as letters, counted from the last one, so that they align on the right.
    private static string Expanded(string term, int rank)
    {
        int dots = term.IndexOf("...", StringComparison.Ordinal);
        int hidden = rank - term.Length + (dots < 0 ? 0 : 3);
        if (hidden is < 0 or > 9 || (dots < 0 && hidden != 0) || !term.Replace("...", "").All(char.IsAsciiLetter))
        {
            throw new OperandException($"the term '{term}' does not fit {rank} axes");
        }

        return dots < 0 ? term : term[..dots] + string.Concat(Enumerable.Range(0, hidden).Select(i => (char)('0' + hidden - 1 - i))) + term[(dots + 3)..];
    }
}
