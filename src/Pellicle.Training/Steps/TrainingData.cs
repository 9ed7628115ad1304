using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.Data.Encodings;
using Pellicle.Privacy.Sampling;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Steps;

/// <summary>The images of a run: the training list (records of the training split, then planted images), its units, and how pictures become numbers.</summary>
/// <remarks>An image of the training list is addressed by its position 0 … <see cref="TrainingImages"/>−1.</remarks>
public sealed class TrainingData : IDisposable
{
    private readonly int[] _trainRecords;
    private readonly IReadOnlyList<PlantedImage> _planted;
    private readonly Augmentation _augmentation;
    private readonly ISeededRandom _random;

    private readonly RunInput _input;

    private TrainingData(ImageDataset dataset, RunInput input, TrainConfig config, IReadOnlyList<PlantedImage> planted, IReadOnlyList<int> withheld)
    {
        Dataset = dataset;
        _input = input;
        IReadOnlyList<int> all = dataset.RequireSplit(SplitName.Train);
        HashSet<int> left = [.. withheld];
        _trainRecords = [.. all.Where(record => !left.Contains(record))];
        _planted = planted;
        _augmentation = Augmentation.Parse(config.Train.Augment);
        if (!_augmentation.IsNone && input.Transform is null)
        {
            throw new UsageException($"--augment is {config.Train.Augment}, but encodings cannot be shifted or flipped: their patches are in no order.", "Leave it out.");
        }

        _random = new SeededRandom(config.Seed).Derive("augment");
        Units = config.Privacy.Unit == UnitChoice.Patient
            ? PrivacyUnits.OfPatients([.. Enumerable.Range(0, TrainingImages)], [.. _trainRecords.Select(r => dataset.Records[r].Patient), .. planted.Select((image, i) => image.Unit ?? $"planted {i}")])
            : PrivacyUnits.OfImages([.. Enumerable.Range(0, TrainingImages)]);
        UnitsWithoutPlanted = config.Privacy.Unit == UnitChoice.Patient ? all.Select(r => dataset.Records[r].Patient).Distinct().Count() : all.Count;
    }

    /// <summary>The source.</summary>
    public ImageDataset Dataset { get; }

    /// <summary>Reads, decodes and caches.</summary>
    public RecordLoader Loader => _input.Loader;

    /// <summary>What the encodings look like; null if the network sees pictures.</summary>
    public EncodingLayout? Encodings => _input.Encodings;

    /// <summary>From pictures to the numbers that the network sees; null for encodings.</summary>
    public ImageTransform? Transform => _input.Transform;

    /// <summary>The units of privacy over positions of the training list.</summary>
    public PrivacyUnits Units { get; }

    /// <summary>Units of the training split as the source has them, without planted and with withheld ones: the n of the plan. With planted units in n, rate and steps would tell how many the coins of an audit put in.</summary>
    public int UnitsWithoutPlanted { get; }

    /// <summary>Length of the training list.</summary>
    public int TrainingImages => _trainRecords.Length + _planted.Count;

    /// <summary>True if every view of an image differs.</summary>
    public bool IsAugmented => !_augmentation.IsNone;

    /// <summary>Images that one pass over all units uses, if no unit brings more than a given number.</summary>
    /// <param name="maxImagesPerUnit">m, at least 1.</param>
    public long ImagesUsed(int maxImagesPerUnit)
    {
        long images = 0;
        for (int unit = 0; unit < Units.Count; unit++)
        {
            images += Math.Min(maxImagesPerUnit, Units.RecordsOf(unit).Length);
        }

        return images;
    }

    /// <summary>Images of the largest patient in the training split; null if patients are not known.</summary>
    public int? LargestPatient =>
        _trainRecords.All(r => Dataset.Records[r].Patient is not null)
            ? _trainRecords.GroupBy(r => Dataset.Records[r].Patient).Max(g => g.Count())
            : null;

    /// <summary>Patients of the training split; null if not known.</summary>
    public int? Patients =>
        _trainRecords.All(r => Dataset.Records[r].Patient is not null)
            ? _trainRecords.Select(r => Dataset.Records[r].Patient).Distinct().Count()
            : null;

