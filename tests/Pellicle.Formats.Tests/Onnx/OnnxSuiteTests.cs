using Pellicle.Formats.Onnx.Execution;
using Xunit.Abstractions;

namespace Pellicle.Formats.Tests.Onnx;

/// <summary>ONNX's own cases for each operator (onnx/onnx, backend tests).</summary>
public sealed class OnnxSuiteTests(ITestOutputHelper output)
{
    private const int CasesOfThePack = 373;

    [SharedFact(OnnxSuite.Pack)]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Every_case_of_the_suite_gives_the_published_result()
    {
        using var suite = new OnnxSuite();
        var failures = new List<string>();
        var unknown = new SortedSet<string>();
        int ran = 0;
        foreach ((string folder, string[] operators) in suite.Cases())
        {
            string[] missing = [.. operators.Where(name => !OnnxOperators.All.ContainsKey(name))];
            unknown.UnionWith(missing);
            if (missing.Length > 0)
            {
                continue;
            }

            try
            {
                if (suite.Run(folder) is { } difference)
                {
                    failures.Add($"{folder}: {difference}");
                }
            }
            catch (Exception e)
            {
                failures.Add($"{folder}: {e.GetType().Name}: {e.Message}");
            }

            ran++;
        }

        output.WriteLine($"{ran} cases ran; operators without a kernel: {(unknown.Count == 0 ? "none" : string.Join(", ", unknown))}");
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.Empty(unknown);
        Assert.Equal(CasesOfThePack, ran);
    }
}
