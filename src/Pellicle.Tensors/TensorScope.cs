namespace Pellicle.Tensors;

/// <summary>Owns every tensor made while it is the innermost scope of its thread, and frees them all when it closes.</summary>
/// <remarks>Tensors have no finalizer: the collector does not see native memory and would run too late. Scopes nest and close in
/// the order and on the thread they were opened; never hold one across <c>await</c>.</remarks>
public sealed class TensorScope : IDisposable
{
    [ThreadStatic]
    private static TensorScope? t_current;

    [ThreadStatic]
    private static TensorScope? t_spare;

    private Tensor[] _items = new Tensor[64];
    private int _count;
    private TensorScope? _outer;

    private TensorScope()
    {
    }

    /// <summary>The innermost open scope of this thread, or null.</summary>
    public static TensorScope? Current => t_current;

    /// <summary>Opens a scope; close it with <see cref="Dispose"/>.</summary>
    public static TensorScope Open()
    {
        TensorScope scope = t_spare ?? new TensorScope();
        t_spare = null;
        scope._outer = t_current;
        t_current = scope;
        return scope;
    }

    /// <summary>Moves a tensor of this scope to the next outer one, so that it survives this scope.</summary>
    /// <param name="tensor">Unchanged if another scope owns it.</param>
    /// <returns>The same tensor.</returns>
    public Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Owner == this)
        {
            Remove(tensor);
            _outer?.Add(tensor);
        }

        return tensor;
    }

    /// <summary>Frees every tensor it still owns.</summary>
    /// <exception cref="InvalidOperationException">It is not the innermost scope of this thread.</exception>
    public void Dispose()
    {
        if (t_current != this)
        {
            throw new InvalidOperationException("Tensor scopes must be closed in the order and on the thread they were opened.");
        }

        for (int i = _count - 1; i >= 0; i--)
        {
            _items[i].Free();
            _items[i] = null!;
        }

        _count = 0;
        t_current = _outer;
        _outer = null;
        t_spare = this;
    }

    internal void Add(Tensor tensor)
    {
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, _count * 2);
        }

        tensor.Slot = _count;
        tensor.Owner = this;
        _items[_count++] = tensor;
    }

    internal void Remove(Tensor tensor)
    {
        Tensor last = _items[--_count];
        _items[tensor.Slot] = last;
        last.Slot = tensor.Slot;
        _items[_count] = null!;
        tensor.Owner = null;
    }
}
