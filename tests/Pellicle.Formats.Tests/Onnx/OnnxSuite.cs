using Pellicle.Formats.Bytes;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Execution;
using Pellicle.Formats.Zip;

namespace Pellicle.Formats.Tests.Onnx;

/// <summary>The cases of ONNX's own backend tests, as packed in onnx-node-tests.zip.</summary>
internal sealed class OnnxSuite : IDisposable
{
    public const string Pack = "data/onnx-node-tests.zip";

    private readonly ZipEntries _zip = ZipEntries.Open(SharedFiles.Locate(Pack));

    /// <summary>Folder and operators of every case in the index.</summary>
    public IReadOnlyList<(string Folder, string[] Operators)> Cases() =>
    [
        .. System.Text.Encoding.UTF8.GetString(Read("index.csv")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(line => line.Split(',')).Select(fields => ($"{fields[0]}/{fields[1]}", fields[2].Split(' '))),
    ];

    /// <summary>Runs a case; gives what is wrong, or null.</summary>
    public string? Run(string folder)
    {
        OnnxModel model = OnnxFile.Read(ByteSource.FromMemory(Read($"{folder}/model.onnx"), folder));
        var executor = new OnnxExecutor(model);
        for (int set = 0; Has($"{folder}/test_data_set_{set}/output_0.pb"); set++)
        {
            OnnxTensor[] given = Tensors($"{folder}/test_data_set_{set}/input_");
            OnnxTensor[] expected = Tensors($"{folder}/test_data_set_{set}/output_");
            var inputs = new Dictionary<string, OnnxTensor>();
            for (int i = 0; i < model.Graph.Inputs.Count; i++)
            {
                inputs[model.Graph.Inputs[i].Name] = given[i];
            }

            IReadOnlyDictionary<string, OnnxTensor> results = executor.Run(inputs);
            for (int i = 0; i < expected.Length; i++)
            {
                if (Difference(results[model.Graph.Outputs[i].Name], expected[i]) is { } difference)
                {
                    return $"set {set}, output {i}: {difference}";
                }
            }
        }

        return Has($"{folder}/test_data_set_0/output_0.pb") ? null : "the case has no data";
    }

    public void Dispose() => _zip.Dispose();

    // The suite's tolerance; half precision has 11 bits and bfloat16 8.
    private static string? Difference(OnnxTensor got, OnnxTensor expected)
    {
        if (got.Type != expected.Type || !got.Shape.SequenceEqual(expected.Shape))
        {
            return $"got {got}, expected {expected}";
        }

        double relative = expected.Type switch { OnnxElementType.Float16 => 1e-2, OnnxElementType.BFloat16 => 2e-2, _ => 1e-3 };
        double absolute = expected.Type is OnnxElementType.Float16 or OnnxElementType.BFloat16 ? 1e-3 : 1e-7;
        double[] a = got.ToDoubles();
        double[] b = expected.ToDoubles();
        for (int i = 0; i < a.Length; i++)
        {
            bool isEqual = a[i].Equals(b[i]) || (got.IsFloating ? Math.Abs(a[i] - b[i]) <= absolute + (relative * Math.Abs(b[i])) : got.Integers[i] == expected.Integers[i]);
            if (!isEqual)
            {
                return $"element {i} of {got} is {a[i]:R}, expected {b[i]:R}";
            }
        }

        return null;
    }

    private OnnxTensor[] Tensors(string prefix)
    {
        var tensors = new List<OnnxTensor>();
        for (int i = 0; Has($"{prefix}{i}.pb"); i++)
        {
            tensors.Add(OnnxFile.ReadTensor(ByteSource.FromMemory(Read($"{prefix}{i}.pb"), $"{prefix}{i}.pb")));
        }

        return [.. tensors];
    }

    private bool Has(string name) => _zip.Entries.Any(entry => entry.Name == name);

    private byte[] Read(string name) => _zip.Read(_zip.Entries.Single(entry => entry.Name == name));
}
