namespace Pellicle.Tensors;

/// <content>Element-wise arithmetic, products and reductions. Every result is a new tensor unless the name ends in "InPlace".</content>
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

    /// <summary>Element-wise quotient, with broadcasting.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">A shape that broadcasts with it.</param>
    public static Tensor operator /(Tensor left, Tensor right) => AtenOperators.Divide.Call(left, right);

    /// <summary>Scaled tensor.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">Factor.</param>
    public static Tensor operator *(Tensor left, double right) => AtenOperators.MultiplyScalar.Call(left, right);

    /// <summary>Tensor divided by a number.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">Divisor.</param>
    public static Tensor operator /(Tensor left, double right) => AtenOperators.DivideScalar.Call(left, right);

    /// <summary>Shifted tensor.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">Summand.</param>
    public static Tensor operator +(Tensor left, double right) => AtenOperators.AddScalar.Call(left, right, 1L);

    /// <summary>Shifted tensor.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">Number to subtract.</param>
    public static Tensor operator -(Tensor left, double right) => AtenOperators.AddScalar.Call(left, -right, 1L);

    /// <summary>The negative.</summary>
    /// <param name="tensor">Any shape.</param>
    public static Tensor operator -(Tensor tensor) => AtenOperators.Negate.Call(tensor);

    /// <summary>Matrix product, batched over leading dimensions.</summary>
    /// <param name="right">[.., k, m].</param>
    /// <returns>[.., n, m].</returns>
    public Tensor MatMul(Tensor right) => AtenOperators.MatMul.Call(this, right);

    /// <summary>Absolute values.</summary>
    public Tensor Abs() => AtenOperators.Abs.Call(this);

    /// <summary>Square roots.</summary>
    public Tensor Sqrt() => AtenOperators.Sqrt.Call(this);

    /// <summary>Squares.</summary>
    public Tensor Square() => AtenOperators.Square.Call(this);

    /// <summary>Reciprocals.</summary>
    public Tensor Reciprocal() => AtenOperators.Reciprocal.Call(this);

    /// <summary>Natural exponentials.</summary>
    public Tensor Exp() => AtenOperators.Exp.Call(this);

    /// <summary>Natural logarithms.</summary>
    public Tensor Log() => AtenOperators.Log.Call(this);

    /// <summary>Values limited to a range.</summary>
    /// <param name="minimum">Lower limit, or none.</param>
    /// <param name="maximum">Upper limit, or none.</param>
    public Tensor Clamp(double? minimum = null, double? maximum = null) =>
        AtenOperators.Clamp.Call(this, minimum ?? OpArgument.None, maximum ?? OpArgument.None);

    /// <summary>1 where the elements are equal, otherwise 0 (type <see cref="DType.Bool"/>), with broadcasting.</summary>
    /// <param name="other">A shape that broadcasts with this one.</param>
    public Tensor EqualTo(Tensor other) => AtenOperators.Equal.Call(this, other);

    /// <summary>True where an element is neither infinite nor NaN (type <see cref="DType.Bool"/>).</summary>
    public Tensor IsFinite() => AtenOperators.IsFinite.Call(this);

    /// <summary>Sum of all elements.</summary>
    public Tensor Sum() => AtenOperators.Sum.Call(this);

    /// <summary>Sum over one dimension.</summary>
    /// <param name="dimension">Negative counts from the end.</param>
    /// <param name="keep">Keeps the dimension with extent 1.</param>
    public Tensor Sum(long dimension, bool keep = false) => AtenOperators.SumDimensions.Call(this, OpArgument.Integers(&dimension, 1), keep);

    /// <summary>Sum over several dimensions.</summary>
    /// <param name="dimensions">Negative count from the end.</param>
    /// <param name="keep">Keeps them with extent 1.</param>
    public Tensor Sum(ReadOnlySpan<long> dimensions, bool keep = false)
    {
        fixed (long* d = dimensions)
        {
            return AtenOperators.SumDimensions.Call(this, OpArgument.Integers(d, dimensions.Length), keep);
        }
    }

    /// <summary>Mean of all elements.</summary>
    public Tensor Mean() => AtenOperators.Mean.Call(this);

    /// <summary>Mean over one dimension.</summary>
    /// <param name="dimension">Negative counts from the end.</param>
    /// <param name="keep">Keeps the dimension with extent 1.</param>
    public Tensor Mean(long dimension, bool keep = false) => Mean([dimension], keep);

    /// <summary>Mean over several dimensions.</summary>
    /// <param name="dimensions">Negative count from the end.</param>
    /// <param name="keep">Keeps them with extent 1.</param>
    public Tensor Mean(ReadOnlySpan<long> dimensions, bool keep = false)
    {
        fixed (long* d = dimensions)
        {
            return AtenOperators.MeanDimensions.Call(this, OpArgument.Integers(d, dimensions.Length), keep);
        }
    }

    /// <summary>Largest element.</summary>
    public Tensor Maximum() => AtenOperators.MaximumValue.Call(this);

    /// <summary>Smallest element.</summary>
    public Tensor Minimum() => AtenOperators.MinimumValue.Call(this);

    /// <summary>Position of the largest element along a dimension (type <see cref="DType.Int64"/>); the first of equals.</summary>
    /// <param name="dimension">Negative counts from the end.</param>
    public Tensor ArgMax(long dimension) => AtenOperators.ArgMax.Call(this, dimension, false);

    /// <summary>Conversion of the element type; itself if it already has it.</summary>
    /// <param name="type">Wanted type.</param>
    public Tensor To(DType type) => AtenOperators.ToDType.Call(this, type, false, false);

    /// <summary>Adds factor · other to this tensor.</summary>
    /// <param name="other">A shape that broadcasts to this one.</param>
    /// <param name="factor">Multiplies <paramref name="other"/>.</param>
    public void AddInPlace(Tensor other, double factor = 1) => AtenOperators.AddInPlace.Apply(this, other, factor);

    /// <summary>Multiplies this tensor element by element.</summary>
    /// <param name="other">A shape that broadcasts to this one.</param>
    public void MultiplyInPlace(Tensor other) => AtenOperators.MultiplyInPlace.Apply(this, other);

    /// <summary>Multiplies this tensor by a number.</summary>
    /// <param name="factor">Any.</param>
    public void MultiplyInPlace(double factor) => AtenOperators.MultiplyScalarInPlace.Apply(this, factor);

    /// <summary>Adds factor · first · second, element by element.</summary>
    /// <param name="first">A shape that broadcasts to this one.</param>
    /// <param name="second">A shape that broadcasts to this one.</param>
    /// <param name="factor">Multiplies the product.</param>
    public void AddProductInPlace(Tensor first, Tensor second, double factor = 1) => AtenOperators.AddCMulInPlace.Apply(this, first, second, factor);

    /// <summary>Adds factor · numerator / denominator, element by element.</summary>
    /// <param name="numerator">A shape that broadcasts to this one.</param>
    /// <param name="denominator">A shape that broadcasts to this one.</param>
    /// <param name="factor">Multiplies the quotient.</param>
    public void AddQuotientInPlace(Tensor numerator, Tensor denominator, double factor = 1) =>
        AtenOperators.AddCDivInPlace.Apply(this, numerator, denominator, factor);

    /// <summary>Moves this tensor towards another: this + weight · (target − this).</summary>
    /// <param name="target">The same shape.</param>
    /// <param name="weight">0 leaves it, 1 replaces it.</param>
    public void LerpInPlace(Tensor target, double weight) => AtenOperators.LerpInPlace.Apply(this, target, weight);

    /// <summary>Sets every element.</summary>
    /// <param name="value">Any; converted to the element type.</param>
    public void FillInPlace(double value) => AtenOperators.FillInPlace.Apply(this, value);
}
