namespace Pellicle.Tensors;

/// <summary>The four pairs of a <see cref="Window2d"/> as operator arguments; valid while the window's memory lives (a parameter or local).</summary>
internal readonly unsafe ref struct WindowArguments
{
    private readonly long* _first;

    internal WindowArguments(Window2d* window) => _first = (long*)window;

    internal OpArgument Kernel => OpArgument.Integers(_first, 2);

    internal OpArgument Stride => OpArgument.Integers(_first + 2, 2);

    internal OpArgument Padding => OpArgument.Integers(_first + 4, 2);

    internal OpArgument Dilation => OpArgument.Integers(_first + 6, 2);
}
