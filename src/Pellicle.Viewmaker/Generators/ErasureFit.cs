using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Generators;

/// <summary>Finds the directions of coarse pictures in which attributes show: first those of the classes' means, then those that attackers who met the result still read.</summary>
/// <remarks>Directions are looked for in the whitened space of the leading principal components, so that the least change of the pictures takes the most information away (LEACE, Belrose et al. 2023).
/// The direction in which the task's classes differ in mean is kept free.</remarks>
internal sealed class ErasureFit : IDisposable
{
    private const int MostComponents = 192;
    private const int PicturesAComponent = 6;
    private readonly AttributeErasure _erasure;
    private readonly Tensor _mean, _read, _write;
    private readonly DirectionSet _directions;
    private readonly int _components, _side;

    /// <summary>Learns the pictures' principal components, and takes the directions of the classes' means.</summary>
    /// <param name="erasure">Takes the result.</param>
    /// <param name="coarse">Pictures on the coarse grid [n, D].</param>
    /// <param name="attributes">Class of each picture in each attribute, −1 for unknown.</param>
    /// <param name="task">Class of each picture in the task, −1 for unknown.</param>
    /// <param name="side">Side of the pictures.</param>
    public ErasureFit(AttributeErasure erasure, Tensor coarse, IReadOnlyList<IReadOnlyList<int>> attributes, IReadOnlyList<int> task, int side)
    {
        (_erasure, _side) = (erasure, side);
        using TensorScope scope = TensorScope.Open();
        using GradientMode off = GradientMode.Off();
        Tensor rows = coarse.To(DType.Float64);
        int pictures = (int)rows.Size(0);
        Tensor mean = rows.Mean([0], keep: true);
        rows -= mean;

        // From the Gram matrix of the pictures: there may be fewer pictures than numbers in one.
        (Tensor values, Tensor vectors) = Eigen(rows.MatMul(rows.Transpose()) / pictures);
        _components = Math.Clamp(pictures / PicturesAComponent, 1, Math.Min(MostComponents, (int)rows.Size(1)));
        Tensor variance = values.Narrow(0, pictures - _components, _components);
        Tensor deviation = variance.Clamp(minimum: variance.Maximum().Item() * 1e-9).Sqrt();
        Tensor scores = vectors.Narrow(1, pictures - _components, _components) * Math.Sqrt(pictures); // whitened: [n, K]
        Tensor basis = rows.Transpose().MatMul(scores) / pictures / deviation; // [D, K], orthonormal
        _mean = mean.Reshape(-1).Clone().Detached();
        _read = (basis / deviation).Clone().Detached();
        _write = (basis * deviation).Clone().Detached();

        double[] sample = scores.Contiguous().ToArray<double>();
        _directions = new DirectionSet(_components, erasure.Directions);
        foreach (double[] direction in ClassMeans.Of(sample, _components, task))
        {
            _directions.Protect(direction);
        }

        foreach (double[] direction in attributes.SelectMany(labels => ClassMeans.Of(sample, _components, labels)))
        {
            _directions.Add(direction);
        }

        Apply();
    }

    /// <summary>Directions found so far.</summary>
    public int Count => _directions.Count;

    /// <summary>Adds the leading directions along which the outputs of an attacker change (its active subspace, Constantine 2015).</summary>
    /// <param name="slopes">Derivatives of the attacker's margins by the coarse values of pictures [n, D].</param>
    /// <param name="most">Directions to add; fewer if there is no more room.</param>
    public void Add(Tensor slopes, int most)
    {
        int wanted = _directions.Count + most;
        foreach (double[] direction in ActiveSubspace(slopes))
        {
            if (_directions.Count < wanted)
            {
                _directions.Add(direction);
            }
        }

        using TensorScope scope = TensorScope.Open();
        Apply();
    }

    /// <summary>Keeps the leading directions along which the outputs of the task's network change free of all directions that are added later.</summary>
    /// <param name="slopes">Derivatives of its margins [n, D].</param>
    /// <param name="count">How many.</param>
    public void Protect(Tensor slopes, int count)
    {
        foreach (double[] direction in ActiveSubspace(slopes).Take(count))
        {
            _directions.Protect(direction);
        }
    }

    // Leading first.
    private IEnumerable<double[]> ActiveSubspace(Tensor slopes)
    {
        using TensorScope scope = TensorScope.Open();
        using GradientMode off = GradientMode.Off();
        Tensor whitened = slopes.To(DType.Float64).MatMul(_write); // [n, K]
        (_, Tensor vectors) = Eigen(whitened.Transpose().MatMul(whitened));
        double[] directions = vectors.Transpose().Contiguous().ToArray<double>();
        return Enumerable.Range(1, _components).Select(c => directions[((_components - c) * _components)..((_components - c + 1) * _components)]);
    }

    /// <summary>Goes back to the first directions.</summary>
    /// <param name="count">How many stay.</param>
    public void Keep(int count)
    {
        _directions.Keep(count);
        using TensorScope scope = TensorScope.Open();
        Apply();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mean.Dispose();
        _read.Dispose();
        _write.Dispose();
    }

    private void Apply()
    {
        using GradientMode off = GradientMode.Off();
        Tensor chosen = Tensor.From<double>(_directions.ToArray(_erasure.Directions), _erasure.Directions, _components).Transpose(); // Q [K, r]
        Tensor read = chosen.Transpose().MatMul(_read.Transpose()), write = _write.MatMul(chosen);
        _erasure.Set(_mean, read, Consistent(read, write));
    }

    // What is written must be read again as it was written, through the scaling up and down; unused directions stay zero.
    private Tensor Consistent(Tensor read, Tensor write)
    {
        Tensor seen = _erasure.Coarse(_erasure.Fine(write.Transpose().Contiguous(), _side, _side));
        int r = _erasure.Directions;
        double[] loop = read.MatMul(seen.Transpose()).Contiguous().ToArray<double>(); // [r, r], near the identity
        for (int i = _directions.Count; i < r; i++)
        {
            loop[(i * r) + i] = 1;
        }

        return write.MatMul(InverseOf.Call(Tensor.From<double>(loop, r, r)));
    }

    private static (Tensor Values, Tensor Vectors) Eigen(Tensor symmetric)
    {
        Tensor?[] result = EigenOf.CallMany(2, symmetric);
        return (result[0]!, result[1]!);
    }

    private static readonly TensorOperator EigenOf = new("aten::linalg_eigh");
    private static readonly TensorOperator InverseOf = new("aten::linalg_inv");
}
