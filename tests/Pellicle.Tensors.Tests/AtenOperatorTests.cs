using System.Reflection;

namespace Pellicle.Tensors.Tests;

public sealed class AtenOperatorTests
{
    [Theory]
    [InlineData(typeof(AtenOperators))]
    [InlineData(typeof(PellicleOperators))]
    public void Every_listed_operator_exists_in_the_library(Type table)
    {
        foreach (FieldInfo field in table.GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            ((TensorOperator)field.GetValue(null)!).Resolve();
        }
    }

    [Fact]
    public void A_sum_is_computed_and_a_scope_frees_it()
    {
        long before = Native.NativeRuntime.LiveTensors;
        using (TensorScope.Open())
        {
            Tensor a = Tensor.From<float>([1f, 2f], 2);
            Assert.Equal([2f, 4f], (a + a).ToArray<float>());
        }

        Assert.Equal(before, Native.NativeRuntime.LiveTensors);
    }
}
