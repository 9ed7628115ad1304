using Pellicle.Core.Errors;
using Pellicle.Native;

namespace Pellicle.Tensors.Tests;

public sealed class NativeRuntimeTests
{
    [Fact]
    public void Every_variant_can_be_selected_and_named()
    {
        foreach (string variant in NativeRuntime.KernelVariants)
        {
            NativeRuntime.SelectKernels(variant);
            Assert.Equal(variant, NativeRuntime.ActiveKernels);
        }

        NativeRuntime.SelectKernels("");
        Assert.Equal(NativeRuntime.KernelVariants[0], NativeRuntime.ActiveKernels);
        Assert.Equal("generic", NativeRuntime.KernelVariants[^1]);
        Assert.Throws<TensorException>(() => NativeRuntime.SelectKernels("mmx"));
    }

    [Fact]
    public void Freed_memory_is_kept_and_given_back_on_request()
    {
        Tensor.Zeros(1 << 20).Dispose();
        Assert.True(NativeRuntime.CachedBytes >= 4 << 20);
        NativeRuntime.TrimMemory();
        Assert.Equal(0, NativeRuntime.CachedBytes);
    }

    [Fact]
    public void Thread_counts_below_one_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => NativeRuntime.Start(0));
        Assert.InRange(ProcessorCount.Physical, 1, Environment.ProcessorCount);
    }

    [Fact]
    public void The_thread_count_reaches_threads_that_were_not_asked()
    {
        int threads = NativeRuntime.Threads;
        NativeRuntime.Start(1);
        double seen = 0;
        var other = new Thread(() =>
        {
            using var scope = TensorScope.Open();
            seen = (Tensor.Ones(DType.Float32, 300, 300).MatMul(Tensor.Ones(DType.Float32, 300, 300))).Maximum().Item();
        });
        other.Start();
        other.Join();
        NativeRuntime.Start(threads);
        Assert.Equal(300, seen);
    }

    [Fact]
    public void Missing_and_foreign_libraries_have_different_texts_with_remedies()
    {
        EnvironmentException missing = NativeLibraryLoader.CannotLoad("libpel.so", "apt-get install libtorch-dev", new DllNotFoundException("libtorch.so.1.13: not found"));
        Assert.Contains("cannot be loaded: libtorch.so.1.13", missing.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install libtorch-dev", missing.Hint, StringComparison.Ordinal);
        EnvironmentException wrong = NativeLibraryLoader.WrongVersion("libpel.so", 1, 3);
        Assert.Contains("interface 1, expected 3", wrong.Message, StringComparison.Ordinal);
    }
}
