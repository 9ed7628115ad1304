namespace Pellicle.Tensors;

public sealed unsafe partial class Tensor
{
    /// <summary>Sum, with broadcasting.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">A shape that broadcasts with it.</param>
    public static Tensor operator +(Tensor left, Tensor right) => AtenOperators.Add.Call(left, right, 1L);

    /// <summary>Difference, with broadcasting.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">A shape that broadcasts with it.</param>
    public static Tensor operator -(Tensor left, Tensor right) => AtenOperators.Subtract.Call(left, right, 1L);

    /// <summary>Element-wise product, with broadcasting.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">A shape that broadcasts with it.</param>
    public static Tensor operator *(Tensor left, Tensor right) => AtenOperators.Multiply.Call(left, right);

    /// <summary>Scaled tensor.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">Factor.</param>
    public static Tensor operator *(Tensor left, double right) => AtenOperators.MultiplyScalar.Call(left, right);

    /// <summary>Shifted tensor.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">Summand.</param>
    public static Tensor operator +(Tensor left, double right) => AtenOperators.AddScalar.Call(left, right, 1L);

    /// <summary>Matrix product, batched over leading dimensions.</summary>
    /// <param name="right">[.., k, m].</param>
    /// <returns>[.., n, m].</returns>
    public Tensor MatMul(Tensor right) => AtenOperators.MatMul.Call(this, right);

    /// <summary>Sum of all elements.</summary>
    public Tensor Sum() => AtenOperators.Sum.Call(this);

    /// <summary>Sum over one dimension.</summary>
    /// <param name="dimension">Negative counts from the end.</param>
    /// <param name="keep">Keeps the dimension with extent 1.</param>
    public Tensor Sum(long dimension, bool keep = false) => AtenOperators.SumDimensions.Call(this, OpArgument.Integers(&dimension, 1), keep);

    /// <summary>Conversion of the element type; itself if it already has it.</summary>
    /// <param name="type">Wanted type.</param>
    public Tensor To(DType type) => AtenOperators.ToDType.Call(this, type, false, false);
}
