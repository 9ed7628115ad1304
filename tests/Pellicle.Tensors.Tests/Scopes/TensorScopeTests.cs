using Pellicle.Native;

namespace Pellicle.Tensors.Tests.Scopes;

public sealed class TensorScopeTests
{
    [Fact]
    public void A_scope_frees_its_tensors_and_leaves_those_of_the_outer_one()
    {
        long before = NativeRuntime.LiveTensors;
        using (TensorScope.Open())
        {
            Tensor outer = Tensor.Zeros(2);
            Tensor inner;
            using (TensorScope.Open())
            {
                inner = outer + 1;
            }

            Assert.Throws<ObjectDisposedException>(() => inner.Count);
            Assert.Equal(2, outer.Count);
        }

        Assert.Equal(before, NativeRuntime.LiveTensors);
    }

    [Fact]
    public void A_kept_tensor_moves_to_the_outer_scope()
    {
        long before = NativeRuntime.LiveTensors;
        Tensor kept;
        using (TensorScope.Open())
        {
            using (var inner = TensorScope.Open())
            {
                kept = inner.Keep(Tensor.From<float>([1, 2], 2) * 3);
            }

            Assert.Equal([3f, 6f], kept.ToArray<float>());
        }

        Assert.Throws<ObjectDisposedException>(() => kept.Count);
        Assert.Equal(before, NativeRuntime.LiveTensors);
    }

    [Fact]
    public void A_detached_tensor_lives_until_its_owner_disposes_it()
    {
        long before = NativeRuntime.LiveTensors;
        Tensor owned;
        using (TensorScope.Open())
        {
            owned = Tensor.Zeros(3).Detached();
        }

        Assert.Equal(3, owned.Count);
        owned.Dispose();
        owned.Dispose();
        Assert.Equal(before, NativeRuntime.LiveTensors);
    }

    [Fact]
    public void Closing_out_of_order_throws_and_leaves_the_scopes_usable()
    {
        TensorScope outer = TensorScope.Open();
        TensorScope inner = TensorScope.Open();
        Assert.Throws<InvalidOperationException>(outer.Dispose);
        inner.Dispose();
        outer.Dispose();
        Assert.Null(TensorScope.Current);
    }

    [Fact]
    public void A_scope_belongs_to_its_thread()
    {
        using var scope = TensorScope.Open();
        Exception? caught = null;
        var thread = new Thread(() => caught = Record.Exception(scope.Dispose));
        thread.Start();
        thread.Join();
        Assert.IsType<InvalidOperationException>(caught);
    }

    [Fact]
    public void Results_of_a_failed_call_are_freed()
    {
        using var scope = TensorScope.Open();
        Tensor x = Samples.Normal(1, 2, 4);
        Tensor gamma = Tensor.Ones(DType.Float32, 4);
        long before = NativeRuntime.LiveTensors;
        Assert.Throws<TensorException>(() => PellicleOperators.LayerNorm.CallMany(1, x, gamma, gamma, 1e-5, (int)DType.Float32));
        Assert.Equal(before, NativeRuntime.LiveTensors);
    }

#if DEBUG
    [Fact]
    public void Tensors_made_outside_any_scope_are_counted()
    {
        long before = NativeRuntime.UnscopedTensors;
        Tensor.Zeros(1).Dispose();
        Assert.Equal(before + 1, NativeRuntime.UnscopedTensors);
    }
#endif
}
