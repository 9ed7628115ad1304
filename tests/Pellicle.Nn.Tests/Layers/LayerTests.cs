using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Tensors;

namespace Pellicle.Nn.Tests.Layers;

/// <summary>Every layer against its slow twin in double, forward and backward, and against finite differences.</summary>
public sealed class LayerTests
{
    private static readonly SeededRandom Random = new(3);

    public static TheoryData<string> Kinds =>
    [
        "linear", "linearNoBias", "conv", "convDilated", "convGrouped", "layerNorm", "groupNorm", "batchNorm", "relu", "gelu", "tanh",
        "maxPool", "maxPoolPadded", "averagePool", "globalPool", "flatten", "attention", "mlp", "block", "residual", "basicBlock", "patches",
        "convSame", "convSameEven", "conv1d", "conv1dSame", "conv3d", "conv3dGroupedSame", "convTransposed", "convTransposedGrouped", "instanceNorm", "instanceNormVolume", "groupNormVolume", "rmsNorm", "prelu",
        "preluChannels", "layerScale", "standardized", "basicBlockBatch", "basicBlockStandardized", "lora", "scattering", "scatteringNormalization",
        "reAttention", "reAttentionFirst", "deepVitBlock", "deepVit", "deepVitPositions", "deepVitSources", "encodedVit", "patchEncoder", "encodingFront", "tokenShuffle",
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Output_equals_the_slow_twin_in_double(string kind)
    {
        using TensorScope scope = TensorScope.Open();
        (Layer layer, Tensor input) = Create(kind);
        using (layer)
        using (GradientMode.Off())
        {
            float[] fast = layer.Forward(input, ForwardContext.Evaluation()).ToArray<float>();
            double[] slow = layer.Reference(input.To(DType.Float64), Pass(layer)).ToArray<double>();
            Assert.Equal(slow.Length, fast.Length);
            double scale = Math.Max(1, slow.Max(Math.Abs));
            for (int i = 0; i < slow.Length; i++)
            {
                Assert.Equal(slow[i], fast[i], 2e-5 * scale);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradient_of_the_input_equals_central_differences_of_the_slow_twin(string kind)
    {
        using TensorScope scope = TensorScope.Open();
        (Layer layer, Tensor input) = Create(kind);
        using (layer)
        {
            double[] weights = [];
            float[] gradient;
            using (GradientMode.Recording())
            {
                Tensor leaf = input.Clone().RequireGradient();
                Tensor output = layer.Forward(leaf, ForwardContext.Evaluation());
                weights = [.. Enumerable.Range(0, (int)output.Count).Select(i => Math.Sin(1.7 * i))];
                Tensor w = Tensor.From<float>(Array.ConvertAll(weights, v => (float)v), output.Shape);
                gradient = Tensor.Gradients((output * w).Sum(), [leaf])[0]!.ToArray<float>();
            }

            using GradientMode off = GradientMode.Off();
            double[] values = input.To(DType.Float64).ToArray<double>();
            ReferencePass pass = Pass(layer);
            double Loss(int index, double step)
            {
                using TensorScope inner = TensorScope.Open();
                double[] moved = [.. values];
                moved[index] += step;
                double[] y = layer.Reference(Tensor.From<double>(moved, input.Shape), pass).ToArray<double>();
                return y.Zip(weights, (a, b) => a * b).Sum();
            }

            // Step 1e-6 in double: truncation 1e-12, rounding 1e-9; what remains is the float32 gradient's own error.
            double scale = Math.Max(1, gradient.Max(Math.Abs));
            for (int i = 0; i < values.Length; i += Math.Max(1, values.Length / 23))
            {
                double difference = (Loss(i, 1e-6) - Loss(i, -1e-6)) / 2e-6;
                Assert.Equal(difference, gradient[i], 3e-5 * scale);
            }
        }
    }

    [Fact]
    public void Parameter_names_follow_the_path()
    {
        using Layer model = new VisionTransformer(new VisionTransformerOptions(8, 4, 3, 5, 8, 1, 2), Random);
        Assert.Equal(
            ["cls_token", "pos_embed", "patch_embed.proj.weight", "patch_embed.proj.bias", "blocks.0.norm1.weight"],
            model.Parameters().Take(5).Select(parameter => parameter.Name));
        Assert.Equal([5L, 8], model.Parameters().Single(parameter => parameter.Name == "head.weight").Shape);
    }

    [Fact]
    public void Freezing_a_path_freezes_what_is_below_it_and_nothing_else()
    {
        using Layer model = new VisionTransformer(new VisionTransformerOptions(8, 4, 3, 5, 8, 2, 2), Random);
        Assert.Equal(12, model.Freeze("blocks.1"));
        Assert.Equal(1, model.Freeze("cls_token"));
        Assert.Equal(0, model.Freeze("blocks.9"));
        Assert.DoesNotContain(model.TrainableParameters(), p => p.Name.StartsWith("blocks.1", StringComparison.Ordinal) || p.Name == "cls_token");
        Assert.Contains(model.TrainableParameters(), p => p.Name == "blocks.0.attn.qkv.weight");
    }

    [Fact]
    public void Frozen_layers_record_nothing()
    {
        using TensorScope scope = TensorScope.Open();
        using Layer model = new Sequential(new Linear(3, 4, Random), new Tanh(), new Linear(4, 2, Random));
        model.Freeze("0");
        using var tape = new GradientTape();
        using (GradientMode.Recording())
        {
            model.Forward(Tensor.Zeros(2, 3), ForwardContext.Training(tape));
        }

        Assert.Equal("2", Assert.Single(tape.Records).Layer.Path);
    }

    [Fact]
    public void Statistics_cannot_be_trained()
    {
        using var layer = new BatchNorm2d(2);
        Assert.Throws<InvalidOperationException>(() => layer.RunningMean.IsTrainable = true);
        Assert.Equal(2, layer.TrainableParameters().Count);
    }

    [Fact]
    public void A_trainable_layer_that_runs_twice_on_a_tape_is_refused_by_name()
    {
        using TensorScope scope = TensorScope.Open();
        using Layer layer = new Linear(3, 3, Random);
        using var tape = new GradientTape();
        ForwardContext context = ForwardContext.Training(tape);
        Tensor once = layer.Forward(Tensor.Zeros(1, 3), context);
        Assert.Contains("<Linear>", Assert.Throws<UnsupportedLayerException>(() => layer.Forward(once, context)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dropout_keeps_the_mean_and_is_off_in_evaluation()
    {
        using TensorScope scope = TensorScope.Open();
        using Layer layer = new Dropout(0.25);
        using var tape = new GradientTape();
        Tensor ones = Tensor.Ones(DType.Float32, 4, 10_000);
        float[] dropped = layer.Forward(ones, ForwardContext.Training(tape, Random)).ToArray<float>();

        // 40,000 draws: standard deviation of the mean √(p/(1-p)/n) = 0.0029; five of them.
        Assert.Equal(1, dropped.Average(), 0.015f);
        Assert.All(dropped, value => Assert.True(value == 0 || Math.Abs(value - (4f / 3)) < 1e-6));
        Assert.Equal(ones.ToArray<float>(), layer.Forward(ones, ForwardContext.Evaluation()).ToArray<float>());
    }

    private static ReferencePass Pass(Layer layer) => new(layer, DType.Float64, ForwardContext.Evaluation());

    private static (Layer Layer, Tensor Input) Create(string kind)
    {
        Layer layer = kind switch
        {
            "linear" => new Linear(6, 5, Random),
            "linearNoBias" => new Linear(6, 5, Random, bias: false),
            "conv" => new Conv2d(4, 6, new ConvolutionGeometry(3, 3, 2, 1), Random),
            "convDilated" => new Conv2d(4, 3, new ConvolutionGeometry(3, 2, 1, 2, 2), Random),
            "convGrouped" => new Conv2d(4, 8, new ConvolutionGeometry(3, 3, 1, 0, 1, 4), Random),
            "layerNorm" => new LayerNorm(6),
            "groupNorm" => new GroupNorm(2, 4),
            "batchNorm" => new BatchNorm2d(4),
            "relu" => new Relu(),
            "gelu" => new Gelu(),
            "tanh" => new Tanh(),
            "maxPool" => new MaxPool2d(2, 1),
            "maxPoolPadded" => new MaxPool2d(3, 2, 1),
            "averagePool" => new AveragePool2d(2, 2),
            "globalPool" => new GlobalAveragePool(),
            "flatten" => new Flatten(),
            "attention" => new MultiHeadAttention(6, 3, Random),
            "mlp" => new Mlp(6, 9, Random),
            "block" => new TransformerBlock(6, 2, 9, Random),
            "residual" => new Residual(new Linear(6, 6, Random)),
            "basicBlock" => new BasicBlock(4, 8, 2, 4, Random),
            "patches" => new PatchEmbedding(4, 2, 5, Random),
            "convSame" => new Conv2d(4, 3, new ConvolutionGeometry(3, 5, 1, 0, 2) { KeepsSize = true }, Random),
            "convSameEven" => new Conv2d(4, 3, new ConvolutionGeometry(2, 4) { KeepsSize = true }, Random),
            "conv1d" => new Conv1d(4, 6, 3, Random, 2, 1, 2, 2),
            "conv1dSame" => new Conv1d(4, 3, 4, Random, keepsSize: true),
            "conv3d" => new Conv3d(2, 3, new VolumeGeometry(2, 3, 2, 2, 1), Random),
            "conv3dGroupedSame" => new Conv3d(2, 4, new VolumeGeometry(2, 3, 2, 1, 0, 1, 2) { KeepsSize = true }, Random),
            "convTransposed" => new ConvTranspose2d(4, 3, new ConvolutionGeometry(3, 2, 2, 1), Random, 1),
            "convTransposedGrouped" => new ConvTranspose2d(4, 6, new ConvolutionGeometry(2, 3, 1, 0, 2, 2), Random, bias: false),
            "instanceNorm" => new InstanceNorm(4),
            "instanceNormVolume" => new InstanceNorm(2),
            "groupNormVolume" => new GroupNorm(1, 2),
            "rmsNorm" => new RmsNorm(6),
            "prelu" => new PRelu(),
            "preluChannels" => new PRelu(4),
            "layerScale" => new LayerScale(6, 0.5f),
            "standardized" => new WeightStandardizedConv2d(4, 6, new ConvolutionGeometry(3, 3, 2, 1, 1, 2), Random),
            "basicBlockBatch" => new BasicBlock(4, 8, 2, ResidualParts.BatchNorm, Random),
            "basicBlockStandardized" => new BasicBlock(4, 8, 2, ResidualParts.StandardizedGroupNorm(4), Random),
            "lora" => new Linear(6, 5, Random),
            "scattering" => new ScatteringTransform(6, 2, 3),
            "scatteringNormalization" => new ScatteringNormalization(4, 3, 0.5),
            "reAttention" => new ReAttention(6, 3, Random),
            "reAttentionFirst" => new ReAttention(6, 2, Random, firstTokenOnly: true),
            "deepVitBlock" => new DeepVitBlock(6, 2, 0, Random),
            "deepVit" => new DeepVit(new TokenTransformerOptions(5, 6, 3, 2, 2), Random),
            "deepVitPositions" => new DeepVit(new TokenTransformerOptions(5, 6, 3, 1, 2) { HasPositions = true }, Random),
            "deepVitSources" => new DeepVit(new TokenTransformerOptions(4, 6, 3, 1, 2) { Sources = 2 }, Random),
            "encodedVit" => new EncodedVit(new TokenTransformerOptions(5, 6, 3, 1, 8), Random),
            "patchEncoder" => new PatchEncoder(new PatchEncoderOptions(6, 3, 4, 5, 1, Shuffles: true), Random),
            "encodingFront" => new EncodingFrontNetwork(new PatchEncoder(new PatchEncoderOptions(6, 3, 4, 5, 0, Shuffles: false), Random), new DeepVit(new TokenTransformerOptions(4, 5, 3, 1, 2), Random)),
            "tokenShuffle" => new TokenShuffle(),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
        if (kind == "lora")
        {
            ((Linear)layer).Attach(2, Random);
        }

        foreach (Parameter parameter in layer.Parameters())
        {
            foreach (ref float value in parameter.Value.Data<float>())
            {
                value += (float)(0.2 * Random.NextDouble());
            }
        }

        bool isTokens = kind is "linear" or "linearNoBias" or "layerNorm" or "attention" or "mlp" or "block" or "residual" or "rmsNorm" or "layerScale" or "lora" or "reAttention" or "reAttentionFirst" or "deepVitBlock" or "deepVit" or "deepVitPositions" or "deepVitSources" or "encodedVit" or "tokenShuffle";
        bool isVolume = kind.StartsWith("conv3d", StringComparison.Ordinal) || kind.EndsWith("Volume", StringComparison.Ordinal);
        long[] shape = isTokens ? [3, 5, 6] : isVolume ? [3, 2, 3, 4, 5] : kind.StartsWith("conv1d", StringComparison.Ordinal) ? [3, 4, 9] : [3, 4, 6, 6];
        float[] values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)Random.NextGaussian();
        }

        return (layer, Tensor.From<float>(values, shape));
    }
}
