using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Execution;
using Pellicle.Formats.Onnx.Passes;
using Pellicle.Models;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Compiler.Reading;
using Pellicle.Native;
using Pellicle.Training.Exchange;
using Pellicle.Training.Runs;

namespace Pellicle.Cli.Mpc;

/// <summary>A model as encrypted prediction needs it: its graph, its layers, and what goes in and comes out.</summary>
/// <param name="File">As given.</param>
/// <param name="Graph">The graph that ends with the logits.</param>
/// <param name="Network">Its layers, for one image.</param>
/// <param name="Input">How a picture becomes the input.</param>
/// <param name="Classes">Names in the order of the logits.</param>
internal sealed record EncryptedModel(string File, OnnxModel Graph, Network Network, InputContract Input, IReadOnlyList<string> Classes)
{
    /// <summary>How to prepare pictures; null if the values go in as they are.</summary>
    public ImageTransform? Transform => ClientImages.TransformOf(Input);

    /// <summary>The layers that give what the client is to learn.</summary>
    /// <param name="reveal">Logits, or the class alone.</param>
    public Network NetworkFor(RevealedResult reveal) => reveal == RevealedResult.Class ? Network.WithArgMax() : Network;

    /// <summary>Reads a model.</summary>
    /// <param name="path">An ONNX file, a run folder or a model folder.</param>
    /// <param name="threads">Threads of numerical kernels.</param>
    /// <exception cref="DataFormatException">It cannot be read, or has nodes without a rule on shares: all of them are listed.</exception>
    public static EncryptedModel Read(string path, int threads)
    {
        NativeRuntime.Start(threads);
        return path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? OfOnnx(path, OnnxFile.Read(path)) : OfFolder(path);
    }

    /// <summary>The logits of one prepared image in the clear, by the executor of ONNX graphs.</summary>
    /// <param name="image">As the network takes it.</param>
    public float[] Plain(float[] image)
    {
        OnnxValue input = Graph.Graph.Inputs[0];
        long[] shape = [1, .. input.Shape!.Skip(1)];
        OnnxTensor values = input.Type == OnnxElementType.Float16 ? OnnxTensor.OfReals(OnnxElementType.Float16, shape, Array.ConvertAll(image, value => (double)value)) : OnnxTensor.Of(image, shape);
        return new OnnxExecutor(Graph).Run(values).ToFloats();
    }

    private static EncryptedModel OfFolder(string path)
    {
        (ImageClassifier classifier, ModelMetadata metadata) = ModelFolder.Load(path);
        using (classifier)
        {
            var contract = new OnnxContract(metadata.Spec.ImageSize, metadata.Spec.Channels, metadata.Mean, metadata.Std, metadata.Classes) { Window = metadata.Window };
            return OfOnnx(path, OnnxExport.Build(classifier, "", contract.ToMetadata()));
        }
    }

    private static EncryptedModel OfOnnx(string path, OnnxModel model)
    {
        Network network = NetworkReader.Read(model);
        OnnxModel graph = OnnxFinalSoftmax.Remove(model).Model;
        int outputs = network.Layers[^1].OutputCount;
        if (!OnnxContract.IsIn(model))
        {
            int[] shape = [.. model.Graph.Inputs[0].Shape!.Skip(1).Select(size => checked((int)size))];
            return new EncryptedModel(path, graph, network, new InputContract(shape), [.. Enumerable.Range(0, outputs).Select(i => $"class {i}")]);
        }

        OnnxContract contract = OnnxContract.Read(model, path);
        return contract.Classes.Count == outputs
            ? new EncryptedModel(path, graph, network, ContractOf(contract), contract.Classes)
            : throw new DataFormatException($"'{path}' gives {outputs} numbers for a picture; expected one for each of {contract.Classes.Count} classes.", "Name every class: pellicle model import FILE --classes ... --out NEW.onnx");
    }

    private static InputContract ContractOf(OnnxContract contract) => new([contract.Channels, contract.ImageSize, contract.ImageSize])
    {
        Mean = contract.Mean,
        Std = contract.Std,
        ColourOrder = contract.Channels == 3 ? "rgb" : "grey",
        Resize = "stretch",
        Window = contract.Window,
    };
}