    /// <summary>Opens the source of a run and settles size and channels of the model's input.</summary>
    /// <param name="config">Settings of the run.</param>
    /// <param name="planted">Images added to the training split.</param>
    /// <param name="withheld">Records of the training split that are left out; null for none.</param>
    /// <param name="openEncoder">Opens the key of the settings; null where keys are not available.</param>
    /// <exception cref="DataFormatException">The data cannot be used: all problems together.</exception>
    public static TrainingData Open(TrainConfig config, IReadOnlyList<PlantedImage> planted, IReadOnlyList<int>? withheld = null, Func<TrainConfig, IPictureEncoder>? openEncoder = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(planted);
        ImageDataset dataset = ImageDataset.Open(
            config.Data.Source ?? throw new UsageException("--data is not given.", "Name a source, such as --data pack:FILE.zip."),
            RunConfig.DatasetOptions(config));
        try
        {
            var options = new LoaderOptions { Threads = config.Data.LoaderThreads ?? Math.Max(1, Environment.ProcessorCount) };
            RunInput input = RunInput.OfEncodings(dataset, config, openEncoder, options.Threads) ?? RunInput.OfPictures(dataset, TransformFor(dataset, config), options);
            return new TrainingData(dataset, input, config, planted, withheld ?? []);
        }
        catch
        {
            dataset.Dispose();
            throw;
        }
    }

    /// <summary>Label of an image of the training list.</summary>
    /// <param name="position">Position in the training list.</param>
    public int LabelOf(int position) =>
        position < _trainRecords.Length ? Dataset.Records[_trainRecords[position]].Label : _planted[position - _trainRecords.Length].Label;

    /// <summary>Number of the hospital of an image of the training list; 0 if there is only one.</summary>
    /// <param name="position">Position in the training list.</param>
    public int SourceOf(int position) => position < _trainRecords.Length ? Dataset.SourceOf(_trainRecords[position]) : 0;

    /// <summary>Writes images of the training list as the model sees them, each view augmented on its own.</summary>
    /// <param name="positions">Positions in the training list; equal neighbours are decoded once.</param>
    /// <param name="views">Number of each view among those of its image, from 0.</param>
    /// <param name="step">Step of training, which decides the augmentation together with position and view.</param>
    /// <param name="destination">[n, C, S, S].</param>
    public void Fill(ReadOnlySpan<int> positions, ReadOnlySpan<int> views, long step, Span<float> destination)
    {
        int size = Loader.Count;
        FillUnchanged(positions, destination);
        for (int i = 0; i < positions.Length; i++)
        {
            Span<float> image = destination.Slice(i * size, size);
            if (positions[i] >= _trainRecords.Length && _planted[positions[i] - _trainRecords.Length].Pixels is { } pixels)
            {
                pixels.CopyTo(image);
            }

            if (!_augmentation.IsNone)
            {
                ISeededRandom random = Augmentation.GeneratorFor(_random, (ulong)step, positions[i], views[i]);
                _augmentation.Apply(image, Transform!.Channels, Transform.ImageSize, Transform.ImageSize, random);
            }
        }
    }

    /// <summary>Starts decoding images that the next step needs.</summary>
    /// <param name="positions">Positions in the training list.</param>
    public void Prefetch(IReadOnlyList<int> positions)
    {
        ArgumentNullException.ThrowIfNull(positions);
        Loader.Prefetch([.. positions.Select(RecordOf)]);
    }

    /// <summary>Closes the source.</summary>
    public void Dispose()
    {
        _input.Dispose();
        Dataset.Dispose();
    }

    // Size and channels of one picture are facts about the file format, not about a person.
    private static ImageTransform TransformFor(ImageDataset dataset, TrainConfig config)
    {
        RawImage first = dataset.Read(dataset.RequireSplit(SplitName.Train)[0]);
        if (!config.Model.EncodeTrainable)
        {
            return ImageTransform.For(dataset.Kind, config.Model.ImageSize ?? InputSize.For(config.Model.Name, Math.Min(first.Width, first.Height)), first.Channels);
        }

        float[] Each(double value) => [.. Enumerable.Repeat((float)value, first.Channels)];
        return new ImageTransform(config.Model.ImageSize ?? EncodedModel.ImageSize, first.Channels, Each(EncodedModel.Mean), Each(EncodedModel.Std));
    }

    private void FillUnchanged(ReadOnlySpan<int> positions, Span<float> destination)
    {
        int size = Loader.Count;
        int[] runOf = new int[positions.Length];
        var records = new List<int>(positions.Length);
        for (int i = 0; i < positions.Length; i++)
        {
            if (i == 0 || positions[i] != positions[i - 1])
            {
                records.Add(RecordOf(positions[i]));
            }

            runOf[i] = records.Count - 1;
        }

        Loader.Fill(records.ToArray(), destination[..(records.Count * size)]);

        // From the end: an image moves to a later place only, so nothing is overwritten before it was copied.
        for (int i = positions.Length - 1; i >= 0 && runOf[i] < i; i--)
        {
            destination.Slice(runOf[i] * size, size).CopyTo(destination.Slice(i * size, size));
        }
    }

    // Planted pixels replace those of the first record, so that a batch is filled in one call.
    private int RecordOf(int position) =>
        position < _trainRecords.Length ? _trainRecords[position] : _planted[position - _trainRecords.Length].Record ?? _trainRecords[0];
}
