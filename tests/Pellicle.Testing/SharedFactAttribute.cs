using Xunit;

namespace Pellicle.Testing;

/// <summary>A test that needs files of the folder "shared"; without them it is skipped and says so on one line.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute(params string[] files)
    {
        string[] missing = [.. files.Where(file => !SharedFiles.Has(file))];
        if (missing.Length > 0)
        {
            Skip = $"needs ../shared/{string.Join(", ../shared/", missing)}, which is not next to the repository";
        }
    }
}
