using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Formats.Json;
using Pellicle.Formats.Safetensors;
using Pellicle.Nn;
using Pellicle.Tensors;
using Pellicle.Training.Configuration;

namespace Pellicle.Viewmaker.Generators;

/// <summary>Turns images into obfuscated images. Learned, without any formal guarantee: see <see cref="HonestWording"/>.</summary>
/// <remarks>Weights are secret by default: whoever holds them can train an attacker on unlimited outputs.</remarks>
public sealed class Generator : IDisposable
{
    private const string OptionsKey = "pellicle.generator";
    private readonly PerturbationNetwork? _flow;
    private readonly PerturbationNetwork? _additive;
    private readonly CoordinateErasure[] _passes;
    private readonly AttributeErasure? _erasure;
    private readonly GeneratorRoot _root;

    /// <summary>Makes a generator with fresh weights.</summary>
    /// <param name="options">Checked here.</param>
    /// <param name="init">Source of initial values.</param>
    /// <exception cref="UsageException">Options are out of range.</exception>
    public Generator(GeneratorOptions options, ISeededRandom init)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(init);
        options.Validate();
        Options = options;
        _flow = options.Family != GeneratorFamily.Additive ? new FlowNetwork(options, init.Derive("flow")) : null;
        _additive = options.Family != GeneratorFamily.Flow ? new ViewmakerNetwork(options, init.Derive("additive")) : null;
        _erasure = options.ErasedDirections > 0 ? new AttributeErasure(options.Channels, options.ErasureGrid, options.ErasedDirections, options.ErasureNoise) : null;
        _passes = [.. Enumerable.Range(0, options.CoordinatePasses).Select(i => new CoordinateErasure(options.Channels, options.DownsampleTo!.Value, options.ErasureNoise, init.Derive("coordinates", (ulong)i)))];
        _root = new GeneratorRoot([.. new[] { _flow, _additive }.OfType<PerturbationNetwork>()], _passes, _erasure);
    }

    /// <summary>What it is.</summary>
    public GeneratorOptions Options { get; private set; }

    /// <summary>All weights.</summary>
    public IReadOnlyList<Parameter> Parameters => _root.Parameters();

    /// <summary>Number of weights.</summary>
    public long ParameterCount => Parameters.Sum(parameter => parameter.Count);

    /// <summary>Root of the layers, for optimisers and copies of the parameters.</summary>
    internal Layer Root => _root;

    /// <summary>Erasures of coordinates, after the networks, in their order.</summary>
    internal IReadOnlyList<CoordinateErasure> Passes => _passes;

    /// <summary>What is replaced by noise in picture space, last of all; null if nothing is.</summary>
    internal AttributeErasure? Erasure => _erasure;

    /// <summary>Obfuscates images, outside any derivative graph.</summary>
    /// <param name="images">[B, C, H, W], values 0..1 (parity mode: any scale); any size from 5 pixels on.</param>
    /// <param name="noise">Fills the noise of each image.</param>
    /// <param name="bitDepth">Bits of a sample of the file; null takes the generator's own.</param>
    /// <returns>The same shape; in default mode clipped to 0..1 and rounded to the bit depth.</returns>
    public Tensor Obfuscate(Tensor images, NoiseSource noise, int? bitDepth = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        ForwardContext context = ForwardContext.Evaluation();
        return scope.Keep(Apply(images, Noise(images, noise), (layer, x) => layer.Forward(x, context), bitDepth ?? Options.BitDepth).Result);
    }

    /// <summary>Loads what <see cref="Save"/> wrote.</summary>
    /// <param name="path">A .safetensors file.</param>
    /// <exception cref="DataFormatException">Missing, damaged, or not a generator.</exception>
    public static Generator Open(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Read(path);
        GeneratorOptions? options = file.Metadata.TryGetValue(OptionsKey, out string? text) ? Parse(text, path) : null;
        var generator = new Generator(options ?? throw new DataFormatException($"'{path}' holds no description of a generator.", "Give the file that 'obfuscate train' wrote."), new SeededRandom(0));
        try
        {
            generator.Load(file, path);
            return generator;
        }
        catch
        {
            generator.Dispose();
            throw;
        }
    }

    /// <summary>Writes weights and description, for its owner's eyes only: whoever holds a generator can train attackers with it.</summary>
    /// <param name="path">Replaced atomically.</param>
    public void Save(string path) => SafetensorsFile.Write(
        path,
        Parameters.Select(parameter => NamedArray.Of(parameter.Name, parameter.Shape, parameter.Value.ToArray<float>())),
        new Dictionary<string, string> { [OptionsKey] = JsonSerializer.Serialize(Options, PellicleJson.Line), ["format"] = "pt" },
        UnixFileMode.UserRead | UnixFileMode.UserWrite);

    /// <summary>The same weights under another budget.</summary>
    /// <param name="budget">Above 0.</param>
    public Generator WithBudget(double budget)
    {
        var generator = new Generator(Options with { Budget = budget }, new SeededRandom(0));
        generator.Import(name => Parameters.First(parameter => parameter.Name == name).Value.ToArray<float>());
        return generator;
    }

    /// <summary>Takes over weights by name; names that this generator does not have (blocks out of use) are ignored.</summary>
    /// <param name="weights">The values of a name, or null.</param>
    /// <exception cref="DataFormatException">A weight is missing or has another number of values.</exception>
    public void Import(Func<string, float[]?> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        foreach (Parameter parameter in Parameters)
        {
            float[]? values = weights(parameter.Name);
            if (values is null || values.Length != parameter.Count)
            {
                throw new DataFormatException($"weight '{parameter.Name}' {(values is null ? "is missing" : $"has {values.Length} values; expected {parameter.Count}")}.", "Use the weights of the same network and options.");
            }

            values.CopyTo(parameter.Value.Data<float>());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    /// <summary>Noise planes of both networks, in their order, at the size at which they work.</summary>
    internal Tensor[] Noise(Tensor images, NoiseSource source)
    {
        (long height, long width) = WorkingSize(images);
        IReadOnlyList<(long, long)> sizes = [.. new[] { _flow, _additive }.OfType<PerturbationNetwork>().SelectMany(network => network.NoiseSizes(Padded(height), Padded(width))), .. _passes.Select(pass => (1L, (long)pass.NoiseCount)), .. _erasure is null ? [] : new[] { (1L, (long)_erasure.Directions) }, .. Options.PixelNoise > 0 ? new[] { (images.Size(1) * images.Size(2), images.Size(3)) } : []];
        return NoisePlanes.Of(sizes, (int)images.Size(0), source);
    }

    /// <summary>The whole way from image to result, rounded to the generator's bit depth.</summary>
    /// <param name="images">[B, C, H, W].</param>
    /// <param name="noise">As <see cref="Noise"/> gives them.</param>
    /// <param name="call">How layers run.</param>
    internal GeneratorOutput Apply(Tensor images, IReadOnlyList<Tensor> noise, LayerCall call) => Apply(images, noise, call, Options.BitDepth);

    /// <summary>The whole way from image to result.</summary>
    /// <param name="images">[B, C, H, W].</param>
    /// <param name="noise">As <see cref="Noise"/> gives them.</param>
    /// <param name="call">How layers run.</param>
    /// <param name="bitDepth">Bits of a sample of the file; 0 rounds nothing.</param>
    /// <returns>Result; the change before clipping and rounding; the field of displacements in pixels, or null.</returns>
    internal GeneratorOutput Apply(Tensor images, IReadOnlyList<Tensor> noise, LayerCall call, int bitDepth)
    {
        if (images.Rank != 4 || images.Size(1) != Options.Channels)
        {
            throw new ArgumentException($"Images have shape [{string.Join(", ", images.Shape)}]; the generator expects [B, {Options.Channels}, H, W].", nameof(images));
        }

        if (Options.Mode == GeneratorMode.Parity)
        {
            (long height, long width) = WorkingSize(images);
            Tensor input = (images - Options.InputMean) / Options.InputDeviation;
            Tensor parity = input + Added(input, noise, call, height, width);
            Tensor result = ((Options.Clamp ? parity.Clamp(0, 1) : parity) * Options.InputDeviation) + Options.InputMean;
            return new GeneratorOutput(result, result - images, null);
        }

        Tensor changed = BeforeErasure(images, noise, call, _passes.Length, out Tensor? field);
        if (_erasure is not null)
        {
            changed += _erasure.Change(changed, noise[noise.Count - Closing + _passes.Length]);
        }

        if (Options.PixelNoise > 0)
        {
            changed += NoisePlanes.Normal(noise[^1], images.Type).Reshape(images.Shape) * Options.PixelNoise;
        }

        Tensor delta = PerturbationBudget.IntoBall(changed - images, Options.Budget, Options.Norms);
        return new GeneratorOutput(AsReleased((images + delta).Clamp(0, 1), bitDepth), delta, field);
    }

    /// <summary>Keeps only details that a grid of so many cells along an axis can show; null keeps all.</summary>
    /// <param name="grid">At least 4, or null.</param>
    internal void KeepDetails(int? grid)
    {
        GeneratorOptions next = Options with { DetailGrid = grid };
        next.Validate();
        Options = next;
    }

    /// <summary>What an erasure is fitted to: pictures as they are before it, outside any derivative graph.</summary>
    /// <param name="images">[B, C, H, W].</param>
    /// <param name="source">Fills the noise of each image.</param>
    /// <param name="passes">Erasures of coordinates that come before it.</param>
    /// <returns>[B, C, H, W].</returns>
    internal Tensor BeforeErasure(Tensor images, NoiseSource source, int passes)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        ForwardContext context = ForwardContext.Evaluation();
        return scope.Keep(BeforeErasure(images, Noise(images, source), (layer, x) => layer.Forward(x, context), passes, out _));
    }

    private Tensor BeforeErasure(Tensor images, IReadOnlyList<Tensor> noise, LayerCall call, int passes, out Tensor? field)
    {
        Tensor delta = Learned(images, noise, call, out field);
        if (Closing == 0 && Options.DetailGrid is null)
        {
            return images + delta;
        }

        // An erasure that is scaled down leaves a part of what it should take away, so the networks before it get a part of the budget only.
        Tensor changed = images + PerturbationBudget.IntoBall(delta, Options.Budget * Options.LearnedShare, Options.Norms);
        if (Options.DetailGrid is { } grid)
        {
            changed = ImageOperators.Scale(changed.AdaptiveAveragePool2d(grid, grid), images.Size(2), images.Size(3));
        }

        int first = noise.Count - Closing;
        for (int i = 0; i < passes; i++)
        {
            changed = _passes[i].Apply(changed, noise[first + i]);
        }

        return changed;
    }

    // Noise planes that come after those of the networks.
    private int Closing => _passes.Length + (_erasure is null ? 0 : 1) + (Options.PixelNoise > 0 ? 1 : 0);

    private Tensor Learned(Tensor images, IReadOnlyList<Tensor> noise, LayerCall call, out Tensor? field)
    {
        (long height, long width) = WorkingSize(images);
        int planesOfFlow = _flow is null ? 0 : _flow.NoiseSizes(Padded(height), Padded(width)).Count;
        field = null;
        Tensor moved = images;
        if (_flow is not null)
        {
            field = FlowField.Of(OnPadded(_flow, ImageOperators.Scale(images, height, width), [.. noise.Take(planesOfFlow)], call), images, Options.FlowReach);
            moved = FlowField.Move(images, field);
        }

        Tensor delta = moved - images;
        return _additive is null ? delta : delta + Added(moved, [.. noise.Skip(planesOfFlow).SkipLast(Closing)], call, height, width);
    }

    // Order of the reference: downsample, DCT, network, scale to the budget, inverse DCT, upsample, add.
    private Tensor Added(Tensor images, IReadOnlyList<Tensor> noise, LayerCall call, long height, long width)
    {
        bool isParity = Options.Mode == GeneratorMode.Parity;
        Tensor input = ImageOperators.Scale(images, height, width);
        CosineTransform? transform = Options.FrequencyDomain ? new CosineTransform(height, width, !isParity, images.Type) : null;
        Tensor raw = OnPadded(_additive!, transform?.Forward(input) ?? input, noise, call).Tanh();
        if (isParity)
        {
            raw = PerturbationBudget.OntoSphere(raw, Options.Budget);
        }
        else if (transform is not null)
        {
            // A coefficient of the orthonormal transform is up to √(HW) times as large as a pixel.
            raw = (Options.BandLimits.Count == 2 ? raw * Band(Options.BandLimits, height, width).To(raw.Type) : raw) * Math.Sqrt(height * (double)width);
        }

        return ImageOperators.Scale(transform?.Inverse(raw) ?? raw, images.Size(2), images.Size(3));
    }

    // What is evaluated is what is released: rounding is inside, with the derivative of the identity.
    private static Tensor AsReleased(Tensor images, int bitDepth)
    {
        if (bitDepth == 0)
        {
            return images;
        }

        double levels = (1 << bitDepth) - 1;
        return images + (ImageOperators.Round(images * levels) / levels - images).Detach();
    }

    private (long Height, long Width) WorkingSize(Tensor images) =>
        Options.DownsampleTo is { } side ? (side, side) : (images.Size(2), images.Size(3));

    private static long Padded(long size) => Math.Max(8, (size + PerturbationNetwork.Multiple - 1) / PerturbationNetwork.Multiple * PerturbationNetwork.Multiple);

    private static Tensor OnPadded(PerturbationNetwork network, Tensor images, IReadOnlyList<Tensor> noise, LayerCall call)
    {
        long height = images.Size(2), width = images.Size(3);
        long right = Padded(width) - width, bottom = Padded(height) - height;
        Tensor output = network.Run(right + bottom == 0 ? images : ImageOperators.PadReflected(images, 0, right, 0, bottom), noise, call);
        return right + bottom == 0 ? output : output.Narrow(2, 0, height).Narrow(3, 0, width);
    }

    private static Tensor Band(IReadOnlyList<int> band, long height, long width)
    {
        var mask = new float[height * width];
        for (int i = 0; i < mask.Length; i++)
        {
            long order = Math.Max(i / width, i % width);
            mask[i] = order >= band[0] && order <= band[1] ? 1 : 0;
        }

        return Tensor.From<float>(mask, 1, 1, height, width);
    }

    private static GeneratorOptions? Parse(string text, string path)
    {
        try
        {
            return JsonSerializer.Deserialize<GeneratorOptions>(text, PellicleJson.Line);
        }
        catch (JsonException e)
        {
            throw new DataFormatException($"'{path}' holds a description of a generator that cannot be read: {e.Message}", "Give the file that 'obfuscate train' wrote.", inner: e);
        }
    }

    private void Load(SafetensorsFile file, string path)
    {
        try
        {
            Import(name => file.Entries.ContainsKey(name) ? file.ReadFloats(name) : null);
        }
        catch (DataFormatException e)
        {
            throw new DataFormatException($"'{path}': {e.Message}", e.Hint, inner: e);
        }
    }

    /// <summary>Gives the networks one tree with the names of the reference.</summary>
    private sealed class GeneratorRoot : Layer
    {
        private readonly PerturbationNetwork[] _networks;

        public GeneratorRoot(PerturbationNetwork[] networks, CoordinateErasure[] passes, AttributeErasure? erasure)
        {
            _networks = networks;
            foreach (PerturbationNetwork network in networks)
            {
                Add(networks.Length == 1 ? "" : network is FlowNetwork ? "first" : "second", network);
            }

            for (int i = 0; i < passes.Length; i++)
            {
                Add($"coordinates{i + 1}", passes[i]);
            }

            if (erasure is not null)
            {
                Add("erasure", erasure);
            }
        }

        public override Tensor Reference(Tensor input, ReferencePass pass) => _networks[^1].Reference(input, pass);

        protected override Tensor Compute(Tensor input, ForwardContext context) => _networks[^1].Forward(input, context);
    }
}

/// <summary>What a generator gave for a batch.</summary>
/// <param name="Result">[B, C, H, W], as released.</param>
/// <param name="Delta">The change before clipping and rounding, same shape.</param>
/// <param name="Field">Displacements [B, 2, H, W] in pixels, or null.</param>
internal sealed record GeneratorOutput(Tensor Result, Tensor Delta, Tensor? Field);
