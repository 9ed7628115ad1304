using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Square patches of the image, each mapped to a token by one linear map: [N, C, S, S] → [N, (S/P)², D]. Parameter names as in timm: proj.</summary>
/// <remarks>The weight has a convolution's shape [D, C, P, P], as in weight files.</remarks>
public sealed class PatchEmbedding : Layer
{
    private readonly PatchProjection _projection;

    /// <summary>Makes the layer with torch's default initial values of a convolution.</summary>
    /// <param name="channels">C.</param>
    /// <param name="patchSize">P, a divisor of the image size.</param>
    /// <param name="width">D.</param>
    /// <param name="init">Source of initial values.</param>
    public PatchEmbedding(int channels, int patchSize, int width, ISeededRandom init) =>
        _projection = Add("proj", new PatchProjection(channels, patchSize, width, init));

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => _projection.Reference(input, pass);

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input) => _projection.Export(graph, input);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => _projection.Forward(input, context);

    private sealed class PatchProjection : Layer
    {
        private readonly ConvolutionGeometry _geometry;
        private readonly int _width;
        private readonly Parameter _weight;
        private readonly Parameter _bias;

        public PatchProjection(int channels, int patchSize, int width, ISeededRandom init)
        {
            long fanIn = (long)channels * patchSize * patchSize;
            _geometry = new ConvolutionGeometry(patchSize, patchSize, patchSize);
            _width = width;
            _weight = AddParameter("weight", Initialization.TorchUniform(init, fanIn, width, channels, patchSize, patchSize));
            _bias = AddParameter("bias", Initialization.TorchUniform(init, fanIn, width));
        }

        public override string Kind => "PatchEmbedding";

        public override Tensor Reference(Tensor input, ReferencePass pass)
        {
            Tensor maps = input.Conv2d(pass.Of(_weight), pass.Of(_bias), _geometry.Window);
            return maps.Reshape(maps.Size(0), _width, -1).Transpose();
        }

        public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
        {
            long side = _geometry.KernelHeight;
            long down = input.Shape[1] / side;
            long across = input.Shape[2] / side;
            OnnxSymbol maps = graph.Add(
                Path, "Conv", [input.Name, Constant(graph, _weight), Constant(graph, _bias)], [_width, down, across], ("kernel_shape", new[] { side, side }), ("strides", new[] { side, side }));
            OnnxSymbol flat = graph.Add(Path, "Reshape", [maps.Name, graph.Integers(0, _width, down * across)], [_width, down * across]);
            return graph.Add(Path, "Transpose", [flat.Name], [down * across, _width], ("perm", new long[] { 0, 2, 1 }));
        }

        protected override Tensor Compute(Tensor input, ForwardContext context)
        {
            long side = _geometry.KernelHeight;
            long n = input.Size(0);
            long channels = input.Size(1);
            long down = input.Size(2) / side;
            long across = input.Size(3) / side;
            Tensor rows = context.Operand(input.Reshape(n, channels, down, side, across, side).Permute(0, 2, 4, 1, 3, 5).Reshape(n, down * across, channels * side * side));
            Tensor output = PellicleOperators.Linear.Call(rows, context.Operand(_weight.Value.Reshape(_width, -1)), _bias.Value, (int)DType.Float32);
            return context.Record(this, output, o => new LinearRecord(this, o, _weight, _bias, rows));
        }
    }
}
