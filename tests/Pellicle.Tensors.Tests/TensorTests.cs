using Pellicle.Native;

namespace Pellicle.Tensors.Tests;

public sealed class TensorTests : IDisposable
{
    private readonly TensorScope _scope = TensorScope.Open();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Values_come_back_as_they_went_in()
    {
        Assert.Equal([1f, -2f, 3f, 4f, 5f, 6f], Tensor.From<float>([1, -2, 3, 4, 5, 6], 2, 3).ToArray<float>());
        Assert.Equal([1L, 2L], Tensor.From<long>([1, 2], 2).ToArray<long>());
        Assert.Equal([true, false], Tensor.From<bool>([true, false], 2).ToArray<bool>());
        Assert.Equal(2.5, Tensor.Scalar(2.5f).Item());
    }

    [Theory]
    [InlineData(DType.Float64)]
    [InlineData(DType.BFloat16)]
    [InlineData(DType.Int32)]
    [InlineData(DType.Int64)]
    [InlineData(DType.UInt8)]
    public void Conversions_keep_small_whole_numbers(DType type)
    {
        Tensor x = Tensor.From<float>([0, 1, 7, 100], 4);
        Tensor converted = x.To(type);
        Assert.Equal(type, converted.Type);
        Assert.Equal([0f, 1f, 7f, 100f], converted.To(DType.Float32).ToArray<float>());
    }

    [Fact]
    public void Direct_access_refuses_views_and_other_types()
    {
        Tensor x = Tensor.From<float>([1, 2, 3, 4, 5, 6], 2, 3);
        x.Data<float>()[0] = 9;
        Assert.Equal(9, x.ToArray<float>()[0]);
        Assert.Throws<InvalidOperationException>(() => x.Transpose().Data<float>()[0]);
        Assert.Throws<InvalidOperationException>(() => x.Data<int>()[0]);
        Assert.Throws<InvalidOperationException>(x.ToArray<double>);
        Assert.Equal([9f, 4f, 2f, 5f, 3f, 6f], x.Transpose().ToArray<float>());
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Tensor.From<float>([1, 2, 3], 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Zeros(2).Size(1));
        Assert.Equal(3, Tensor.Zeros(2, 3).Size(-1));
    }

    [Fact]
    public void The_text_of_a_failure_is_one_line_without_backtrace()
    {
        TensorException e = Assert.Throws<TensorException>(() => Tensor.Zeros(2, 3).MatMul(Tensor.Zeros(2, 3)));
        Assert.DoesNotContain('\n', e.Message);
        Assert.DoesNotContain("frame #", e.Message, StringComparison.Ordinal);
        Assert.Contains("2x3", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_number_of_arguments_names_the_operator()
    {
        TensorException e = Assert.Throws<TensorException>(() => AtenOperators.Relu.Call(Tensor.Zeros(1), 1, 2));
        Assert.Contains("aten::relu", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<TensorException>(() => new TensorOperator("pel::no_such_operator").Resolve());
        Assert.Contains("no_such_operator", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reductions_and_positions_are_right()
    {
        Tensor x = Tensor.From<float>([1, 5, 3, -4, 2, 0], 2, 3);
        Assert.Equal(7, x.Sum().Item());
        Assert.Equal([9f, -2f], x.Sum(1).ToArray<float>());
        Assert.Equal([3f, -2f / 3], x.Mean(-1).ToArray<float>());
        Assert.Equal([1L, 1L], x.ArgMax(1).ToArray<long>());
        Assert.Equal(15, x.Abs().Sum().Item());
        Assert.Equal([-4f, 2f, 0f, 1f, 5f, 3f], x.IndexSelect(0, Tensor.From<long>([1, 0], 2)).ToArray<float>());
        Assert.Equal(1, x.Softmax().Narrow(0, 0, 1).Sum().Item(), 6);
        Samples.AssertClose(x.Softmax().Log(), x.LogSoftmax(), 1e-6);
        Assert.Equal([1f, 3f, 3f, 1f, 2f, 1f], x.Clamp(1, 3).ToArray<float>());
        Assert.Equal([1f, 5f, 3f, 0f, 2f, 0f], x.Clamp(minimum: 0).ToArray<float>());
    }

    [Fact]
    public void In_place_arithmetic_changes_the_tensor_and_leaves_no_handle()
    {
        Tensor x = Tensor.From<float>([1, 2], 2);
        Tensor y = Tensor.From<float>([10, 20], 2);
        long before = NativeRuntime.LiveTensors;
        x.AddInPlace(y, 0.5);
        x.MultiplyInPlace(2);
        x.AddProductInPlace(y, y, 0.1);
        x.AddQuotientInPlace(y, y);
        x.LerpInPlace(y, 0.5);
        Assert.Equal(before, NativeRuntime.LiveTensors);
        Assert.Equal([16.5f, 42.5f], x.ToArray<float>());
    }

    [Fact]
    public void A_gradient_is_null_where_the_loss_does_not_depend_on_the_input()
    {
        Tensor used = Tensor.From<float>([3], 1).RequireGradient();
        Tensor unused = Tensor.From<float>([3], 1).RequireGradient();
        Tensor?[] gradients = Tensor.Gradients((used * used).Sum(), [used, unused]);
        Assert.Equal(6, gradients[0]!.Item());
        Assert.Null(gradients[1]);
    }

    [Fact]
    public void Gradients_that_release_their_inputs_are_the_same_and_leave_the_inputs_unusable()
    {
        Tensor x = Tensor.From<float>([3], 1).RequireGradient();
        Tensor square = x * x;
        Tensor unused = Tensor.From<float>([3], 1).RequireGradient();
        Tensor loss = (square * square).Sum();
        long before = NativeRuntime.LiveTensors;
        Tensor?[] gradients = Tensor.GradientsReleasing(loss, [x, square, unused]);

        // Three are gone, two have come.
        Assert.Equal(before - 1, NativeRuntime.LiveTensors);
        Assert.Equal(4 * 27, gradients[0]!.Item());
        Assert.Equal(2 * 9, gradients[1]!.Item());
        Assert.Null(gradients[2]);
        Assert.Throws<ObjectDisposedException>(() => square.Shape);
    }

    [Fact]
    public void The_gradient_mode_is_restored_when_an_exception_flies()
    {
        Tensor x = Tensor.From<float>([3], 1).RequireGradient();
        Assert.Throws<TensorException>(() =>
        {
            using GradientMode off = GradientMode.Off();
            _ = Tensor.Zeros(2).MatMul(Tensor.Zeros(3));
        });
        Assert.NotNull(Tensor.Gradients((x * x).Sum(), [x])[0]);
    }
}
